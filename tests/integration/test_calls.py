"""One call over real sockets: the bytes of the request, the connection, what is an answer.

By the package's own `Gateway` on this thread alone, so that which connection is used is certain.
"""

from __future__ import annotations

import base64
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from cancel_payment.alipay.payment import Payment
from cancel_payment.alipay.result import Evidence
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.conftest import KeyPair
from tests.integration.conftest import CREATED, SUCCESS, Calls
from tests.support.gateway import FIN, RESET, Gateway, Request, Step
from tests.support.signer import PATH, Signer, answer


def test_request_is_the_one_of_the_contract(
    call: Calls, gateway: Gateway, secret: dict[str, Any], ours: KeyPair
) -> None:
    call.credentials = replace(call.credentials, key_version="7")
    payment = Payment('支付-№ 1/é"\\', "💳?x=1&y", CREATED)
    assert call(gateway.url, payment).status == "S"
    (sent,) = gateway.requests
    assert sent.line == f"POST {PATH} HTTP/1.1"
    expected = '{"paymentRequestId":"支付-№ 1/é\\"\\\\","paymentId":"💳?x=1&y"}'
    assert sent.body == expected.encode()
    headers = {name.lower(): value for name, value in sent.headers}
    assert len(headers) == len(sent.headers)
    assert re.fullmatch(r"python-httpx/[0-9.]+", headers.pop("user-agent"))
    moment, signature = headers.pop("request-time"), headers.pop("signature")
    assert headers == {
        "host": f"127.0.0.1:{gateway.port}",
        "content-length": str(len(sent.body)),
        "content-type": "application/json; charset=UTF-8",
        "accept": "application/json",
        "accept-encoding": "identity",
        "client-id": secret["clientId"],
        "agent-token": secret["agentToken"],
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00", moment)
    assert abs(datetime.fromisoformat(moment) - datetime.now(UTC)) < timedelta(seconds=5)
    form = r"algorithm=RSA256,keyVersion=7,signature=((?:[A-Za-z0-9]|%2B|%2F|%3D)+)"
    match = re.fullmatch(form, signature)
    assert match
    content = f"POST {PATH}\n{secret['clientId']}.{moment}.".encode() + sent.body
    signed = base64.b64decode(unquote(match[1]), validate=True)
    ours.private.public_key().verify(signed, content, PKCS1v15(), SHA256())


def test_request_goes_out_in_one_write_and_without_an_agent_token_where_there_is_none(
    call: Calls, gateway: Gateway
) -> None:
    call.credentials = replace(call.credentials, agent_token=None)
    for _ in range(3):
        call(gateway.url)
    assert [(one.reads, one.values("Agent-Token")) for one in gateway.requests] == [(1, [])] * 3


NO_ANSWERS = [
    b"",
    b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{",
    b"HTTP/1.1 200 OK\r\ncontent-le",
    b"SSH-2.0-OpenSSH_9.2\r\n",
    b"HTTP/1.1 abc SAID\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ncontent-length: SAID\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nSAID\r\ncontent-length: 3\r\n\r\n{",
]


def test_what_is_no_answer_is_no_answer_and_is_not_quoted(call: Calls, gateway: Gateway) -> None:
    for said in NO_ANSWERS:
        gateway.answer = lambda _, said=said: [said, FIN]
        result = call(gateway.url)
        assert (result.status, result.evidence) == ("U", Evidence.NO_ANSWER), said
        assert result.reason.isprintable() and len(result.reason) < 80, said
        assert "SAID" not in result.reason
    assert len(gateway.requests) == len(NO_ANSWERS)


ODD_LINES = [b"no colon at all", b"X Y: z", b"X-Foo : x", b": x", b"Location: a\0b"]
ODD_LINES += [b" Signature: folded", b"Set-Cookie: " + b"c" * 60_000]


def test_no_other_header_decides_anything_whatever_its_form(
    call: Calls, gateway: Gateway, ok: bytes
) -> None:
    status, _, rest = ok.partition(b"\r\n")
    for line in ODD_LINES:
        gateway.answer = lambda _, line=line: [b"\r\n".join([status, line, rest])]
        assert call(gateway.url).status == "S", line
    assert gateway.connections == 1


def test_connection_is_kept_also_after_answers_that_prove_nothing(
    call: Calls, gateway: Gateway, ok: bytes
) -> None:
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    steps = iter([[ok], [answer(b"{}", 500)], [chunked], [ok]])
    gateway.answer = lambda _: next(steps)
    assert [call(gateway.url).status for _ in range(4)] == ["S", "U", "U", "S"]
    assert gateway.connections == 1


def test_connection_that_the_server_closed_meanwhile_is_replaced(
    call: Calls, gateway: Gateway, ok: bytes
) -> None:
    gateway.answer = lambda _: [ok, FIN]
    assert call(gateway.url).status == "S"
    time.sleep(0.1)
    assert call(gateway.url).status == "S"
    assert (gateway.connections, len(gateway.requests)) == (2, 2)


@pytest.mark.parametrize(("idle", "connections"), [(3.5, 1), (4.5, 2), (-1, 2)])
def test_connection_idle_for_more_than_4_s_or_before_a_clock_set_back_is_not_trusted(
    idle: float, connections: int, call: Calls, gateway: Gateway
) -> None:
    call(gateway.url)
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=idle)):
        assert call(gateway.url).status == "S"
    assert gateway.connections == connections


