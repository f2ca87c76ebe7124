"""The executions of the state machine, and what may become of their calls."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import count
from typing import Any

from tests.explore import promises
from tests.explore.scenario import SECOND, Scenario, request
from tests.explore.steps import Step, by_id, fault, moved
from tests.explore.values import BrokenPromiseError, Execution, Message, World
from tests.statemachine.machine import REPORT, Machine
from tests.statemachine.reference import Reference

DAY = 24 * 3600 * SECOND
SEND_ERRORS = ("SQS.AmazonSQSException", "SQS.QueueDoesNotExistException")
PUT_ERROR = "EventBridge.FailedEntry"


def closing_call(world: World, token: str, what: str) -> World:
    """What became of a closing call is remembered by the execution that waits for it."""
    for one in world.executions:
        if token and one.token == token and one.closing == "requested":
            return moved(world, one, one._replace(closing=what))
    return world


class Trackers(Machine):
    """The state machine, and what an execution does next; every retry waits as long as it may."""

    def __init__(
        self, scenario: Scenario, definition: dict[str, Any], reference: Reference
    ) -> None:
        # The age at which a tracker gives up is not reached in any of these worlds.
        assert scenario.window < DAY
        super().__init__(definition, reference, scenario.start, scenario.random)
        self._scenario = scenario
        # Every step is a function of its arguments; most are asked for again and again.
        for step in ("begin", "task", "arguments", "wait_over", "listens", "succeed", "fail"):
            setattr(self, step, cache(getattr(self, step)))

    def keep(self, data: Any) -> Any:
        """Codes and counts are for people: nobody decides by them, and they would make many worlds
        of one."""
        if not data.get("nextAttemptAt", "Z").endswith("Z"):
            raise BrokenPromiseError(f"moments are written with Z: {data['nextAttemptAt']}")
        kept = {name: value for name, value in data.items() if name != "resultCode"}
        return {**kept, "attempts": 0} if "attempts" in kept else kept

    def steps(self, world: World, one: Execution) -> Iterator[Step]:
        task = self.task(one)
        if not task:
            after = self.wait_over(one, world.now)
            yield Step(f"tracker {one.name}: {one.at} is over", moved(world, one, after))
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
        after = promises.ends_under(self.fail(one, "States.Timeout", world.now))
        label = f"tracker {one.name}: its token times out"
        timed_out = moved(world, one, after)
        yield fault(label, timed_out) if waits or held else Step(label, timed_out)

    def _request(self, world: World, one: Execution) -> Iterator[Step]:
        """The tracker puts its request back on the queue."""
        now = world.now
        live = {request(m.body).token for m in (*world.messages, *world.ghosts)}
        live |= {request(m.body).token for w in world.workers for m in w.records}
        token = next(t for n in count(1) if (t := f"token {n} of {one.name}") not in live)
        body = self.arguments(one, now, token)["MessageBody"]
        sent = world._replace(
            messages=by_id((*world.messages, Message(f"request ({token})", body, now)))
        )
        listening = self.listens(one, token, now)
        if request(body).closing:
            listening = listening._replace(closing="requested")
        yield Step(f"tracker {one.name}: asks, with {token}", moved(sent, one, listening))
        if not world.faults:
            return
        for error in SEND_ERRORS:
            for for_good in (False, True):
                after = promises.ends_under(self.fail(one, error, now, for_good=for_good))
                label = f"tracker {one.name}: {error}{', its retries too' if for_good else ''}"
                if for_good and listening.closing == "requested":
                    after = after._replace(closing="unreachable")
                yield fault(label, moved(world, one, after))
        again = promises.ends_under(self.fail(listening, SEND_ERRORS[0], now))
        yield fault(
            f"tracker {one.name}: asks, with {token}; the answer of SQS is lost",
            moved(sent, one, again),
        )

    def _report(self, world: World, one: Execution) -> Iterator[Step]:
        """The tracker says that the payment is unresolved."""
        now = world.now
        [entry] = self.arguments(one, now)["Entries"]
        payment = promises.unresolved(world, entry["Detail"], one, self._scenario)
        told = promises.published(world, payment, "UNRESOLVED", now)
        after = promises.ends_under(self.succeed(one, "{}", now))
        yield Step(f"tracker {one.name}: UNRESOLVED is published", moved(told, one, after))
        if world.faults:
            again = promises.ends_under(self.fail(one, PUT_ERROR, now))
            yield fault(f"tracker {one.name}: {PUT_ERROR}", moved(world, one, again))
            yield fault(
                f"tracker {one.name}: UNRESOLVED is published, the answer is lost",
                moved(told, one, again),
            )
