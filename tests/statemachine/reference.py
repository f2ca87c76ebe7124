"""The definition's JSONata, evaluated by the reference implementation.

Clock and randomness are the caller's: an emulator of AWS has neither.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests import node
from tests.node import Packages

PACKAGES = Packages(Path(__file__).resolve().parent / "asl_lint")
"""JSONata's reference implementation, and the linter of state machines."""


class QueryEvaluationError(Exception):
    """What Step Functions raises where an expression fails or yields nothing."""


class Reference:
    """A node process that evaluates one expression after the other, and remembers each answer."""

    def __init__(self) -> None:
        PACKAGES.install()
        self._known: dict[str, Any] = {}
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

    def fill(self, template: Any, now: datetime, random: float = 0.5, **states: Any) -> Any:
        """A field of a state as Step Functions fills it in: every ``{% … %}`` by its value.

        `random` is what ``$random()`` yields: 0 or more, less than 1.
        """
        if isinstance(template, Mapping):
            return {name: self.fill(one, now, random, **states) for name, one in template.items()}
        if isinstance(template, list):
            return [self.fill(one, now, random, **states) for one in template]
        if not isinstance(template, str) or not template.startswith("{%"):
            return template
        request = {
            "expression": template.removeprefix("{%").removesuffix("%}"),
            "states": states,
            "now": round(now.timestamp() * 1000),
            "random": random,
        }
        answer = self._answer(json.dumps(request))
        if "error" in answer:
            raise QueryEvaluationError(f"{template}: {answer['error']}")
        return answer["value"]

    def _answer(self, request: str) -> dict[str, Any]:
        if request not in self._known:
            assert self._process.stdin and self._process.stdout
            self._process.stdin.write(request + "\n")
            self._process.stdin.flush()
            self._known[request] = json.loads(self._process.stdout.readline())
        return self._known[request]
