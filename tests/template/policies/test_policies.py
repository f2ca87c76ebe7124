"""Every call that the stack needs is allowed, every other one is not, and no policy says more."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Any

from tests.support.keys import KeyPair
from tests.template import deployed, options
from tests.template.deployed import ROOT
from tests.template.policies import account, calls, changes, heard, hostile, simulator
from tests.template.policies.account import Account
from tests.template.policies.calls import Call
from tests.template.policies.changes import Change
from tests.template.policies.simulator import ALLOWED

# Nothing else of EventBridge can be done with a bus under a condition on the source of an event.
WIDER_WITHOUT_EFFECT = {
    "identity policy of CancelPaymentRole: PublishOutcomes of all actions",
    "identity policy of CancelUntilCutoffRole: ReportUnresolved of all actions",
}
# A client is only ever reached as `…clients.<service>`, or kept as `client`.
_CALL = re.compile(r"(?:clients\.\w+|client)\.(\w+)\(")
_NAME = re.compile(r"[A-Z]\w+(:execution)?")


@functools.cache
def stack(variant: str = "all") -> Account:
    return account.load(deployed.load(**options.variants()[variant]))


@functools.cache
def needed(variant: str = "all") -> list[Call]:
    """All, by and on what is there with these options."""
    of, template = stack(variant), deployed.load(**options.variants()[variant])
    every = [*calls.OF_THE_FUNCTION, *calls.of_the_template(template), *calls.unseen(of)]
    return [one for one in every if all(name in of.arns for name in _names(one))]


def _names(call: Call) -> list[str]:
    return [name for name in (call.by, call.on) if _NAME.fullmatch(name)]


def unnoticed(found: Iterable[Change], known: list[Call]) -> set[str]:
    """The changes under which the verdict on every call is what it was."""
    usual = dict(zip(known, simulator.judge([(stack(), one) for one in known]), strict=True))
    cases = [(change, call) for change in found for call in known if change.concerns(call)]
    verdicts = simulator.judge(
        [(stack().changed(change.place, change.statements), call) for change, call in cases]
    )
    noticed = {
        str(change)
        for (change, call), verdict in zip(cases, verdicts, strict=True)
        if (verdict == ALLOWED) != (usual[call] == ALLOWED)
    }
    return {str(one) for one in found} - noticed


def test_every_needed_call_is_allowed_with_any_options() -> None:
    cases = [(stack(one), call) for one in options.variants() for call in needed(one)]
    verdicts = simulator.judge(cases)
    assert [
        str(call) for (_, call), one in zip(cases, verdicts, strict=True) if one != ALLOWED
    ] == []


def test_every_hostile_call_is_denied() -> None:
    every = hostile.calls(stack(), needed())
    verdicts = simulator.judge([(stack(), one) for one in every])
    assert [str(call) for call, one in zip(every, verdicts, strict=True) if one == ALLOWED] == []


def test_anything_less_denies_a_needed_call() -> None:
    assert unnoticed(list(changes.narrower(stack())), needed()) == set()


def test_anything_more_allows_a_hostile_call() -> None:
    every = hostile.calls(stack(), needed())
    assert unnoticed(list(changes.wider(stack())), every) == WIDER_WITHOUT_EFFECT


def test_the_functions_calls_are_those_that_its_code_holds() -> None:
    held = {
        "".join(part.capitalize() for part in operation.split("_")).removesuffix("Batch")
        for path in (ROOT / "functions/cancel_payment").rglob("*.py")
        if "alipay" not in path.parts  # which knows nothing of AWS
        for operation in _CALL.findall(path.read_text("utf-8"))
    }
    assert held == {one.action.partition(":")[2] for one in calls.OF_THE_FUNCTION}


def test_the_function_calls_what_its_policy_is_judged_by(
    secret: dict[str, Any], ours: KeyPair, theirs: KeyPair
) -> None:
    template = deployed.load(**options.variants()["all"])
    made = heard.calls(template, secret, ours, theirs)
    assert {str(one) for one in made} == {str(one) for one in calls.OF_THE_FUNCTION}
