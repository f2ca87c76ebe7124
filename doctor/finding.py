"""What a check found. Pure; the only words that leave the doctor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Status(StrEnum):
    """How it stands with one thing.

    INFO is a fact that is neither good nor bad, such as a setting that an emulated AWS does not
    keep; UNKNOWN is a check that could not be made.
    """

    OK = "OK"
    INFO = "INFO"
    WARNING = "WARNING"
    WRONG = "WRONG"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fact about a subject, and what to do; never the value of a secret."""

    status: Status
    subject: str
    fact: str
    action: str = ""

    @classmethod
    def ok(cls, subject: str, fact: str) -> Self:
        return cls(Status.OK, subject, fact)

    @classmethod
    def info(cls, subject: str, fact: str, action: str = "") -> Self:
        return cls(Status.INFO, subject, fact, action)

    @classmethod
    def warning(cls, subject: str, fact: str, action: str) -> Self:
        return cls(Status.WARNING, subject, fact, action)

    @classmethod
    def wrong(cls, subject: str, fact: str, action: str) -> Self:
        return cls(Status.WRONG, subject, fact, action)

    @classmethod
    def unknown(cls, subject: str, fact: str, action: str) -> Self:
        return cls(Status.UNKNOWN, subject, fact, action)


def ok_unless(findings: Iterable[Finding], subject: str, fact: str) -> Iterator[Finding]:
    """The findings; `fact` as well when nothing among them is against it."""
    found = list(findings)
    if all(one.status in {Status.OK, Status.INFO} for one in found):
        yield Finding.ok(subject, fact)
    yield from found


def exit_status(findings: Iterable[Finding]) -> int:
    """0 for nothing wrong, 1 for something wrong, 2 for something that could not be checked."""
    statuses = {one.status for one in findings}
    if Status.WRONG in statuses:
        return 1
    return 2 if Status.UNKNOWN in statuses else 0
