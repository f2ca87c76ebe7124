"""The stand-in for Alipay+: starts, stops, serves many at once; its keys; its outages."""

import json
import signal
import socket
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest
import trustme

from tests.sandbox.client import ROOT, generate_keys, on_the_wire, running

# Keys


def test_keys_are_private_to_their_owner_and_of_the_form_of_the_secret(keys_directory):
    for name in ("secret.json", "gateway.json"):
        assert stat.S_IMODE((keys_directory / name).stat().st_mode) == 0o600
    secret = json.loads((keys_directory / "secret.json").read_text())
    assert set(secret) == {"clientId", "keyVersion", "privateKey", "alipayPublicKeys"}
    assert secret["clientId"].startswith("SANDBOX_")
    assert secret["keyVersion"] == "1"
    assert secret["privateKey"].startswith("-----BEGIN PRIVATE KEY-----")
    assert secret["alipayPublicKeys"]["1"].startswith("-----BEGIN PUBLIC KEY-----")


def test_a_rotation_leaves_no_gap(tmp_path):
    generate_keys(tmp_path)
    before = json.loads((tmp_path / "secret.json").read_text())
    with running(tmp_path) as (gateway, _):
        generate_keys(tmp_path, "--rotate")
        after = gateway.secret
        assert after["keyVersion"] == "2"
        assert after["clientId"] == before["clientId"]
        assert after["alipayPublicKeys"]["1"] == before["alipayPublicKeys"]["1"]
        body = json.dumps({"paymentRequestId": gateway.new("SUCCEEDS")}).encode()
        refused = gateway.send(body)
        assert refused.json()["result"]["resultCode"] == "KEY_NOT_FOUND"
        versions = gateway.admin("POST", "reload")
        assert versions["clientKeyVersions"] == ["1", "2"]
        for secret in (before, after):
            answer = gateway.send(body, secret=secret)
            assert answer.json()["result"]["resultCode"] == "SUCCESS"
            assert "keyVersion=2," in answer.headers["signature"]
            assert gateway.verifies(answer)


def test_a_reload_that_fails_keeps_the_old_keys_and_shows_none(tmp_path):
    generate_keys(tmp_path)
    with running(tmp_path) as (gateway, _):
        config = (tmp_path / "gateway.json").read_text()
        (tmp_path / "gateway.json").write_text(config.replace("BEGIN", "BEGUN"))
        answer = gateway.client.post(f"{gateway.url}/_sandbox/reload")
        assert answer.status_code == 400
        assert "KEY-----" not in answer.text
        assert gateway.result(gateway.new("SUCCEEDS")) == "S SUCCESS"


# Starting and stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_on_a_signal_even_while_it_holds_a_request(keys_directory, number):
    with running(keys_directory) as (gateway, process), ThreadPoolExecutor() as threads:
        held_id = gateway.new("NO_ANSWER")
        held = threads.submit(gateway.cancel, held_id)
        gateway.wait_until(lambda: gateway.log(held_id))
        process.send_signal(number)
        assert process.wait(5) == 0
        assert process.stdout.read() == ""
        assert process.stderr.read() == ""
        assert isinstance(held.exception(5), httpx.RemoteProtocolError)


