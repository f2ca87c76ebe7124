"""The calls of AWS that the handler makes, and the ways in which each may go."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

from tests.explore import promises
from tests.explore.scenario import SECOND, Scenario, request
from tests.explore.seams import OK, Action, Answered
from tests.explore.steps import Step, changed, fault, joined, moved
from tests.explore.values import Execution, Worker, World
from tests.statemachine.machine import Machine


def answered_by(without: World, worker: Worker, answered: Answered, **more: Any) -> World:
    """The worker, out of `without`, goes on with this answer."""
    responses = (*worker.responses, (answered, without.now))
    worker = worker._replace(responses=responses, **more)
    return without._replace(workers=joined(without, worker))


class Calls:
    """SQS, EventBridge and Step Functions, as an invocation meets them."""

    def __init__(self, scenario: Scenario, machine: Machine) -> None:
        self._scenario = scenario
        self._machine = machine

    def steps(self, world: World, worker: Worker, action: Action) -> Iterator[Step]:
        """A call of AWS: it works, is refused, in part, or is done and its answer lost."""
        do = _CALLS[action.kind]
        every = range(len(action.entries))
        done, answered, changes = do(self, world, worker, action.entries, every)
        yield Step(
            f"{_named(action)}: {_how(answered)}",
            answered_by(done, worker, answered, **changes),
        )
        if not world.faults or answered.how == "refused":
            return
        hurt = _hurt(worker, action, every)
        refused = answered_by(world, worker, Answered("refused"), **hurt)
        yield fault(self._scenario, f"{_named(action)}: refused", refused)
        if action.kind == "describe execution":
            return
        lost = answered_by(done, worker, Answered("lost"), **{**changes, **hurt})
        yield fault(self._scenario, f"{_named(action)}: carried out, its answer lost", lost)
        if action.kind not in {"put events", "visibility"}:
            return
        for number in range(1, len(action.entries) + 1):
            for failed in combinations(every, number):
                works = [one for one in every if one not in failed]
                done, answered, changes = do(self, world, worker, action.entries, works)
                missing = tuple(sorted({*failed, *answered.refused}))
                yield fault(
                    self._scenario,
                    f"{_named(action)}: entries {failed} refused",
                    answered_by(
                        done,
                        worker,
                        Answered("ok", refused=missing),
                        **{**changes, **_hurt(worker, action, failed)},
                    ),
                )

    def _hide(
        self, world: World, worker: Worker, entries: tuple[Any, ...], works: Any
    ) -> tuple[World, Answered, dict[str, Any]]:
        refused = []
        for number in works:
            message_id, seconds = entries[number]
            in_flight = any(
                one.id == message_id and one.visible_at > world.now for one in world.messages
            )
            if in_flight:
                world = changed(world, message_id, visible_at=world.now + seconds * SECOND)
            else:
                refused.append(number)
        return world, Answered("ok", refused=tuple(refused)), {}

    def _put_events(
        self, world: World, worker: Worker, entries: tuple[Any, ...], works: Any
    ) -> tuple[World, Answered, dict[str, Any]]:
        published = list(worker.published)
        for number in works:
            ids, outcome, resolved_at = entries[number]
            payment = promises.backed(ids, outcome, worker)
            world = promises.published(world, payment, outcome, resolved_at)
            published.append((payment, outcome))
        return world, OK, {"published": tuple(published)}

    def _start_execution(
        self, world: World, worker: Worker, entries: tuple[Any, ...], works: Any
    ) -> tuple[World, Answered, dict[str, Any]]:
        name, text = entries
        taken = next((one for one in world.executions if one.name == name), None)
        if taken is not None:
            # STANDARD starts are idempotent while the execution runs.
            same = taken.status == "RUNNING" and taken.input == text
            return world, OK if same else Answered("refused", "ExecutionAlreadyExists"), {}
        started = self._machine.begin(name, text, world.now)
        world = world._replace(executions=tuple(sorted((*world.executions, started), key=_name)))
        promises.trackers_bounded(world, self._scenario)
        return world, OK, {}

    def _describe_execution(
        self, world: World, worker: Worker, entries: tuple[Any, ...], works: Any
    ) -> tuple[World, Answered, dict[str, Any]]:
        found = [one for one in world.executions if one.name == entries[0]]
        if not found:
            return world, Answered("refused", "ExecutionDoesNotExist"), {}
        return world, Answered("ok", (found[0].status, found[0].input)), {}

    def _task_ends(
        self, world: World, worker: Worker, entries: tuple[Any, ...], works: Any
    ) -> tuple[World, Answered, dict[str, Any]]:
        token, *_ = entries
        waiting = [one for one in world.executions if one.token == token]
        if not waiting:
            return world, Answered("refused", "TaskTimedOut"), {}
        [one] = waiting
        if entries[1].startswith("{"):
            after = self._machine.succeed(one, entries[1], world.now)
        else:
            after = self._machine.fail(one, entries[1], world.now)
            promises.ends_under(after, expected=entries[1])
        return moved(world, one, after), OK, {}

    def _dead_letter(
        self, world: World, worker: Worker, entries: tuple[Any, ...], works: Any
    ) -> tuple[World, Answered, dict[str, Any]]:
        body, reason = entries
        return promises.dead_letter(world, request(body).payment, reason), OK, {}


type _Call = Callable[
    [Calls, World, Worker, tuple[Any, ...], Any], tuple[World, Answered, dict[str, Any]]
]

_CALLS: dict[str, _Call] = {
    "visibility": Calls._hide,
    "put events": Calls._put_events,
    "start execution": Calls._start_execution,
    "describe execution": Calls._describe_execution,
    "task success": Calls._task_ends,
    "task failure": Calls._task_ends,
    "dead letter": Calls._dead_letter,
}


def _hurt(worker: Worker, action: Action, failed: Any) -> dict[str, Any]:
    """What a worker remembers of a call that failed."""
    if action.kind == "visibility":
        ids = (action.entries[number][0] for number in failed)
        return {"unhidden": tuple(sorted({*worker.unhidden, *ids}))}
    return {"hurt": True}


def _named(action: Action) -> str:
    match action.kind:
        case "put events":
            return f"put events {', '.join(outcome for _, outcome, _ in action.entries)}"
        case "visibility":
            return f"visibility {', '.join(f'{one} {s} s' for one, s in action.entries)}"
        case "dead letter":
            return f"dead letter ({action.entries[1]})"
        case "task success":
            return f"task success {json.loads(action.entries[1])['disposition']}"
        case "task failure":
            return f"task failure {action.entries[1]}"
        case _:
            return f"{action.kind} {action.entries[0]}"


def _how(answered: Answered) -> str:
    if answered.refused:
        return f"entries {answered.refused} refused"
    if answered.how == "refused":
        return str(answered.value)
    return str(answered.value[0]) if answered.value else "ok"


def _name(execution: Execution) -> str:
    return execution.name
