"""Every policy a little too narrow, and a little too wide."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass

from tests.template.policies.account import Account, Place, Statement
from tests.template.policies.calls import Call
from tests.template.references import listed


@dataclass(frozen=True)
class Change:
    """One change of one statement; `statements` is all that then stands in its place."""

    place: Place
    text: str
    statements: list[Statement]
    services: frozenset[str]
    """Those whose calls the statement is about."""

    def concerns(self, call: Call) -> bool:
        """Whether the verdict on a call can change."""
        asked = call.by if self.place.kind == "identity" else call.on
        return asked == self.place.name and call.action.partition(":")[0] in self.services

    def __str__(self) -> str:
        return f"{self.place.kind} policy of {self.place.name}: {self.text}"


def statements(account: Account) -> Iterator[tuple[Place, Statement]]:
    """Those of the template."""
    for place, found in account.statements.items():
        for statement in found:
            yield place, statement


def narrower(account: Account) -> Iterator[Change]:
    """Each statement that allows gone, and each of its actions, resources and values; each
    condition of one that denies, which then denies more."""
    for place, one in statements(account):
        name = _name(one)
        if one["Effect"] == "Deny":
            if "Condition" in one:
                yield _replaced(account, place, one, f"{name} denies always", {"Condition": None})
            continue
        yield _replaced(account, place, one, f"without {name}", None)
        for part in ("Action", "Resource"):
            values = listed(one.get(part, []))
            for value in values if len(values) > 1 else []:
                rest = [other for other in values if other != value]
                yield _replaced(account, place, one, f"{name} without {value}", {part: rest})
        for operator, keys in one.get("Condition", {}).items():
            for key, admitted in keys.items():
                for value in admitted if isinstance(admitted, list) and len(admitted) > 1 else []:
                    rest = [other for other in admitted if other != value]
                    changed = copy.deepcopy(one["Condition"])
                    changed[operator][key] = rest
                    text = f"{name} without {value}"
                    yield _replaced(account, place, one, text, {"Condition": changed})


def wider(account: Account) -> Iterator[Change]:
    """Each statement that denies gone; of each that allows each condition, and its actions,
    resources and principals extended to all."""
    for place, one in statements(account):
        name = _name(one)
        if one["Effect"] == "Deny":
            yield _replaced(account, place, one, f"without {name}", None)
            continue
        for operator, keys in one.get("Condition", {}).items():
            for key in keys:
                changed = copy.deepcopy(one["Condition"])
                del changed[operator][key]
                changed = {each: rest for each, rest in changed.items() if rest}
                text = f"{name} without {operator} of {key}"
                yield _replaced(account, place, one, text, {"Condition": changed or None})
        service = listed(one["Action"])[0].partition(":")[0]
        if f"{service}:*" not in listed(one["Action"]):
            yield _replaced(
                account, place, one, f"{name} of all actions", {"Action": f"{service}:*"}
            )
        # The policy of a resource is about that resource, whatever stands there.
        if place.kind == "identity" and one["Resource"] != "*":
            yield _replaced(account, place, one, f"{name} on all resources", {"Resource": "*"})
        if "Principal" in one:
            yield _replaced(account, place, one, f"{name} by anybody", {"Principal": "*"})


def _replaced(
    account: Account,
    place: Place,
    statement: Statement,
    text: str,
    change: dict[str, object] | None,
) -> Change:
    """With fields of the statement changed or, if None, left out; without it if `change` is."""
    changed = [] if change is None else [{**statement, **change}]
    after = [
        kept
        for one in account.statements[place]
        for kept in (changed if one is statement else [one])
    ]
    cleaned = [{k: v for k, v in one.items() if v is not None} for one in after]
    services = frozenset(one.partition(":")[0] for one in listed(statement["Action"]))
    return Change(place, text, cleaned, services)


def _name(statement: Statement) -> str:
    return str(statement.get("Sid") or statement["Action"])
