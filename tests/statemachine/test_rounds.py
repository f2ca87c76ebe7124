"""Before the cutoff: one attempt after the other, until there is a final answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest

from tests.statemachine.conftest import Machines, Tracked
from tests.statemachine.definition import ROOT
from tests.statemachine.run import EXECUTION, TOKEN, Answer, answers, fails, returns

ROUND = ["Decide", "WaitForNextAttempt", "RequestAttempt"]
CUTOFF = datetime(2026, 11, 22, 16, 15, tzinfo=UTC)
SCHEMA = json.loads((ROOT / "events" / "payment-timeout.schema.json").read_text("utf-8"))
CANCELLED = returns("CANCELLED", 15, resultCode="SUCCESS")


def retry(attempts: int, at: str) -> Answer:
    return returns("RETRY", attempts, nextAttemptAt=at, resultCode="UNKNOWN_EXCEPTION")


@pytest.mark.parametrize("disposition", ["CANCELLED", "REFUND_REQUIRED"])
def test_it_asks_until_there_is_a_final_answer_at_three_transitions_a_round(
    machine: Machines, tracked: Tracked, disposition: str
) -> None:
    world = answers(
        retry(13, "2026-11-22T16:00:00.000Z"),
        retry(14, "2026-11-23T00:07:00.000+08:00"),  # any offset will do
        returns(disposition, 15),
    )
    run = machine()(tracked(), world)
    assert run.entered == [*ROUND * 3, "Decide", "Resolved"]
    assert [call.at.astimezone(UTC).minute for call in run.sends] == [58, 0, 7]
    assert [call.message["tracking"]["attempts"] for call in run.sends] == [12, 13, 14]
    assert run.status == "SUCCEEDED"
    assert (run.output["disposition"], run.output["attempts"]) == (disposition, 15)


@pytest.mark.parametrize(
    "ids",
    [
        {"paymentRequestId": "20200101234567890000", "paymentId": "2026"},
        {"paymentRequestId": "a'\"{% 1 %}\\ 支付 🛒"},
        {"paymentId": "{% $states.input %}"},
    ],
)
def test_every_message_holds_the_same_payment_and_the_token_of_its_attempt(
    machine: Machines, tracked: Tracked, ids: dict[str, str]
) -> None:
    payment = {**ids, "paymentCreateTime": "2026-11-22T23:41:07+08:00"}
    world = answers(None, retry(13, "2026-11-22T15:00:00.000Z"), CANCELLED)
    state_input = tracked(payment=payment, nextAttemptAt="2026-11-22T14:00:00.000Z")
    run = machine()(state_input, world, CUTOFF - timedelta(hours=3))
    assert len(run.sends) == 3
    for call, attempts in zip(run.sends, (12, 12, 13), strict=True):
        assert call.arguments["QueueUrl"] == "queue-url"
        jsonschema.validate(call.message, SCHEMA, format_checker=jsonschema.FormatChecker())
        assert call.message == {
            **payment,
            "tracking": {
                "taskToken": TOKEN,
                "attempts": attempts,
                "firstAttemptAt": "2026-11-22T15:56:08.120Z",
                "execution": EXECUTION,
            },
        }


@pytest.mark.parametrize("random", [0, 0.999_999])
@pytest.mark.parametrize(
    ("left", "earliest", "latest"),
    [  # at the timeout, and at the next attempt: seconds left to the cutoff
        (80_000, 79_940, 79_940),
        (90.001, 30.001, 30.001),
        (90, 30, 30),
        (89.999, 60, 30),
        (66, 60, 30),
        (64, 59, 30),
        (36, 31, 30),
        (35, 30, 30),
    ],
)
def test_a_token_that_nobody_answers_is_one_more_unknown_and_the_last_is_before_the_cutoff(
    machine: Machines, tracked: Tracked, left: float, earliest: float, latest: float, random: float
) -> None:
    token = timedelta(seconds=2700)
    sent_at = CUTOFF - timedelta(seconds=left) - token
    state_input = tracked(nextAttemptAt=sent_at.isoformat(timespec="milliseconds"))
    run = machine(random=random)(state_input, answers(None, CANCELLED), sent_at)
    assert run.entered == [*ROUND * 2, "Decide", "Resolved"]
    expected = latest if random else earliest
    seconds = (CUTOFF - run.sends[1].at).total_seconds()
    assert expected <= seconds <= expected + 0.001


@pytest.mark.parametrize("random", [0, 0.999_999])
@pytest.mark.parametrize(
    ("left", "soonest", "latest"),
    [(80_000, 300, 300), (630, 300, 300), (330, 150, 300), (130, 50, 100), (80, 20, 50)],
)
def test_a_send_that_keeps_failing_is_tried_again_within_five_minutes_and_before_the_cutoff(
    machine: Machines, tracked: Tracked, left: float, soonest: float, latest: float, random: float
) -> None:
    at = CUTOFF - timedelta(seconds=left)
    broken = [fails("SQS.QueueDoesNotExistException")] * 11
    state_input = tracked(nextAttemptAt=at.isoformat())
    run = machine(random=random, backoff=0)(state_input, answers(*broken, CANCELLED), at)
    assert run.entered == [*ROUND * 2, "Decide", "Resolved"]
    waited = (run.sends[-1].at - at).total_seconds()
    assert waited == pytest.approx(latest if random else soonest, abs=0.002)


@pytest.mark.parametrize("field", ["nextAttemptAt", "cutoffAt"])
@pytest.mark.parametrize("moment", ["tomorrow", "23:58", 1795363080, None])
def test_a_moment_that_cannot_be_read_fails_loudly_instead_of_waiting(
    machine: Machines, tracked: Tracked, field: str, moment: object
) -> None:
    run = machine()(tracked(**{field: moment}), answers())
    assert (run.status, run.error) == ("FAILED", "States.QueryEvaluationError")
