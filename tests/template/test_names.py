"""The names that the template gives fit AWS's limits, however long the stack's own name is."""

from __future__ import annotations

import re

import pytest

from tests.template import deployed, options
from tests.template.evaluated import evaluator

# docs.aws.amazon.com: names of stacks, queues, alarms, log groups, and of a topic for display.
LIMITS = {
    "QueueName": r"[A-Za-z0-9_-]{1,80}",
    "AlarmName": r".{1,255}",
    "LogGroupName": r"[A-Za-z0-9_/.#-]{1,512}",
    "DisplayName": r"[A-Za-z0-9_ \t-]{1,100}",
}
NAMED = {"PaymentQueueName": "payment-timeouts"}


def given_names(stack: str, **parameters: str) -> list[tuple[str, str]]:
    """Kind and text of each name that is given, by a stack of that name."""
    template = deployed.load(**options.REQUIRED | parameters)
    # The number of a version is at most as long as this.
    physical = dict.fromkeys(template.template["Resources"], "99999")
    value = evaluator(template.template, template.parameters, physical, stack).value
    return [
        (kind, value(name))
        for resource in template.template["Resources"].values()
        for kind, name in resource["Properties"].items()
        if kind in LIMITS
    ]


@pytest.mark.parametrize(("stack", "parameters"), [("s" * 63, {}), ("s" * 128, NAMED)])
def test_every_name_that_is_given_fits(stack: str, parameters: dict[str, str]) -> None:
    names = given_names(stack, **parameters)
    assert {kind for kind, _ in names} == LIMITS.keys()
    assert [one for one in names if not re.fullmatch(LIMITS[one[0]], one[1])] == []


def test_longer_name_of_a_stack_needs_a_name_for_the_queue() -> None:
    [name] = [text for kind, text in given_names("s" * 64) if kind == "QueueName"]
    assert len(name) == 81


@pytest.mark.parametrize("parameters", [{}, NAMED])
def test_dead_letter_queue_admits_the_queue_by_the_name_that_it_has(
    parameters: dict[str, str],
) -> None:
    template = deployed.load(**options.REQUIRED | parameters)
    properties = evaluator(template.template, template.parameters).properties
    [source] = properties("PaymentTimeoutsDeadLetterQueue")["RedriveAllowPolicy"]["sourceQueueArns"]
    assert source.endswith(f":{properties('PaymentTimeoutsQueue')['QueueName']}")
