"""A payment event put on the bus comes out as the right outcome: every case of `make run`.

Outcomes, requests and the time between them, dead letters, cases for the operators and trackers
are judged by `sandbox.run.verdict`; what it does not judge stands here.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

from sandbox.run.cases import cases
from sandbox.run.record import Run
from sandbox.run.verdict import faults
from sandbox.run.watch import Watch
from tests.stack.conftest import BESIDE_MALFORMED, MALFORMED, TRACKED
from tests.support.stack import Message, World, eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

SCHEMA = json.loads((Path(__file__).parents[2] / "events" / "outcome.schema.json").read_text())
DETAIL_TYPES = {
    "CANCELLED": "Payment Cancelled",
    "REFUND_REQUIRED": "Payment Refund Required",
    "FAILED": "Payment Cancellation Failed",
    "UNRESOLVED": "Payment Cancellation Unresolved",
}

BY_HAND, BY_AN_ERROR, UNRESOLVED = "STOPPED-by-hand", "STOPPED-by-an-error", "UNKNOWN-at-its-cutoff"


@pytest.mark.parametrize("payment", [case.id for case in cases()])
def test_a_payment_ends_as_its_case_says(run: Run, payment: str) -> None:
    [case] = [case for case in run.cases if case.id == payment]
    assert faults(case, run.progress[payment]) == []


def test_every_outcome_event_keeps_the_contract(run: Run) -> None:
    events = [event for seen in run.progress.values() for event in seen.outcomes]
    assert {event["detail"]["outcome"] for event in events} == set(DETAIL_TYPES)
    for event in events:
        assert event["source"] == "alipayplus.cancelPayment"
        assert event["detail-type"] == DETAIL_TYPES[event["detail"]["outcome"]]
        jsonschema.validate(event["detail"], SCHEMA, format_checker=jsonschema.FormatChecker())


def test_every_attempt_has_the_same_parameters_and_a_fresh_time(run: Run) -> None:
    sends = run.progress["UNKNOWN-2-a"].sends
    assert len({send["body"] for send in sends}) == 1
    assert len({send["requestTime"] for send in sends}) == len(sends) == 3


def test_a_refund_waits_in_its_queue_as_the_outcome_tells_of_it(run: Run) -> None:
    seen = run.progress["FAILS-CANCEL_WINDOW_EXCEED-a"]
    assert [json.loads(body) for body in seen.refunds] == seen.details


def test_a_failure_is_kept_for_a_redrive_with_what_to_do(run: Run) -> None:
    seen = run.progress["FAILS-PROCESS_FAIL-a"]
    [letter], [detail] = seen.dead_letters, seen.details
    assert letter["attributes"]["resultCode"] == detail["resultCode"] == "PROCESS_FAIL"
    assert letter["attributes"]["furtherAction"] == detail["furtherAction"]


def test_a_failure_while_tracked_ends_the_execution_under_its_code(run: Run) -> None:
    seen = run.progress[TRACKED]
    [detail] = seen.details
    assert (detail["outcome"], detail["attempts"]) == ("FAILED", 10)
    assert seen.tracker and (seen.tracker.status, seen.tracker.error) == ("FAILED", "ACCESS_DENIED")
    assert seen.tracker.cause == detail["furtherAction"]


def test_an_unresolved_payment_is_a_question_to_alipays_support(run: Run) -> None:
    [detail] = run.progress["UNKNOWN-for-ever"].details
    assert "connect_support@service.alipay.com" in detail["furtherAction"]


def test_a_malformed_record_does_not_block_the_nine_beside_it(run: Run) -> None:
    malformed = run.progress[MALFORMED]
    [letter] = malformed.dead_letters
    assert json.loads(letter["body"]) == {"paymentRequestId": MALFORMED}
    assert "paymentCreateTime" in letter["attributes"]["rejectReason"]
    assert letter["attributes"]["furtherAction"]
    assert malformed.sends == ()
    for payment in BESIDE_MALFORMED:
        assert [one["outcome"] for one in run.progress[payment].details] == ["CANCELLED"]


def test_nobody_else_was_seen(run: Run) -> None:
    assert set(run.strangers) == {TRACKED, MALFORMED, *BESIDE_MALFORMED}


def test_a_payment_can_be_watched_and_its_messages_left_where_they_are(
    world: World, run: Run
) -> None:
    payment = "SUCCEEDS-watched"
    world.expire(payment)
    for keep in (True, False):
        watch = Watch(world.stack, [payment], keep=keep)

        def outcomes(watch: Watch = watch) -> int:
            watch.look()
            return len(watch.progress[payment].outcomes)

        assert eventually(outcomes, "its outcome") == 1
        assert outcomes() == 1


def test_nothing_is_left_on_the_queue(world: World, run: Run) -> None:
    assert eventually(lambda: world.empty(world.stack.queue_url), "an empty queue")


def test_only_a_tracker_that_ends_without_an_outcome_is_a_case_of_its_own(world: World) -> None:
    arn = world.track(BY_HAND, wait=timedelta(days=1))
    world.track(BY_AN_ERROR, nextAttemptAt="no time at all")
    world.track(UNRESOLVED, cutoff=datetime.now(UTC))
    world.client("stepfunctions").stop_execution(executionArn=arn)
    ended = {one: world.execution(one) for one in (BY_HAND, BY_AN_ERROR, UNRESOLVED)}
    assert (ended[UNRESOLVED]["status"], ended[UNRESOLVED]["error"]) == ("FAILED", "Unresolved")
    cases: list[Message] = []

    def found() -> dict[str, Message]:
        """Those two, once there is one for each of the three."""
        taken = world.take(world.stack.operator_cases_queue_url)
        cases.extend(json.loads(one["Body"]) for one in taken)
        unresolved = [one["detail"].get("paymentRequestId") == UNRESOLVED for one in cases]
        of_trackers = [one["detail"] for one in cases if one["source"] == "aws.states"]
        enough = any(unresolved) and len(of_trackers) >= 2
        return {one["name"]: one for one in of_trackers} if enough else {}

    of_trackers = eventually(found, "three cases")
    assert {name: one["status"] for name, one in of_trackers.items()} == {
        BY_HAND: "ABORTED",
        BY_AN_ERROR: "FAILED",
    }
    assert "." in of_trackers[BY_AN_ERROR]["error"]
    assert json.loads(of_trackers[BY_HAND]["input"])["payment"]["paymentRequestId"] == BY_HAND
