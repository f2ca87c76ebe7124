"""A payment event put on the bus comes out as the right outcome: one test per scenario."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.stack.world import World, eventually, gaps
from tests.template.policies import calls, heard
from tests.template.policies.proxy import Proxy

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

SCHEMA = json.loads((Path(__file__).parents[2] / "events" / "outcome.schema.json").read_text())


def detail_of(event: dict[str, Any], detail_type: str) -> dict[str, Any]:
    """The detail of an outcome event that keeps the contract."""
    assert event["source"] == "alipayplus.cancelPayment"
    assert event["detail-type"] == detail_type
    detail: dict[str, Any] = event["detail"]
    jsonschema.validate(detail, SCHEMA, format_checker=jsonschema.FormatChecker())
    return detail


def test_a_payment_that_can_be_cancelled_is_cancelled_by_one_call(world: World) -> None:
    detail = detail_of(world.outcome("SUCCEEDS-once"), "Payment Cancelled")

    assert (detail["resultStatus"], detail["resultCode"]) == ("S", "SUCCESS")
    assert detail["pspId"] and detail["acquirerId"]
    assert len(world.sends("SUCCEEDS-once")) == detail["attempts"] == 1


def test_a_payment_closed_by_the_acquirer_is_cancelled_too(world: World) -> None:
    detail_of(world.outcome("SUCCEEDS-closed"), "Payment Cancelled")


def test_a_payment_unknown_twice_is_sent_again_after_5_to_10_seconds(world: World) -> None:
    detail = detail_of(world.outcome("UNKNOWN-2-twice"), "Payment Cancelled")

    sends = world.sends("UNKNOWN-2-twice")
    assert len(sends) == detail["attempts"] == 3
    assert all(5 <= gap <= 10 for gap in gaps(sends)), gaps(sends)
    assert len({send["body"] for send in sends}) == 1  # the same parameters on every attempt
    assert len({send["requestTime"] for send in sends}) == 3  # and a fresh time
    assert world.id("UNKNOWN-2-twice") not in world.executions()


def test_a_payment_beyond_its_window_is_to_be_refunded(world: World) -> None:
    scenario = "FAILS-CANCEL_WINDOW_EXCEED-late"
    detail = detail_of(world.outcome(scenario), "Payment Refund Required")

    assert detail["outcome"] == "REFUND_REQUIRED"
    assert json.loads(world.refund(scenario)["Body"]) == detail


def test_a_failure_is_reported_and_kept_for_a_redrive(world: World) -> None:
    scenario = "FAILS-PROCESS_FAIL-code"
    detail = detail_of(world.outcome(scenario), "Payment Cancellation Failed")

    kept = world.rejected(world.id(scenario))
    attributes = {name: one["StringValue"] for name, one in kept["MessageAttributes"].items()}
    assert detail["resultCode"] == attributes["resultCode"] == "PROCESS_FAIL"
    assert attributes["furtherAction"] == detail["furtherAction"]
    assert len(world.sends(scenario)) == 1


def test_a_throttled_payment_goes_to_the_tracker_at_once(world: World) -> None:
    detail = detail_of(world.outcome("THROTTLED-1-once"), "Payment Cancelled")

    assert detail["attempts"] == 2
    assert world.execution("THROTTLED-1-once")["status"] == "SUCCEEDED"


def test_a_payment_without_an_answer_is_sent_again(world: World) -> None:
    detail_of(world.outcome("NO_ANSWER-1-once"), "Payment Cancelled")

    sends = world.sends("NO_ANSWER-1-once")
    assert len(sends) == 2
    assert all(5 <= gap <= 10 for gap in gaps(sends)), gaps(sends)


@pytest.mark.parametrize(
    "scenario", ["FORGED_REFUND-1-once", "FORGED_SUCCESS-1-once", "UNSIGNED-1-once"]
)
def test_an_answer_that_proves_nothing_causes_no_outcome(world: World, scenario: str) -> None:
    first = world.outcome(scenario)

    assert detail_of(first, "Payment Cancelled")["attempts"] == 2
    assert {one["detail"]["outcomeId"] for one in world.outcomes(scenario)} == {
        first["detail"]["outcomeId"]
    }


def test_a_payment_unknown_for_more_than_a_minute_is_finished_by_its_tracker(
    world: World,
) -> None:
    scenario = "UNKNOWN-13-long"
    detail = detail_of(world.outcome(scenario), "Payment Cancelled")

    assert world.execution(scenario)["status"] == "SUCCEEDED"
    sends = world.sends(scenario)
    assert len(sends) == detail["attempts"] == 14
    # The minute counts from the first receive of the message, which is before the first request.
    began = datetime.fromisoformat(detail["firstAttemptAt"])
    ended = [datetime.fromisoformat(one["answeredAt"]) for one in sends[:-1]]
    fast = [
        gap
        for gap, end in zip(gaps(sends), ended, strict=True)
        if (end - began).total_seconds() < 60
    ]
    assert fast and all(5 <= gap <= 10 for gap in fast), fast


def test_a_failure_while_tracked_ends_the_execution_under_its_code(world: World) -> None:
    scenario = "FAILS-ACCESS_DENIED-tracked"
    detail = detail_of(world.outcome(scenario), "Payment Cancellation Failed")

    execution = world.execution(scenario)
    assert detail["attempts"] == 10
    assert (execution["status"], execution["error"]) == ("FAILED", "ACCESS_DENIED")
    assert execution["cause"] == detail["furtherAction"]


def test_a_payment_still_unknown_at_its_cutoff_is_called_unresolved(world: World) -> None:
    scenario = "UNKNOWN-for-ever"
    detail = detail_of(world.outcome(scenario), "Payment Cancellation Unresolved")

    execution = world.execution(scenario)
    assert (execution["status"], execution["error"]) == ("FAILED", "Unresolved")
    assert "connect_support@service.alipay.com" in detail["furtherAction"]
    # The event itself is sent however late, and the tracker asks once more.
    assert len(world.sends(scenario)) == 2


def test_a_malformed_record_does_not_block_the_nine_beside_it(world: World) -> None:
    kept = world.rejected(world.id("SUCCEEDS-malformed"))

    assert json.loads(kept["Body"]) == {"paymentRequestId": world.id("SUCCEEDS-malformed")}
    assert "paymentCreateTime" in kept["MessageAttributes"]["rejectReason"]["StringValue"]
    assert kept["MessageAttributes"]["furtherAction"]["StringValue"]
    for number in range(9):
        detail_of(world.outcome(f"SUCCEEDS-beside-{number}"), "Payment Cancelled")
    assert world.sends("SUCCEEDS-malformed") == []


def test_every_payment_of_a_batch_of_20_is_cancelled_once(world: World) -> None:
    for number in range(20):
        scenario = f"SUCCEEDS-batch-of-20-{number}"
        assert detail_of(world.outcome(scenario), "Payment Cancelled")["attempts"] == 1


def test_nothing_is_left_on_the_queue(world: World) -> None:
    def empty() -> bool:
        attributes = world.stack.cloud.client("sqs").get_queue_attributes(
            QueueUrl=world.stack.queue_url,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
            ],
        )["Attributes"]
        return {int(number) for number in attributes.values()} == {0}

    for scenario in ("UNKNOWN-13-long", "UNKNOWN-for-ever"):
        world.execution(scenario)
    assert eventually(empty, "an empty queue")


def test_stack_calls_nothing_of_aws_but_what_the_policies_are_judged_by(
    world: World, proxy: Proxy
) -> None:
    """What is new belongs into the table of `calls.py`; what is old no longer does."""
    for scenario in ("UNKNOWN-13-long", "FAILS-ACCESS_DENIED-tracked"):
        world.outcome(scenario)
    made = heard.calls(world.stack, proxy)
    assert {str(one) for one in made - {*calls.OBSERVED}} == set()
    # Those of options, and of faults, that this stack has not.
    others = ("kms:Sign", "states:DescribeExecution")
    assert {one for one in {*calls.OBSERVED} - made if one.action not in others} == set()
