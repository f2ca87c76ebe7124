"""What must hold, judged by the gateway's ledger, the queue and the bus, never by the code's word.

Each function takes a step's part of the world and gives it back with what the step changed in the
books, or raises `BrokenPromiseError`.
"""

from __future__ import annotations

from typing import Any

from tests.explore.scenario import PAYMENTS, SECOND, Request, Scenario, request
from tests.explore.values import (
    Account,
    BrokenPromiseError,
    Execution,
    Message,
    Moment,
    Worker,
    World,
)

LEAST_INTERVAL = 5 * SECOND
LONGEST_REQUEUE = 10 * SECOND
QUEUES_OWN_TIMEOUT = 180 * SECOND
LEDGER = {"CANCELLED": "cancelled", "REFUND_REQUIRED": "closed"}

PROMISES = (
    "Each event ends in an outcome, or in the dead-letter queue with a reason.",
    "Every outcome but UNRESOLVED rests on an answer that the same invocation heard.",
    "What an invocation hears it publishes, or it dies, or a call fails and the message stays.",
    "A consumer that follows the contract's order ends with what the ledger says.",
    "UNRESOLVED only after a closing call that told nothing; for a payment that was never asked "
    "about only once its token has timed out, or SQS has refused it to the last retry.",
    "No call less than 5 s after the one before of the same message.",
    "No call at or after the cutoff but untracked and closing ones.",
    "What waits for its next attempt comes back in 10 s; what failed in 10 s, doubled per receive.",
    "The number of calls and of trackers is bounded.",
    "No execution ends under an error of AWS, and no expression of the state machine fails.",
)


def may_be_sent(world: World, record: Message, cutoff: Moment) -> None:
    """The call that is about to be sent may be."""
    asked = request(record.body)
    if world.now >= cutoff and asked.tracked and not asked.closing:
        raise BrokenPromiseError(f"{record.id} is tracked, and is sent at or after the cutoff")
    for one in world.messages:
        if one.id != record.id or one.shared or one.asked_at is None:
            continue
        if world.now - one.asked_at < LEAST_INTERVAL:
            raise BrokenPromiseError(f"{record.id} is sent again within 5 s")


def counted_call(world: World, scenario: Scenario) -> World:
    if world.calls == scenario.calls_at_most:
        raise BrokenPromiseError(f"more than {scenario.calls_at_most} calls")
    return world._replace(calls=world.calls + 1)


def trackers_bounded(world: World, scenario: Scenario) -> None:
    if len(world.executions) > scenario.trackers_at_most:
        raise BrokenPromiseError(f"more than {scenario.trackers_at_most} trackers")


def returned(world: World, worker: Worker, kept: tuple[str, ...]) -> None:
    """The function has ended by itself and asks SQS to keep these."""
    for payment, outcome, message_id in worker.heard:
        if (payment, outcome) in worker.published:
            continue
        if message_id not in kept:
            raise BrokenPromiseError(f"{outcome} is heard, not published, and its message deleted")
        if not worker.hurt:
            raise BrokenPromiseError(f"{outcome} is heard and not published, though nothing failed")
    # Another worker may have it by now.
    receives = {one.id: one.receives for one in worker.records if one.id not in worker.unhidden}
    for one in world.messages:
        if one.id in kept and receives.get(one.id) == one.receives and not one.shared:
            _comes_back_soon(world, one, failed=worker.hurt)


def _comes_back_soon(world: World, one: Message, *, failed: bool) -> None:
    longest = LONGEST_REQUEUE
    if failed or request(one.body).closing:
        longest = min(LONGEST_REQUEUE * 2 ** (one.receives - 1), QUEUES_OWN_TIMEOUT)
    if one.visible_at - world.now > longest:
        seconds = (one.visible_at - world.now) / SECOND
        raise BrokenPromiseError(f"{one.id} comes back only after {seconds:g} s")


def named_by(detail: dict[str, Any]) -> int:
    """The payment of an outcome's detail."""
    return PAYMENTS[detail.get("paymentRequestId") or detail["paymentId"]]


def backed(detail: dict[str, Any], worker: Worker) -> int:
    """The payment of an outcome that the function publishes."""
    payment, outcome = named_by(detail), detail["outcome"]
    if not any(heard[:2] == (payment, outcome) for heard in worker.heard):
        raise BrokenPromiseError(f"{outcome} is published, and the gateway never said so")
    return payment


def published(world: World, payment: int, outcome: str, resolved_at: Moment) -> World:
    """An outcome is on the bus: what a consumer knows now, and whose event has ended."""
    account = world.accounts[payment]
    if outcome in LEDGER:
        if account.final not in ("", outcome):
            raise BrokenPromiseError(f"{outcome} after {account.final}")
        account = account._replace(final=outcome, passing="", passing_at=0)
    elif not account.final and resolved_at >= account.passing_at:
        account = account._replace(passing=outcome, passing_at=resolved_at)
    accounts = (*world.accounts[:payment], account, *world.accounts[payment + 1 :])
    return _ended(world._replace(accounts=accounts), payment)


def dead_letter(world: World, payment: int, reason: str) -> World:
    if not reason:
        raise BrokenPromiseError("a dead letter without a reason")
    return _ended(world, payment)


def _ended(world: World, payment: int) -> World:
    """All events of the payment that have arrived are answered by what has just come out."""
    return world._replace(
        owed=tuple("ended" if one == f"owed {payment}" else one for one in world.owed)
    )


def owed_from_now(world: World, asked: Request) -> str:
    """An event arrives. One that copies a token of a tracker is part of what that one ends in."""
    if asked.tracked and world.accounts[asked.payment].outcome:
        return "ended"
    return f"owed {asked.payment}"


def unresolved(world: World, detail: dict[str, Any], one: Execution, scenario: Scenario) -> int:
    """A tracker gives up; its payment."""
    payment = named_by(detail)
    account = world.accounts[payment]
    if scenario.closing:
        if one.closing not in ("sent", "timed out", "unreachable"):
            raise BrokenPromiseError("UNRESOLVED, and no closing call was made")
        if not account.asked and one.closing == "sent":
            raise BrokenPromiseError("UNRESOLVED, and the payment was never asked about")
    return payment


def ends_under(one: Execution, expected: str = "Unresolved") -> Execution:
    if one.status == "FAILED" and one.at not in (expected, "Unresolved"):
        raise BrokenPromiseError(f"the tracker ends in silence, under {one.at}")
    return one


def at_the_end(world: World) -> None:
    """Nothing is under way any more."""
    if any(one.startswith("owed") for one in world.owed):
        raise BrokenPromiseError("an event has ended in no outcome and in no dead letter")
    for account in world.accounts:
        _as_the_ledger_says(account)


def _as_the_ledger_says(account: Account) -> None:
    if account.final and LEDGER[account.final] != account.ledger:
        raise BrokenPromiseError(f"{account.final}, and the ledger says {account.ledger}")
