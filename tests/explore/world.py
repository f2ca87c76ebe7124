"""Every step that the world may take next.

Who acts: the workers (invocations of the handler, two at once), the executions of the state
machine, SQS, the publisher, and time. A step that is a fault costs one of the faults that are left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.explore import canonical, promises, queue
from tests.explore.scenario import SECOND, Scenario, request
from tests.explore.steps import (
    JUST_BEFORE,
    Step,
    by_id,
    cutoff_may_pass,
    is_quiet,
    told,
)
from tests.explore.trackers import Trackers
from tests.explore.values import Account, BrokenPromiseError, Execution, Message, World
from tests.explore.workers import Workers
from tests.statemachine.reference import QueryEvaluationError, Reference

FAST_PHASE = 60 * SECOND


class Rules:
    """The steps of one scenario.

    Parameters
    ----------
    definition
        The state machine's.
    """

    def __init__(
        self, scenario: Scenario, definition: dict[str, Any], reference: Reference
    ) -> None:
        self._scenario = scenario
        self._trackers = Trackers(scenario, definition, reference)
        self._workers = Workers(scenario, self._trackers)

    def first(self) -> World:
        events = self._scenario.events
        return World(
            now=0,
            faults=self._scenario.faults,
            messages=by_id(Message(one.id, one.body, 0) for one in events),
            owed=tuple(f"owed {request(one.body).payment}" for one in events)
            + ("",) * len(self._scenario.later),
            accounts=(Account(),) * self._scenario.payments,
        )

    def steps(self, world: World) -> Iterator[Step]:
        """All that may happen next; an end is judged.

        Where nothing can come between, an invocation goes on to its end in one step.

        Raises
        ------
        BrokenPromiseError
            What must hold does not.
        """
        for step in self._steps(world):
            yield from self._on(step._replace(label=told(step.label, world.now)))

    def _on(self, step: Step) -> Iterator[Step]:
        worker = self._workers.undisturbed(step.world)
        if worker is None:
            yield step
            return
        try:
            for then in self._workers.steps(step.world, worker):
                label = f"{step.label}\n{told(then.label, step.world.now)}"
                yield from self._on(then._replace(label=label))
        except (BrokenPromiseError, QueryEvaluationError) as error:
            if not hasattr(error, "__notes__"):
                error.add_note(step.label)
            raise

    def _steps(self, world: World) -> Iterator[Step]:
        running = [one for one in world.executions if one.status == "RUNNING"]
        if not (world.workers or world.messages or running):
            promises.at_the_end(world)
        due = [one for one in running if one.due <= world.now]
        workers = world.workers
        for worker in workers[:1] if is_quiet(self._scenario, world) else workers:
            yield from self._workers.steps(world, worker)
        for one in due:
            yield from self._trackers.steps(world, one)
        yield from queue.deliveries(world, self._scenario)
        yield from queue.again(world)
        yield from self._time(world, running)

    def _time(self, world: World, running: list[Execution]) -> Iterator[Step]:
        now, cutoff = world.now, self._scenario.window
        if world.workers:
            if cutoff_may_pass(self._scenario, world):
                yield Step("the cutoff passes", world._replace(now=cutoff))
            return
        if any(one.due <= now for one in running):
            return
        prompt = self._scenario.prompt or is_quiet(self._scenario, world)
        if prompt and any(one.visible_at <= now for one in world.messages):
            return
        moments = [one.visible_at for one in world.messages] + [one.due for one in running]
        if now < cutoff:
            moments += [
                one.first_received + FAST_PHASE
                for one in world.messages
                if one.receives and not request(one.body).tracked
            ]
        if world.messages or running:
            moments += [cutoff - JUST_BEFORE, cutoff]
            later = [one for one in moments if one > now]
            if later:
                then = canonical.later(world, min(later), self._scenario)
                yield Step(f"{(min(later) - now) / SECOND:g} s pass", then)
