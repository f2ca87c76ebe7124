"""What lies in a queue is looked at, put right, and given back: by the runbook's own commands."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.runbook.conftest import Runbook
from tests.support.stack import LONG_AGO, World, event, eventually

pytestmark = [pytest.mark.runbook, pytest.mark.timeout(280)]


def test_dead_letters_are_redriven_and_only_those_beyond_help_come_back(
    world: World, runbook: Runbook
) -> None:
    world.expire("FAILS-PROCESS_FAIL-1-fixed")
    world.stack.put_event({"paymentRequestId": "malformed"})
    runbook.wait_for_dead_letters(2)
    looked = runbook.read("dead-letters")
    refused = next(one for one in looked if one["resultCode"] == "PROCESS_FAIL")
    unread = next(one for one in looked if one["resultCode"] is None)
    assert "FAILS-PROCESS_FAIL-1-fixed" in refused["body"]
    assert "paymentCreateTime" in unread["reason"]
    assert refused["furtherAction"] and unread["furtherAction"]

    runbook.run("redrive")
    runbook.run("redrive-progress")

    world.cancelled("FAILS-PROCESS_FAIL-1-fixed")
    assert world.ends("FAILS-PROCESS_FAIL-1-fixed") == ["FAILED", "CANCELLED"]
    runbook.wait_for_dead_letters(1)
    assert runbook.run("count-dead-letters").strip() == "1"
    assert "malformed" in runbook.run("dead-letters")


def test_refusals_that_were_signed_are_redriven_by_their_code_after_a_wrong_key(
    world: World, runbook: Runbook
) -> None:
    fresh = [f"FAILS-INVALID_SIGNATURE-1-fresh-{number}" for number in range(3)]
    followed = ["FAILS-KEY_NOT_FOUND-1-followed", "FAILS-INVALID_SIGNATURE-1-followed"]
    other = "FAILS-PROCESS_FAIL-1-not-to-be-asked-again"
    other_followed = "FAILS-ACCESS_DENIED-1-not-to-be-asked-again"
    late = "FAILS-INVALID_SIGNATURE-1-late"
    not_fixed = "FAILS-INVALID_SIGNATURE-not-fixed"
    for scenario in (*followed, other_followed):
        world.track(scenario)
    world.track(late, cutoff=datetime.now(UTC) - timedelta(minutes=1))
    world.expire(*fresh, other, not_fixed)
    runbook.wait_for_dead_letters(5)
    for scenario in (*followed, other_followed, late):
        assert world.execution(scenario)["status"] == "FAILED"

    runbook.run("redrive-one-code", CODE="INVALID_SIGNATURE")
    said = runbook.run("redrive-executions", CODES="INVALID_SIGNATURE KEY_NOT_FOUND")

    world.cancelled(*fresh, *followed)
    # What comes back is not taken again, for ever.
    dead_letters = world.stack.dead_letter_queue_url
    eventually(lambda: sum(world.waiting(dead_letters)) == 2, "what stays and what came back")
    assert len(world.sends(not_fixed)) == 2
    # Only those whose window is open, and only under these codes.
    assert f"window closed: {world.execution(late)['executionArn']}" in said
    for scenario in (other, other_followed, late):
        assert world.ends(scenario) == ["FAILED"]
        assert len(world.sends(scenario)) == 1


def test_a_failed_execution_is_found_read_and_redriven(world: World, runbook: Runbook) -> None:
    scenario = "FAILS-PARAM_ILLEGAL-1-followed"
    execution = world.track(scenario)
    world.execution(scenario)

    assert execution in runbook.run("failed-executions").replace("\n", "")
    why = runbook.read("one-execution", EXECUTION=execution)
    assert why["error"] == "PARAM_ILLEGAL" and "redrive" in why["cause"]
    assert scenario in why["input"]
    runbook.run("redrive-execution", EXECUTION=execution)

    world.cancelled(scenario)
    assert world.ends(scenario) == ["FAILED", "CANCELLED"]


def test_a_dead_letter_that_is_redriven_after_its_cutoff_is_sent_once(
    world: World, runbook: Runbook
) -> None:
    scenario = "UNKNOWN-dead-and-late"
    late = event(scenario, LONG_AGO)
    world.stand_in.register(late)
    world.send(world.stack.dead_letter_queue_url, late)

    runbook.run("redrive")

    eventually(lambda: world.ends(scenario), "the gateway's word")
    assert world.ends(scenario) == ["REFUND_REQUIRED"]
    assert len(world.sends(scenario)) == 1


def test_refunds_that_their_consumer_failed_on_are_given_to_it_again(
    world: World, runbook: Runbook
) -> None:
    """As SQS puts them aside after twenty receives."""
    refund = json.dumps({"outcomeId": "REFUND_REQUIRED:aside"})
    resource = world.client("cloudformation").describe_stack_resource(
        StackName=world.stack.name, LogicalResourceId="RefundDeadLetterQueue"
    )
    url = resource["StackResourceDetail"]["PhysicalResourceId"]
    world.send(url, refund)

    assert runbook.read("refund-dead-letters") == [refund]
    runbook.run("redrive-refunds")

    assert refund in runbook.read("refunds")


def test_an_event_that_never_reached_its_queue_is_delivered_by_hand(
    world: World, runbook: Runbook
) -> None:
    """The emulated AWS has no dead-letter queue of a rule's target: the message is put there in the
    form that EventBridge documents."""
    scenario = "SUCCEEDS-undelivered"
    url = world.stack.undelivered_events_queue_url
    rule = "arn:aws:events:us-east-1:000000000000:rule/runbook-PaymentTimeoutRule-1"
    undelivered = {"source": "acquirer.payments", "detail": event(scenario)}
    world.send(url, undelivered, RULE_ARN=rule, TARGET_ARN="arn", ERROR_MESSAGE="no permission")

    (looked,) = runbook.read("undelivered")
    assert (looked["rule"], looked["error"]) == (rule, "no permission")
    detail = json.dumps(json.loads(looked["body"])["detail"])
    runbook.run("publish-again", PAYMENT=detail)
    (held,) = world.sqs.receive_message(QueueUrl=url, VisibilityTimeout=60)["Messages"]
    runbook.run("delete-undelivered", HANDLE=held["ReceiptHandle"])
    runbook.run("queue-a-refund", DETAIL=detail)

    world.cancelled(scenario)
    assert runbook.run("undelivered").strip() == "null"
    assert detail in runbook.read("refunds")


def test_a_case_is_found_taken_and_closed(world: World, runbook: Runbook) -> None:
    scenario = "FAILS-PROCESS_FAIL-1-case"
    # Up to ten are shown at a time, and other procedures have left theirs.
    world.take(world.stack.operator_cases_queue_url)
    world.expire(scenario)
    runbook.wait_for_dead_letters(1)

    def found() -> list[dict[str, Any]]:
        cases = [json.loads(one) for one in runbook.read("cases") or []]
        return [one for one in cases if one["detail"].get("paymentRequestId") == scenario]

    [case] = eventually(found, "the case of a refused payment")
    assert case["detail-type"] == "Payment Cancellation Failed"
    assert case["detail"]["furtherAction"]
    while taken := runbook.run("take-a-case").strip():
        if taken == "None":
            break
        runbook.run("close-a-case", HANDLE=taken.split("\t")[0])
    assert found() == []
