"""The definition as it is deployed; read here, judged elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
FILE: Final = ROOT / "statemachine" / "cancel_until_cutoff.asl.json"

type State = dict[str, Any]


def load(file: Path = FILE, **placeholders: str) -> dict[str, Any]:
    """The definition with its placeholders filled in, as the deployment does.

    Raises
    ------
    KeyError
        The definition has a placeholder that is not given.
    """
    text = re.sub(r"\$\{(\w+)\}", lambda found: placeholders[found[1]], file.read_text("utf-8"))
    definition: dict[str, Any] = json.loads(text)
    return definition


def targets(state: State) -> Iterator[str]:
    """Every state that a state names as what comes next, in whatever case."""
    for rule in (state, *state.get("Choices", ()), *state.get("Catch", ())):
        if "Next" in rule:
            yield rule["Next"]
    if "Default" in state:
        yield state["Default"]
