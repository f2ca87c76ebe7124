"""What lies in a queue is looked at, put right, and given back: by the runbook's own commands."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.runbook.conftest import Runbook
from tests.runbook.payments import (
    LONG_AGO,
    cancelled,
    empty_dead_letters,
    ends,
    expire,
    track,
    wait_for_dead_letters,
)
from tests.stack.world import World, eventually

pytestmark = [pytest.mark.runbook, pytest.mark.timeout(280)]


def test_dead_letters_are_redriven_and_only_those_beyond_help_come_back(
    world: World, runbook: Runbook
) -> None:
    expire(world, "FAILS-PROCESS_FAIL-1-mended")
    world.stack.put_event({"paymentRequestId": world.id("malformed")})
    wait_for_dead_letters(world, 2)
    looked = json.loads(runbook.run("dead-letters"))
    refused = next(one for one in looked if one["resultCode"] == "PROCESS_FAIL")
    unread = next(one for one in looked if one["resultCode"] is None)
    assert world.id("FAILS-PROCESS_FAIL-1-mended") in refused["body"]
    assert "paymentCreateTime" in unread["reason"]
    assert refused["furtherAction"] and unread["furtherAction"]

    runbook.run("redrive")
    runbook.run("redrive-progress")

    cancelled(world, "FAILS-PROCESS_FAIL-1-mended")
    assert ends(world, "FAILS-PROCESS_FAIL-1-mended") == ["FAILED", "CANCELLED"]
    wait_for_dead_letters(world, 1)
    assert runbook.run("count-dead-letters").strip() == "1"
    assert world.id("malformed") in runbook.run("dead-letters")
    empty_dead_letters(world)


def test_refusals_that_were_signed_are_redriven_by_their_code_after_a_wrong_key(
    world: World, runbook: Runbook
) -> None:
    fresh = [f"FAILS-INVALID_SIGNATURE-1-fresh-{number}" for number in range(3)]
    followed = ["FAILS-KEY_NOT_FOUND-1-followed", "FAILS-INVALID_SIGNATURE-1-followed"]
    other = "FAILS-PROCESS_FAIL-1-not-to-be-asked-again"
    other_followed = "FAILS-ACCESS_DENIED-1-not-to-be-asked-again"
    late = "FAILS-INVALID_SIGNATURE-1-late"
    for scenario in (*followed, other_followed):
        track(world, scenario)
    track(world, late, cutoff=datetime.now(UTC) - timedelta(minutes=1))
    expire(world, *fresh, other)
    wait_for_dead_letters(world, 4)
    for scenario in (*followed, other_followed, late):
        assert world.execution(scenario)["status"] == "FAILED"

    runbook.run("redrive-one-code", CODE="INVALID_SIGNATURE")
    said = runbook.run("redrive-executions", CODES="INVALID_SIGNATURE KEY_NOT_FOUND")

    cancelled(world, *fresh, *followed)
    # Only those whose window is open, and only under these codes.
    assert f"window closed: {world.execution(late)['executionArn']}" in said
    for scenario in (other, other_followed, late):
        assert ends(world, scenario) == ["FAILED"]
        assert len(world.sends(scenario)) == 1
    empty_dead_letters(world)


def test_a_failed_execution_is_found_read_and_redriven(world: World, runbook: Runbook) -> None:
    scenario = "FAILS-PARAM_ILLEGAL-1-followed"
    execution = track(world, scenario)
    world.execution(scenario)

    assert execution in runbook.run("failed-executions").replace("\n", "")
    why = json.loads(runbook.run("one-execution", EXECUTION=execution))
    assert why["error"] == "PARAM_ILLEGAL" and "redrive" in why["cause"]
    assert world.id(scenario) in why["input"]
    runbook.run("redrive-execution", EXECUTION=execution)

    cancelled(world, scenario)
    assert ends(world, scenario) == ["FAILED", "CANCELLED"]


def test_a_dead_letter_that_is_redriven_after_its_cutoff_is_sent_once(
    world: World, runbook: Runbook
) -> None:
    assert world.stack.stand_in is not None
    scenario = "UNKNOWN-dead-and-late"
    event = world.event(scenario, LONG_AGO)
    world.stack.stand_in.register(event)
    world.stack.cloud.client("sqs").send_message(
        QueueUrl=world.stack.dead_letter_queue_url, MessageBody=json.dumps(event)
    )

    runbook.run("redrive")

    eventually(lambda: ends(world, scenario), "the gateway's word")
    assert ends(world, scenario) == ["REFUND_REQUIRED"]
    assert len(world.sends(scenario)) == 1


def test_refunds_that_their_consumer_failed_on_are_given_to_it_again(
    world: World, runbook: Runbook
) -> None:
    """As SQS puts them aside after twenty receives."""
    refund = json.dumps({"outcomeId": world.id("REFUND_REQUIRED:aside")})
    resource = world.stack.cloud.client("cloudformation").describe_stack_resource(
        StackName=world.stack.name, LogicalResourceId="RefundDeadLetterQueue"
    )
    url = resource["StackResourceDetail"]["PhysicalResourceId"]
    world.stack.cloud.client("sqs").send_message(QueueUrl=url, MessageBody=refund)

    assert json.loads(runbook.run("refund-dead-letters")) == [refund]
    runbook.run("redrive-refunds")

    assert refund in json.loads(runbook.run("refunds"))


def test_an_event_that_never_reached_its_queue_is_delivered_by_hand(
    world: World, runbook: Runbook
) -> None:
    """The emulated AWS has no dead-letter queue of a rule's target: the message is put there in the
    form that EventBridge documents."""
    sqs, scenario = world.stack.cloud.client("sqs"), "SUCCEEDS-undelivered"
    url = world.stack.undelivered_events_queue_url
    rule = "arn:aws:events:us-east-1:000000000000:rule/runbook-PaymentTimeoutRule-1"
    event = {"source": "acquirer.payments", "detail": world.event(scenario)}
    attributes = {"RULE_ARN": rule, "TARGET_ARN": "arn", "ERROR_MESSAGE": "no permission"}
    sqs.send_message(
        QueueUrl=url,
        MessageBody=json.dumps(event),
        MessageAttributes={
            name: {"DataType": "String", "StringValue": text} for name, text in attributes.items()
        },
    )

    (looked,) = json.loads(runbook.run("undelivered"))
    assert (looked["rule"], looked["error"]) == (rule, "no permission")
    detail = json.dumps(json.loads(looked["body"])["detail"])
    runbook.run("publish-again", PAYMENT=detail)
    (held,) = sqs.receive_message(QueueUrl=url, VisibilityTimeout=60)["Messages"]
    runbook.run("delete-undelivered", HANDLE=held["ReceiptHandle"])
    runbook.run("queue-a-refund", DETAIL=detail)

    cancelled(world, scenario)
    assert runbook.run("undelivered").strip() == "null"
    assert detail in json.loads(runbook.run("refunds"))


def test_a_case_is_found_taken_and_closed(world: World, runbook: Runbook) -> None:
    scenario = "FAILS-PROCESS_FAIL-1-case"
    # Up to ten are shown at a time, and other procedures have left theirs.
    world.stack.cloud.client("sqs").purge_queue(QueueUrl=world.stack.operator_cases_queue_url)
    expire(world, scenario)
    wait_for_dead_letters(world, 1)

    def found() -> list[dict[str, Any]]:
        cases = [json.loads(one) for one in json.loads(runbook.run("cases")) or []]
        return [one for one in cases if one["detail"].get("paymentRequestId") == world.id(scenario)]

    [case] = eventually(found, "the case of a refused payment")
    assert case["detail-type"] == "Payment Cancellation Failed"
    assert case["detail"]["furtherAction"]
    while taken := runbook.run("take-a-case").strip():
        if taken == "None":
            break
        runbook.run("close-a-case", HANDLE=taken.split("\t")[0])
    assert found() == []
    empty_dead_letters(world)
