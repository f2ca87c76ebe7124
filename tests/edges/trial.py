"""One scenario, run and judged: from outside, by the stand-in's log and what reached AWS.

The payments' ids choose the stand-in's answers, and differ within a batch, so an answer that is
taken for another payment's shows.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from trustme import CA

from sandbox import keys, processes
from sandbox.build import ROOT
from sandbox.environment import for_servers
from sandbox.processes import Process
from sandbox.stand_in import StandIn, wait_until_ready
from tests.edges.edge import Edge
from tests.edges.scenarios import Answers, Meanwhile, Scenario
from tests.support.aws import AwsDouble
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

    scenario: Scenario
    payments: int
    attempts: int = 0
    requests: int = 0
    unknown: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


@dataclass
class Backend:
    """A stand-in over TLS; `asked` are the payments of its requests, known beyond its death."""

    process: Process
    stand_in: StandIn
    asked: Counter[str] = field(default_factory=Counter)
    _next: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def port(self) -> int:
        return int(self.stand_in.url.rpartition(":")[2])

    def read(self) -> Counter[str]:
        with self._lock:
            if self.process.alive:
                requests, self._next = self.stand_in.requests(self._next)
                self.asked.update(one["paymentRequestId"] for one in requests)
            return self.asked.copy()

    def kill(self) -> None:
        self.read()
        with self._lock:
            os.kill(self.process.pid, signal.SIGKILL)
            assert self.process.child
            self.process.child.wait()


class Lab:
    """What all scenarios share: an authority, the keys of both sides, AWS.

    Parameters
    ----------
    home
        A directory of its own.
    """

    def __init__(self, home: Path, aws: AwsDouble) -> None:
        self.home, self.aws = home, aws
        shutil.rmtree(home, ignore_errors=True)
        keys.generate(home / "keys")
        self.secret = json.loads((home / "keys" / "secret.json").read_text())
        authority = CA()
        self.trusted = str(home / "authority.pem")
        authority.cert_pem.write_to_path(self.trusted)
        server = authority.issue_cert("127.0.0.1", "localhost")
        server.private_key_and_cert_chain_pem.write_to_path(str(home / "edge.pem"))
        # This process asks the stand-ins for their logs.
        os.environ["SSL_CERT_FILE"] = self.trusted

    @contextmanager
    def backend(self, latency_ms: int) -> Iterator[Backend]:
        """A stand-in on a port of its own."""
        log = self.home / f"stand-in-{uuid4().hex[:8]}.log"
        process = processes.start(
            [
                *(sys.executable, "-m", "sandbox.gateway", "--port", "0"),
                *("--config", self.home / "keys" / "gateway.json"),
                *("--latency-ms", str(latency_ms)),
                *("--certfile", self.home / "edge.pem", "--keyfile", self.home / "edge.pem"),
            ],
            environment=for_servers() | {"PYTHONUNBUFFERED": "1"},
            directory=ROOT,
            log=log,
        )
        try:
            yield Backend(process, wait_until_ready(process, log))
        finally:
            process.stop()


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
        self._row, self._heard = Row(scenario, len(payments)), Counter[str]()
        ports = [one.port for one in self.backends] if scenario.upstream else [NOBODY]
        self.edge.start(scenario.directives, ports)
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
            back = function(*records)
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
        page = self.scenario.page
        if number == 1 and page and not any(f"HTTP {page}" in one["reason"] for one in lines):
            self._row.faults.append(f"no attempt met the page with status {page}")
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
