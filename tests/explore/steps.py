"""One step of the world, and the small changes that steps are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from tests.explore.scenario import SECOND, Scenario, request
from tests.explore.values import Execution, Message, Moment, Worker, World

# An invocation that begins here has time for its call, and may meet the cutoff at any later step.
JUST_BEFORE = 5 * SECOND


class Step(NamedTuple):
    """One step and where it leads."""

    label: str
    world: World


def fault(label: str, world: World) -> Step:
    """A step that costs one of the faults that are left."""
    faults = world.faults - 1
    ghosts = world.ghosts if faults else ()
    return Step(f"FAULT {label}", world._replace(faults=faults, ghosts=ghosts))


def is_quiet(scenario: Scenario, world: World) -> bool:
    """All that may be chosen freely is used up: from here on, what is begun is ended."""
    return world.calls >= scenario.attempts


def cutoff_may_pass(scenario: Scenario, world: World) -> bool:
    """Whether the cutoff may fall between two steps of an invocation under way."""
    began = min((one.began for one in world.workers), default=world.now)
    return world.now < scenario.window <= began + 2 * JUST_BEFORE


def told(label: str, now: Moment) -> str:
    return f"{now / SECOND:9.3f} s  {label}"


def by_id(messages: Iterable[Message]) -> tuple[Message, ...]:
    return tuple(sorted(messages, key=lambda one: one.id))


def joined(world: World, worker: Worker) -> tuple[Worker, ...]:
    def key(one: Worker) -> tuple[str, Moment, int]:
        return one.records[0].id, one.began, len(one.responses)

    return tuple(sorted((*world.workers, worker), key=key))


def with_item[T](values: tuple[T, ...], number: int, value: T) -> tuple[T, ...]:
    return (*values[:number], value, *values[number + 1 :])


def changed(world: World, message_id: str, **changes: Any) -> World:
    """The world with one message changed, if it is still there."""
    return world._replace(
        messages=tuple(
            one._replace(**changes) if one.id == message_id else one for one in world.messages
        )
    )


def moved(world: World, before: Execution, after: Execution) -> World:
    return world._replace(
        executions=tuple(after if one.name == before.name else one for one in world.executions)
    )


def payments_of(worker: Worker) -> set[int]:
    return {request(one.body).payment for one in worker.records}
