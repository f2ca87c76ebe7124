"""A tracker that ends without an outcome event is a case for the operators; no other one is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from tests.support.stack import Message, World, eventually

BY_HAND, BY_AN_ERROR, UNRESOLVED = "STOPPED-by-hand", "STOPPED-by-an-error", "UNKNOWN-at-its-cutoff"


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
