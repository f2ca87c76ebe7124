"""The definition as a graph, and the times that hold it together; nothing is run here."""

from __future__ import annotations

from typing import Any

import pytest

from tests.statemachine import definition as deployed

# design.md: the window is at most 24 h 15 min long.
WINDOW_SECONDS = 24 * 3600 + 15 * 60
ERRORS_OF_THE_FUNCTION = ("PROCESS_FAIL", "ACCESS_DENIED", "INVALID_SIGNATURE", "FAILED")


def tasks(definition: dict[str, Any]) -> dict[str, deployed.State]:
    return {name: state for name, state in definition["States"].items() if state["Type"] == "Task"}


@pytest.fixture(scope="module")
def definition() -> dict[str, Any]:
    return deployed.load(PaymentTimeoutsQueueUrl="queue-url", OutcomeBusName="outcome-bus")


def test_every_transition_leads_to_a_state(definition: dict[str, Any]) -> None:
    named = {
        target for state in definition["States"].values() for target in deployed.targets(state)
    }
    assert named | {definition["StartAt"]} <= definition["States"].keys()


def test_every_state_can_be_reached(definition: dict[str, Any]) -> None:
    assert deployed.reachable(definition) == definition["States"].keys()


def test_only_the_two_ends_have_nothing_after_them(definition: dict[str, Any]) -> None:
    ends = {name for name, s in definition["States"].items() if not list(deployed.targets(s))}
    assert ends == {"Resolved", "Unresolved"}
    assert not any("End" in state for state in definition["States"].values())


def test_every_state_but_a_choice_or_an_end_says_what_is_next_itself(
    definition: dict[str, Any],
) -> None:
    for name, state in definition["States"].items():
        if state["Type"] not in {"Choice", "Succeed", "Fail"}:
            assert "Next" in state, f"{name} has no Next: AWS refuses the definition"


def test_a_round_is_three_transitions(states: dict[str, deployed.State]) -> None:
    assert states["Decide"]["Default"] == "WaitForNextAttempt"
    assert states["WaitForNextAttempt"]["Next"] == "RequestAttempt"
    assert states["RequestAttempt"]["Next"] == "Decide"
    assert [catcher["Next"] for catcher in states["RequestAttempt"]["Catch"]] == ["Decide"]


def test_every_task_that_waits_for_a_token_has_a_timeout(definition: dict[str, Any]) -> None:
    waiting = [t for t in tasks(definition).values() if "waitForTaskToken" in t["Resource"]]
    assert waiting
    assert all(task["TimeoutSeconds"] > 0 for task in waiting)


def test_the_token_waits_long_enough_for_a_backlog_and_unresolved_is_out_within_an_hour(
    states: dict[str, deployed.State],
) -> None:
    # Ten visibility timeouts of the queue, six function timeouts of 30 s each; the last attempt is
    # 30 s before the cutoff.
    assert 6 * 30 * 10 <= states["RequestAttempt"]["TimeoutSeconds"] <= 3600 - 30


def test_the_machine_outlives_the_window_and_a_token_that_is_never_answered(
    definition: dict[str, Any],
) -> None:
    token = definition["States"]["RequestAttempt"]["TimeoutSeconds"]
    assert definition["TimeoutSeconds"] == 26 * 3600
    assert definition["TimeoutSeconds"] > WINDOW_SECONDS + token


def test_the_machine_outlives_the_guard_and_one_more_round(definition: dict[str, Any]) -> None:
    # The guard is looked at between rounds: one wait of 15 minutes and one token may precede it.
    token = definition["States"]["RequestAttempt"]["TimeoutSeconds"]
    assert definition["TimeoutSeconds"] > 24 * 3600 + 30 * 60 + 900 + token


@pytest.mark.parametrize("error", ERRORS_OF_THE_FUNCTION)
def test_what_the_function_reports_as_failed_is_neither_retried_nor_caught(
    states: dict[str, deployed.State], error: str
) -> None:
    rules = [*states["RequestAttempt"]["Retry"], *states["RequestAttempt"]["Catch"]]
    matching = {error, "States.ALL", "States.TaskFailed"}
    assert not [rule for rule in rules if matching & set(rule["ErrorEquals"])]


def test_every_retry_backs_off_with_jitter_and_ends(definition: dict[str, Any]) -> None:
    retries = [rule for task in tasks(definition).values() for rule in task["Retry"]]
    assert len(retries) == 2
    for rule in retries:
        assert rule["JitterStrategy"] == "FULL"
        assert rule["BackoffRate"] > 1
        assert rule["IntervalSeconds"] <= rule["MaxDelaySeconds"]
        assert 1 <= rule["MaxAttempts"] <= 20


def test_the_send_is_retried_for_minutes_and_the_report_for_about_an_hour(
    states: dict[str, deployed.State],
) -> None:
    def longest(rule: dict[str, Any]) -> int:
        delays = (
            rule["IntervalSeconds"] * rule["BackoffRate"] ** n for n in range(rule["MaxAttempts"])
        )
        return sum(min(delay, rule["MaxDelaySeconds"]) for delay in delays)

    [send], [report] = states["RequestAttempt"]["Retry"], states["ReportUnresolved"]["Retry"]
    assert send["ErrorEquals"] == ["SQS.SdkClientException", "SQS.AmazonSQSException"]
    assert 60 <= longest(send) <= 300
    assert report["ErrorEquals"] == ["States.ALL"]
    assert 1800 <= longest(report) <= 5400


def test_the_catcher_takes_unanswered_tokens_and_sends_that_keep_failing(
    states: dict[str, deployed.State],
) -> None:
    [catcher] = states["RequestAttempt"]["Catch"]
    [retry] = states["RequestAttempt"]["Retry"]
    assert "States.Timeout" in catcher["ErrorEquals"]
    assert set(retry["ErrorEquals"]) <= set(catcher["ErrorEquals"])
