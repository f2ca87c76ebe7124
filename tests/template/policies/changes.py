"""Every policy a little too narrow, and a little too wide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.template.policies.account import Account, Place, Statement
from tests.template.policies.calls import Call


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


def narrower(account: Account) -> Iterator[Change]:
    """Each statement that allows gone, and each of its actions, resources and values; each
    condition of one that denies, which then denies more."""
    for place, one in _statements(account):
        if one["Effect"] == "Deny":
            if "Condition" in one:
                yield _changed(account, place, one, "denies always", Condition=None)
            continue
        yield _changed(account, place, one, "gone", Effect=None)
        for part in ("Action", "Resource"):
            for value, rest in _fewer(one.get(part)):
                yield _changed(account, place, one, f"without {value}", **{part: rest})
        for operator, key, admitted in _conditions(one):
            for value, rest in _fewer(admitted):
                condition = one["Condition"] | {operator: one["Condition"][operator] | {key: rest}}
                yield _changed(account, place, one, f"without {value}", Condition=condition)


def wider(account: Account) -> Iterator[Change]:
    """Each statement that denies gone; of each that allows each condition, and its actions,
    resources and principals extended to all."""
    for place, one in _statements(account):
        if one["Effect"] == "Deny":
            yield _changed(account, place, one, "gone", Effect=None)
            continue
        for operator, key, _ in _conditions(one):
            keys = {
                name: value for name, value in one["Condition"][operator].items() if name != key
            }
            rest = {name: value for name, value in one["Condition"].items() if name != operator}
            condition = (rest | ({operator: keys} if keys else {})) or None
            yield _changed(account, place, one, f"without {operator} {key}", Condition=condition)
        everything = f"{_service(one)}:*"
        if everything not in _listed(one["Action"]):
            yield _changed(account, place, one, "of all actions", Action=everything)
        # The policy of a resource is about that resource, whatever stands there.
        if place.kind == "identity" and one["Resource"] != "*":
            yield _changed(account, place, one, "on all resources", Resource="*")
        if "Principal" in one:
            yield _changed(account, place, one, "by anybody", Principal="*")


def _statements(account: Account) -> Iterator[tuple[Place, Statement]]:
    for place, found in account.statements.items():
        for statement in found:
            yield place, statement


def _changed(
    account: Account, place: Place, statement: Statement, text: str, **fields: Any
) -> Change:
    """With fields changed or, if None, left out; without the statement if it has no effect."""
    changed = {name: one for name, one in (statement | fields).items() if one is not None}
    after = [changed if one is statement else one for one in account.statements[place]]
    kept = [one for one in after if "Effect" in one]
    name = statement.get("Sid") or statement["Action"]
    services = frozenset(one.partition(":")[0] for one in _listed(statement["Action"]))
    return Change(place, f"{name} {text}", kept, services)


def _conditions(statement: Statement) -> Iterator[tuple[str, str, Any]]:
    for operator, keys in statement.get("Condition", {}).items():
        for key, admitted in keys.items():
            yield operator, key, admitted


def _fewer(values: Any) -> Iterator[tuple[str, list[str]]]:
    """Each of several values, and the others."""
    several = values if isinstance(values, list) and len(values) > 1 else []
    for value in several:
        yield value, [other for other in several if other != value]


def _service(statement: Statement) -> str:
    return str(_listed(statement["Action"])[0]).partition(":")[0]


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]
