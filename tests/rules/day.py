"""A simulated day of one payment that stays unknown, driven through the real decisions.

The clock is a number of seconds since the first attempt. What the queue and the tracker do between
two attempts is modelled here from design.md, "The tracker" and "Effects".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from cancel_payment import request, result
from cancel_payment.decision import decide, may_send
from cancel_payment.model import Requeue, Track
from cancel_payment.payment import CancelRequest

from tests.rules.answers import result as answer_body
from tests.rules.line import CREATED, CUTOFF, SLOW_RETRY, body, record

LAST_MOMENT = 30.0  # "The last attempt is 30 s before the cutoff"
TOKEN_TIMEOUT = 2700.0  # 45 minutes, the tracker's TimeoutSeconds
AFTER_A_TIMED_OUT_TOKEN = 60.0  # "one more unknown, not an error: next attempt in 60 s"


class Unknown(Enum):
    """Why an attempt leaves a payment unknown."""

    NO_ANSWER = result.no_answer("silence")
    U = result.read_signed(answer_body("U", "UNKNOWN_EXCEPTION"))
    THROTTLED = result.read_signed(answer_body("U", "REQUEST_TRAFFIC_EXCEED_LIMIT"))
    FORGED = result.read_unproven(answer_body("F", "CANCEL_WINDOW_EXCEED"), "forged")


class Phase(Enum):
    FAST = "re-queued"
    SLOW = "tracked"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Chance:
    """What befalls one attempt; `lag` is what polling and whole seconds add before the next."""

    why: Unknown = Unknown.U
    seconds: float = 0.0
    jitter: float = 0.0
    lag: float = 0.0
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """An attempt that was made, and when the next was planned; all in seconds."""

    began: float
    ended: float
    phase: Phase
    planned: float
    why: Unknown

    @property
    def delay(self) -> float:
        return self.planned - self.ended


def attempts(left: float, chances: Iterator[Chance]) -> list[Made]:
    """All attempts of a payment whose window closes `left` seconds after the first begins."""
    first = CUTOFF - timedelta(seconds=left)
    made: list[Made] = []
    now, tracked, lost = 0.0, False, False
    while True:
        chance = next(chances)
        if tracked and lost:
            # The message never reached the function: its token times out, and nothing was sent.
            now += TOKEN_TIMEOUT
            last = left - LAST_MOMENT
            if now >= last:
                return made
            now, lost = min(now + AFTER_A_TIMED_OUT_TOKEN, last) + chance.lag, chance.lost
            continue
        one = _request(first, len(made) + 1, tracked)
        if not may_send(one, first + timedelta(seconds=now)):
            return made
        ended = first + timedelta(seconds=now + chance.seconds)
        decision = decide(one, chance.why.value, ended, SLOW_RETRY, _fixed(chance.jitter))
        match decision:
            case Requeue(visible_at):
                assert not tracked
                phase, following = Phase.FAST, visible_at
            case Track(next_attempt_at):
                phase, following, tracked = Phase.SLOW, next_attempt_at, True
            case _:
                raise AssertionError(f"an unknown became {decision}")
        if following >= CUTOFF:
            phase = Phase.CLOSED
        planned = (following - first).total_seconds()
        made.append(Made(now, now + chance.seconds, phase, planned, chance.why))
        if phase is Phase.CLOSED:
            return made
        now, lost = planned + chance.lag, chance.lost


def _request(first: datetime, attempt: int, tracked: bool) -> CancelRequest:
    tracking = None
    if tracked:
        tracking = {"taskToken": "t", "attempts": attempt - 1, "firstAttemptAt": first.isoformat()}
    one = request.read(
        record(
            body({"paymentRequestId": "1"}, CREATED, tracking),
            message_id="m",
            receives=1 if tracked else attempt,
            first_received=first,
        )
    )
    assert isinstance(one, CancelRequest) and one.cutoff_at == CUTOFF
    return one


def _fixed(share: float) -> Callable[[timedelta, timedelta], timedelta]:
    return lambda least, most: least + (most - least) * share
