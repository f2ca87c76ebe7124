"""Answers of AWS with status 200 that confirm nothing, for each action."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.support.aws import Parameters, error

type Answer = Callable[[Parameters, Any], Any]

CONFIRMING = {
    "GetSecretValue": ["SecretString"],
    "Sign": ["Signature"],
    "StartExecution": ["executionArn"],
    "DescribeExecution": ["status", "input"],
    "SendMessage": ["MessageId"],
}
"""The fields without which an answer says nothing."""

NO_ANSWERS = [b"", b"<html></html>", b"\xff\xfe\0", b"[]", b"null", b"5", b"{}", b"[" * 50_000]
WRONG = [None, "", 5, [], ["x"]]


def spoiled(action: str) -> Iterator[tuple[str, Answer]]:
    """Everything that is no answer: a name, and a function of the call and its right answer."""
    for body in NO_ANSWERS:
        yield repr(body[:40]), lambda _, right, body=body: body
    for field in CONFIRMING.get(action, []):
        yield f"without {field}", lambda _, right, field=field: _without(right, field)
        for wrong in WRONG:
            spoil = {field: wrong}
            yield json.dumps(spoil), lambda _, right, spoil=spoil: right | spoil
    yield from ODD.get(action, lambda: iter(()))()


def _entries() -> Iterator[tuple[str, Answer]]:
    """Answers of `PutEvents` that do not say of each entry that it was taken."""
    for entry in [None, "x", 5, {}, *({"EventId": wrong} for wrong in WRONG)]:
        yield f"each {entry}", lambda call, right, entry=entry: _taken([entry] * _count(call))
    both = {"EventId": "x", "ErrorCode": "InternalFailure"}
    yield "id and error", lambda call, right: _taken([both] * _count(call))
    yield "too few", lambda call, right: _taken(right["Entries"][1:])
    yield "too many", lambda call, right: _taken([*right["Entries"], {"EventId": "x"}])
    for wrong in [None, "abcd", 5, {}, []]:
        yield f"entries {wrong}", lambda call, right, wrong=wrong: _taken(wrong)


def _executions() -> Iterator[tuple[str, Answer]]:
    for status in ["UNKNOWN", "running", "RUNNING "]:
        yield status, lambda _, right, status=status: right | {"status": status}
    refused = error("ExecutionDoesNotExist")
    yield "an execution that exists and is not found", lambda call, _: refused(call)


def _visibilities() -> Iterator[tuple[str, Answer]]:
    for failed in [None, "x", 5, [None], [{}], [{"Id": "99", "Code": "x"}], [{"Id": "x"}], [[]]]:
        yield f"failed {failed}", lambda _, right, failed=failed: {"Failed": failed}


def _without(right: dict[str, Any], field: str) -> dict[str, Any]:
    return {name: right[name] for name in right if name != field}


def _count(call: Parameters) -> int:
    return len(call["Entries"])


def _taken(entries: object) -> dict[str, Any]:
    return {"FailedEntryCount": 0, "Entries": entries}


ODD: dict[str, Callable[[], Iterator[tuple[str, Answer]]]] = {
    "PutEvents": _entries,
    "DescribeExecution": _executions,
    "ChangeMessageVisibilityBatch": _visibilities,
}