def test_it_says_what_is_wrong_with_its_configuration(tmp_path):
    (tmp_path / "gateway.json").write_text('{"privateKey": "sesame"}')
    command = [sys.executable, "-m", "sandbox.gateway", "--port", "0"]
    command += ["--config", str(tmp_path / "gateway.json")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 2
    assert "gateway.json" in run.stderr and "sandbox.gateway.keys" in run.stderr
    assert "sesame" not in run.stderr and "Traceback" not in run.stderr


def test_it_serves_over_tls(keys_directory, tmp_path):
    certificate = trustme.CA().issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    both = str(tmp_path / "both.pem")
    with running(keys_directory, "--certfile", both, "--keyfile", both) as (gateway, _):
        assert gateway.url.startswith("https://")
        assert gateway.result(gateway.new("SUCCEEDS")) == "S SUCCESS"
        for scenario in ("DROPS", "RESETS", "TRUNCATED"):
            with pytest.raises(httpx.TransportError):
                gateway.cancel(gateway.new(scenario))


# Outages


@pytest.mark.parametrize(
    ("mode", "status", "signed"),
    [("unknown", 200, True), ("http_500", 500, False), ("unsigned", 200, False)],
)
def test_an_outage_hits_every_payment_until_it_is_over(gateway, normal_again, mode, status, signed):
    fresh, cancelled = gateway.new("SUCCEEDS"), gateway.new("SUCCEEDS")
    assert gateway.result(cancelled) == "S SUCCESS"
    gateway.mode(mode)
    for request_id in (fresh, cancelled):
        answer = gateway.cancel(request_id)
        assert (answer.status_code, gateway.verifies(answer)) == (status, signed)
        assert b'"S"' not in answer.content
    assert gateway.admin("GET", "health")["mode"] == mode
    gateway.mode("normal")
    assert gateway.result(fresh) == gateway.result(cancelled) == "S SUCCESS"


def test_outages_without_an_answer(gateway, normal_again):
    gateway.mode("drops")
    assert gateway.raw_exchange(gateway.new("SUCCEEDS"), 5) == (b"", "closed")
    gateway.mode("no_answer")
    assert gateway.raw_exchange(gateway.new("SUCCEEDS"), 0.3) == (b"", "open")


def test_a_slow_gateway_and_the_usual_one_again(gateway, normal_again):
    gateway.mode("slow", latencyMs=400)
    begin = time.monotonic()
    assert gateway.result(gateway.new("UNKNOWN")) == "S SUCCESS"
    assert time.monotonic() - begin >= 0.4
    gateway.mode("normal")
    begin = time.monotonic()
    assert gateway.result(gateway.new("UNKNOWN")) == "U UNKNOWN_EXCEPTION"
    assert time.monotonic() - begin < 0.3


WRONG_CALLS = [
    ("POST", "mode", b'{"mode":"asleep"}'),
    ("POST", "mode", b'{"mode":"slow","latencyMs":-1}'),
    ("POST", "mode", b"[]"),
    ("POST", "mode", b"\xff"),
    ("POST", "payments", b'{"initiatedAt":"2026-11-22T00:00:00Z"}'),
    ("POST", "payments", b'{"paymentId":"1","initiatedAt":"2026-11-22T00:00:00"}'),
    ("POST", "payments", b'{"paymentId":"1","initiatedAt":"9999-12-31T23:00:00Z"}'),
    ("POST", "payments", b'{"paymentId":1,"initiatedAt":"2026-11-22T00:00:00Z"}'),
    ("GET", "requests?since=x", b""),
]


@pytest.mark.parametrize(("method", "path", "body"), WRONG_CALLS)
def test_a_wrong_call_to_the_stand_in_itself_is_answered_with_what_is_right(
    gateway, method, path, body
):
    answer = gateway.client.request(method, f"{gateway.url}/_sandbox/{path}", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


# Many at once


def test_two_hundred_requests_at_once_take_little_longer_than_one(gateway, normal_again):
    gateway.mode("normal", latencyMs=100)
    requests = [
        gateway.request(json.dumps({"paymentRequestId": gateway.new("SUCCEEDS")}).encode())
        for _ in range(200)
    ]
    # One client per thread: a shared pool would be what is measured.
    with ThreadPoolExecutor(200) as threads:
        begin = time.monotonic()
        answers = list(threads.map(send_alone, requests))
        took = time.monotonic() - begin
    assert answers == [200] * 200
    assert took < 4


def test_a_connection_is_kept_alive_over_answers_and_refusals(gateway):
    with httpx.Client(limits=httpx.Limits(max_connections=1)) as client:
        ports = set()
        for change in ({}, {"headers": {"Signature": None}}, {"method": "HEAD"}, {}):
            body = json.dumps({"paymentRequestId": gateway.new("SUCCEEDS")}).encode()
            answer = client.send(gateway.request(body, **change))
            stream = answer.extensions["network_stream"]
            ports.add(stream.get_extra_info("client_addr"))
    assert len(ports) == 1


def test_head_is_answered_with_the_date_and_without_a_body(gateway):
    answer = gateway.client.head(f"{gateway.url}/")
    assert (answer.status_code, answer.content) == (404, b"")
    assert int(answer.headers["content-length"]) > 0
    moment = parsedate_to_datetime(answer.headers["date"])
    assert abs(moment - datetime.now(UTC)) < timedelta(seconds=5)


def test_what_is_no_http_is_refused(gateway):
    url = httpx.URL(gateway.url)
    with socket.create_connection((url.host, url.port), timeout=5) as plain:
        plain.sendall(b"cancel this, please\r\n\r\n")
        said = b"".join(iter(lambda: plain.recv(65_536), b""))
    assert said.startswith(b"HTTP/1.1 400 ")


def send_alone(request: httpx.Request) -> int:
    url = request.url
    with socket.create_connection((url.host, url.port), timeout=20) as plain:
        plain.sendall(on_the_wire(request))
        return int(plain.recv(65536).split()[1])
