"""A payment's attempts, as the stand-in saw them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt; all times in seconds.

    Attributes
    ----------
    gap
        From the end of the attempt before to this one's send; 0 for the first.
    age
        From the first attempt to the end of the attempt before, when this one was decided on.
    left
        Until the cutoff.
    """

    sent_at: datetime
    gap: float
    age: float
    left: float
    status: str
    body: str
    request_time: str


def attempts(sends: list[dict[str, Any]], cutoff: datetime) -> list[Attempt]:
    """What the log of requests tells of one payment."""
    began = [datetime.fromisoformat(one["receivedAt"]) for one in sends]
    ended = [datetime.fromisoformat(one["endedAt"]) for one in sends]
    decided = [began[0], *ended[:-1]] if began else []
    return [
        Attempt(
            sent_at=sent_at,
            gap=(sent_at - before).total_seconds(),
            age=(before - began[0]).total_seconds(),
            left=(cutoff - sent_at).total_seconds(),
            status=one["resultStatus"],
            body=one["body"],
            request_time=one["requestTime"],
        )
        for one, sent_at, before in zip(sends, began, decided, strict=True)
    ]
