"""The differences between what the template says and what is, as findings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from doctor.aws import Aws
from doctor.deployment.properties import DEFAULTS, NOT_KEPT, NOT_TOLD, READERS
from doctor.deployment.reasons import DEPLOY, reason
from doctor.deployment.template import UNKNOWN, Template
from doctor.failures import Missing
from doctor.finding import Finding
from doctor.stack import Stack

KINDS: Final = {
    "AWS::Lambda::Function": "version that the queue invokes",
    "AWS::Lambda::Alias": "alias",
    "AWS::Lambda::EventSourceMapping": "event source mapping",
    "AWS::SQS::Queue": "queues",
    "AWS::SQS::QueuePolicy": "policies of queues",
    "AWS::Events::Rule": "rules",
    "AWS::StepFunctions::StateMachine": "tracker",
    "AWS::CloudWatch::Alarm": "alarms",
    "AWS::KMS::Key": "key of the alert topic",
}
# Where one name more changes the meaning. Elsewhere AWS adds what it has by default.
_COMPLETE: Final = {"EventPattern", "Targets", "PolicyDocument", "Environment"}
_SHOWN = 120


def check(aws: Aws, stack: Stack, kind: str) -> Iterator[Finding]:
    """Compare all resources of one kind."""
    template = Template(stack)
    names = [name for name, its_kind in template.resources() if its_kind == kind]
    found = [finding for name in names for finding in _one(aws, stack, template, kind, name)]
    yield from found
    if names and not found:
        of = f"all {len(names)} " if len(names) > 1 else ""
        yield Finding.ok(KINDS[kind], f"{of}as the template says")


def not_compared(aws: Aws, stack: Stack) -> Iterator[Finding]:
    """What is left to AWS, which compares more kinds of resources than this."""
    kinds = [kind for _, kind in Template(stack).resources() if kind not in READERS]
    yield Finding.info(
        "other resources",
        f"{len(kinds)} are not compared here (roles, log groups, …); AWS itself can",
        f"aws cloudformation detect-stack-drift --stack-name {stack.name}",
    )


def differences(
    says: Any, has: Any, path: str = "", *, complete: bool = False
) -> Iterator[tuple[str, Any, Any]]:
    """Where two values differ: the path, what the template says, what is.

    Parameters
    ----------
    says
        None for what is left out: then nothing may be set.
    complete
        Whether a name counts that the template does not have.
    """
    if says is UNKNOWN:
        return
    if isinstance(says, Mapping) and isinstance(has, Mapping):
        names = [*says, *(name for name in has if complete and name not in says)]
        for name in names:
            inner = f"{path}.{name}".strip(".")
            yield from differences(says.get(name), has.get(name), inner, complete=complete)
    elif isinstance(says, list) or isinstance(has, list):
        missing, surplus = _unmatched(_listed(says), _listed(has), complete)
        pairs = [*zip(missing, surplus, strict=False)]
        if len(missing) == len(surplus) and all(isinstance(one, Mapping) for one in missing):
            for one, other in pairs:
                yield from differences(one, other, path, complete=complete)
        elif missing or surplus:
            yield path, says, has
    elif not (_empty(says) and _empty(has)) and _text(says) != _text(has):
        yield path, says, has


def _one(aws: Aws, stack: Stack, template: Template, kind: str, name: str) -> Iterator[Finding]:
    says = DEFAULTS.get(kind, {}) | template.properties(name)
    try:
        has = READERS[kind](aws, stack, stack.resource(name), says)
    except Missing as what:
        yield Finding.wrong(name, f"it is not there: {what}", "deploy the template again")
        return
    not_kept = NOT_KEPT.get(kind, {}) if stack.emulated else {}
    left_out = {
        *NOT_TOLD.get(kind, ()),
        *(one for one in not_kept if has.get(one) == not_kept[one]),
    }
    compared = {one: value for one, value in says.items() if one not in left_out}
    for one, value in compared.items():
        if found := [*differences(value, has.get(one), complete=one in _COMPLETE)]:
            yield _finding(kind, name, stack.resource(name), one, found)


def _finding(
    kind: str, name: str, id: str, property: str, found: list[tuple[str, Any, Any]]
) -> Finding:
    why = reason(kind, property)
    report = Finding.wrong if why.wrong else Finding.warning
    facts = [
        # Somebody may have pasted a key into a setting.
        f"{path or 'it'} is {'another' if property == 'Environment' else _shown(has)}; "
        f"the template says {_shown(says)}"
        for path, says, has in found
    ]
    step = why.next_step.format(id=id)
    if kind == "AWS::Lambda::Function" and step == DEPLOY:
        step += ", and see that it publishes a version"
    return report(f"{name} {property}", f"{'; '.join(facts)}: {why.why}", step)


def _unmatched(says: list[Any], has: list[Any], complete: bool) -> tuple[list[Any], list[Any]]:
    """What is in one list and not in the other; their order never means anything here."""
    missing, left = [], [*has]
    for one in says:
        same = (
            index
            for index, other in enumerate(left)
            if not any(differences(one, other, complete=complete))
        )
        if (index := next(same, None)) is None:
            missing.append(one)
        else:
            left.pop(index)
    return missing, left


def _listed(value: Any) -> list[Any]:
    # A policy may write a single one without its list.
    return value if isinstance(value, list) else [] if value is None else [value]


def _empty(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_empty(one) for one in value.values())
    return value is None or value is False or value == "" or value == []


def _text(value: Any) -> str:
    """One text for `2`, `2.0` and `"2"`, and for `true` and `"true"`."""
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return str(float(value))
    except (TypeError, ValueError):
        return str(value)


def _shown(value: Any) -> str:
    if _empty(value):
        return "left out"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
