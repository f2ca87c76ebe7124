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

from tests.integration.conftest import Lab
from tests.support.records import message, record, tracked
from tests.support.signer import FAIL

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
    step: str, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, name, reason = STEPS[step]
    monkeypatch.setattr(place, name, planted(getattr(place, name)))
    names = [f"P-{number}" for number in range(10)]
    batch = {one: record(message(one)) for one in names}
    if step == "publish and tell":
        batch[HURT] = record(tracked(message(HURT)))
    if step == "put aside":
        lab.answers(**{HURT: FAIL})

    kept = lab.function(*batch.values())

    # A fault in the report comes after the effects: nothing is left to be done again.
    assert kept == ([] if step == "report" else [batch[HURT]["messageId"]])
    published = {detail["paymentRequestId"] for _, detail in lab.aws.outcomes}
    assert published | {HURT} == set(names)
    printed = str(lab.function.lines)
    assert reason in printed
    assert SECRET_TEXT not in printed
    assert sorted(lab.gateway.asked) == sorted(set(lab.gateway.asked))
    if step == "sign":  # what could not be signed is no attempt
        assert HURT not in lab.gateway.asked
        metrics = {name: sum(values) for name, values in lab.function.metrics.items()}
        assert (metrics["Attempts"], metrics["KeysRefused"]) == (9, 1)
        assert (len(lab.function.metrics["GatewayLatency"]), "Unknown" in metrics) == (9, False)
        assert lab.logged(message="cancel not sent", paymentRequestId=HURT, evidence="not sent")


def test_record_that_is_no_record_of_sqs_comes_back_alone(lab: Lab) -> None:
    odd = record(message("odd")) | {"attributes": {}}
    assert lab.function(odd, record(message("P"))) == [odd["messageId"]]
    assert [detail["paymentRequestId"] for _, detail in lab.aws.outcomes] == ["P"]
