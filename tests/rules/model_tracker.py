"""A model of the tracker, written from design.md, "The tracker", and from nothing else.

Decide -> wait until ``nextAttemptAt`` -> put the request on the queue with a token, and listen ->
Decide.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

# "long enough that a backlog does not put the same payment on the queue twice, short enough that
# Unresolved is out within an hour of the cutoff"
TOKEN_TIMEOUT = timedelta(minutes=45)
AFTER_TIMEOUT = timedelta(seconds=60)
LAST_ATTEMPT = timedelta(seconds=30)


@dataclass
class Execution:
    """One execution: what it knows, and what it waits for."""

    name: str
    input: str
    state: dict[str, Any]
    status: str = "RUNNING"
    error: str | None = None
    wakes_at: datetime | None = None
    token: str | None = None
    token_until: datetime | None = None

    @property
    def payment(self) -> dict[str, str]:
        return self.state["payment"]  # type: ignore[no-any-return]

    @property
    def due(self) -> datetime | None:
        return self.wakes_at or self.token_until

    def moment(self, name: str) -> datetime:
        return datetime.fromisoformat(self.state[name])


class NoSuchTokenError(Exception):
    """The execution has moved on; `args` holds the error code that Step Functions gives."""


@dataclass
class Trackers:
    """All executions of the state machine; names are taken for good."""

    send: Callable[[str, datetime], None]
    report_unresolved: Callable[[Execution, datetime], None]
    executions: dict[str, Execution] = field(default_factory=dict)
    _tokens: count[int] = field(default_factory=count)

    def start(self, name: str, text: str, now: datetime) -> bool:
        """Whether an execution of this name and input runs now; STANDARD starts are idempotent."""
        assert 1 <= len(name) <= 80 and name.replace("-", "").replace("_", "").isalnum()
        if (taken := self.executions.get(name)) is not None:
            return taken.status == "RUNNING" and taken.input == text
        one = Execution(name, text, json.loads(text))
        self.executions[name] = one
        self._decide(one, now)
        return True

    def succeed(self, token: str, output: str, now: datetime) -> None:
        one = self._waiting(token)
        one.state |= json.loads(output)
        self._decide(one, now)

    def fail(self, token: str, error: str) -> None:
        self._end(self._waiting(token), "FAILED", error)

    def redrive(self, one: Execution, now: datetime) -> None:
        """From the state that failed, which is the one that requests an attempt."""
        one.status, one.error = "RUNNING", None
        self._request(one, now)

    def next_due(self) -> datetime | None:
        return min((one.due for one in self.running() if one.due is not None), default=None)

    def running(self) -> list[Execution]:
        return [one for one in self.executions.values() if one.status == "RUNNING"]

    def run(self, now: datetime) -> None:
        """All that falls due until `now`, in its order."""
        while (due := self.next_due()) is not None and due <= now:
            one = next(one for one in self.running() if one.due == due)
            if one.wakes_at is not None:
                self._request(one, due)
            else:
                self._timed_out(one, due)

    def _decide(self, one: Execution, now: datetime) -> None:
        one.token = one.token_until = one.wakes_at = None
        if one.state.get("disposition") in {"CANCELLED", "REFUND_REQUIRED"}:
            self._end(one, "SUCCEEDED", None)
        elif one.moment("nextAttemptAt") >= one.moment("cutoffAt"):
            self.report_unresolved(one, now)
            self._end(one, "FAILED", "Unresolved")
        else:
            one.wakes_at = max(one.moment("nextAttemptAt"), now)

    def _request(self, one: Execution, now: datetime) -> None:
        one.wakes_at = None
        one.token, one.token_until = f"token {next(self._tokens)}", now + TOKEN_TIMEOUT
        tracking = {
            "taskToken": one.token,
            "attempts": one.state["attempts"],
            "firstAttemptAt": one.state["firstAttemptAt"],
        }
        self.send(json.dumps({**one.payment, "tracking": tracking}), now)

    def _timed_out(self, one: Execution, now: datetime) -> None:
        last = one.moment("cutoffAt") - LAST_ATTEMPT
        following = min(now + AFTER_TIMEOUT, last) if now < last else one.moment("cutoffAt")
        one.state |= {"disposition": "RETRY", "nextAttemptAt": following.isoformat()}
        self._decide(one, now)

    def _waiting(self, token: str) -> Execution:
        for one in self.running():
            if one.token == token:
                return one
        # Which code a late token gets is not consistent.
        number = int(token.removeprefix("token "))
        raise NoSuchTokenError(["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"][number % 3])

    @staticmethod
    def _end(one: Execution, status: str, error: str | None) -> None:
        one.status, one.error = status, error
        one.token = one.token_until = one.wakes_at = None
