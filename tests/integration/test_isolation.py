"""A programming fault in one step of one record is that record's own: nine outcomes go out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cancel_payment import app, report
from cancel_payment import record as record_module
from cancel_payment.alipay import answer, signing
from cancel_payment.alipay.gateway import Gateway as Caller
from cancel_payment.effects.dead_letters import DeadLetters
from cancel_payment.effects.outcomes import Outcomes
from cancel_payment.effects.tracker import Tracker

from tests.support.aws import AwsDouble
from tests.support.function import Function
from tests.support.gateway import Gateway
from tests.support.records import message, record, tracked
from tests.support.signer import Signer, by_payment, result

HURT = "P-3"
SECRET_TEXT = "what a library put into its error"


def planted(step: Callable[..., Any]) -> Callable[..., Any]:
    """The step, raising for whatever belongs to the payment P-3."""

    def raising(*arguments: Any, **options: Any) -> Any:
        if HURT in f"{arguments}{options}":
            raise KeyError(SECRET_TEXT)
        return step(*arguments, **options)

    return raising


# Where the fault is: the place, the step, and what is logged of it.
STEPS: dict[str, tuple[Any, str, str]] = {
    "read": (record_module, "read", "KeyError"),
    "call": (Caller, "cancel", "unexpected KeyError"),
    "sign": (signing.PrivateKeySigner, "sign", "no signature: KeyError"),
    "prove": (answer, "read", "unexpected KeyError"),
    "decide": (app, "decide", "KeyError"),
    "entry": (Outcomes, "entry", "unexpected KeyError"),
    "publish and tell": (Tracker, "tell_resolved", "KeyError"),
    "put aside": (DeadLetters, "send", "KeyError"),
    "report": (report, "_log", "KeyError"),
}


@pytest.mark.parametrize("step", STEPS)
def test_fault_in_one_step_of_one_record_costs_no_other_its_outcome(
    step: str,
    function: Function,
    gateway: Gateway,
    aws: AwsDouble,
    signer: Signer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place, name, reason = STEPS[step]
    monkeypatch.setattr(place, name, planted(getattr(place, name)))
    fields = message(HURT)
    if step == "publish and tell":
        fields = tracked(fields)
    if step == "put aside":
        gateway.answer = by_payment(signer, {HURT: result("F", "PROCESS_FAIL")})
    names = [f"P-{number}" for number in range(10)]
    batch = {one: record(message(one) if one != HURT else fields) for one in names}

    kept = function(*batch.values())

    # A fault in the report comes after the effects: nothing is left to be done again.
    assert kept == ([] if step == "report" else [batch[HURT]["messageId"]])
    published = {detail["paymentRequestId"] for _, detail in aws.outcomes}
    assert published | {HURT} == set(names)
    assert published >= set(names) - {HURT}
    printed = str(function.lines)
    assert reason in printed
    assert SECRET_TEXT not in printed
    assert sorted(gateway.asked) == sorted(set(gateway.asked))


def test_attempt_that_could_not_be_signed_is_no_attempt(
    function: Function, gateway: Gateway, aws: AwsDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = signing.PrivateKeySigner.sign
    monkeypatch.setattr(signing.PrivateKeySigner, "sign", planted(step))
    function(*[record(message(f"P-{number}")) for number in range(10)])
    assert HURT not in gateway.asked
    assert sum(function.metrics["Attempts"]) == 9
    assert len(function.metrics["GatewayLatency"]) == 9
    assert "Unknown" not in function.metrics
    assert sum(function.metrics["KeysRefused"]) == 1
    (line,) = [one for one in function.logs if one.get("paymentRequestId") == HURT]
    assert (line["message"], line["evidence"]) == ("cancel not sent", "not sent")


def test_record_that_is_no_record_of_sqs_comes_back_alone(
    function: Function, aws: AwsDouble
) -> None:
    odd = record(message("odd")) | {"attributes": {}}
    assert function(odd, record(message("P"))) == [odd["messageId"]]
    assert [detail["paymentRequestId"] for _, detail in aws.outcomes] == ["P"]
