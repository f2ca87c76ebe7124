"""One call over real sockets: the bytes of the request, the connection, the deadline, what is read.

By the package's own `Gateway` on this thread alone, so that which connection is used is certain.
"""

from __future__ import annotations

import base64
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from cancel_payment.alipay.credentials import Credentials, parse_secret
from cancel_payment.alipay.gateway import Gateway as Caller
from cancel_payment.alipay.payment import Payment
from cancel_payment.alipay.result import Evidence, Result
from cancel_payment.clock import Deadline, SystemClock
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.conftest import KeyPair
from tests.support.gateway import FIN, RESET, Gateway, Request, Step
from tests.support.signer import PATH, Signer, answer, success

CREATED = "2026-11-22T12:00:00+08:00"
SUCCESS = success("P1")
TIMEOUT = 0.6
# Far from what a call without its deadline would take, however busy the machine.
IN_TIME = 6.0


@dataclass
class Calls:
    """Makes calls on this thread; the credentials can be changed between two of them."""

    credentials: Credentials
    callers: dict[str, Caller] = field(default_factory=dict)

    def __call__(
        self,
        url: str,
        payment: Payment | None = None,
        seconds: float = 8,
        permit: Callable[[], str | None] = lambda: None,
    ) -> Result:
        clock = SystemClock()
        caller = self.callers.setdefault(url, Caller(url, clock))
        asked = payment or Payment("P1", None, CREATED)
        return caller.cancel(asked, self.credentials, Deadline(clock, seconds), permit)


@pytest.fixture
def call(secret: dict[str, Any]) -> Iterator[Calls]:
    calls = Calls(parse_secret(json.dumps(secret)))
    yield calls
    for caller in calls.callers.values():
        caller._connection().client.close()


@pytest.fixture
def ok(signer: Signer) -> bytes:
    return signer.answer(SUCCESS)


def test_request_is_the_one_of_the_contract(
    call: Calls, gateway: Gateway, secret: dict[str, Any]
) -> None:
    payment = Payment('支付-№ 1/é"\\', "💳?x=1&y", CREATED)
    assert call(gateway.url, payment).status == "S"
    (sent,) = gateway.requests
    assert sent.line == f"POST {PATH} HTTP/1.1"
    expected = '{"paymentRequestId":"支付-№ 1/é\\"\\\\","paymentId":"💳?x=1&y"}'
    assert sent.body == expected.encode()
    headers = {name.lower(): value for name, value in sent.headers}
    assert len(headers) == len(sent.headers)
    assert re.fullmatch(r"python-httpx/[0-9.]+", headers.pop("user-agent"))
    moment = headers.pop("request-time")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00", moment)
    assert abs(datetime.fromisoformat(moment) - datetime.now(UTC)) < timedelta(seconds=5)
    assert headers.pop("signature")
    assert headers == {
        "host": f"127.0.0.1:{gateway.port}",
        "content-length": str(len(sent.body)),
        "content-type": "application/json; charset=UTF-8",
        "accept": "application/json",
        "accept-encoding": "identity",
        "client-id": secret["clientId"],
        "agent-token": secret["agentToken"],
    }


def test_signature_is_of_the_exact_bytes_sent(
    call: Calls, gateway: Gateway, ours: KeyPair, secret: dict[str, Any]
) -> None:
    call.credentials = replace(call.credentials, key_version="7")
    call(gateway.url, Payment(None, "支付", CREATED))
    (sent,) = gateway.requests
    (header,), (moment,) = sent.values("Signature"), sent.values("Request-Time")
    form = r"algorithm=RSA256,keyVersion=7,signature=((?:[A-Za-z0-9]|%2B|%2F|%3D)+)"
    match = re.fullmatch(form, header)
    assert match
    content = f"POST {PATH}\n{secret['clientId']}.{moment}.".encode() + sent.body
    signature = base64.b64decode(unquote(match[1]), validate=True)
    ours.private.public_key().verify(signature, content, PKCS1v15(), SHA256())


def test_request_goes_out_in_one_write_and_without_an_agent_token_where_there_is_none(
    call: Calls, gateway: Gateway
) -> None:
    call.credentials = replace(call.credentials, agent_token=None)
    for _ in range(3):
        call(gateway.url)
    assert [(one.reads, one.values("Agent-Token")) for one in gateway.requests] == [(1, [])] * 3


def test_repeat_has_the_same_body_and_a_time_and_signature_of_its_own(
    call: Calls, gateway: Gateway
) -> None:
    call(gateway.url)
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=2)):
        call(gateway.url)
    first, second = gateway.requests
    assert first.body == second.body
    assert first.values("Request-Time") != second.values("Request-Time")
    assert first.values("Signature") != second.values("Signature")


def test_connection_is_kept_also_after_answers_that_prove_nothing(
    call: Calls, gateway: Gateway, ok: bytes
) -> None:
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    steps = iter([[ok], [answer(b"{}", 500)], [chunked], [ok]])
    gateway.answer = lambda _: next(steps)
    assert [call(gateway.url).status for _ in range(4)] == ["S", "U", "U", "S"]
    assert gateway.connections == 1


