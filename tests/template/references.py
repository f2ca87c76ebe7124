"""What a value of a template refers to."""

from __future__ import annotations

import re
from typing import Any

_IN_SUB = re.compile(r"\$\{([^!}]+)\}")


def referred(value: Any) -> set[str]:
    """Every parameter and resource that a value names, by Ref, GetAtt or Sub."""
    if isinstance(value, list):
        return {name for one in value for name in referred(one)}
    found: set[str] = set()
    for key, inner in value.items() if isinstance(value, dict) else ():
        if key == "Ref":
            found.add(inner)
        elif key == "Fn::GetAtt":
            found.add(inner[0])
        elif key == "Fn::Sub":
            text, own = inner if isinstance(inner, list) else (inner, {})
            names = {name.partition(".")[0] for name in _IN_SUB.findall(text)}
            found |= names - own.keys() | referred(list(own.values()))
        else:
            found |= referred(inner)
    return found


def only(value: Any) -> str:
    """The one thing that a value refers to."""
    [name] = referred(value)
    return name
