"""How long and how much: one deadline over a whole call, and 64 KiB of answer."""

from __future__ import annotations

import socket
import time
from itertools import chain, repeat

import pytest
from cancel_payment.credentials import Credentials
from cancel_payment.model import Evidence

from tests.wire.conftest import SUCCESS, MakePeer, gateway_at, payment
from tests.wire.peer import HANG_UP, Signer

TIMEOUT = 0.6
LIMIT = 64 * 1024


def _padded(size: int) -> bytes:
    return SUCCESS + b" " * (size - len(SUCCESS))


def _drip(data: bytes) -> chain[bytes | float]:
    return chain.from_iterable((bytes([byte]), 0.05) for byte in data)


@pytest.mark.parametrize("whole", [True, False], ids=["from the head on", "in the body"])
def test_answer_that_drips_is_given_up_at_the_deadline(
    peer: MakePeer, signer: Signer, credentials: Credentials, whole: bool
) -> None:
    (answer,) = signer.answer(SUCCESS)
    assert isinstance(answer, bytes)
    at_once = b"" if whole else answer.removesuffix(SUCCESS)
    url = peer(lambda _: [at_once, *_drip(answer.removeprefix(at_once))]).url
    began = time.monotonic()
    result = gateway_at(url, TIMEOUT).cancel(payment(), credentials)
    assert (result.status, result.evidence) == ("U", Evidence.NO_ANSWER)
    assert TIMEOUT <= time.monotonic() - began < TIMEOUT + 0.5


def test_second_call_on_the_same_thread_has_its_own_deadline(
    peer: MakePeer, signer: Signer, credentials: Credentials
) -> None:
    gateway = gateway_at(peer([0.9, *signer.answer(SUCCESS)]).url, 1.5)
    results = [gateway.cancel(payment(), credentials).status for _ in range(2)]
    assert results == ["S", "S"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_server_that_accepts_and_says_nothing_is_given_up_at_the_deadline(
    credentials: Credentials, scheme: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
        began = time.monotonic()
        result = gateway_at(url, TIMEOUT).cancel(payment(), credentials)
    assert result.evidence is Evidence.NO_ANSWER
    assert time.monotonic() - began < TIMEOUT + 0.5


def test_port_on_which_nobody_listens_is_no_answer(credentials: Credentials) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    result = gateway_at(f"http://127.0.0.1:{port}").cancel(payment(), credentials)
    assert (result.status, result.evidence) == ("U", Evidence.NO_ANSWER)


def test_answer_of_64_kib_is_read(peer: MakePeer, signer: Signer, credentials: Credentials) -> None:
    url = peer(signer.answer(_padded(LIMIT))).url
    assert gateway_at(url).cancel(payment(), credentials).status == "S"


def test_answer_of_one_byte_more_proves_nothing_though_it_is_signed(
    peer: MakePeer, signer: Signer, credentials: Credentials
) -> None:
    url = peer(signer.answer(_padded(LIMIT + 1))).url
    result = gateway_at(url).cancel(payment(), credentials)
    assert (result.status, result.evidence) == ("U", Evidence.UNPROVEN)


def test_answer_without_end_is_left_when_it_is_too_long_not_at_the_deadline(
    peer: MakePeer, signer: Signer, credentials: Credentials
) -> None:
    (answer,) = signer.answer(SUCCESS, without="content-length")
    url = peer(lambda _: chain([answer], repeat(b" " * 4096))).url
    began = time.monotonic()
    result = gateway_at(url, 10).cancel(payment(), credentials)
    assert result.status == "U"
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "answer",
    [
        [HANG_UP],
        [b"", HANG_UP],
        [b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{", HANG_UP],
        [b"HTTP/1.1 200 OK\r\ncontent-le", HANG_UP],
        [b"SSH-2.0-OpenSSH_9.2\r\n", HANG_UP],
        [b"HTTP/1.1 abc\r\n\r\n", HANG_UP],
        [b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n", HANG_UP],
        [b"\0" * 200_000, HANG_UP],
        [b"HTTP/1.1 100 Continue\r\n\r\n", HANG_UP],
        [b"HTTP/1.1 200 OK\r\nsignature: \xff\xfe\r\ncontent-length: 0\r\n\r\n"],
        [b"HTTP/1.1 204 No Content\r\n\r\n"],
        [b"HTTP/1.1 101 Switching Protocols\r\n\r\n", HANG_UP],
    ],
)
def test_whatever_else_a_server_says_is_unknown_and_never_raises(
    peer: MakePeer, credentials: Credentials, answer: list[bytes | None]
) -> None:
    listener = peer(answer)
    result = gateway_at(listener.url, 2).cancel(payment(), credentials)
    assert result.status == "U"
    assert len(listener.requests) == 1


def test_reason_quotes_no_more_than_a_little_of_what_a_server_says(
    peer: MakePeer, credentials: Credentials
) -> None:
    noise = [b"HTTP/1.1 200 OK\r\n" + b"x" * 50_000 + b"\r\n\r\n", HANG_UP]
    result = gateway_at(peer(noise).url, 2).cancel(payment(), credentials)
    assert len(result.reason) < 300
