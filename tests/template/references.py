"""What a value of a template refers to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.template.deployed import Deployed

_IN_SUB = re.compile(r"\$\{([^!}]+)\}")


def referred(value: Any) -> set[str]:
    """Every parameter and resource that a value names, by Ref, GetAtt or Sub."""
    return {name for name, _ in references(value)}


def references(value: Any) -> Iterator[tuple[str, str | None]]:
    """The same with the attribute, None for a Ref."""
    if isinstance(value, list):
        for one in value:
            yield from references(one)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref":
                yield inner, None
            elif key == "Fn::GetAtt":
                name, attribute = inner if isinstance(inner, list) else inner.split(".", 1)
                yield name, attribute
            elif key == "Fn::Sub":
                yield from _in_sub(inner)
            else:
                yield from references(inner)


def _in_sub(inner: Any) -> Iterator[tuple[str, str | None]]:
    text, variables = inner if isinstance(inner, list) else (inner, {})
    for found in _IN_SUB.findall(text):
        if found not in variables:
            name, _, attribute = found.partition(".")
            yield name, attribute or None
    yield from references(variables)


def only(value: Any) -> str:
    """The one thing that a value refers to."""
    [name] = referred(value)
    return name


def highest(deployed: Deployed, value: Any) -> int:
    """The most that a number can be: of a parameter, what it allows."""
    if isinstance(value, dict):
        parameter = deployed.template["Parameters"][value["Ref"]]
        return int(parameter.get("MaxValue", parameter.get("Default", 0)))
    return int(value)


def listed[T](value: T | list[T]) -> list[T]:
    return value if isinstance(value, list) else [value]
