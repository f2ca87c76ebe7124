"""An effect that fails: its record, and only it, comes back, soon, counted and logged."""

from __future__ import annotations

import pytest

from tests.integration.conftest import Lab, ids, late
from tests.support.aws import Parameters, Reply, failed_entries
from tests.support.records import message, record, tracked
from tests.support.signer import FAIL, UNKNOWN


def test_entry_that_was_not_taken_fails_its_record_and_nothing_follows_from_it(lab: Lab) -> None:
    lab.answers(F=FAIL)
    lab.aws.replies["PutEvents"] = failed_entries(0, 1)
    sent = [record(message("F")), record(tracked(message("T"), "T"), 2)]
    taken = [record(tracked(message("taken"), "taken")), record(message("S"))]
    assert lab.function(*sent, *taken) == ids(*sent)
    assert [token for token, _ in lab.aws.task_outputs] == ["taken"]
    assert lab.aws.dead_letters == []
    lines = lab.logged(message="an effect failed, the message comes back")
    reason = "outcome not published: InternalFailure"
    assert {one["paymentRequestId"]: one["reason"] for one in lines} == dict.fromkeys("FT", reason)
    assert [one["messageId"] for one in lab.function.logs if "messageId" in one] == ids(*sent)
    assert sum(lab.function.metrics["EffectsFailed"]) == 2
    (changed,) = lab.aws.visibility
    soon, later = (changed.pop(one["receiptHandle"]) for one in sent)
    assert (5 <= soon <= 10, 10 <= later <= 20, changed) == (True, True, {})


def test_bus_that_is_down_once_is_tried_again_within_the_invocation(lab: Lab) -> None:
    answers = iter([(500, {"__type": "InternalFailure"})])

    def reply(parameters: Parameters) -> Reply:
        return next(answers, None) or failed_entries()(parameters)

    lab.aws.replies["PutEvents"] = reply
    assert lab.function(record(message("P"))) == []
    assert len(lab.aws.of("PutEvents")) == 2


def test_unknown_payments_are_re_queued_before_anything_that_may_take_long(lab: Lab) -> None:
    lab.answers(U=UNKNOWN, V=UNKNOWN)
    sent = [record(message(one)) for one in "UVS"] + [record(tracked(message("T")))]
    assert lab.function(*sent) == ids(*sent[:2])
    assert lab.aws.actions[:3] == ["GetSecretValue", "ChangeMessageVisibilityBatch", "PutEvents"]
    (changed,) = lab.aws.visibility
    assert changed.keys() == {one["receiptHandle"] for one in sent[:2]}


@pytest.mark.parametrize("entry", [False, True])
def test_visibility_that_cannot_be_changed_loses_nothing_and_is_no_failed_effect(
    entry: bool, lab: Lab
) -> None:
    lab.answers(U=UNKNOWN, V=UNKNOWN)
    if entry:
        failed = {"Id": "1", "Code": "ReceiptHandleIsInvalid", "SenderFault": True}
        lab.aws.replies["ChangeMessageVisibilityBatch"] = lambda _: (200, {"Failed": [failed]})
    else:
        lab.aws.fail("ChangeMessageVisibilityBatch", "ReceiptHandleIsInvalid")
    sent = [record(message("U")), record(message("V"))]
    assert lab.function(*sent) == ids(*sent)
    assert sum(lab.function.metrics["EffectsFailed"]) == 0
    warned = lab.logged(reason="ReceiptHandleIsInvalid")
    assert {one["paymentRequestId"] for one in warned} == ({"V"} if entry else {"U", "V"})


def test_effects_of_different_records_do_not_wait_for_each_other(lab: Lab) -> None:
    names = [f"P-{number}" for number in range(10)]
    lab.answers(**dict.fromkeys(names, UNKNOWN))
    lab.aws.delay("StartExecution", 0.4)
    assert lab.function(*[late(message(name)) for name in names]) == []
    assert set(lab.aws.started) == set(names)
    assert lab.function.seconds < 3
