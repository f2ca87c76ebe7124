"""asl-validator reads the definition against the Amazon States Language, and names what is wrong.

Fields and types of each state by its query language (a JSONPath field in a JSONata state is
refused), every ``{% … %}`` for JSONata syntax, that each state is led to and leads to one. JSONata
is parsed, never evaluated: what the expressions yield is for the other tests of this folder.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.statemachine import definition
from tests.statemachine.reference import PACKAGES

VALIDATOR = Path("node_modules", "asl-validator", "dist", "bin", "asl-validator.js")
WAIT = "WaitForNextAttempt"
# What is changed in a state, and what is then found.
FAULTS: list[tuple[str, dict[str, Any], str]] = [
    (WAIT, {"Next": "Decided"}, "MISSING_TRANSITION_TARGET"),
    ("Orphan", {"Type": "Succeed"}, "State Orphan is not reachable"),
    (WAIT, {"Timestamp": "{% $states.input. %}"}, "SCHEMA_VALIDATION_FAILED"),  # no JSONata
    (WAIT, {"InputPath": "$.payment"}, "SCHEMA_VALIDATION_FAILED"),  # the other query language's
]


def findings(*files: Path) -> str:
    PACKAGES.install()
    done = PACKAGES.run([VALIDATOR, *(part for one in files for part in ("--json-path", one))])
    assert bool(done.returncode) is bool(done.stderr)
    return done.stderr


def test_nothing_is_wrong_with_the_definition_and_what_is_wrong_with_others_is_named(
    tmp_path: Path,
) -> None:
    files = []
    for number, (state, change, _) in enumerate([(WAIT, {}, ""), *FAULTS]):
        loaded = definition.load()
        loaded["States"].setdefault(state, {}).update(change)
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(json.dumps(loaded))
    assert findings(files[0]) == ""
    _, *found = findings(*files[1:]).split(str(tmp_path))
    for (_, _, finding), text in zip(FAULTS, found, strict=True):
        assert finding in text
