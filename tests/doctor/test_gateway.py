"""DNS, TCP, TLS and HTTP are summary apart, and so are three clocks; over real sockets."""

from __future__ import annotations

import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from doctor import clock, gateway
from doctor.deployment import Deployment
from doctor.finding import Finding
from doctor.gateway import Answer, Failure
from tests.doctor.conftest import on_aws, summary
from tests.doctor.servers import ELSEWHERE, Gateway, certificate, serving, silent

TOLERANCE = timedelta(seconds=30)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate for this machine, of an authority that is trusted."""
    pem = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    return pem


def emulated() -> Deployment:
    return on_aws(emulated=True)


def judged(url: str, timeout: float = 5) -> list[Finding]:
    return list(gateway.judge(gateway.ask(url, timeout), url, emulated()))


def failure(url: str, timeout: float = 5) -> Failure:
    answer = gateway.ask(url, timeout)
    assert isinstance(answer, Failure)
    return answer


def test_gateway_with_a_verified_certificate_is_asked_nothing_that_could_cancel(
    trusted: Path,
) -> None:
    server = Gateway()
    with serving(server, trusted) as url:
        (finding,) = judged(url)
    assert summary([finding]) == {("OK", "gateway")}
    assert "TLSv1.3" in finding.fact and "certificate until" in finding.fact
    assert server.asked == ["HEAD /"]


def test_certificate_of_an_unknown_authority(tmp_path: Path) -> None:
    with serving(Gateway(), certificate(tmp_path)) as url:
        found = failure(url)
    assert found.step == "TLS" and "self-signed certificate" in found.fact


def test_expired_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = certificate(tmp_path, expires=-timedelta(days=1))
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with serving(Gateway(), pem) as url:
        found = failure(url)
    assert found.step == "TLS" and "expired" in found.fact


def test_certificate_of_another_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = certificate(tmp_path, ELSEWHERE)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with serving(Gateway(), pem) as url:
        found = failure(url)
    assert found.step == "TLS" and "mismatch" in found.fact


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_gateway_that_speaks_tls_1_1_at_most(trusted: Path) -> None:
    old = ssl.TLSVersion.TLSv1_1
    with serving(Gateway(), trusted, minimum_version=old, maximum_version=old) as url:
        found = failure(url)
    assert (found.step, found.fact) == ("TLS", "127.0.0.1 speaks no TLS 1.2 or later")


def test_plain_http_where_tls_is_expected() -> None:
    with serving(Gateway()) as url:
        found = failure(url.replace("http:", "https:"))
    assert found.step == "TLS" and "does not speak TLS" in found.fact


def test_tls_where_plain_http_is_expected(trusted: Path) -> None:
    with serving(Gateway(), trusted) as url:
        assert failure(url.replace("https:", "http:")).step == "HTTP"


@pytest.mark.parametrize(("scheme", "step"), [("http", "HTTP"), ("https", "TLS")])
def test_silence_is_a_failure_of_the_step_that_waits(scheme: str, step: str) -> None:
    with silent() as address:
        assert failure(f"{scheme}://{address}", timeout=0.2).step == step


def test_nothing_listens() -> None:
    with silent() as address:
        pass
    found = failure(f"https://{address}")
    assert found.step == "TCP" and "refused" in found.fact


def test_name_that_does_not_exist() -> None:
    assert failure("https://gateway.invalid").step == "DNS"


def test_each_failure_is_wrong_and_says_what_to_do() -> None:
    (finding,) = judged("https://gateway.invalid")
    assert summary([finding]) == {("WRONG", "gateway DNS")} and finding.action


def test_server_error_is_a_warning(trusted: Path) -> None:
    server = Gateway()
    server.status = 503
    with serving(server, trusted) as url:
        assert summary(judged(url)) == {("WARNING", "gateway")}


def test_plain_http_to_this_machine_is_no_worry_on_an_emulated_aws() -> None:
    with serving(Gateway()) as url:
        assert summary(judged(url)) == {("OK", "gateway"), ("INFO", "gateway")}


def test_gateway_on_this_machine_is_wrong_for_a_function_on_aws() -> None:
    with serving(Gateway()) as url:
        (finding,) = gateway.judge(gateway.ask(url), url, on_aws())
    assert summary([finding]) == {("WRONG", "gateway")}


def clocks(server: Gateway, aws_ahead: float | None = 0) -> tuple[str, str]:
    """Status and fact of the clock's finding."""
    with serving(server) as url:
        answer = gateway.ask(url)
    assert isinstance(answer, Answer)
    (finding,) = clock.judge(answer, aws_ahead, TOLERANCE)
    return finding.status.value, finding.fact


@pytest.mark.parametrize(("minutes", "word"), [(5, "behind"), (-5, "ahead of")])
def test_gateways_date_off_by_five_minutes_is_wrong(minutes: int, word: str) -> None:
    server = Gateway()
    server.skew = timedelta(minutes=minutes)
    status, fact = clocks(server)
    assert status == "WRONG" and f"{word} the gateway's" in fact


def test_this_machine_off_while_aws_agrees_with_the_gateway_is_a_warning() -> None:
    server = Gateway()
    server.skew = timedelta(minutes=5)
    status, fact = clocks(server, aws_ahead=300)
    assert status == "WARNING" and "this machine" in fact and "behind" in fact


def test_date_within_the_tolerance_is_well() -> None:
    server = Gateway()
    server.skew = timedelta(seconds=20)
    assert clocks(server)[0] == "OK"


def test_date_out_of_a_cache_is_as_old_as_its_age() -> None:
    server = Gateway()
    server.skew, server.age = -timedelta(hours=1), "3600"
    assert clocks(server)[0] == "OK"


def test_answer_without_a_date_leaves_the_clock_unknown() -> None:
    server = Gateway()
    server.skew = None
    assert clocks(server)[0] == "UNKNOWN"
