"""Breadth first through all worlds, each once, so that the first trace is a shortest."""

from __future__ import annotations

import sys
import time
from array import array
from collections import deque
from dataclasses import dataclass

from tests.explore.values import BrokenPromiseError
from tests.explore.world import Rules
from tests.statemachine.reference import QueryEvaluationError


@dataclass
class Found:
    """What an exploration has seen.

    Attributes
    ----------
    broken
        The promise that does not hold, and the shortest trace to it.
    """

    states: int = 0
    transitions: int = 0
    seconds: float = 0.0
    most_trackers: int = 0
    broken: tuple[str, list[str]] | None = None


def explore(rules: Rules) -> Found:
    """All worlds that can be reached.

    Worlds that were seen are remembered by 64 bits of their hash: of five million, two fall
    together with a chance of one in a million.
    """
    began = time.process_time()
    found = Found()
    trail = _Trail()
    first = rules.first()
    seen = {hash(first)}
    waiting = deque([(trail.add(-1, ""), first)])
    while waiting and not found.broken:
        number, world = waiting.popleft()
        found.states += 1
        found.most_trackers = max(found.most_trackers, len(world.executions))
        try:
            for step in rules.steps(world):
                found.transitions += 1
                key = hash(step.world)
                if key not in seen:
                    seen.add(key)
                    waiting.append((trail.add(number, step.label), step.world))
        except (BrokenPromiseError, QueryEvaluationError) as error:
            so_far = getattr(error, "__notes__", [])
            found.broken = (str(error), [*trail.to(number), *so_far, f"BROKEN: {error}"])
    found.seconds = time.process_time() - began
    return found


class _Trail:
    """For each world, the one before it and the step between; a few bytes each."""

    def __init__(self) -> None:
        self._before = array("q")
        self._labels: list[str] = []

    def add(self, before: int, label: str) -> int:
        self._before.append(before)
        self._labels.append(sys.intern(label))
        return len(self._before) - 1

    def to(self, number: int) -> list[str]:
        """The steps that lead to a world."""
        steps = []
        while self._before[number] >= 0:
            steps.append(self._labels[number])
            number = self._before[number]
        return steps[::-1]
