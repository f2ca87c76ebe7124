"""The executions of the state machine, and what may become of their calls."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from tests.explore import promises
from tests.explore.machine import REPORT, Machine
from tests.explore.scenario import Scenario, request
from tests.explore.steps import Step, by_id, fault, moved
from tests.explore.values import Execution, Message, World

SEND_ERRORS = ("SQS.AmazonSQSException", "SQS.QueueDoesNotExistException")
PUT_ERROR = "EventBridge.FailedEntry"


def closing_call(world: World, token: str, what: str) -> World:
    """What became of a closing call is remembered by the execution that waits for it."""
    for one in world.executions:
        if token and one.token == token and one.closing == "requested":
            return moved(world, one, one._replace(closing=what))
    return world


class Trackers:
    """What an execution does next."""

    def __init__(self, scenario: Scenario, machine: Machine) -> None:
        self._scenario = scenario
        self._machine = machine

    def steps(self, world: World, one: Execution) -> Iterator[Step]:
        now, machine = world.now, self._machine
        task = machine.task(one)
        if not task:
            yield Step(
                f"tracker {one.name}: {one.at} is over",
                moved(world, one, machine.wait_over(one, now)),
            )
        elif task == REPORT:
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
        world = closing_call(world, one.token, "timed out")
        [one] = [each for each in world.executions if each.name == one.name]
        after = promises.ends_under(self._machine.fail(one, "States.Timeout", world.now))
        label = f"tracker {one.name}: its token times out"
        timed_out = moved(world, one, after)
        yield fault(self._scenario, label, timed_out) if waits or held else Step(label, timed_out)

    def _request(self, world: World, one: Execution) -> Iterator[Step]:
        """The tracker puts its request back on the queue."""
        now, machine = world.now, self._machine
        live = {request(m.body).token for m in (*world.messages, *world.ghosts)}
        live |= {request(m.body).token for w in world.workers for m in w.records}
        token = next(t for n in count(1) if (t := f"token {n} of {one.name}") not in live)
        body = machine.arguments(one, now, token)["MessageBody"]
        sent = world._replace(
            messages=by_id((*world.messages, Message(f"request ({token})", body, now)))
        )
        listening = machine.listens(one, token, now)
        yield Step(f"tracker {one.name}: asks, with {token}", moved(sent, one, listening))
        if not world.faults:
            return
        for error in SEND_ERRORS:
            for for_good in (False, True):
                after = promises.ends_under(machine.fail(one, error, now, for_good=for_good))
                label = f"tracker {one.name}: {error}{', its retries too' if for_good else ''}"
                if for_good and listening.closing == "requested":
                    after = after._replace(closing="unreachable")
                yield fault(self._scenario, label, moved(world, one, after))
        again = promises.ends_under(machine.fail(listening, SEND_ERRORS[0], now))
        yield fault(
            self._scenario,
            f"tracker {one.name}: asks, with {token}; the answer of SQS is lost",
            moved(sent, one, again),
        )

    def _report(self, world: World, one: Execution) -> Iterator[Step]:
        """The tracker says that the payment is unresolved."""
        now, machine = world.now, self._machine
        [entry] = machine.arguments(one, now)["Entries"]
        ids = tuple(
            entry["Detail"][name]
            for name in ("paymentRequestId", "paymentId")
            if name in entry["Detail"]
        )
        payment, news = promises.unresolved(world, ids, one, self._scenario)
        told = promises.published(world, payment, "UNRESOLVED", now)
        after = promises.ends_under(machine.succeed(one, "{}", now))
        yield Step(f"tracker {one.name}: UNRESOLVED is published", moved(told, one, after), news)
        if world.faults:
            again = promises.ends_under(machine.fail(one, PUT_ERROR, now))
            yield fault(
                self._scenario, f"tracker {one.name}: {PUT_ERROR}", moved(world, one, again)
            )
            yield fault(
                self._scenario,
                f"tracker {one.name}: UNRESOLVED is published, the answer is lost",
                moved(told, one, again),
            )._replace(news=news)
