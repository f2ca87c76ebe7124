"""A model of Alipay+: what it does with a payment, and what of it the wire lets through.

Source: protocol.md. The cancel is idempotent; whoever is cancelled stays cancelled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from tests.rules.alipay import Call
from tests.rules.answers import NO_PROOF, PROOF, Reply, Then, result


class Mood(Enum):
    """How Alipay+ treats a payment for now."""

    CANCELS = "cancels, and says so"
    CANCELS_UNHEARD = "cancels, and the answer is lost"
    CANCELS_UNKNOWING = "cancels, and answers U"
    UNKNOWN = "does nothing, and answers U"
    THROTTLES = "does nothing, and asks to slow down"
    ODD = "does nothing, and answers a status that nobody knows"
    DOWN = "does nothing, and answers nothing"
    REFUSES = "fails, and says so"
    FORGED_SUCCESS = "does nothing; somebody else says S"
    FORGED_REFUND = "does nothing; somebody else says refund"
    UNSIGNED_FAILURE = "does nothing, and says F without a signature"


CANCELLING = {Mood.CANCELS, Mood.CANCELS_UNHEARD, Mood.CANCELS_UNKNOWING}

SUCCESS, REFUND = ("S", "SUCCESS"), ("F", "CANCEL_WINDOW_EXCEED")
REFUSAL, DENIAL = ("F", "PROCESS_FAIL"), ("F", "ACCESS_DENIED")

_UNPROVEN: dict[Mood, Callable[[], Reply]] = {
    Mood.CANCELS_UNHEARD: lambda: Reply(b"", Then.CLOSE),
    Mood.CANCELS_UNKNOWING: lambda: _signed("U", "UNKNOWN_EXCEPTION"),
    Mood.UNKNOWN: lambda: _signed("U", "ACCESS_DENIED"),
    Mood.THROTTLES: lambda: _signed("U", "REQUEST_TRAFFIC_EXCEED_LIMIT"),
    Mood.ODD: lambda: _signed("P", "SUCCESS"),
    Mood.DOWN: lambda: Reply(b"", Then.CLOSE),
    Mood.FORGED_SUCCESS: lambda: _forged("signed by a forger", SUCCESS),
    Mood.FORGED_REFUND: lambda: _forged("signed by a forger", REFUND),
    Mood.UNSIGNED_FAILURE: lambda: _forged("unsigned", DENIAL),
}


@dataclass
class GatewayModel:
    """What Alipay+ knows, and what it has really said in the present invocation."""

    clock: Callable[[], datetime]
    cutoffs: dict[str, datetime] = field(default_factory=dict)
    moods: dict[str, Mood] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    said: set[tuple[str, str, str]] = field(default_factory=set)

    def answer(self, call: Call, now: datetime) -> Reply:
        payment, mood = call.payment, self.moods[call.payment]
        in_time = now < self.cutoffs[payment]
        if mood in CANCELLING and in_time:
            self.cancelled.add(payment)
        if mood in _UNPROVEN:
            return _UNPROVEN[mood]()
        if payment in self.cancelled:
            verdict = SUCCESS
        elif not in_time:
            verdict = REFUND
        else:
            verdict = REFUSAL
        self.said.add((payment, *verdict))
        return _signed(*verdict)


def _signed(status: str, code: str) -> Reply:
    return Reply(PROOF["signed"](result(status, code)))


def _forged(how: str, verdict: tuple[str, str]) -> Reply:
    return Reply(NO_PROOF[how](result(*verdict)))
