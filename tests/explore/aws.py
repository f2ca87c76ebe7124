"""The calls of AWS that the handler makes, and the ways in which each may go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

from tests.explore import promises
from tests.explore.scenario import SECOND, Scenario, request
from tests.explore.seams import OK, Action, Answered
from tests.explore.steps import Step, changed, fault, joined, moved
from tests.explore.values import Worker, World
from tests.statemachine.machine import Machine

type Arguments = dict[str, Any]
type Done = tuple[World, Answered, dict[str, Any]]
"""The world after a call, its answer, and what the worker remembers of it."""


def answered_by(without: World, worker: Worker, answered: Answered, **more: Any) -> World:
    """The worker, out of `without`, goes on with this answer."""
    responses = (*worker.responses, (answered, without.now))
    worker = worker._replace(responses=responses, **more)
    return without._replace(workers=joined(without, worker))


class Calls:
    """SQS, EventBridge and Step Functions, as an invocation meets them: one method an operation."""

    def __init__(self, scenario: Scenario, machine: Machine) -> None:
        self._scenario = scenario
        self._machine = machine

    def steps(self, world: World, worker: Worker, action: Action) -> Iterator[Step]:
        """A call of AWS: it works, is refused, in part, or is done and its answer lost."""
        [arguments], do = action.entries, getattr(self, action.kind)
        named, entries = _named(action.kind, arguments), arguments.get("Entries", [])
        done, answered, changes = do(world, worker, arguments)
        yield Step(f"{named}: {_how(answered)}", answered_by(done, worker, answered, **changes))
        if not world.faults or answered.how == "refused":
            return
        hurt = _hurt(worker, action.kind, entries)
        refused = answered_by(world, worker, Answered("refused"), **hurt)
        yield fault(f"{named}: refused", refused)
        if action.kind == "describe_execution":
            return
        lost = answered_by(done, worker, Answered("lost"), **{**changes, **hurt})
        yield fault(f"{named}: carried out, its answer lost", lost)
        for number in range(1, len(entries) + 1):
            for failed in combinations(range(len(entries)), number):
                works = [one for one in range(len(entries)) if one not in failed]
                some = {**arguments, "Entries": [entries[one] for one in works]}
                done, answered, changes = do(world, worker, some)
                missing = sorted({*failed, *(works[one] for one in answered.refused)})
                hurt = _hurt(worker, action.kind, [entries[one] for one in failed])
                after = answered_by(
                    done, worker, Answered("ok", refused=tuple(missing)), **{**changes, **hurt}
                )
                yield fault(f"{named}: entries {failed} refused", after)

    def change_message_visibility_batch(
        self, world: World, worker: Worker, arguments: Arguments
    ) -> Done:
        refused = []
        for number, entry in enumerate(arguments["Entries"]):
            message_id, seconds = _hidden(entry)
            if any(one.id == message_id and one.visible_at > world.now for one in world.messages):
                world = changed(world, message_id, visible_at=world.now + seconds * SECOND)
            else:  # it is not in flight
                refused.append(number)
        return world, Answered("ok", refused=tuple(refused)), {}

    def put_events(self, world: World, worker: Worker, arguments: Arguments) -> Done:
        published = list(worker.published)
        for entry in arguments["Entries"]:
            detail = json.loads(entry["Detail"])
            since = datetime.fromisoformat(detail["resolvedAt"]) - self._scenario.start
            resolved_at = round(since / timedelta(milliseconds=1))
            payment = promises.backed(detail, worker)
            world = promises.published(world, payment, detail["outcome"], resolved_at)
            published.append((payment, detail["outcome"]))
        return world, OK, {"published": tuple(published)}

    def start_execution(self, world: World, _: Worker, arguments: Arguments) -> Done:
        name, text = arguments["name"], arguments["input"]
        for one in world.executions:
            if one.name == name:
                # STANDARD starts are idempotent while the execution runs.
                same = one.status == "RUNNING" and one.input == text
                return world, OK if same else Answered("refused", "ExecutionAlreadyExists"), {}
        started = (*world.executions, self._machine.begin(name, text, world.now))
        world = world._replace(executions=tuple(sorted(started, key=lambda one: one.name)))
        promises.trackers_bounded(world, self._scenario)
        return world, OK, {}

    def describe_execution(self, world: World, _: Worker, arguments: Arguments) -> Done:
        for one in world.executions:
            if one.name == _execution(arguments):
                return world, Answered("ok", (one.status, one.input)), {}
        return world, Answered("refused", "ExecutionDoesNotExist"), {}

    def send_task_success(self, world: World, _: Worker, arguments: Arguments) -> Done:
        for one in world.executions:
            if one.token == arguments["taskToken"]:
                after = self._machine.succeed(one, arguments["output"], world.now)
                return moved(world, one, after), OK, {}
        return world, Answered("refused", "TaskTimedOut"), {}

    def send_task_failure(self, world: World, _: Worker, arguments: Arguments) -> Done:
        assert arguments["cause"]
        for one in world.executions:
            if one.token == arguments["taskToken"]:
                after = self._machine.fail(one, arguments["error"], world.now)
                promises.ends_under(after, expected=arguments["error"])
                return moved(world, one, after), OK, {}
        return world, Answered("refused", "TaskTimedOut"), {}

    def send_message(self, world: World, _: Worker, arguments: Arguments) -> Done:
        payment = request(arguments["MessageBody"]).payment
        return promises.dead_letter(world, payment, _reason(arguments)), OK, {}


def _hurt(worker: Worker, operation: str, failed: list[Arguments]) -> dict[str, Any]:
    """What a worker remembers of a call that failed, or of which these entries failed."""
    if operation == "change_message_visibility_batch":
        ids = (entry["ReceiptHandle"] for entry in failed)
        return {"unhidden": tuple(sorted({*worker.unhidden, *ids}))}
    return {"hurt": True}


def _hidden(entry: Arguments) -> tuple[str, int]:
    return entry["ReceiptHandle"], entry["VisibilityTimeout"]


def _execution(arguments: Arguments) -> str:
    return arguments["executionArn"].rpartition(":")[2]


def _reason(arguments: Arguments) -> str:
    return arguments["MessageAttributes"]["rejectReason"]["StringValue"]


def _named(operation: str, arguments: Arguments) -> str:
    match operation:
        case "put_events":
            outcomes = (json.loads(one["Detail"])["outcome"] for one in arguments["Entries"])
            return f"put events {', '.join(outcomes)}"
        case "change_message_visibility_batch":
            hidden = map(_hidden, arguments["Entries"])
            return f"visibility {', '.join(f'{one} {seconds} s' for one, seconds in hidden)}"
        case "send_message":
            return f"dead letter ({_reason(arguments)})"
        case "send_task_success":
            return f"task success {json.loads(arguments['output'])['disposition']}"
        case "send_task_failure":
            return f"task failure {arguments['error']}"
        case "start_execution":
            return f"start execution {arguments['name']}"
    return f"describe execution {_execution(arguments)}"


def _how(answered: Answered) -> str:
    if answered.refused:
        return f"entries {answered.refused} refused"
    if answered.how == "refused":
        return str(answered.value)
    return str(answered.value[0]) if answered.value else "ok"
