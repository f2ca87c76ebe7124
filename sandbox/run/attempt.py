"""One attempt as people read it: when it began and ended, and what kind of result it had.

Pure: from the stand-in's log entry and, where it is there yet, the function's own log line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sandbox.run.progress import Progress

_NO_ANSWER = ("none", "late", "incomplete")
_NOT_SENT = "not sent"


class Kind(StrEnum):
    """What an attempt came to; only the first four are Alipay+'s own word."""

    SUCCESS = "success"
    REFUND = "refund"
    FAILURE = "failure"
    UNKNOWN = "unknown"
    UNPROVEN = "unproven"
    NO_ANSWER = "no-answer"
    OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One request and what became of it.

    Attributes
    ----------
    ended
        When the answer was out or the client had left; None while the gateway has it.
    words
        The result in a few words, such as `U UNKNOWN_EXCEPTION` or `no answer`.
    entry
        The stand-in's log entry.
    note
        The function's log line of it; None before its batch is done.
    """

    number: int
    began: datetime
    ended: datetime | None
    kind: Kind
    words: str
    entry: Mapping[str, Any]
    note: Mapping[str, Any] | None


def attempts(progress: Progress) -> list[Attempt]:
    """Return the attempts of a payment, the oldest first."""
    # The function counts receives of a message, the stand-in requests: only their order is one.
    sent = [note for note in progress.notes if note.get("evidence") != _NOT_SENT]
    notes = sorted(sent, key=lambda note: note["attempt"])
    return [
        _attempt(number, entry, notes[number - 1] if number <= len(notes) else None)
        for number, entry in enumerate(progress.sends, start=1)
    ]


def _attempt(number: int, entry: Mapping[str, Any], note: Mapping[str, Any] | None) -> Attempt:
    ended = entry["endedAt"] or entry["answeredAt"]
    kind = _kind(entry, note) if ended else Kind.OPEN
    return Attempt(
        number=number,
        began=datetime.fromisoformat(entry["receivedAt"]),
        ended=datetime.fromisoformat(ended) if ended else None,
        kind=kind,
        words=_words(kind, entry),
        entry=entry,
        note=note,
    )


def _kind(entry: Mapping[str, Any], note: Mapping[str, Any] | None) -> Kind:
    if entry["answer"] in _NO_ANSWER:
        return Kind.NO_ANSWER
    # What the function took it for, if that is known: a signed answer can still prove nothing.
    if (note["evidence"] if note else entry["answer"]) != "signed":
        return Kind.UNPROVEN
    status, code = entry["resultStatus"], entry["resultCode"]
    if status == "S":
        return Kind.SUCCESS
    if status == "F":
        return Kind.REFUND if code == "CANCEL_WINDOW_EXCEED" else Kind.FAILURE
    return Kind.UNKNOWN


def _words(kind: Kind, entry: Mapping[str, Any]) -> str:
    if kind is Kind.OPEN:
        return "waits for the gateway"
    if kind is Kind.NO_ANSWER:
        return "no whole answer" if entry["answer"] == "incomplete" else "no answer"
    said = f"{entry['resultStatus'] or ''} {entry['resultCode'] or ''}".strip()
    if kind is Kind.UNPROVEN:
        return f"{entry['answer']}: {said or 'no result'}, proves nothing"
    return said
