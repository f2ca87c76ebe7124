"""Lint a state machine's definition: ``python -m tests.statemachine.asl_lint.lint FILE``.

Placeholders ``${Name}`` are filled in first, as the deployment does; then asl-validator reads the
definition against the Amazon States Language. Exit 0: clean; 1: findings; 2: not readable.

It checks: fields and types of each state by its query language (a JSONPath field in a JSONata
state is refused), every ``{% … %}`` for JSONata syntax, that StartAt, Next and Default name a
state, that every state is named by one of them, that a Task, Wait or Pass has Next or End and not
both, ARNs of resources, and that the machine can end.

*Limitations*. JSONata is parsed, never evaluated: a misspelt variable or field passes. So does a
state that only itself leads to, a Task without TimeoutSeconds, a service or an error name that
does not exist, a misspelt field of a Retry or Catch, a Retry without effect behind
``States.ALL``. The tests beside this folder cover what of this matters here.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.node import Packages

PACKAGES = Packages(Path(__file__).resolve().parent)

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_VALIDATOR = Path("node_modules", "asl-validator", "dist", "bin", "asl-validator.js")


def filled_in(text: str) -> str:
    """The text of a definition with a stand-in for each placeholder."""
    # The partition stands in ARNs, whose form is judged.
    known = {"Partition": "aws"}
    return _PLACEHOLDER.sub(lambda found: known.get(found[1], f"stand-in-for-{found[1]}"), text)


def findings(definition: dict[str, Any]) -> list[str]:
    """What the linter has to say; nothing if the definition is clean."""
    PACKAGES.install()
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "definition.json"
        file.write_text(json.dumps(definition), encoding="utf-8")
        done = PACKAGES.run([_VALIDATOR, "--json-path", file])
    if done.returncode == 0:
        return []
    # The first line names the temporary file; what follows is one finding a line.
    return [line.strip() for line in done.stderr.splitlines()[1:] if line.strip()] or [done.stderr]


def main(arguments: list[str]) -> int:
    """Lint one file and say what was found."""
    if len(arguments) != 1:
        print("usage: python -m tests.statemachine.asl_lint.lint FILE", file=sys.stderr)
        return 2
    try:
        definition = json.loads(filled_in(Path(arguments[0]).read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 2
    found = findings(definition)
    for finding in found:
        print(f"{arguments[0]}: {finding}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
