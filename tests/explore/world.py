"""Every step that the world may take next.

Who acts: the workers (invocations of the handler, two at once), the executions of the state
machine, SQS, the publisher, and time. A step that is a fault costs one of the faults that are left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.explore import promises
from tests.explore.machine import Machine
from tests.explore.scenario import SECOND, Scenario, request
from tests.explore.steps import (
    JUST_BEFORE,
    Step,
    by_id,
    changed,
    cutoff_may_pass,
    fault,
    is_quiet,
    joined,
    told,
    with_item,
)
from tests.explore.trackers import Trackers
from tests.explore.values import Account, BrokenPromiseError, Execution, Message, Worker, World
from tests.explore.workers import Workers

VISIBILITY_TIMEOUT = 180 * SECOND
FAST_PHASE = 60 * SECOND
AT_ONCE = 2


class Rules:
    """The steps of one scenario.

    Parameters
    ----------
    definition
        The state machine's.
    """

    def __init__(self, scenario: Scenario, definition: dict[str, Any]) -> None:
        self._scenario = scenario
        machine = Machine(definition, scenario.start, scenario.random)
        self._workers = Workers(scenario, machine)
        self._trackers = Trackers(scenario, machine)

    @property
    def runs(self) -> int:
        """How often the handler was run."""
        return self._workers.process.runs

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
            so_far = step._replace(label=told(step.label, world.now))
            while not so_far.news and (worker := self._workers.undisturbed(so_far.world)):
                try:
                    [then] = self._workers.steps(so_far.world, worker)
                except BrokenPromiseError as error:
                    error.add_note(so_far.label)
                    raise
                label = f"{so_far.label}\n{told(then.label, so_far.world.now)}"
                so_far = then._replace(label=label)
            yield so_far

    def _steps(self, world: World) -> Iterator[Step]:
        running = [one for one in world.executions if one.status == "RUNNING"]
        if not (world.workers or world.messages or running):
            promises.at_the_end(world)
        for worker in world.workers[:1] if is_quiet(self._scenario, world) else world.workers:
            yield from self._workers.steps(world, worker)
        for one in running:
            if one.due <= world.now:
                yield from self._trackers.steps(world, one)
        if len(world.workers) < AT_ONCE:
            yield from self._deliveries(world)
        yield from self._time(world, running)

    def _deliveries(self, world: World) -> Iterator[Step]:
        # To begin beside an invocation under way is the same as to have begun before its first
        # step, and to have waited; but for what has come into the world since.
        under_way = any(one.responses and one.began == world.now for one in world.workers)
        visible = [
            one
            for one in world.messages
            if one.visible_at <= world.now
            and (not under_way or (one.visible_at == world.now and not one.receives))
        ]
        for one in visible:
            yield self._deliver(world, (one,))
        if len(visible) > 1 and len({request(one.body).named for one in visible}) == len(visible):
            yield self._deliver(world, tuple(visible))
        if under_way:
            return
        first_later = len(self._scenario.events)
        for number, event in enumerate(self._scenario.later, first_later):
            if world.owed[number] == "":
                # To arrive and wait is the same as to arrive when it is received.
                arrived = Message(event.id, event.body, world.now)
                owed = promises.owed_from_now(world, request(event.body))
                later = world._replace(
                    owed=with_item(world.owed, number, owed), messages=(*world.messages, arrived)
                )
                yield self._deliver(later, (arrived,))
        if world.faults:
            for one in world.messages:
                if one.visible_at > world.now and one.receives:
                    again = changed(world, one.id, shared=True, asked_at=None)
                    [copy] = [each for each in again.messages if each.id == one.id]
                    busy = any(one.id == r.id for w in world.workers for r in w.records)
                    how = "to a second worker" if busy else "too early"
                    yield fault(
                        self._scenario,
                        f"SQS delivers it {how}",
                        self._deliver(again, (copy,)).world,
                        one.id,
                    )
            for one in world.ghosts:
                ghosts = tuple(each for each in world.ghosts if each.id != one.id)
                again = world._replace(ghosts=ghosts, messages=(*world.messages, one))
                yield fault(
                    self._scenario,
                    "SQS delivers it though it was deleted",
                    self._deliver(again, (one,)).world,
                    one.id,
                )

    def _deliver(self, world: World, messages: tuple[Message, ...]) -> Step:
        now = world.now
        received = tuple(
            one._replace(
                receives=one.receives + 1,
                first_received=one.first_received if one.receives else now,
                visible_at=now + VISIBILITY_TIMEOUT,
            )
            for one in messages
        )
        ids = {one.id for one in messages}
        others = (one for one in world.messages if one.id not in ids)
        world = world._replace(messages=by_id((*others, *received)))
        # Only what a record shows: when it was asked before is the world's to know.
        records = tuple(one._replace(visible_at=0, asked_at=None, shared=False) for one in received)
        worker = Worker(records, now)
        label = f"delivered: {', '.join(f'{one.id} ({one.receives})' for one in received)}"
        return Step(label, world._replace(workers=joined(world, worker)))

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
        moments += [one.first_received + FAST_PHASE for one in world.messages if one.receives]
        if world.messages or running:
            moments += [cutoff - JUST_BEFORE, cutoff]
            later = [one for one in moments if one > now]
            if later:
                yield Step("time passes", world._replace(now=min(later)))
