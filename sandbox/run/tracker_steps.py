"""From the history of an execution to the states that it went through: pure."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.gateway import clock

_ANSWERED = ("disposition", "resultCode", "attempts", "nextAttemptAt")


def steps(events: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one step for each visit to a state.

    Parameters
    ----------
    events
        Of `GetExecutionHistory`, the oldest first.

    Returns
    -------
    list
        `{"at": entered, "until": left or None, "state": its name, "data": {…}}`; times in UTC,
        ISO 8601. `data` is what the state waited for, was answered, or failed with.
    """
    found: list[dict[str, Any]] = []
    for event in events:
        at, kind = _moment(event["timestamp"]), event["type"]
        if kind.endswith("StateEntered"):
            entered = event["stateEnteredEventDetails"]
            found.append({"at": at, "until": None, "state": entered["name"], "data": {}})
            if entered["name"] == "WaitForNextAttempt":
                found[-1]["data"] = _chosen(entered.get("input"), ("nextAttemptAt",))
        elif found and kind.endswith("StateExited"):
            found[-1]["until"] = at
        elif found and kind == "TaskSucceeded":
            found[-1]["data"] = _chosen(event["taskSucceededEventDetails"].get("output"), _ANSWERED)
        elif found and kind in {"TaskFailed", "TaskTimedOut", "ExecutionFailed"}:
            details = event[kind[0].lower() + kind[1:] + "EventDetails"]
            found[-1]["data"] = {
                name: details[name] for name in ("error", "cause") if details.get(name)
            }
    return found


def _chosen(text: str | None, names: Iterable[str]) -> dict[str, Any]:
    fields = json.loads(text) if text else {}
    return {name: fields[name] for name in names if name in fields}


def _moment(stamp: datetime) -> str:
    return clock.log_form(stamp.astimezone(UTC))
