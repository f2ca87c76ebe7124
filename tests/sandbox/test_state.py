"""Idempotency, the cancel window and the log of the stand-in for Alipay+."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.sandbox.client import ROOT, running

# Idempotency and the window


def test_a_cancelled_payment_stays_cancelled_by_either_id(gateway):
    request_id, payment_id = gateway.new("UNKNOWN-1"), gateway.new("UNKNOWN")
    assert gateway.result(request_id, payment_id) == "U UNKNOWN_EXCEPTION"
    assert gateway.ledger(request_id)["cancelledAt"] is None
    assert gateway.result(request_id, payment_id) == "S SUCCESS"
    assert gateway.result(request_id) == "S SUCCESS"
    assert gateway.result(None, payment_id) == "S SUCCESS"
    payment = gateway.ledger(request_id)
    assert payment["attempts"] == 4
    assert payment["cancelledAt"]
    scenarios = [entry["scenario"] for entry in gateway.log(request_id)]
    assert scenarios == ["UNKNOWN", "SUCCEEDS", "ALREADY_CANCELLED"]


def test_after_the_window_a_registered_payment_cannot_be_cancelled(gateway):
    request_id, payment_id = gateway.new("SUCCEEDS"), gateway.new("SUCCEEDS")
    past = datetime.now(UTC) - timedelta(days=3)
    gateway.register(past, paymentRequestId=request_id, paymentId=payment_id)
    assert gateway.result(request_id) == "F CANCEL_WINDOW_EXCEED"
    assert gateway.result(None, payment_id) == "F CANCEL_WINDOW_EXCEED"
    assert gateway.ledger(request_id)["cancelledAt"] is None


def test_before_the_end_of_the_window_it_can_and_stays_so_afterwards(gateway):
    request_id = gateway.new("SUCCEEDS")
    gateway.register(datetime.now(UTC), paymentRequestId=request_id)
    assert gateway.result(request_id) == "S SUCCESS"
    gateway.register(datetime.now(UTC) - timedelta(days=3), paymentRequestId=request_id)
    assert gateway.result(request_id) == "S SUCCESS"


@pytest.mark.parametrize(
    ("initiated_at", "cutoff"),
    [
        ("2026-11-22T00:00:00+08:00", "2026-11-23T00:15:00+08:00"),
        ("2026-11-22T23:59:59.999+08:00", "2026-11-23T00:15:00+08:00"),
        ("2026-11-22T15:59:59Z", "2026-11-23T00:15:00+08:00"),
        ("2026-11-22T16:00:00Z", "2026-11-24T00:15:00+08:00"),
        ("2026-12-31T12:00:00-05:00", "2027-01-02T00:15:00+08:00"),
    ],
)
def test_a_quarter_past_midnight_is_too_late_to_the_millisecond(initiated_at, cutoff):
    # Out of HTTP's reach without waiting for midnight: asked in a process of its own.
    code = (
        "import sys; from datetime import datetime as d, timedelta as t\n"
        "from sandbox.gateway.state import Payment\n"
        "payment = Payment(initiated_at=d.fromisoformat(sys.argv[1]))\n"
        "end = d.fromisoformat(sys.argv[2])\n"
        "print(payment.window_closed(end), payment.window_closed(end - t(milliseconds=1)))"
    )
    command = [sys.executable, "-c", code, initiated_at, cutoff]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "True False\n"


@pytest.mark.parametrize("pair", [("one", "two"), ("one", "other"), ("other", "two")])
def test_ids_of_different_payments_are_not_joined(gateway, pair):
    ids = {name: gateway.new("SUCCEEDS") for name in ("one", "two", "other")}
    now = datetime.now(UTC)
    for name in ("one", "two"):
        gateway.register(now, paymentRequestId=ids[name], paymentId=ids[name])
    body = {"paymentRequestId": ids[pair[0]], "paymentId": ids[pair[1]]}
    body["initiatedAt"] = now.isoformat()
    answer = gateway.client.post(f"{gateway.url}/_sandbox/payments", json=body)
    assert answer.status_code == 409
    assert "another payment" in answer.json()["error"]


# The log


def test_the_log_tells_each_request_and_what_became_of_it(gateway):
    request_id, payment_id = gateway.new("UNKNOWN-1"), gateway.new("P")
    since = gateway.admin("GET", "requests")["next"]
    gateway.cancel(request_id, payment_id)
    gateway.cancel(request_id, payment_id)
    page = gateway.admin("GET", "requests", params={"since": since})
    assert page["next"] == since + 2
    first, second = page["requests"]
    assert [first["index"], second["index"]] == [since, since + 1]
    assert [first["attempt"], second["attempt"]] == [1, 2]
    assert (first["resultStatus"], first["resultCode"]) == ("U", "UNKNOWN_EXCEPTION")
    assert (second["httpStatus"], second["answer"]) == (200, "signed")
    assert json.loads(first["body"]) == {"paymentRequestId": request_id, "paymentId": payment_id}
    assert first["requestHeaders"]["request-time"] == first["requestTime"]
    assert first["receivedAt"] <= first["answeredAt"] <= second["receivedAt"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first["receivedAt"])
    by_payment_id = gateway.admin("GET", "requests", params={"paymentId": payment_id})
    assert by_payment_id["requests"] == page["requests"]
    later = {"paymentRequestId": request_id, "since": since + 1}
    assert gateway.admin("GET", "requests", params=later)["requests"] == [second]


def test_the_log_holds_no_whole_signature_and_no_agent_token(gateway):
    request_id = gateway.new("SUCCEEDS")
    request = gateway.request(json.dumps({"paymentRequestId": request_id}).encode())
    request.headers["Agent-Token"] = "sesame"
    whole = request.headers["signature"]
    answer = gateway.client.send(request)
    [entry] = gateway.log(request_id)
    shown = entry["requestHeaders"]["signature"]
    assert shown == whole[: whole.index("signature=") + len("signature=") + 12] + "…"
    assert entry["responseHeaders"]["signature"].endswith("…")
    text = json.dumps(entry)
    assert answer.headers["signature"] not in text and "sesame" not in text


def test_the_log_holds_both_bodies_and_no_more_of_them_than_4_KiB(gateway):
    request_id = gateway.new("SUCCEEDS")
    answer = gateway.cancel(request_id)
    [entry] = gateway.log(request_id)
    assert entry["body"].encode() == answer.request.content
    assert entry["responseBody"].encode() == answer.content
    large = gateway.new("TOO_LARGE")
    gateway.cancel(large)
    [entry] = gateway.log(large)
    assert len(entry["responseBody"]) == 4096


def test_deleting_the_log_forgets_payments_too(keys_directory):
    with running(keys_directory) as (gateway, _):
        assert gateway.result("UNKNOWN-1-x") == "U UNKNOWN_EXCEPTION"
        assert gateway.result("UNKNOWN-1-x") == "S SUCCESS"
        assert gateway.send(b"{}").status_code == 400
        gateway.admin("DELETE", "requests")
        assert gateway.admin("GET", "health")["rejected"] == 0
        assert gateway.admin("GET", "requests")["requests"] == []
        assert gateway.admin("GET", "payments")["payments"] == []
        assert gateway.result("UNKNOWN-1-x") == "U UNKNOWN_EXCEPTION"
