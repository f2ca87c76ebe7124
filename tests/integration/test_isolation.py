"""What a step or a library raises for one record is that record's own: nine outcomes go out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import h11
import httpx
import pytest
from botocore.client import BaseClient
from cancel_payment import app, report
from cancel_payment import record as record_module
from cancel_payment.alipay import answer, signing
from cancel_payment.alipay.gateway import Gateway as Caller
from cancel_payment.effects.dead_letters import DeadLetters
from cancel_payment.effects.outcomes import Outcomes
from cancel_payment.effects.tracker import Tracker

from tests.integration.conftest import Lab, ids
from tests.support.records import message, record, tracked
from tests.support.signer import FAIL

EXCEPTIONS = [KeyError, ValueError, TypeError, RecursionError, MemoryError, UnicodeError, OSError]
EXCEPTIONS += [AssertionError, StopIteration, TimeoutError, ZeroDivisionError, httpx.InvalidURL]
HURT = {f"P-{one.__name__}-": one for one in EXCEPTIONS}
"""What is raised for a payment."""
SECRET_TEXT = "what a library put into its error"


def planted(step: Callable[..., Any], mark: str) -> Callable[..., Any]:
    """The step, raising for whatever bears the mark of a payment that is hurt."""

    def raising(*arguments: Any, **options: Any) -> Any:
        given = f"{arguments}{options}"
        for payment, fault in HURT.items():
            if mark + payment in given:
                raise fault(SECRET_TEXT)
        return step(*arguments, **options)

    return raising


# Where the fault is: the place, the step, and what is logged of it before the kind of the error.
STEPS: dict[str, tuple[Any, str, str]] = {
    "read": (record_module, "read", ""),
    "call": (Caller, "cancel", "unexpected "),
    "sign": (signing.PrivateKeySigner, "sign", "no signature: "),
    "httpx": (httpx, "ByteStream", "unexpected "),
    "h11": (h11.Connection, "receive_data", ""),
    "prove": (answer, "read", "unexpected "),
    "decide": (app, "decide", ""),
    "entry": (Outcomes, "entry", "unexpected "),
    "publish and tell": (Tracker, "tell_resolved", ""),
    "botocore": (BaseClient, "_make_api_call", ""),
    "put aside": (DeadLetters, "send", ""),
    "report": (report, "_log", ""),
}


@pytest.mark.parametrize("step", STEPS)
def test_fault_in_one_step_of_some_records_costs_no_other_its_outcome(
    step: str, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, name, said = STEPS[step]
    mark = "token of " if step == "botocore" else ""
    monkeypatch.setattr(place, name, planted(getattr(place, name), mark))
    healthy = [f"P-{number}" for number in range(9)]
    fields = {one: message(one, paymentId=f"of {one}") for one in [*HURT, *healthy]}
    if step in ("publish and tell", "botocore"):
        fields |= {one: tracked(fields[one], f"token of {one}") for one in HURT}
    if step == "put aside":
        lab.answers(**dict.fromkeys(HURT, FAIL))
    records = {one: record(body) for one, body in fields.items()}

    kept = lab.function(*records.values())

    # A fault in the report comes after the effects: nothing is left to be done again.
    assert kept == ([] if step == "report" else ids(*(records[one] for one in HURT)))
    published = {detail["paymentRequestId"] for _, detail in lab.aws.outcomes}
    assert published | {*HURT} == {*records}
    printed = str(lab.function.lines)
    # What comes of the connection is of the transport's own kinds of no answer.
    kinds = [] if step == "h11" else EXCEPTIONS
    assert [one for one in kinds if f"{said}{one.__name__}" not in printed] == []
    assert SECRET_TEXT not in printed
    assert sorted(lab.gateway.asked) == sorted(set(lab.gateway.asked))
    if step == "sign":  # what could not be signed is no attempt
        assert sorted(lab.gateway.asked) == healthy
        metrics = {name: sum(values) for name, values in lab.function.metrics.items()}
        assert (metrics["Attempts"], metrics["KeysRefused"]) == (9, len(HURT))
        assert (len(lab.function.metrics["GatewayLatency"]), "Unknown" in metrics) == (9, False)
        assert len(lab.logged(message="cancel not sent", evidence="not sent")) == len(HURT)


def test_record_that_is_no_record_of_sqs_comes_back_alone(lab: Lab) -> None:
    odd = record(message("odd")) | {"attributes": {}}
    assert lab.function(odd, record(message("P"))) == [odd["messageId"]]
    assert [detail["paymentRequestId"] for _, detail in lab.aws.outcomes] == ["P"]
