"""One call and its bounds: one deadline over all of it, 64 KiB, every address of the host."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, repeat
from typing import Any

import pytest
from cancel_payment.alipay.result import Evidence

from tests.integration.conftest import SUCCESS, Calls
from tests.support.gateway import Gateway, Step
from tests.support.signer import Signer

TIMEOUT = 0.4
# Far from what a call without its deadline would take, however busy the machine.
IN_TIME = 6.0


def drip(data: bytes) -> Iterator[Step]:
    return chain.from_iterable((bytes([byte]), 0.2) for byte in data)


@pytest.mark.parametrize("at_once", [0, 400], ids=["from the head on", "in the body"])
def test_answer_that_drips_is_given_up_at_the_deadline(
    at_once: int, call: Calls, gateway: Gateway, ok: bytes
) -> None:
    gateway.answer = lambda _: [ok[:at_once], *drip(ok[at_once:])]
    began = time.monotonic()
    result = call(gateway.url, seconds=TIMEOUT)
    assert (result.evidence, result.reason) == (
        Evidence.NO_ANSWER,
        "ReadTimeout: no whole answer in time",
    )
    assert TIMEOUT <= time.monotonic() - began < IN_TIME


@pytest.mark.parametrize("scheme", ["http", "https", "http with much to write"])
def test_server_that_accepts_and_reads_nothing_is_given_up_at_the_deadline(
    scheme: str, call: Calls
) -> None:
    if " " in scheme:  # more than the buffers of both sides hold
        call.credentials = replace(call.credentials, agent_token="x" * 12_000_000)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        began = time.monotonic()
        url = f"{scheme.split()[0]}://127.0.0.1:{listener.getsockname()[1]}"
        result = call(url, seconds=TIMEOUT)
    assert result.evidence is Evidence.NO_ANSWER
    assert TIMEOUT <= time.monotonic() - began < IN_TIME


def test_port_on_which_nobody_listens_is_no_answer(call: Calls) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    result = call(f"http://127.0.0.1:{port}")
    assert (result.evidence, result.reason) == (
        Evidence.NO_ANSWER,
        "ConnectError: not connected: ConnectionRefusedError 111",
    )


def test_answer_of_64_kib_is_read_and_one_byte_more_proves_nothing(
    call: Calls, gateway: Gateway, signer: Signer
) -> None:
    sizes = iter([64 * 1024, 64 * 1024 + 1, 64 * 1024])
    gateway.answer = lambda _: [signer.answer(SUCCESS.ljust(next(sizes)))]
    results = [call(gateway.url) for _ in range(3)]
    assert [one.status for one in results] == ["S", "U", "S"]
    assert (results[1].evidence, results[1].reason) == (
        Evidence.UNPROVEN,
        "the answer is longer than 65536 bytes",
    )
    assert gateway.connections == 2


@pytest.mark.parametrize(
    ("head", "more"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b" " * 4096),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 500),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    ],
    ids=["body", "chunks", "interim answers"],
)
def test_answer_without_end_is_left_when_it_is_too_long_not_at_the_deadline(
    head: bytes, more: bytes, call: Calls, gateway: Gateway
) -> None:
    gateway.answer = lambda _: chain([head], repeat(more))
    began = time.monotonic()
    assert call(gateway.url, seconds=20).status == "U"
    assert time.monotonic() - began < 15


def looked_up(monkeypatch: pytest.MonkeyPatch, answers: Callable[[], list[Any]]) -> None:
    look_up = socket.getaddrinfo

    def replaced(host: Any, *arguments: Any, **options: Any) -> list[Any]:
        ours = host in ("gateway.invalid", b"gateway.invalid")
        return answers() if ours else look_up(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", replaced)


def address(host: str, port: int) -> Any:
    return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))


def test_host_that_cannot_be_looked_up_is_no_answer(
    call: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown() -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    looked_up(monkeypatch, unknown)
    result = call("http://gateway.invalid")
    assert (result.evidence, result.reason) == (
        Evidence.NO_ANSWER,
        "ConnectError: the host cannot be looked up: gaierror -2",
    )
    looked_up(monkeypatch, list)
    assert call("http://gateway.invalid").reason == "ConnectError: the host has no address"


def test_look_up_that_hangs_is_given_up_in_time_and_asked_once_for_all_who_wait(
    call: Calls, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, asked = threading.Event(), list[int]()

    def hanging() -> list[Any]:
        asked.append(1)
        release.wait(20)
        return [address("127.0.0.1", gateway.port)]

    looked_up(monkeypatch, hanging)
    url = f"http://gateway.invalid:{gateway.port}"
    began = time.monotonic()
    for _ in range(2):
        reason = "ConnectTimeout: the host was not looked up in time"
        assert call(url, seconds=0.2).reason == reason
    assert time.monotonic() - began < IN_TIME
    release.set()
    time.sleep(0.1)
    assert call(url).status == "S"
    assert len(asked) == 2


def test_address_that_served_last_is_tried_first(
    call: Calls, gateway: Gateway, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.2", 0)) as closed:
        port = closed.getsockname()[1]
    gateway.answer = lambda _: [signer.answer(SUCCESS, connection="close")]
    tried = []
    create = socket.socket.connect

    def connect(self: socket.socket, where: Any) -> None:
        tried.append(where[0])
        create(self, where)

    addresses = [address("127.0.0.2", port), address("127.0.0.1", gateway.port)]
    looked_up(monkeypatch, lambda: addresses)
    monkeypatch.setattr(socket.socket, "connect", connect)
    url = f"http://gateway.invalid:{gateway.port}"
    assert [call(url).status for _ in range(2)] == ["S", "S"]
    assert tried == ["127.0.0.2", "127.0.0.1", "127.0.0.1"]
