"""ReportUnresolved: the last thing that anybody hears of the payment.

Its detail is ``events/outcomes/unresolved.json``, word for word: ``tests/events`` holds it to that.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from tests.statemachine.conftest import Machines, Tracked
from tests.statemachine.definition import ROOT
from tests.statemachine.run import answers

SCHEMA = json.loads((ROOT / "events" / "outcome.schema.json").read_text("utf-8"))
CREATED = {"paymentCreateTime": "2026-11-22T23:41:07+08:00"}
REQUEST_ID = {"paymentRequestId": "20200101234567890000"}
PAYMENT_ID = {"paymentId": "202001011234567890120188000000001"}

type Report = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def detail(machine: Machines) -> Report:
    """The detail of the one event that an execution publishes."""

    def report(state_input: dict[str, Any]) -> dict[str, Any]:
        [call] = machine(0)(state_input, answers()).reports
        [entry] = call.arguments["Entries"]
        found: dict[str, Any] = entry.pop("Detail")
        assert entry == {
            "EventBusName": "outcome-bus",
            "Source": "alipayplus.cancelPayment",
            "DetailType": "Payment Cancellation Unresolved",
        }
        jsonschema.validate(found, SCHEMA, format_checker=jsonschema.FormatChecker())
        return found

    return report


@pytest.fixture
def closed(tracked: Tracked) -> Tracked:
    return lambda **changes: tracked(nextAttemptAt="2026-11-22T16:15:00.000Z", **changes)


@pytest.mark.parametrize(
    ("ids", "outcome_id"),
    [
        (REQUEST_ID, "UNRESOLVED:paymentRequestId:20200101234567890000"),
        (PAYMENT_ID, "UNRESOLVED:paymentId:202001011234567890120188000000001"),
        (
            {"paymentRequestId": "", **PAYMENT_ID},
            "UNRESOLVED:paymentId:202001011234567890120188000000001",
        ),
        ({**REQUEST_ID, "paymentId": ""}, "UNRESOLVED:paymentRequestId:20200101234567890000"),
        ({"paymentRequestId": "0"}, "UNRESOLVED:paymentRequestId:0"),
        ({"paymentId": "'%}\\ 支付 🛒"}, "UNRESOLVED:paymentId:'%}\\ 支付 🛒"),
    ],
)
def test_a_payment_is_named_by_the_ids_that_it_has(
    detail: Report, closed: Tracked, ids: dict[str, str], outcome_id: str
) -> None:
    found = detail(closed(payment={**ids, **CREATED}))
    assert found["outcomeId"] == outcome_id
    named = {name: found[name] for name in ("paymentRequestId", "paymentId") if name in found}
    assert named == {name: value for name, value in ids.items() if value}


def test_reported_again_it_has_the_same_id_whatever_else_has_changed(
    detail: Report, closed: Tracked
) -> None:
    first, again = detail(closed()), detail(closed(attempts=111, resultCode="UNKNOWN_EXCEPTION"))
    assert first["outcomeId"] == again["outcomeId"]
    assert "resultCode" not in first
    assert again["resultCode"] == "UNKNOWN_EXCEPTION"
