"""ReportUnresolved: the last thing that anybody hears of the payment.

Its detail is ``events/outcomes/unresolved.json``, word for word: ``tests/events`` holds it to that.
"""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from tests.statemachine.conftest import Machines, Tracked
from tests.statemachine.definition import ROOT
from tests.statemachine.run import answers

SCHEMA = json.loads((ROOT / "events" / "outcome.schema.json").read_text("utf-8"))
REQUEST_ID = {"paymentRequestId": "20200101234567890000"}
PAYMENT_ID = {"paymentId": "202001011234567890120188000000001"}
BY_REQUEST_ID = "UNRESOLVED:paymentRequestId:20200101234567890000"
BY_PAYMENT_ID = "UNRESOLVED:paymentId:202001011234567890120188000000001"


@pytest.mark.parametrize("more", [{}, {"attempts": 111, "resultCode": "UNKNOWN_EXCEPTION"}])
@pytest.mark.parametrize(
    ("ids", "outcome_id"),
    [
        (REQUEST_ID, BY_REQUEST_ID),
        (PAYMENT_ID, BY_PAYMENT_ID),
        (REQUEST_ID | PAYMENT_ID, BY_REQUEST_ID),
        ({"paymentRequestId": "", **PAYMENT_ID}, BY_PAYMENT_ID),
        ({**REQUEST_ID, "paymentId": ""}, BY_REQUEST_ID),
        ({"paymentRequestId": "0"}, "UNRESOLVED:paymentRequestId:0"),
        ({"paymentId": "'%}\\ 支付 🛒"}, "UNRESOLVED:paymentId:'%}\\ 支付 🛒"),
    ],
)
def test_a_payment_is_named_by_the_ids_that_it_has_and_by_nothing_else(
    machine: Machines, tracked: Tracked, ids: dict[str, str], outcome_id: str, more: dict[str, Any]
) -> None:
    payment = ids | {"paymentCreateTime": "2026-11-22T23:41:07+08:00"}
    closed = tracked(nextAttemptAt="2026-11-22T16:15:00.000Z", payment=payment, **more)
    [call] = machine(0)(closed, answers()).reports
    [entry] = call.arguments["Entries"]
    detail = entry.pop("Detail")
    assert entry == {
        "EventBusName": "outcome-bus",
        "Source": "alipayplus.cancelPayment",
        "DetailType": "Payment Cancellation Unresolved",
    }
    jsonschema.validate(detail, SCHEMA, format_checker=jsonschema.FormatChecker())
    assert detail["outcomeId"] == outcome_id
    named = {name: detail[name] for name in ("paymentRequestId", "paymentId") if name in detail}
    assert named == {name: value for name, value in ids.items() if value}
    assert detail.get("resultCode") == more.get("resultCode")
