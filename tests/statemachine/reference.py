"""The definition's JSONata, evaluated by the reference implementation.

Clock and randomness are the caller's: an emulator of AWS has neither.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from tests import node
from tests.statemachine.asl_lint.lint import PACKAGES


class QueryEvaluationError(Exception):
    """What Step Functions raises where an expression fails or yields nothing."""


class Reference:
    """A node process that evaluates one expression after the other."""

    random = 0.5
    """What ``$random()`` yields: 0 or more, less than 1."""

    def __init__(self) -> None:
        PACKAGES.install()
        self._process = subprocess.Popen(
            [node.executable(), PACKAGES.folder / "evaluate.cjs"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=10)

    def fill(self, template: Any, now: datetime, **states: Any) -> Any:
        """A field of a state as Step Functions fills it in: every ``{% … %}`` by its value."""
        if isinstance(template, Mapping):
            return {name: self.fill(value, now, **states) for name, value in template.items()}
        if isinstance(template, list):
            return [self.fill(value, now, **states) for value in template]
        if isinstance(template, str) and template.startswith("{%"):
            return self._evaluate(template.removeprefix("{%").removesuffix("%}"), now, states)
        return template

    def _evaluate(self, expression: str, now: datetime, states: Mapping[str, Any]) -> Any:
        assert self._process.stdin and self._process.stdout
        request = {
            "expression": expression,
            "states": states,
            "now": round(now.timestamp() * 1000),
            "random": self.random,
        }
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise QueryEvaluationError(answer["error"])
        return answer["value"]
