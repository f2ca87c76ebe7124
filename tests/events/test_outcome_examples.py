"""The examples of outcome events are what the function and the tracker publish, word for word.

Ids, times and what only Alipay+ knows (its message, the provider, the acquirer) are their own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import jsonschema
import pytest

from tests.events import expected
from tests.events.expected import EVENTS
from tests.statemachine.conftest import reference, states  # noqa: F401
from tests.statemachine.definition import State
from tests.statemachine.reference import Reference
from tests.support.aws import AwsDouble
from tests.support.function import Function
from tests.support.records import message, record

EXAMPLES: Final = {path.stem: json.loads(path.read_text()) for path in EVENTS.glob("outcomes/*")}
SCENARIOS: Final = {
    "cancelled": "SUCCEEDS",
    "refund-required": "FAILS-CANCEL_WINDOW_EXCEED",
    "failed": "FAILS-INVALID_SIGNATURE",
}
ITS_OWN: Final = {"firstAttemptAt", "resolvedAt", "cutoffAt", "attempts"}
OF_ALIPAY: Final = {"resultMessage", "pspId", "acquirerId", "proof"}


def test_every_outcome_has_an_example_that_keeps_the_schema() -> None:
    schema, checker = expected.schema("outcome"), jsonschema.FormatChecker()
    details = [one["detail"] for one in EXAMPLES.values()]
    outcomes = schema["properties"]["outcome"]["enum"]
    assert sorted(detail["outcome"] for detail in details) == sorted(outcomes)
    for detail in details:
        jsonschema.validate(detail, schema, format_checker=checker)


@pytest.mark.parametrize("name", SCENARIOS)
def test_example_is_what_the_function_publishes(
    name: str, function: Function, aws: AwsDouble, unique: Callable[[str], str]
) -> None:
    example, payment_request_id = EXAMPLES[name], unique(SCENARIOS[name])
    ids = {"paymentId": example["detail"]["paymentId"] + payment_request_id[-8:]}
    function(record(message(payment_request_id, **ids)))

    [(detail_type, detail)] = aws.outcomes
    assert detail_type == example["detail-type"]
    assert list(detail) == list(example["detail"])
    ours = example["detail"]["paymentRequestId"]
    assert detail["outcomeId"] == example["detail"]["outcomeId"].replace(ours, payment_request_id)
    assert _words(detail) == _words(example["detail"])


def test_example_is_what_the_tracker_publishes(
    states: dict[str, State],  # noqa: F811
    reference: Reference,  # noqa: F811
) -> None:
    example, report = EXAMPLES["unresolved"], states["ReportUnresolved"]
    [entry] = report["Arguments"]["Entries"]
    known = {name: example["detail"][name] for name in ("attempts", "firstAttemptAt", "cutoffAt")}
    ids = {name: example["detail"][name] for name in ("paymentRequestId", "paymentId")}
    state_input = known | {"payment": ids, "resultCode": example["detail"]["resultCode"]}

    now = datetime.fromisoformat(example["detail"]["resolvedAt"])

    detail = reference.fill(entry["Detail"], now, input=state_input)

    assert (entry["DetailType"], entry["Source"]) == (example["detail-type"], example["source"])
    assert detail == example["detail"]
    assert list(detail) == list(example["detail"])


def _words(detail: dict[str, Any]) -> dict[str, Any]:
    own = ITS_OWN | OF_ALIPAY | {"outcomeId", "paymentRequestId", "paymentId"}
    return {name: value for name, value in detail.items() if name not in own}
