"""One scenario, run and judged: from outside, by the stand-in's log and what reached AWS.

The payments' ids choose the stand-in's answers, and differ within a batch, so an answer that is
taken for another payment's shows.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from tests.edges.edge import Edge
from tests.edges.lab import Backend, Lab
from tests.edges.scenarios import Answers, Meanwhile, Scenario
from tests.support.function import Function, environment
from tests.support.records import message, record

# By the beginning of an id: its outcome, once its answer is heard. UNKNOWN is so once.
OWN = {
    "SUCCEEDS": "CANCELLED",
    "UNKNOWN": "CANCELLED",
    "FAILS-PROCESS_FAIL": "FAILED",
    "FAILS-CANCEL_WINDOW_EXCEED": "REFUND_REQUIRED",
}
BATCH = (
    *("SUCCEEDS",) * 5,
    *("UNKNOWN-1",) * 2,
    *("FAILS-PROCESS_FAIL", "FAILS-CANCEL_WINDOW_EXCEED", "FAILS-CANCEL_WINDOW_EXCEED"),
)
# Not forwarded, unknown by its own answer, resolved.
HEALTHY_ROUNDS = 3
NOBODY = 1  # a port on which nothing listens


@dataclass
class Row:
    """A row of the printed table, and all that was not as it should be."""

    payments: int
    attempts: int = 0
    requests: int = 0
    unknown: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


@dataclass
class Trial:
    """A scenario's edge, the stand-ins behind it, and the function before it."""

    lab: Lab
    scenario: Scenario
    edge: Edge
    backends: list[Backend]

    def run(self) -> Row:
        scenario, aws = self.scenario, self.lab.aws
        payments = [f"{kind}-{uuid4().hex[:12]}" for kind in BATCH * scenario.batches]
        self._row, self._heard = Row(len(payments)), Counter[str]()
        ports = [one.port for one in self.backends] if scenario.upstream else [NOBODY]
        self.edge.start(scenario.edges[self.edge.program.name], ports)
        self._set_mode(scenario.mode)
        aws.reset(self.lab.secret)
        settings = {"SSL_CERT_FILE": self.lab.trusted, "GATEWAY_TIMEOUT_SECONDS": "2"}
        with environment(aws, self.edge.url, **settings) as function:
            with self._meanwhile():
                left = self._round(function, payments, 1)
            self._row.unknown = len(left)
            self._set_mode("normal")
            self.edge.start({}, [one.port for one in self.backends if one.process.alive])
            for number in range(2, 2 + HEALTHY_ROUNDS):
                left = self._round(function, left, number)
        self._row.faults += [f"{one}: still unknown behind a healthy edge" for one in left]
        self._row.outcomes.update(itertools.chain.from_iterable(self._ended().values()))
        copies = [json.loads(body)["paymentRequestId"] for body, _ in aws.dead_letters]
        if sorted(copies) != sorted(one for one in payments if _own(one) == "FAILED"):
            self._row.faults.append(f"{len(copies)} dead letters")
        return self._row

    def _set_mode(self, mode: str) -> None:
        for one in self.backends:
            if one.process.alive:
                one.stand_in.set_mode(mode)

    @contextmanager
    def _meanwhile(self) -> Iterator[None]:
        over = threading.Event()

        def happens() -> None:
            if self.scenario.meanwhile is Meanwhile.RELOADS:
                while not over.wait(0.1):
                    self.edge.reload()
            if self.scenario.meanwhile is Meanwhile.ONE_DIES:
                dying = self.backends[0]
                # Those of a first batch are answered; those of the second are not.
                while dying.read().total() <= len(BATCH) * 0.7 and not over.wait(0.01):
                    pass
                dying.kill()

        thread = threading.Thread(target=happens)
        thread.start()
        yield
        over.set()
        thread.join()

    def _round(self, function: Function, payments: list[str], number: int) -> list[str]:
        """One attempt for each of the payments, judged; those that are still unknown."""
        asked, ended, unknown = self._asked(), self._ended(), set[str]()
        pauses = itertools.cycle(self.scenario.pauses if number == 1 else [0])
        function.forget()
        for batch in itertools.batched(payments, len(BATCH), strict=False):
            records = [record(message(one), receive_count=number) for one in batch]
            try:
                back = function(*records)
            except Exception as error:  # as for Lambda: the whole batch comes back
                back = [one["messageId"] for one in records]
                self._row.faults.append(f"the handler ended with {error!r}")
            unknown |= {
                payment
                for one, payment in zip(records, batch, strict=True)
                if one["messageId"] in back
            }
            time.sleep(next(pauses))
        lines = [one for one in function.logs if one["message"] == "cancel attempted"]
        attempts = Counter[str](one["paymentRequestId"] for one in lines)
        requests = self._asked() - asked
        self._row.attempts += attempts.total()
        self._row.requests += requests.total()
        for payment in payments:
            seen = self._ended()[payment][len(ended[payment]) :]
            seen += ["unknown"] * (payment in unknown)
            may = self._may_end(payment, requests[payment], healthy=number > 1)
            once = requests[payment] == 1 or (requests[payment] == 0 and number == 1)
            if attempts[payment] != 1 or not once or len(seen) != 1 or seen[0] not in may:
                self._row.faults.append(
                    f"{payment}, receive {number}: {attempts[payment]} attempts, "
                    f"{requests[payment]} requests, {seen} instead of {may}"
                )
        self._heard += requests
        least, most = (share * len(payments) for share in self.scenario.forwarded)
        met = {one["reason"].partition(":")[0] for one in lines}
        pages = {f"HTTP {status}" for status in self.scenario.pages}
        if number == 1 and pages and not met & pages:
            self._row.faults.append(f"met {met} and none of {pages}")
        if number == 1 and not least <= requests.total() <= most:
            self._row.faults.append(f"{requests.total()} requests, not {least:.0f} to {most:.0f}")
        return [one for one in payments if one in unknown]

    def _may_end(self, payment: str, requests: int, *, healthy: bool) -> set[str]:
        """How this attempt may end: by its own answer, or unknown where that is not heard."""
        answers = Answers.PASSED if healthy else self.scenario.answers
        if not requests or answers is Answers.LOST:
            return {"unknown"}
        own = {_own(payment)}
        if payment.startswith("UNKNOWN"):
            if not self._heard[payment]:
                return {"unknown"}
            if self.scenario.meanwhile is Meanwhile.ONE_DIES:
                own |= {"unknown"}  # what the dead stand-in knew is not known to the other
        return own | {"unknown"} if answers is Answers.SOME_LOST else own

    def _asked(self) -> Counter[str]:
        return sum((one.read() for one in self.backends), Counter[str]())

    def _ended(self) -> defaultdict[str, list[str]]:
        """The outcomes published so far, by payment."""
        ended = defaultdict[str, list[str]](list)
        for _, detail in self.lab.aws.outcomes:
            ended[detail["paymentRequestId"]].append(detail["outcome"])
        return ended


def _own(payment: str) -> str:
    return next(outcome for kind, outcome in OWN.items() if payment.startswith(kind))
