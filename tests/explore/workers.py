"""An invocation of the handler, step by step."""

from __future__ import annotations

from collections.abc import Iterator

from tests.explore import gateway, promises
from tests.explore.aws import Calls, answered_by
from tests.explore.process import Process
from tests.explore.scenario import Scenario, request
from tests.explore.seams import OK, Action, Answered
from tests.explore.steps import Step, by_id, changed, cutoff_may_pass, fault, is_quiet, with_item
from tests.explore.trackers import closing_call
from tests.explore.values import Worker, World
from tests.statemachine.machine import REPORT, Machine


class Workers:
    """What an invocation does next, and what may become of it."""

    def __init__(self, scenario: Scenario, machine: Machine) -> None:
        self._scenario = scenario
        self._machine = machine
        self.process = Process(scenario.start, scenario.random)
        self._calls = Calls(scenario, machine)

    def steps(self, world: World, worker: Worker) -> Iterator[Step]:
        rest = tuple(one for one in world.workers if one is not worker)
        without = world._replace(workers=rest)
        action = self._next(worker)
        if world.faults and not (
            action.kind == "heard" and not cutoff_may_pass(self._scenario, world)
        ):
            yield fault(f"the function dies before: {action.kind}", without)
        while action.kind in {"secret", "before send"}:
            if action.kind == "secret" and world.faults:
                unread = answered_by(without, worker, Answered("refused"))
                yield fault("the secret cannot be read", unread)
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
                yield from self._calls.steps(without, worker, action)

    def undisturbed(self, world: World) -> Worker | None:
        """A worker whose next step may as well be taken at once.

        It ends in the same world, whatever others do before or after it: what it does to the bus,
        to the dead-letter queue and to its own message is read by nobody who acts at this moment.
        Who has just received waits for nothing: to begin later would be the same. Only the cutoff
        could come between.
        """
        if cutoff_may_pass(self._scenario, world):
            return None
        reported = "" in world.owed or any(
            one.due <= world.now and self._machine.task(one) == REPORT
            for one in world.executions
            if one.status == "RUNNING"
        )
        for worker in world.workers:
            kind = self._next(worker).kind
            if kind in {"secret", "heard"}:
                return worker
            if kind in {"put_events", "send_message"} and not reported:
                return worker
            if kind in {"change_message_visibility_batch", "return"} and not world.faults:
                return worker
        return None

    def _next(self, worker: Worker) -> Action:
        return self.process.next(worker.records, worker.began, worker.responses)

    def _send(self, world: World, worker: Worker, action: Action) -> Iterator[Step]:
        [named] = action.entries
        [record] = [one for one in worker.records if request(one.body).named == named]
        asked = request(record.body)
        promises.may_be_sent(world, record, self._scenario.window)
        in_time = world.now < self._scenario.window
        free, silent_from_now = (
            not is_quiet(self._scenario, world),
            world.calls > self._scenario.attempts,
        )
        world = promises.counted_call(world, self._scenario)
        if not free:
            world = world._replace(faults=0, ghosts=())
        world = changed(world, record.id, asked_at=world.now)
        world = closing_call(world, asked.token, "sent")
        account = world.accounts[asked.payment]._replace(asked=True)
        possible = list(gateway.answers(account, in_time=in_time))
        if not free:
            possible = [("THROTTLED", account)]
            if not silent_from_now:
                possible.append(gateway.truth(account, in_time=in_time))
        elif self._scenario.answers:
            possible = [one for one in possible if one[0] in self._scenario.answers]
        seen = []
        for verdict, after in possible:
            silent = " (carried out)" if after.ledger != account.ledger else ""
            answered = world._replace(accounts=with_item(world.accounts, asked.payment, after))
            if not free:
                # Silent to the end from now on, or truthful.
                calls = self._scenario.attempts + (verdict == "THROTTLED")
                answered = answered._replace(calls=calls)
            step = Step(
                f"{record.id}: sent; the gateway answers {verdict}{silent}",
                answered_by(answered, worker, Answered(verdict)),
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
        world = changed(world, record.id, asked_at=world.now)
        heard = worker.heard
        if verdict in gateway.FINAL:
            heard = (*heard, (request(record.body).payment, gateway.FINAL[verdict], record.id))
        return Step(f"{record.id}: it hears {verdict}", answered_by(world, worker, OK, heard=heard))

    def _return(self, world: World, worker: Worker, action: Action) -> Step:
        kept = action.entries
        promises.returned(world, worker, kept)
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
            ghosts = by_id((*ghosts, *again))
        label = f"the function ends, keeps {', '.join(kept) or 'nothing'}"
        return Step(label, world._replace(messages=left, ghosts=ghosts))
