"""Batches of ten payments before a hostile gateway, and the judge of what came of them.

The judge knows the answers' signed contents and nothing of how they may be read: every payment
whose answer had to be read has its own outcome, no payment has another's, none is sent twice, none
after the handler has returned.
"""

from __future__ import annotations

import gc
import itertools
import os
import random
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from operator import gt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import trustme

from tests.integration.generators.answers import healthy, hostile
from tests.integration.generators.draft import Answer, Situation
from tests.support.aws import AwsDouble
from tests.support.function import Function, environment
from tests.support.gateway import Gateway, Request, Step
from tests.support.records import message, record
from tests.support.signer import Signer

TIMEOUT = 1.5
LATE = 0.3
"""Seconds after the handler's return by which a request that it sent has been read here."""
PER_ENVIRONMENT = 100
"""Batches in one execution environment: of plain connections and of TLS by turns."""
WARM = 20
"""Batches after which an environment has all that it needs for ever."""
MAY_GROW = (15, 40, 48)
"""By so many threads, open files and MB from then on, the servers here included."""


class Violation(AssertionError):
    """What the judge saw, in which batch, and how to see it again."""


@dataclass
class Figures:
    """What was answered: for each kind the answers, and those that were read."""

    batches: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    total: int = 0
    grown: list[int] = field(default_factory=lambda: [0, 0, 0])

    def table(self) -> str:
        lines = [
            f"{self.batches:,} batches, {self.total:,} answers",
            "grew at most, in one environment, by {} threads, {} files, {} MB".format(*self.grown),
            f"{'kind':42} answers    read",
        ]
        lines += [
            f"{kind:42} {count:7,} {self.read[kind]:7,}"
            for kind, count in sorted(self.answers.items())
        ]
        return "\n".join(lines)


@dataclass
class World:
    """The servers around one execution environment, and the function in it."""

    seed: int
    aws: AwsDouble
    signer: Signer
    gateway: Gateway
    trap: Gateway
    function: Function
    figures: Figures
    given_up: set[int] = field(default_factory=set)

    def batch(self, number: int) -> None:
        """Run one batch; raises Violation."""
        rng = random.Random(f"{self.seed}/{number}")
        payments = [f"B{number}-{place}" for place in range(10)]
        answers = self._answers(rng, payments, number)
        self.gateway.requests.clear()
        self.aws.calls.clear()
        self.function.forget()

        found: list[str] = []

        def answer(request: Request) -> list[Step]:
            planned = answers.get(request.payment)
            if request.connection in self.given_up:
                found.append(f"{request.payment} was sent on a connection that had to be given up")
            if planned and not planned.alone:
                self.given_up.add(request.connection)
            return planned.steps if planned else []

        self.gateway.answer = answer
        records = {one: record(message(one)) for one in payments}
        kept: set[str] = set()
        try:
            back = self.function(*records.values())
            kept = {one for one in payments if records[one]["messageId"] in back}
        except BaseException as error:
            found.append(f"the handler raised {type(error).__name__}: {error}"[:300])
        if not self.gateway.wait_until_answered(TIMEOUT + 3):
            found.append("an answer never ended")
        found += self._judge(answers, kept)
        if found:
            raise Violation(self._report(number, answers, found))
        self._count(answers)

    def _answers(self, rng: random.Random, payments: list[str], number: int) -> dict[str, Answer]:
        situation = Situation(
            self.signer,
            [*payments, *(f"B{number + 1}-{place}" for place in range(10)), "nobody"],
            f"{self.trap.url}/stolen",
            rng.random() < 0.02,
            lambda: self.gateway.wait_for_requests(len(payments), 0.4),
        )
        bad = set(rng.sample(payments, rng.choice([1, 2, 3, 5, 8])))
        return {
            one: hostile(rng, one, situation) if one in bad else healthy(rng, one, self.signer)
            for one in payments
        }

    def _judge(self, answers: dict[str, Answer], kept: set[str]) -> Iterator[str]:
        outcomes: dict[str, list[tuple[str, dict[str, Any]]]] = {one: [] for one in answers}
        for kind, detail in self.aws.outcomes:
            outcomes.setdefault(detail["paymentRequestId"], []).append((kind, detail))
        asked = Counter(self.gateway.asked)
        for payment, answer in answers.items():
            kinds = [kind for kind, _ in outcomes[payment]]
            allowed = [answer.proves] if answer.proves else []
            if kinds and kinds != allowed:
                yield f"{payment} has the outcomes {kinds}, its answer proves {allowed}"
            elif answer.must and kinds != allowed:
                yield f"{payment} has no outcome, its answer proves {allowed} ({answer.kinds})"
            if (payment in kept) == bool(kinds):
                yield f"{payment} is {'kept' if kinds else 'gone'} with the outcomes {kinds}"
            for _, detail in outcomes[payment]:
                named = {detail.get("pspId", payment), detail.get("resultMessage", payment)}
                if named != {payment}:
                    yield f"{payment} has the answer of {named}"
            if asked[payment] > 1 or (answer.must and not asked[payment]):
                yield f"{payment} was sent {asked[payment]} times"
        for stranger in (outcomes.keys() | asked.keys()) - answers.keys():
            yield f"{stranger} is none of this batch"
        for request in self.gateway.requests:
            if request.at > self.function.returned_at + LATE:
                yield f"{request.payment} was sent after the handler had returned"
            if request.values("cookie") or request.values("authorization"):
                yield f"{request.payment} was sent with what an earlier answer gave"
        if self.trap.connections:
            yield "something connected to where an answer pointed"

    def _report(self, number: int, answers: dict[str, Answer], found: list[str]) -> str:
        start = number - number % PER_ENVIRONMENT
        replay = f"--only gateway --seed {self.seed} --start {start} --batches {number - start + 1}"
        shown = [
            f"  {payment} {answer.kinds} must={answer.must} {repr(answer.steps)[:700]}"
            for payment, answer in answers.items()
            if answer.kinds != ["healthy"]
        ]
        lines = [f"batch {number} over {self.gateway.url.partition(':')[0]}, replay: {replay}"]
        return "\n".join([*lines, *found, "hostile answers:", *shown])

    def _count(self, answers: dict[str, Answer]) -> None:
        done = {detail["paymentRequestId"] for _, detail in self.aws.outcomes}
        self.figures.batches += 1
        for payment, answer in answers.items():
            self.figures.total += 1
            for kind in answer.kinds:
                self.figures.answers[kind] += 1
                self.figures.read[kind] += payment in done


