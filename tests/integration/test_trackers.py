"""What the trackers are told and given: nothing of a payment is lost, and none has two of them."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.integration.conftest import Lab, ids, late
from tests.support.function import SETTINGS
from tests.support.gateway import FIN
from tests.support.records import ago, closed, message, record, tracked
from tests.support.signer import FAIL, REFUND, UNKNOWN, answer, result, success

CLOSED = "2026-01-05T16:15:00.000Z"


def delay(text: str) -> float:
    """Seconds from now; the forms of Step Functions end in ``Z``."""
    assert text.endswith("Z")
    return (datetime.fromisoformat(text) - ago()).total_seconds()


def test_tracker_is_told_how_its_payment_ended_after_the_event(lab: Lab) -> None:
    """No code may pass for an error of AWS's, whose names bear a full stop."""
    lab.answers(R=REFUND, F=FAIL, O=result("F", "States.Timeout"))
    sent = [record(tracked(message(one), one), at) for at, one in enumerate("SRFO", 1)]
    assert lab.function(*sent) == []
    refund = {"disposition": "REFUND_REQUIRED", "resultCode": "CANCEL_WINDOW_EXCEED"}
    assert sorted(lab.aws.task_outputs) == [
        ("R", refund | {"attempts": 14}),
        ("S", {"disposition": "CANCELLED", "attempts": 13, "resultCode": "SUCCESS"}),
    ]
    failed = {token: (error, cause[:30]) for token, error, cause in lab.aws.failed_tasks}
    cause = "Do not retry. Contact connect_"
    assert failed == {"F": ("PROCESS_FAIL", cause), "O": ("States_Timeout", cause)}
    assert lab.aws.actions[:2] == ["GetSecretValue", "PutEvents"]
    assert len(lab.aws.actions) == 6
    assert [detail["attempts"] for _, detail in lab.aws.outcomes] == [13, 14, 15, 16]


def test_unknown_of_the_first_minute_is_re_queued_and_of_later_handed_to_a_tracker(
    lab: Lab,
) -> None:
    answers = {"U": [lab.signer.answer(UNKNOWN)], "N": [FIN], "P": [answer(success("P"))]}
    lab.gateway.answer = lambda request: answers[request.payment]
    sent = [record(message(one)) for one in answers]
    assert lab.function(*sent) == ids(*sent)
    assert lab.aws.actions == ["GetSecretValue", "ChangeMessageVisibilityBatch"]
    (changed,) = lab.aws.visibility
    assert changed.keys() == {one["receiptHandle"] for one in sent}
    assert all(5 <= seconds <= 8 for seconds in changed.values())
    assert lab.function(*[late(message(one)) for one in answers]) == []
    assert lab.aws.started.keys() == answers.keys()
    assert all(25 < delay(given["nextAttemptAt"]) <= 65 for given in lab.aws.started.values())
    assert (lab.aws.outcomes, lab.aws.dead_letters) == ([], [])


def test_input_of_the_tracker_is_the_one_of_the_contract(lab: Lab) -> None:
    lab.gateway.answer = lambda _: [lab.signer.answer(UNKNOWN)]
    first = ago(seconds=61)
    created = first.isoformat()
    fields = [message("P", paymentId="Q", extra=1), message("", paymentId="a b")]
    for one in fields:
        lab.function(record(one | {"paymentCreateTime": created}, 12, first))
    machines = {call["stateMachineArn"] for call in lab.aws.of("StartExecution")}
    assert machines == {SETTINGS["TRACKER_STATE_MACHINE_ARN"]}
    given, (hashed, other) = lab.aws.started["P"], list(lab.aws.started.items())[1]
    ids = {"paymentRequestId": "P", "paymentId": "Q"}
    assert given["payment"] == ids | {"paymentCreateTime": created}
    assert other["payment"] == {"paymentId": "a b", "paymentCreateTime": created}
    assert (given["attempts"], len(hashed)) == (12, 64)
    times = {"cutoffAt", "firstAttemptAt", "nextAttemptAt"}
    assert given.keys() == times | {"payment", "attempts"}
    assert all(given[name].endswith("Z") for name in times)
    assert abs(delay(given["firstAttemptAt"]) + 61) < 5
    assert given["cutoffAt"].endswith("T16:15:00.000Z")


@pytest.mark.parametrize("since", [1, 120])
def test_tracked_unknown_tells_its_tracker_when_to_try_again(since: int, lab: Lab) -> None:
    answers = {"P": [lab.signer.answer(UNKNOWN)], "N": [FIN]}
    lab.gateway.answer = lambda request: answers[request.payment]
    sent = [record(tracked(message(one), one, 12, ago(seconds=since))) for one in answers]
    assert lab.function(*sent) == []
    told = dict(lab.aws.task_outputs)
    for output in told.values():
        assert 25 < delay(output.pop("nextAttemptAt")) <= max(since, 60) + 2
    assert told == {
        "P": {"disposition": "RETRY", "attempts": 13, "resultCode": "UNKNOWN_EXCEPTION"},
        "N": {"disposition": "RETRY", "attempts": 13},
    }
    assert {*lab.aws.actions} == {"GetSecretValue", "SendTaskSuccess"}


def test_untracked_request_is_sent_however_late_and_a_tracked_one_is_not(lab: Lab) -> None:
    lab.answers(P=UNKNOWN, R=REFUND)
    batch = [record(closed("P")), record(closed("R"), 7, ago(minutes=3))]
    assert lab.function(*batch, record(tracked(closed("T"), "token-7", 40, ago(hours=3)))) == []
    assert sorted(lab.gateway.asked) == ["P", "R"]
    assert [kind for kind, _ in lab.aws.outcomes] == ["Payment Refund Required"]
    assert lab.aws.started["P"]["nextAttemptAt"] == lab.aws.started["P"]["cutoffAt"] == CLOSED
    output = {"disposition": "RETRY", "attempts": 41, "nextAttemptAt": CLOSED}
    assert lab.aws.task_outputs == [("token-7", output)]


def test_closing_call_is_sent_after_the_cutoff_and_its_tracker_told_what_it_brought(
    lab: Lab,
) -> None:
    lab.answers(R=REFUND, F=FAIL, U=UNKNOWN)
    sent = [record(tracked(closed(one), one, closing=True, execution=one)) for one in "SRFU"]
    assert lab.function(*sent) == []
    assert sorted(lab.gateway.asked) == sorted("SRFU")
    assert {detail["paymentRequestId"] for _, detail in lab.aws.outcomes} == {*"SRF"}
    told = dict(lab.aws.task_outputs)
    assert (told.keys(), [token for token, *_ in lab.aws.failed_tasks]) == ({*"SRU"}, ["F"])
    assert (told["U"]["nextAttemptAt"], told["U"]["disposition"]) == (CLOSED, "RETRY")


def test_closing_call_that_could_not_be_sent_comes_back_by_the_queue(lab: Lab) -> None:
    lab.aws.secret = "{}"
    sent = record(tracked(closed("P"), closing=True), 2)
    assert lab.function(sent) == ids(sent)
    assert (lab.gateway.asked, lab.aws.task_outputs, lab.aws.outcomes) == ([], [], [])
    ((handle, seconds),) = lab.aws.visibility[0].items()
    assert handle == sent["receiptHandle"]
    assert 10 <= seconds <= 20
    assert sum(lab.function.metrics["EffectsFailed"]) == 0
    (line,) = lab.logged(message="cancel not sent")
    assert (line["level"], line["next"], line.get("latencyMs")) == ("WARNING", "COMES_BACK", None)
