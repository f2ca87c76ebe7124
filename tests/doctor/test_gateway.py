"""DNS, TCP, TLS and HTTP are distinguished, over real sockets; and so are three clocks."""

from __future__ import annotations

import ssl
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from trustme import CA

from doctor.alipay import clock, gateway
from doctor.alipay.gateway import Answer
from doctor.finding import Finding
from tests.doctor.conftest import on_aws, summary
from tests.support.gateway import FIN, Gateway, Step

TOLERANCE = timedelta(seconds=30)
DATE = b"Date: Sun, 22 Nov 2026 04:00:00 GMT\r\nAge: 3\r\n\r\n"
NOT_FOUND: list[Step] = [b"HTTP/1.1 404 Not Found\r\n" + DATE, FIN]
UNAVAILABLE: list[Step] = [b"HTTP/1.1 503 Service Unavailable\r\n" + DATE, FIN]


class Authority:
    """Certificates of an authority that the doctor trusts once it is asked to."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._ca, self._pem, self._patch = CA(), directory / "authority.pem", monkeypatch
        self._ca.cert_pem.write_to_path(str(self._pem))

    def context(self, name: str = "127.0.0.1", trusted: bool = True, **dates: Any) -> Any:
        if trusted:
            self._patch.setenv("SSL_CERT_FILE", str(self._pem))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        self._ca.issue_cert(name, **dates).configure_cert(context)
        return context


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    return Authority(tmp_path, monkeypatch)


def asked(url: str, timeout: float = 5, emulated: bool = True) -> list[Finding]:
    return list(gateway.judge(gateway.ask(url, timeout), url, on_aws(emulated=emulated)))


def test_gateway_is_asked_nothing_that_could_cancel(authority: Authority) -> None:
    with Gateway(lambda _: NOT_FOUND, authority.context()) as server:
        (finding,) = asked(server.url)
    assert summary([finding]) == {("OK", "gateway")}
    assert "TLSv1.3" in finding.fact and "certificate until" in finding.fact
    assert [one.line for one in server.requests] == ["HEAD / HTTP/1.1"]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ({"trusted": False}, "certificate"),
        ({"not_after": datetime.now(UTC) - timedelta(days=1)}, "expired"),
        ({"name": "other.example.com"}, "mismatch"),
        ({}, "speaks no TLS 1.2 or later"),
    ],
)
def test_certificate_that_is_not_accepted(
    authority: Authority, certificate: dict[str, Any], words: str
) -> None:
    context = authority.context(**certificate)
    if not certificate:
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with Gateway(lambda _: NOT_FOUND, context) as server:
        (found,) = asked(server.url)
    assert summary([found]) == {("WRONG", "gateway TLS")} and words in found.fact and found.action


@pytest.mark.parametrize(("scheme", "step"), [("http", "HTTP"), ("https", "TLS")])
def test_silence_is_a_failure_of_the_step_that_waits(scheme: str, step: str) -> None:
    with Gateway(lambda _: []) as server:
        found = asked(server.url.replace("http", scheme), timeout=0.2)
    assert summary(found) == {("WRONG", f"gateway {step}")}


def test_nothing_listens_and_no_such_name() -> None:
    with Gateway(lambda _: []) as server:
        pass
    assert summary(asked(server.url)) == {("WRONG", "gateway TCP")}
    assert summary(asked("https://gateway.invalid")) == {("WRONG", "gateway DNS")}


def test_plain_http_to_this_machine_is_for_an_emulated_aws_alone() -> None:
    with Gateway(lambda _: NOT_FOUND) as server:
        assert summary(asked(server.url)) == {("OK", "gateway"), ("INFO", "gateway")}
        assert summary(asked(server.url, emulated=False)) == {("WRONG", "gateway")}
    with Gateway(lambda _: UNAVAILABLE) as server:
        assert summary(asked(server.url)) == {("WARNING", "gateway")}


@pytest.mark.parametrize(
    ("gateway_ahead", "age", "aws_ahead", "status", "words"),
    [
        (300, None, 0, "WRONG", "behind the gateway's"),
        (-300, None, 0, "WRONG", "ahead of the gateway's"),
        (300, None, 300, "WARNING", "this machine is 300 s behind"),
        (20, None, 0, "OK", "within 30 s"),
        (-3600, "3600", 0, "OK", "within 30 s"),
        (None, None, 0, "UNKNOWN", "no Date"),
    ],
)
def test_three_clocks(
    gateway_ahead: int | None, age: str | None, aws_ahead: float, status: str, words: str
) -> None:
    now = time.time()
    ahead = datetime.fromtimestamp(now, UTC) + timedelta(seconds=gateway_ahead or 0)
    date = None if gateway_ahead is None else format_datetime(ahead, usegmt=True)
    (finding,) = clock.judge(Answer(404, None, date, age, now), aws_ahead, TOLERANCE)
    assert finding.status == status and words in finding.fact