def held() -> tuple[int, int, int]:
    """What the process holds: threads, open files, memory in MB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE") // 2**20
    return threading.active_count(), len(os.listdir("/proc/self/fd")), memory


@contextmanager
def world(
    seed: int, tls: bool, aws: AwsDouble, signer: Signer, figures: Figures
) -> Iterator[World]:
    with ExitStack() as stack:
        settings, context = {}, None
        if tls:
            authority = trustme.CA()
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("127.0.0.1").configure_cert(context)
            directory = Path(stack.enter_context(TemporaryDirectory()))
            authority.cert_pem.write_to_path(str(directory / "authority.pem"))
            settings["SSL_CERT_FILE"] = str(directory / "authority.pem")
        trap = stack.enter_context(Gateway(lambda _: []))
        gateway = stack.enter_context(Gateway(lambda _: [], tls=context))
        settings["GATEWAY_TIMEOUT_SECONDS"] = str(TIMEOUT)
        function = stack.enter_context(environment(aws, gateway.url, **settings))
        yield World(seed, aws, signer, gateway, trap, function, figures)


def run(seed: int, batches: range, aws: AwsDouble, signer: Signer) -> str:
    """Run these batches; the figures, or Violation at the first that breaks a promise."""
    figures = Figures()
    for index, numbers in itertools.groupby(batches, lambda number: number // PER_ENVIRONMENT):
        with world(seed, index % 2 == 1, aws, signer, figures) as one:
            before = None
            for count, number in enumerate(numbers):
                one.batch(number)
                if count == WARM:
                    before = held()
            if before:
                _judge_growth(figures, before, held())
    return figures.table()


def _judge_growth(figures: Figures, before: tuple[int, ...], after: tuple[int, ...]) -> None:
    grown = [now - then for now, then in zip(after, before, strict=True)]
    figures.grown = list(map(max, grown, figures.grown))
    if any(map(gt, grown, MAY_GROW)):
        raise Violation(f"threads, files, memory in MB have grown by {grown}")