@pytest.mark.parametrize(
    "last",
    [
        lambda signer: signer.answer(SUCCESS, connection="close"),
        lambda signer: signer.answer(SUCCESS).replace(b"HTTP/1.1", b"HTTP/1.0"),
        lambda signer: b"HTTP/1.1 103 Early Hints\r\n\r\n" + signer.answer(SUCCESS),
        lambda signer: signer.answer(SUCCESS) + b"x",
        lambda signer: signer.answer(SUCCESS) + signer.answer(SUCCESS),
    ],
    ids=["close", "HTTP/1.0", "interim answer", "surplus byte", "surplus answer"],
)
def test_connection_is_given_up_after_anything_but_exactly_one_answer(
    last: Callable[[Signer], bytes], call: Calls, gateway: Gateway, signer: Signer
) -> None:
    gateway.answer = lambda _: [last(signer)]
    assert [call(gateway.url).status for _ in range(2)] == ["S", "S"]
    assert (gateway.connections, len(gateway.requests)) == (2, 2)


def test_what_comes_between_two_calls_ends_the_connection(
    call: Calls, gateway: Gateway, signer: Signer, ok: bytes
) -> None:
    gateway.answer = lambda _: [ok, 0.05, signer.answer(success("somebody"))]
    for _ in range(2):
        assert call(gateway.url).psp_id == "P1"
        assert gateway.wait_until_answered(2)
        time.sleep(0.05)
    assert gateway.connections == 2


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


def test_redirect_is_not_followed_and_no_cookie_kept(
    call: Calls, gateway: Gateway, signer: Signer
) -> None:
    with Gateway(lambda _: [signer.answer(SUCCESS)]) as elsewhere:
        headers = {"location": elsewhere.url + PATH, "set-cookie": "a=1; Path=/"}
        gateway.answer = lambda _: [signer.answer(SUCCESS, 307, **headers)]
        # The signature is the proof, not the status.
        assert [call(gateway.url).status for _ in range(2)] == ["S", "S"]
    assert elsewhere.requests == []
    assert [request.values("Cookie") for request in gateway.requests] == [[], []]


def test_no_proxy_of_the_environment_is_used(
    call: Calls, gateway: Gateway, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Gateway(lambda _: [signer.answer(SUCCESS)]) as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert call(gateway.url).status == "S"
    assert (len(gateway.requests), proxy.connections) == (1, 0)


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


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_server_that_accepts_and_says_nothing_is_given_up_at_the_deadline(
    scheme: str, call: Calls
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        began = time.monotonic()
        result = call(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}", seconds=TIMEOUT)
    assert result.evidence is Evidence.NO_ANSWER
    assert TIMEOUT <= time.monotonic() - began < IN_TIME


def test_server_that_reads_nothing_is_given_up_at_the_deadline(call: Calls, ok: bytes) -> None:
    """Whatever had to be written: here more than the buffers of both sides hold."""
    call.credentials = replace(call.credentials, agent_token="x" * 30_000_000)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        began = time.monotonic()
        result = call(f"http://127.0.0.1:{listener.getsockname()[1]}", seconds=TIMEOUT)
    assert result.evidence is Evidence.NO_ANSWER
    assert time.monotonic() - began < IN_TIME


def test_port_on_which_nobody_listens_is_no_answer(call: Calls) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    result = call(f"http://127.0.0.1:{port}")
    assert (result.evidence, result.reason) == (
        Evidence.NO_ANSWER,
        "ConnectError: not connected: ConnectionRefusedError 111",
    )


def test_next_call_has_a_deadline_of_its_own(call: Calls, gateway: Gateway, ok: bytes) -> None:
    gateway.answer = lambda _: [0.4, ok]
    assert [call(gateway.url, seconds=TIMEOUT).status for _ in range(3)] == ["S"] * 3


def padded(size: int) -> bytes:
    return SUCCESS + b" " * (size - len(SUCCESS))


def test_answer_of_64_kib_is_read_and_one_byte_more_proves_nothing(
    call: Calls, gateway: Gateway, signer: Signer
) -> None:
    sizes = iter([64 * 1024, 64 * 1024 + 1, 64 * 1024])
    gateway.answer = lambda _: [signer.answer(padded(next(sizes)))]
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


@pytest.mark.parametrize("said", [b"HTTP/1.1 200 OK\r\nSAID\r\n\r\n", b"\0" * 200_000])
def test_what_proves_nothing_is_not_quoted_either(
    said: bytes, call: Calls, gateway: Gateway
) -> None:
    gateway.answer = lambda _: [said, FIN]
    result = call(gateway.url)
    assert (result.status, result.evidence) == ("U", Evidence.UNPROVEN)
    assert "SAID" not in result.reason


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
    ids=lambda line: line[:12],
)
def test_no_other_header_decides_anything_whatever_its_form(
    line: bytes, call: Calls, gateway: Gateway, signer: Signer
) -> None:
    def answer(request: Request) -> list[Step]:
        status, _, rest = signer.answer(success(request.payment)).partition(b"\r\n")
        return [b"\r\n".join([status, line, rest])]

    gateway.answer = answer
    assert call(gateway.url).status == "S"


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
    result = call(gateway.url, permit=lambda: next(asked))
    assert (result.evidence, result.reason) == (Evidence.NOT_SENT, "too late")
    assert (len(signed), gateway.requests) == (refuse_at - 1, [])


def test_signer_that_fails_is_no_call_and_its_error_is_not_quoted(
    call: Calls, gateway: Gateway
) -> None:
    class Failing:
        def sign(self, content: bytes) -> bytes:
            raise RuntimeError(f"SAID {content!r}")

    call.credentials = replace(call.credentials, signer=Failing())
    result = call(gateway.url)
    assert (result.evidence, result.unsigned) == (Evidence.NOT_SENT, True)
    assert (result.reason, gateway.requests) == ("no signature: RuntimeError", [])


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
        assert call(url, seconds=0.3).reason == reason
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