@pytest.mark.parametrize("close", [FIN, RESET])
@pytest.mark.parametrize("kept", [False, True])
def test_connection_that_ends_after_the_request_is_not_asked_again(
    kept: bool, close: Step, call: Calls, gateway: Gateway, ok: bytes
) -> None:
    answers: Iterator[list[Step]] = iter([[ok]] * kept + [[close], [ok]])
    gateway.answer = lambda _: next(answers)
    results = [call(gateway.url) for _ in range(2 + kept)]
    assert [one.status for one in results] == ["S"] * kept + ["U", "S"]
    assert results[-2].evidence is Evidence.NO_ANSWER
    assert len(gateway.requests) == 2 + kept


def test_no_proxy_of_the_environment_is_used(
    call: Calls, gateway: Gateway, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Gateway(lambda _: [signer.answer(SUCCESS)]) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert call(gateway.url).status == "S"
    assert (len(gateway.requests), proxy.connections) == (1, 0)


@pytest.mark.parametrize("refuse_at", [1, 2])
def test_call_that_may_not_be_made_any_more_is_neither_signed_nor_sent(
    refuse_at: int, call: Calls, gateway: Gateway
) -> None:
    signed: list[bytes] = []

    class Remembering:
        def sign(self, content: bytes) -> bytes:
            signed.append(content)
            return b"signature"

    asked = iter([None] * (refuse_at - 1) + ["too late"])
    call.credentials = replace(call.credentials, signer=Remembering())
    result = call(gateway.url, permit=lambda _: next(asked))
    assert (result.evidence, result.reason) == (Evidence.NOT_SENT, "too late")
    assert (len(signed), gateway.requests) == (refuse_at - 1, [])


def test_connection_that_surplus_reached_while_signing_is_not_written_to(
    call: Calls, gateway: Gateway, ok: bytes
) -> None:
    sign = call.credentials.signer.sign
    proceed = threading.Event()

    class Waiting:
        def sign(self, content: bytes) -> bytes:
            proceed.set()
            time.sleep(0.2)
            return sign(content)

    def reply(_: Request) -> Iterator[Step]:
        yield ok
        proceed.wait(5)
        yield ok

    gateway.answer = reply
    assert call(gateway.url).status == "S"
    call.credentials = replace(call.credentials, signer=Waiting())
    assert call(gateway.url).evidence is Evidence.NO_ANSWER
    assert len(gateway.requests) == 1
