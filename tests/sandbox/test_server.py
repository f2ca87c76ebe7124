"""The stand-in for Alipay+ as a server: keys, its log, outages, the ledger."""

import json
import re
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import trustme

from sandbox.gateway.state import Payment
from tests.conftest import ROOT
from tests.sandbox.conftest import generate_keys, running


def test_keys_are_private_to_their_owner_and_not_shown_where_they_cannot_be_read(tmp_path):
    generate_keys(tmp_path)
    for name in ("secret.json", "gateway.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    config = (tmp_path / "gateway.json").read_text()
    (tmp_path / "gateway.json").write_text(config.replace("BEGIN", "BEGUN"))
    command = [sys.executable, "-m", "sandbox.gateway", "--port", "0"]
    command += ["--config", str(tmp_path / "gateway.json")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 2 and "gateway.json" in run.stderr
    assert "KEY-----" not in run.stderr and "Traceback" not in run.stderr


def test_it_serves_over_tls_and_stops_on_a_signal_even_while_it_holds_a_request(
    keys_directory, tmp_path
):
    certificate = trustme.CA().issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    both = str(tmp_path / "both.pem")
    log = tmp_path / "log"
    tls = running(keys_directory, log, "--certfile", both, "--keyfile", both)
    with tls as (gateway, process), ThreadPoolExecutor() as threads:
        assert gateway.url.startswith("https://")
        assert gateway.result(gateway.new("SUCCEEDS")) == "S SUCCESS"
        for scenario in ("DROPS", "RESETS", "TRUNCATED"):
            with pytest.raises(httpx.TransportError):
                gateway.cancel(gateway.new(scenario))
        held_id = gateway.new("NO_ANSWER")
        held = threads.submit(gateway.cancel, held_id)
        gateway.wait_until(lambda: gateway.log(held_id))
        process.child.send_signal(signal.SIGTERM)
        assert process.child.wait(5) == 0
        assert log.read_text() == f"listening on {gateway.url}\n"
        assert isinstance(held.exception(5), httpx.RemoteProtocolError)


# The log


def test_the_log_tells_each_request_and_what_became_of_it(gateway):
    request_id, payment_id = gateway.new("UNKNOWN-1"), gateway.new("P")
    since = gateway.admin("GET", "requests")["next"]
    gateway.cancel(request_id, payment_id)
    answer = gateway.cancel(request_id, payment_id)
    page = gateway.admin("GET", "requests", params={"since": since})
    first, second = page["requests"]
    assert [first["index"], second["index"], page["next"]] == [since, since + 1, since + 2]
    assert [first["attempt"], second["attempt"]] == [1, 2]
    assert [first["scenario"], second["scenario"]] == ["UNKNOWN", "SUCCEEDS"]
    assert (first["resultStatus"], first["resultCode"]) == ("U", "UNKNOWN_EXCEPTION")
    assert (second["httpStatus"], second["answer"]) == (200, "signed")
    assert second["body"].encode() == answer.request.content
    assert second["responseBody"].encode() == answer.content
    assert first["requestHeaders"]["request-time"] == first["requestTime"]
    assert first["receivedAt"] <= first["answeredAt"] <= second["receivedAt"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first["receivedAt"])
    later = {"paymentId": payment_id, "since": since + 1}
    assert gateway.admin("GET", "requests", params=later)["requests"] == [second]


def test_the_log_holds_no_whole_signature_and_no_agent_token_and_no_endless_body(gateway):
    request_id = gateway.new("TOO_LARGE")
    body = json.dumps({"paymentRequestId": request_id}).encode()
    answer = gateway.send(body, headers={"Agent-Token": "sesame"})
    [entry] = gateway.log(request_id)
    whole = answer.request.headers["signature"]
    shown = whole[: whole.index("signature=") + len("signature=") + 12] + "…"
    assert entry["requestHeaders"]["signature"] == shown
    text = json.dumps(entry)
    assert answer.headers["signature"] not in text and "sesame" not in text
    assert len(entry["responseBody"]) == 4096


def test_a_connection_is_kept_alive_over_answers_refusals_and_head(gateway):
    with httpx.Client(limits=httpx.Limits(max_connections=1)) as client:
        ports = set()
        for change in ({}, {"headers": {"Signature": None}}, {"method": "HEAD"}, {}):
            body = json.dumps({"paymentRequestId": gateway.new("SUCCEEDS")}).encode()
            answer = client.send(gateway.request(body, **change))
            ports.add(answer.extensions["network_stream"].get_extra_info("client_addr"))
    assert len(ports) == 1


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
    gateway.mode("normal")
    assert gateway.result(fresh) == gateway.result(cancelled) == "S SUCCESS"


def test_outages_without_an_answer_or_with_a_slow_one(gateway, normal_again):
    gateway.mode("drops")
    assert gateway.raw_exchange(gateway.new("SUCCEEDS"), 5) == (b"", "closed")
    gateway.mode("no_answer")
    assert gateway.raw_exchange(gateway.new("SUCCEEDS"), 0.3) == (b"", "open")
    gateway.mode("slow", latencyMs=400)
    begin = time.monotonic()
    assert gateway.result(gateway.new("UNKNOWN")) == "S SUCCESS"
    assert time.monotonic() - begin >= 0.4


# The ledger: idempotency and the window


def test_a_cancelled_payment_stays_cancelled_by_either_id_and_after_its_window(gateway):
    request_id, payment_id = gateway.new("UNKNOWN-1"), gateway.new("UNKNOWN")
    gateway.register(datetime.now(UTC), paymentRequestId=request_id, paymentId=payment_id)
    assert gateway.result(request_id, payment_id) == "U UNKNOWN_EXCEPTION"
    assert gateway.ledger(request_id)["cancelledAt"] is None
    assert gateway.result(request_id, payment_id) == "S SUCCESS"
    gateway.register(datetime.now(UTC) - timedelta(days=3), paymentRequestId=request_id)
    assert gateway.result(request_id) == gateway.result(None, payment_id) == "S SUCCESS"
    payment = gateway.ledger(request_id)
    assert payment["attempts"] == 4 and payment["cancelledAt"]


def test_after_the_window_a_registered_payment_cannot_be_cancelled(gateway):
    request_id, payment_id = gateway.new("SUCCEEDS"), gateway.new("SUCCEEDS")
    past = datetime.now(UTC) - timedelta(days=3)
    gateway.register(past, paymentRequestId=request_id, paymentId=payment_id)
    assert gateway.result(request_id) == "F CANCEL_WINDOW_EXCEED"
    assert gateway.result(None, payment_id) == "F CANCEL_WINDOW_EXCEED"
    assert gateway.ledger(request_id)["cancelledAt"] is None


@pytest.mark.parametrize(
    ("began", "closed"),
    [
        ("2026-11-22T00:00:00+08:00", "2026-11-23T00:15:00+08:00"),
        ("2026-11-22T15:59:59.999Z", "2026-11-23T00:15:00+08:00"),
        ("2026-11-22T16:00:00Z", "2026-11-24T00:15:00+08:00"),
        ("2026-12-31T12:00:00-05:00", "2027-01-02T00:15:00+08:00"),
    ],
)
def test_a_quarter_past_midnight_is_too_late_to_the_millisecond(began, closed):
    payment, at = (
        Payment(initiated_at=datetime.fromisoformat(began)),
        datetime.fromisoformat(closed),
    )
    assert payment.window_closed(at)
    assert not payment.window_closed(at - timedelta(milliseconds=1))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("mode", {"mode": "asleep"}),
        ("mode", {"mode": "slow", "latencyMs": -1}),
        ("mode", []),
        ("payments", {"initiatedAt": "2026-11-22T00:00:00Z"}),
        ("payments", {"paymentId": "1", "initiatedAt": "2026-11-22T00:00:00"}),
        ("payments", {"paymentId": 1, "initiatedAt": "2026-11-22T00:00:00Z"}),
        (
            "payments",
            {"paymentRequestId": "a-1", "paymentId": "b-2", "initiatedAt": "2026-11-22T00:00:00Z"},
        ),
        ("nothing", {}),
    ],
)
def test_a_wrong_call_to_the_stand_in_itself_is_refused(gateway, path, body):
    for one in ("a", "b"):
        ids = {"paymentRequestId": f"{one}-1", "paymentId": f"{one}-2"}
        gateway.register(datetime.now(UTC), **ids)
    answer = gateway.client.post(f"{gateway.url}/_sandbox/{path}", json=body)
    assert answer.status_code == 400 and answer.json()["error"]
