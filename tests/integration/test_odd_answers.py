"""What is no answer is none, and is not quoted; what only looks odd is one."""

from __future__ import annotations

import pytest
from cancel_payment.alipay.result import Evidence

from tests.integration.conftest import Calls
from tests.support.gateway import FIN, Gateway, Request, Step
from tests.support.signer import Signer, success


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\ncontent-le",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc SAID\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: SAID\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nSAID\r\ncontent-length: 3\r\n\r\n{",
    ],
)
def test_what_is_no_answer_is_no_answer_and_is_not_quoted(
    said: bytes, call: Calls, gateway: Gateway
) -> None:
    gateway.answer = lambda _: [said, FIN]
    result = call(gateway.url)
    assert (result.status, result.evidence) == ("U", Evidence.NO_ANSWER)
    assert result.reason.isprintable() and "SAID" not in result.reason and len(result.reason) < 80
    assert len(gateway.requests) == 1


@pytest.mark.parametrize(
    "line",
    [
        b"no colon at all",
        b"X Y: z",
        b"X-Foo : x",
        b": x",
        b"Location: a\0b",
        b" Signature: folded",
        b"Set-Cookie: " + b"c" * 60_000,
    ],
    ids=range(7),
)
def test_no_other_header_decides_anything_whatever_its_form(
    line: bytes, call: Calls, gateway: Gateway, signer: Signer
) -> None:
    def answer(request: Request) -> list[Step]:
        status, _, rest = signer.answer(success(request.payment)).partition(b"\r\n")
        return [b"\r\n".join([status, line, rest])]

    gateway.answer = answer
    assert call(gateway.url).status == "S"


def test_an_answer_that_is_short_and_its_framing_endless_is_given_up(
    call: Calls, gateway: Gateway
) -> None:
    """30,000 chunks of one byte are 180 KB on the wire; twice 64 KiB are read."""
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    gateway.answer = lambda _: [head + b"1\r\nx\r\n" * 30_000 + b"0\r\n\r\n"]
    result = call(gateway.url)
    assert (result.status, result.evidence) == ("U", Evidence.UNPROVEN)
    assert "longer than" in result.reason
