"""Faults put back into the code or the state machine, in memory: each must be found.

The exploration that finds nothing proves something only if it finds these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from cancel_payment import app, attempts
from cancel_payment.effects.effects import Effects
from cancel_payment.effects.tracker import Tracker
from cancel_payment.model import Resolve

from tests.explore.scenario import COPIED, FIRST, SAME_ID, SECOND, Event, Scenario
from tests.explore.search import Found, explore
from tests.explore.world import Rules
from tests.statemachine import definition
from tests.statemachine.reference import Reference

type Definition = dict[str, Any]


@dataclass(frozen=True)
class Plant:
    """A fault, and where it shows."""

    name: str
    put_back: Callable[[Definition], Any]
    faults: int = 0
    event: Event = FIRST
    later: tuple[Event, ...] = ()

    @property
    def scenario(self) -> Scenario:
        return Scenario(self.name, 100 * SECOND, 2, self.faults, (self.event,), self.later)

    def explored(self, reference: Reference) -> Found:
        """What is found with the fault in the state machine's definition, or in the code."""
        loaded = definition.load(self.scenario.closing)
        with self.put_back(loaded):
            return explore(Rules(self.scenario, loaded, reference))


def _acknowledge_before_publish(_: Definition) -> Any:
    resolve = Effects._resolve

    def early(self: Effects, decided: Any, effects: Any, time: Any) -> Any:
        for one in decided:
            if isinstance(one.decision, Resolve) and one.request.tracking:
                with suppress(Exception):
                    self.follow_up.tracker.tell_resolved(one.attempt, one.decision)
        return resolve(self, decided, effects, time)

    return patch.object(Effects, "_resolve", early)


def _failed_effects_after_the_queues_timeout(_: Definition) -> Any:
    return patch.object(Effects, "_bring_back", lambda *_: None)


def _no_closing_call(loaded: Definition) -> Any:
    choices = loaded["States"]["Decide"]["Choices"]
    kept = [one for one in choices if one["Next"] != "WaitForClosingCall"]
    return patch.dict(loaded["States"]["Decide"], Choices=kept)


def _dead_token_dropped(_: Definition) -> Any:
    return patch.object(Tracker, "looks_after", lambda *_: True)


@contextmanager
def _tracked_request_sent_after_the_cutoff(_: Definition) -> Iterator[None]:
    with (
        patch.object(app, "may_send", lambda *_: True),
        patch.object(attempts, "may_send", lambda *_: True),
    ):
        yield


def _execution_already_exists_taken_as_done(_: Definition) -> Any:
    starts = Tracker._starts

    def started(self: Tracker, name: str, execution_input: str) -> bool:
        starts(self, name, execution_input)
        return True

    return patch.object(Tracker, "_starts", started)


PLANTS = {
    plant.name: plant
    for plant in (
        Plant("acknowledge-before-publish", _acknowledge_before_publish, faults=1),
        Plant("failed-effects-late", _failed_effects_after_the_queues_timeout, faults=1),
        Plant("no-closing-call", _no_closing_call),
        Plant("dead-token-dropped", _dead_token_dropped, event=COPIED),
        Plant("tracked-after-cutoff", _tracked_request_sent_after_the_cutoff),
        Plant("already-exists-done", _execution_already_exists_taken_as_done, later=(SAME_ID,)),
    )
}
