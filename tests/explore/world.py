"""Every step that the world may take next.

Who acts: the workers (invocations of the handler, two at once), the executions of the state
machine, SQS, the publisher, and time. A step that is a fault costs one of the faults that are left.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

from tests.explore import gateway, machine, promises
from tests.explore.machine import Machine
from tests.explore.process import OK, Action, Answered, Process
from tests.explore.scenario import SECOND, Scenario, request
from tests.explore.values import (
    Account,
    BrokenPromiseError,
    Execution,
    Message,
    Moment,
    Worker,
    World,
)

VISIBILITY_TIMEOUT = 180 * SECOND
FAST_PHASE = 60 * SECOND
WORKERS = 2
# An invocation that begins here has time for its call, and may meet the cutoff at any later step.
JUST_BEFORE = 5 * SECOND
SEND_ERRORS = ("SQS.AmazonSQSException", "SQS.QueueDoesNotExistException")
PUT_ERROR = "EventBridge.FailedEntry"


class Step(NamedTuple):
    """One step and where it leads; `news` where a person has to judge it."""

    label: str
    world: World
    news: str = ""


class Rules:
    """The steps of one scenario.

    Parameters
    ----------
    definition
        The state machine's.
    """

    def __init__(self, scenario: Scenario, definition: dict[str, Any]) -> None:
        self.scenario = scenario
        self.cutoff = scenario.window
        self.process = Process(scenario.start, scenario.random)
        self._machine = Machine(definition, scenario.start, scenario.random)

    def first(self) -> World:
        events = self.scenario.events
        return World(
            now=0,
            faults=self.scenario.faults,
            messages=_sorted(Message(one.id, one.body, 0) for one in events),
            owed=tuple(f"owed {request(one.body).payment}" for one in events)
            + ("",) * len(self.scenario.later),
            accounts=(Account(),) * self.scenario.payments,
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
            told = step._replace(label=_told(step.label, world.now))
            while not told.news and (worker := self._undisturbed(told.world)):
                try:
                    [then] = self._worker(told.world, worker)
                except BrokenPromiseError as error:
                    error.add_note(told.label)
                    raise
                label = f"{told.label}\n{_told(then.label, told.world.now)}"
                told = then._replace(label=label)
            yield told

    def _undisturbed(self, world: World) -> Worker | None:
        """A worker whose next step ends in the same world, whatever others do before or after it.

        What it does to the bus, to the dead-letter queue and to its own message is read by nobody
        who acts at this moment. Only a fault could come between, or the cutoff.
        """
        if self._cutoff_may_pass(world):
            return None
        for worker in world.workers:
            kind = self._next(worker).kind
            if kind == "heard" or (kind in _READ_BY_NOBODY and not world.faults):
                return worker
        if not world.faults and len(world.workers) == 1 and self._is_alone(world):
            [worker] = world.workers
            if self._next(worker).kind not in {"secret", "before send"}:
                return worker
        return None

    def _is_alone(self, world: World) -> bool:
        """No other worker may begin, and no execution may move, before this one has ended."""
        now = world.now
        return not (
            "" in world.owed
            or any(one.visible_at <= now for one in world.messages)
            or any(one.due <= now for one in world.executions if one.status == "RUNNING")
        )

    def _cutoff_may_pass(self, world: World) -> bool:
        began = min((one.began for one in world.workers), default=world.now)
        return world.now < self.cutoff <= began + 2 * JUST_BEFORE

    def _steps(self, world: World) -> Iterator[Step]:
        running = [one for one in world.executions if one.status == "RUNNING"]
        if not (world.workers or world.messages or running):
            promises.at_the_end(world)
        for worker in world.workers[:1] if self._quiet(world) else world.workers:
            yield from self._worker(world, worker)
        for one in running:
            if one.due <= world.now:
                yield from self._execution(world, one)
        if len(world.workers) < WORKERS:
            yield from self._deliveries(world)
        yield from self._time(world, running)

    def _quiet(self, world: World) -> bool:
        """All that may be chosen freely is used up: from here on, what is begun is ended."""
        return world.calls >= self.scenario.attempts

    # Workers.

    def _worker(self, world: World, worker: Worker) -> Iterator[Step]:
        rest = tuple(one for one in world.workers if one is not worker)
        without = world._replace(workers=rest)
        action = self._next(worker)
        if world.faults and not (action.kind == "heard" and not self._cutoff_may_pass(world)):
            died = promises.died(without, worker)
            yield self._fault(f"the function dies before: {action.kind}", died)
        while action.kind in {"secret", "before send"}:
            if action.kind == "secret" and world.faults:
                unread = self._answered(without, worker, Answered("refused"))
                yield self._fault("the secret cannot be read", unread)
            worker = worker._replace(responses=(*worker.responses, (OK, world.now)))
            action = self._next(worker)
        match action.kind:
            case "send":
                yield from self._send(without, worker, action)
            case "heard":
                yield self._heard(without, worker, action)
            case "return":
                yield self._return(without, worker, action)
            case _:
                yield from self._call(without, worker, action)

    def _next(self, worker: Worker) -> Action:
        return self.process.next(worker.records, worker.began, worker.responses)

    def _answered(self, without: World, worker: Worker, answered: Answered, **more: Any) -> World:
        responses = (*worker.responses, (answered, without.now))
        worker = worker._replace(responses=responses, **more)
        return without._replace(workers=_workers(without, worker))

    def _send(self, world: World, worker: Worker, action: Action) -> Iterator[Step]:
        [named] = action.entries
        [record] = [one for one in worker.records if request(one.body).named == named]
        asked = request(record.body)
        promises.may_be_sent(world, record, self.cutoff)
        in_time = world.now < self.cutoff
        free, silent_from_now = not self._quiet(world), world.calls > self.scenario.attempts
        world = promises.counted_call(world, self.scenario)
        if not free:
            world = world._replace(faults=0, ghosts=())
        world = _changed(world, record.id, asked_at=world.now)
        world = self._closing(world, asked.token, "sent")
        account = world.accounts[asked.payment]._replace(asked=True)
        possible = list(gateway.answers(account, in_time=in_time))
        if not free:
            possible = [("THROTTLED", account)]
            if not silent_from_now:
                possible.append(gateway.truth(account, in_time=in_time))
        elif self.scenario.answers:
            possible = [one for one in possible if one[0] in self.scenario.answers]
        seen = []
        for verdict, after in possible:
            silent = " (carried out)" if after.ledger != account.ledger else ""
            answered = world._replace(accounts=_with(world.accounts, asked.payment, after))
            if not free:
                # Silent to the end from now on, or truthful.
                calls = self.scenario.attempts + (verdict == "THROTTLED")
                answered = answered._replace(calls=calls)
            step = Step(
                f"{record.id}: sent; the gateway answers {verdict}{silent}",
                self._answered(answered, worker, Answered(verdict)),
            )
            if verdict not in gateway.FINAL:
                # Unknowns after which the handler does the same are one.
                follows = (after, self.process.outlook(worker, Answered(verdict), world.now))
                if follows in seen:
                    continue
                seen.append(follows)
            yield step

    def _heard(self, world: World, worker: Worker, action: Action) -> Step:
        named, verdict = action.entries
        [record] = [one for one in worker.records if request(one.body).named == named]
        world = _changed(world, record.id, asked_at=world.now)
        heard = worker.heard
        if verdict in gateway.FINAL:
            heard = (*heard, (request(record.body).payment, gateway.FINAL[verdict], record.id))
        return Step(f"{record.id}: it hears {verdict}", self._answered(world, worker, OK, heard=heard))

    def _return(self, world: World, worker: Worker, action: Action) -> Step:
        kept = action.entries
        world = promises.returned(world, worker, kept)
        gone = {one.id for one in worker.records} - set(kept)
        deleted = [one for one in world.messages if one.id in gone]
        left = tuple(one for one in world.messages if one.id not in gone)
        ghosts = world.ghosts
        if world.faults:
            again = (
                one._replace(visible_at=0, asked_at=None, shared=True)
                for one in deleted
                if not one.shared
            )
            ghosts = _sorted((*ghosts, *again))
        label = f"the function ends, keeps {', '.join(kept) or 'nothing'}"
        return Step(label, world._replace(messages=left, ghosts=ghosts))

    def _call(self, world: World, worker: Worker, action: Action) -> Iterator[Step]:
        """A call of AWS: it works, is refused, in part, or is done and its answer lost."""
        do = _CALLS[action.kind]
        every = range(len(action.entries))
        done, answered, changes = do(self, world, worker, action.entries, every)
        yield Step(
            f"{_named(action)}: {_how(answered)}",
            self._answered(done, worker, answered, **changes),
        )
        if not world.faults or answered.how == "refused":
            return
        hurt = _hurt(worker, action, every)
        refused = self._answered(world, worker, Answered("refused"), **hurt)
        yield self._fault(f"{_named(action)}: refused", refused)
        if action.kind == "describe execution":
            return
        lost = self._answered(done, worker, Answered("lost"), **{**changes, **hurt})
        yield self._fault(f"{_named(action)}: carried out, its answer lost", lost)
        if action.kind not in {"put events", "visibility"}:
            return
        for number in range(1, len(action.entries) + 1):
            for failed in combinations(every, number):
                works = [one for one in every if one not in failed]
                done, answered, changes = do(self, world, worker, action.entries, works)
                missing = tuple(sorted({*failed, *answered.refused}))
                yield self._fault(
                    f"{_named(action)}: entries {failed} refused",
                    self._answered(
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
                world = _changed(world, message_id, visible_at=world.now + seconds * SECOND)
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
        promises.trackers_bounded(world, self.scenario)
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
        return _moved(world, one, after), OK, {}

    def _dead_letter(
        self, world: World, worker: Worker, entries: tuple[Any, ...], works: Any
    ) -> tuple[World, Answered, dict[str, Any]]:
        body, reason = entries
        return promises.dead_letter(world, request(body).payment, reason), OK, {}

    # The state machine.

    def _closing(self, world: World, token: str, what: str) -> World:
        """What became of a closing call is remembered by the execution that waits for it."""
        for one in world.executions:
            if token and one.token == token and one.closing == "requested":
                return _moved(world, one, one._replace(closing=what))
        return world

    def _execution(self, world: World, one: Execution) -> Iterator[Step]:
        now, steps = world.now, self._machine
        task = steps.task(one)
        if not task:
            yield Step(f"tracker {one.name}: {one.at} is over", _moved(world, one, steps.wait_over(one, now)))
        elif task == machine.REPORT:
            yield from self._report(world, one)
        elif one.token:
            yield from self._timeout(world, one)
        else:
            yield from self._request(world, one)

    def _timeout(self, world: World, one: Execution) -> Iterator[Step]:
        """The token times out. That nobody took its request up to now, is a fault."""
        waits = any(
            request(each.body).token == one.token and each.visible_at <= world.now
            for each in world.messages
        )
        held = any(request(r.body).token == one.token for w in world.workers for r in w.records)
        if (waits or held) and not world.faults:
            return
        world = self._closing(world, one.token, "timed out")
        [one] = [each for each in world.executions if each.name == one.name]
        after = promises.ends_under(self._machine.fail(one, "States.Timeout", world.now))
        label = f"tracker {one.name}: its token times out"
        timed_out = _moved(world, one, after)
        yield self._fault(label, timed_out) if waits or held else Step(label, timed_out)

    def _request(self, world: World, one: Execution) -> Iterator[Step]:
        """The tracker puts its request back on the queue."""
        now, steps = world.now, self._machine
        token = f"token of {one.name}, {_clock(now)}"
        body = steps.arguments(one, now, token)["MessageBody"]
        sent = world._replace(
            messages=_sorted((*world.messages, Message(f"request ({token})", body, now)))
        )
        listening = steps.listens(one, token, now)
        yield Step(f"tracker {one.name}: asks, with {token}", _moved(sent, one, listening))
        if not world.faults:
            return
        for error in SEND_ERRORS:
            for for_good in (False, True):
                after = promises.ends_under(steps.fail(one, error, now, for_good=for_good))
                label = f"tracker {one.name}: {error}{', its retries too' if for_good else ''}"
                if for_good and listening.closing == "requested":
                    after = after._replace(closing="unreachable")
                yield self._fault(label, _moved(world, one, after))
        again = promises.ends_under(steps.fail(listening, SEND_ERRORS[0], now))
        yield self._fault(
            f"tracker {one.name}: asks, with {token}; the answer of SQS is lost",
            _moved(sent, one, again),
        )

    def _report(self, world: World, one: Execution) -> Iterator[Step]:
        """The tracker says that the payment is unresolved."""
        now, steps = world.now, self._machine
        [entry] = steps.arguments(one, now)["Entries"]
        ids = tuple(
            entry["Detail"][name] for name in ("paymentRequestId", "paymentId") if name in entry["Detail"]
        )
        payment, news = promises.unresolved(world, ids, one, self.scenario)
        told = promises.published(world, payment, "UNRESOLVED", now)
        after = promises.ends_under(steps.succeed(one, "{}", now))
        yield Step(f"tracker {one.name}: UNRESOLVED is published", _moved(told, one, after), news)
        if world.faults:
            again = promises.ends_under(steps.fail(one, PUT_ERROR, now))
            yield self._fault(f"tracker {one.name}: {PUT_ERROR}", _moved(world, one, again))
            yield self._fault(
                f"tracker {one.name}: UNRESOLVED is published, the answer is lost",
                _moved(told, one, again),
            )._replace(news=news)

    # SQS, the publisher, and time.

    def _deliveries(self, world: World) -> Iterator[Step]:
        visible = [one for one in world.messages if one.visible_at <= world.now]
        for one in visible:
            yield self._deliver(world, (one,))
        if len(visible) > 1 and len({request(one.body).named for one in visible}) == len(visible):
            yield self._deliver(world, tuple(visible))
        first_later = len(self.scenario.events)
        for number, event in enumerate(self.scenario.later, first_later):
            if world.owed[number] == "":
                # To arrive and wait is the same as to arrive when it is received.
                arrived = Message(event.id, event.body, world.now)
                owed = promises.owed_from_now(world, request(event.body))
                later = world._replace(
                    owed=_with(world.owed, number, owed), messages=(*world.messages, arrived)
                )
                yield self._deliver(later, (arrived,))
        if world.faults:
            for one in world.messages:
                if one.visible_at > world.now and one.receives:
                    again = _changed(world, one.id, shared=True, asked_at=None)
                    [copy] = [each for each in again.messages if each.id == one.id]
                    busy = any(one.id == r.id for w in world.workers for r in w.records)
                    how = "to a second worker" if busy else "too early"
                    yield self._fault(f"SQS delivers it {how}", self._deliver(again, (copy,)).world, one.id)
            for one in world.ghosts:
                ghosts = tuple(each for each in world.ghosts if each.id != one.id)
                again = world._replace(ghosts=ghosts, messages=(*world.messages, one))
                yield self._fault(
                    "SQS delivers it though it was deleted", self._deliver(again, (one,)).world, one.id
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
        world = world._replace(messages=_sorted((*others, *received)))
        # Only what a record shows: when it was asked before is the world's to know.
        records = tuple(one._replace(visible_at=0, asked_at=None, shared=False) for one in received)
        worker = Worker(records, now)
        label = f"delivered: {', '.join(f'{one.id} ({one.receives})' for one in received)}"
        return Step(label, world._replace(workers=_workers(world, worker)))

    def _time(self, world: World, running: list[Execution]) -> Iterator[Step]:
        now, cutoff = world.now, self.cutoff
        if world.workers:
            if self._cutoff_may_pass(world):
                yield Step("the cutoff passes", world._replace(now=cutoff))
            return
        if any(one.due <= now for one in running):
            return
        if self._quiet(world) and any(one.visible_at <= now for one in world.messages):
            return
        moments = [one.visible_at for one in world.messages] + [one.due for one in running]
        moments += [one.first_received + FAST_PHASE for one in world.messages if one.receives]
        if world.messages or running:
            moments += [cutoff - JUST_BEFORE, cutoff]
            later = [one for one in moments if one > now]
            if later:
                yield Step("time passes", world._replace(now=min(later)))

    def _fault(self, label: str, world: World, of: str = "") -> Step:
        happened = (*world.happened, label) if self.scenario.told_apart else ()
        faults = world.faults - 1
        ghosts = world.ghosts if faults else ()
        label = f"FAULT {label}{f' ({of})' if of else ''}"
        return Step(label, world._replace(faults=faults, ghosts=ghosts, happened=happened))


_READ_BY_NOBODY = {"visibility", "put events", "dead letter", "return"}

type _Call = Callable[
    [Rules, World, Worker, tuple[Any, ...], Any], tuple[World, Answered, dict[str, Any]]
]

_CALLS: dict[str, _Call] = {
    "visibility": Rules._hide,
    "put events": Rules._put_events,
    "start execution": Rules._start_execution,
    "describe execution": Rules._describe_execution,
    "task success": Rules._task_ends,
    "task failure": Rules._task_ends,
    "dead letter": Rules._dead_letter,
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


def _told(label: str, now: Moment) -> str:
    return f"{now / SECOND:9.3f} s  {label}"


def _clock(moment: Moment) -> str:
    return f"{moment / SECOND:g} s"


def _sorted(messages: Iterable[Message]) -> tuple[Message, ...]:
    return tuple(sorted(messages, key=lambda one: one.id))


def _workers(world: World, worker: Worker) -> tuple[Worker, ...]:
    def key(one: Worker) -> tuple[str, Moment, int]:
        return one.records[0].id, one.began, len(one.responses)

    return tuple(sorted((*world.workers, worker), key=key))


def _name(execution: Execution) -> str:
    return execution.name


def _with[T](values: tuple[T, ...], number: int, value: T) -> tuple[T, ...]:
    return (*values[:number], value, *values[number + 1 :])


def _changed(world: World, message_id: str, **changes: Any) -> World:
    """The world with one message changed, if it is still there."""
    return world._replace(
        messages=tuple(
            one._replace(**changes) if one.id == message_id else one for one in world.messages
        )
    )


def _moved(world: World, before: Execution, after: Execution) -> World:
    return world._replace(
        executions=tuple(after if one.name == before.name else one for one in world.executions)
    )
