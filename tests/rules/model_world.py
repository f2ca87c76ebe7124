"""The world around the function: what may happen to it, and what must hold at every moment."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.rules.alipay import Alipay, Call
from tests.rules.answers import Reply
from tests.rules.line import CREATED, CUTOFF, INVOCATION, UTC8, Line, body
from tests.rules.model_aws import CrashError, Fault, ModelAws
from tests.rules.model_gateway import GatewayModel, Mood
from tests.rules.model_queue import Message, Queue
from tests.rules.model_tracker import Execution, Trackers

BEGINS = datetime(2026, 11, 22, 12, 0, tzinfo=UTC8)
# One is called what the second tracker of another would be called; one cannot name a tracker; one
# has an id of Alipay+'s only.
PAYMENTS: dict[str, dict[str, str]] = {
    "P": {"paymentRequestId": "P"},
    "P-2": {"paymentRequestId": "P-2"},
    "ünnamed/1": {"paymentRequestId": "ünnamed/1", "paymentId": "2026"},
    "2027": {"paymentId": "2027"},
}
UNREADABLE = "{"
FAST_GAP = 35  # 5 s to the next attempt, and 30 s from there to the cutoff


@dataclass(frozen=True, slots=True)
class Outcome:
    """An outcome event that went out; `number` orders it among all that happened."""

    payment: str
    detail_type: str
    status: str | None
    code: str | None
    number: int


class World:
    """Queue, trackers, Alipay+ and the function between them, on one clock."""

    def __init__(self, line: Line, alipay: Alipay) -> None:
        self._clock, self._alipay = line.clock, alipay
        line.clock.now = BEGINS
        self.queue = Queue()
        self.trackers = Trackers(self.queue.send, self._report_unresolved)
        self.aws = ModelAws(line.clock, self.queue, self.trackers, self._published)
        self.gateway = GatewayModel(line.clock, moods=dict.fromkeys(PAYMENTS, Mood.UNKNOWN))
        self.gateway.cutoffs = dict.fromkeys(PAYMENTS, CUTOFF)
        self.outcomes: list[Outcome] = []
        self.owed: dict[str, int] = {}
        self._outcome_ids: dict[tuple[str, str, str | None], str] = {}
        self._happened = 0
        self._began = self._ends_at = BEGINS
        self._function = line.cancellation(self.aws)
        alipay.expect(self._answer)

    @property
    def now(self) -> datetime:
        return self._clock.now

    # What may happen.

    def publish(self, payment: str) -> None:
        """A Payment Expired or Payment Closed event: from now on an outcome is owed."""
        self.queue.send(body(PAYMENTS[payment], CREATED), self.now)
        self._owe(payment)

    def publish_unreadable(self) -> None:
        self.queue.send(UNREADABLE, self.now)

    def deliver(
        self, messages: list[Message], faults: Iterable[Fault] = (), seconds: float = 0.0
    ) -> None:
        """One invocation; SQS deletes what the function does not ask to keep."""
        self._began = began = self.now
        self._ends_at = began + timedelta(seconds=seconds)
        records: list[Mapping[str, Any]] = [one.received(began) for one in messages]
        firsts = [_payment_of(one.body) for one in messages if _is_first_attempt(one)]
        self.gateway.said.clear()
        self._alipay.expect(self._answer)
        self.aws.faults.clear()
        self.aws.faults.extend(faults)
        try:
            kept = set(self._function.of_batch(records, INVOCATION))
        except CrashError:
            kept = {one.message_id for one in messages}
        finally:
            self.aws.faults.clear()
        assert self._alipay.faults == []
        for one in messages:
            if one.message_id not in kept:
                self.queue.delete(one)
        if began >= CUTOFF:
            called = [call.payment for call in self._alipay.calls]
            assert all(called.count(one) <= firsts.count(one) for one in called), "sent too late"
        self.advance(max(self.now, self._ends_at))

    def advance(self, to: datetime) -> None:
        """Time passes; trackers wake up, and tokens time out."""
        self._clock.now = max(to, self.now)
        now = self.now
        self.trackers.run(now)

    def function_is_down(self) -> None:
        """For five hours and more every delivery fails, until SQS gives up."""
        self.advance(self.now + timedelta(hours=5))
        for one in self.queue.messages:
            one.receives = max(one.receives, 100)
            one.first_received = one.first_received or self.now
        self.queue.receivable(self.now)

    def redrive_dead_letters(self) -> None:
        """An operator has mended the cause; what cannot be read is left out."""
        unreadable = [text for text in self.queue.dead if text == UNREADABLE]
        self.queue.dead = [text for text in self.queue.dead if text != UNREADABLE]
        for text in self.queue.redrive(self.now):
            if "tracking" not in json.loads(text):
                self._owe(_payment_of(text))
        self.queue.dead += unreadable

    def redrive_tracker(self, one: Execution) -> None:
        self._owe(naming(one.payment))
        self.trackers.redrive(one, self.now)

    def next_moment(self) -> datetime | None:
        """When something happens without anybody's doing."""
        moments = [one.visible_at for one in self.queue.messages]
        due = self.trackers.next_due()
        return min([*moments, *([] if due is None else [due])], default=None)

    # What must hold.

    def forgotten(self) -> set[str]:
        """Payments that are nowhere: not waiting, not tracked, not dead, and without an outcome
        since it was last owed."""
        waiting = {_payment_of(one.body) for one in self.queue.messages}
        tracked = {naming(one.payment) for one in self.trackers.running()}
        dead = {_payment_of(text) for text in self.queue.dead}
        ended = {one.payment for one in self.outcomes if one.number > self.owed[one.payment]}
        return self.owed.keys() - waiting - tracked - dead - ended

    def twice_tracked(self) -> set[str]:
        tracked = [naming(one.payment) for one in self.trackers.running()]
        return {one for one in tracked if tracked.count(one) > 1}

    def _answer(self, call: Call) -> Reply:
        # Not `now`: another answer of the batch may have moved it, or not yet.
        reply = self.gateway.answer(call, self._began)
        self._clock.now = self._ends_at
        return reply

    def _published(self, detail_type: str, detail: dict[str, Any]) -> None:
        """Only what Alipay+ has signed in this very invocation may become an outcome."""
        payment, status, code = naming(detail), detail["resultStatus"], detail["resultCode"]
        assert (payment, status, code) in self.gateway.said, "an outcome that nobody has signed"
        backing = {
            "Payment Cancelled": status == "S",
            "Payment Refund Required": (status, code) == ("F", "CANCEL_WINDOW_EXCEED"),
            "Payment Cancellation Failed": status == "F" and code != "CANCEL_WINDOW_EXCEED",
        }
        assert backing[detail_type], f"{detail_type} for {status} {code}"
        # CANCELLED if, and as long as, Alipay+ has cancelled it.
        assert (payment in self.gateway.cancelled) == (status == "S")
        known = self._outcome_ids.setdefault((payment, detail_type, code), detail["outcomeId"])
        assert known == detail["outcomeId"], "one outcome under two ids"
        self._record(payment, detail_type, status, code)

    def _report_unresolved(self, one: Execution, now: datetime) -> None:
        """Backed by the cutoff: no attempt fits any more."""
        assert now >= CUTOFF - timedelta(seconds=FAST_GAP), "unresolved before the window closed"
        self._record(naming(one.payment), "Payment Cancellation Unresolved", None, None)

    def _record(self, payment: str, detail_type: str, status: str | None, code: str | None) -> None:
        self._happened += 1
        self.outcomes.append(Outcome(payment, detail_type, status, code, self._happened))

    def _owe(self, payment: str) -> None:
        self._happened += 1
        self.owed[payment] = self._happened


def naming(fields: dict[str, Any]) -> str:
    """The id that a payment is known by here."""
    return str(fields.get("paymentRequestId") or fields["paymentId"])


def _payment_of(text: str) -> str:
    return "unreadable" if text == UNREADABLE else naming(json.loads(text))


def _is_first_attempt(message: Message) -> bool:
    return message.receives == 1 and "tracking" not in message.body
