"""AWS that answers with status 200 and confirms nothing: no payment is lost by it.

A record goes only if what it needed was confirmed; the records that needed something else have
their effects as ever.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.integration.conftest import Environment
from tests.integration.every_effect import (
    EFFECTS,
    KEPT,
    Batch,
    effects_beside,
    gateway_answers,
    right_reply,
)
from tests.support.aws import AwsDouble, Parameters, Reply, error
from tests.support.function import Function
from tests.support.gateway import Gateway
from tests.support.signer import Signer

type Answer = Callable[[Parameters, Any], Any]

EITHER = {"SendTaskSuccess": {"told"}, "SendTaskFailure": {"told failed"}}
"""By their contract these say {}; a tracker that was not told goes on by itself."""

CONFIRMING = {
    "GetSecretValue": ["SecretString"],
    "Sign": ["Signature"],
    "StartExecution": ["executionArn"],
    "DescribeExecution": ["status", "input"],
    "SendMessage": ["MessageId"],
}
"""The fields without which an answer says nothing."""

NO_ANSWERS = [b"", b"<html><body>Welcome</body></html>", b"{", b"\xff\xfe\0", b"[]", b"null", b"5"]
NO_ANSWERS += [b"{}", b'"text"', b'{"message": "ok"}', b"[" * 50_000]
WRONG = [None, "", 5, True, [], {}, ["x"]]


def spoiled(action: str) -> Iterator[tuple[str, Answer]]:
    """Everything that is no answer: a name, and a function of the call and its right answer."""
    for body in NO_ANSWERS:
        yield repr(body[:40]), lambda _, right, body=body: body
    for field in CONFIRMING.get(action, []):
        yield f"without {field}", lambda _, right, field=field: _without(right, field)
        for wrong in WRONG:
            spoil = {field: wrong}
            yield json.dumps(spoil), lambda _, right, spoil=spoil: right | spoil
    yield from {"PutEvents": entries, "DescribeExecution": odd_executions}.get(
        action, visibilities if action == "ChangeMessageVisibilityBatch" else nothing
    )()


def nothing() -> Iterator[tuple[str, Answer]]:
    yield from ()


def entries() -> Iterator[tuple[str, Answer]]:
    """Answers of `PutEvents` that do not say of each entry that it was taken."""
    for entry in [None, "x", 5, {}, *({"EventId": wrong} for wrong in WRONG)]:
        yield f"each {entry}", lambda call, right, entry=entry: _taken([entry] * _count(call))
    both = {"EventId": "x", "ErrorCode": "InternalFailure"}
    yield "id and error", lambda call, right: _taken([both] * _count(call))
    yield "too few", lambda call, right: _taken(right["Entries"][1:])
    yield "too many", lambda call, right: _taken([*right["Entries"], {"EventId": "x"}])
    for wrong in [None, "abcd", 5, {}, []]:
        yield f"entries {wrong}", lambda call, right, wrong=wrong: _taken(wrong)


def odd_executions() -> Iterator[tuple[str, Answer]]:
    for status in ["UNKNOWN", "running", "RUNNING "]:
        yield status, lambda _, right, status=status: right | {"status": status}
    refused = error("ExecutionDoesNotExist")
    yield "an execution that exists and is not found", lambda call, _: refused(call)


def visibilities() -> Iterator[tuple[str, Answer]]:
    for failed in [None, "x", 5, [None], [{}], [{"Id": "99", "Code": "x"}], [{"Id": "x"}], [[]]]:
        yield f"failed {failed}", lambda _, right, failed=failed: {"Failed": failed}


def _without(right: dict[str, Any], field: str) -> dict[str, Any]:
    return {name: right[name] for name in right if name != field}


def _count(call: Parameters) -> int:
    return len(call["Entries"])


def _taken(entries: object) -> dict[str, Any]:
    return {"FailedEntryCount": 0, "Entries": entries}


def check(action: str, batch: Batch, kept: list[str]) -> list[str]:
    """What is wrong with a batch for which the action confirmed nothing."""
    found = []
    if batch.named(kept) - EITHER.get(action, set()) != KEPT[action] | {"unknown"}:
        found.append(f"kept {sorted(batch.named(kept))}, not {sorted(KEPT[action])}")
    if missing := effects_beside(action) - batch.effects:
        found.append(f"not done: {sorted(missing)}")
    return found


def test_batch_has_all_its_effects_where_aws_answers(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    gateway.answer = gateway_answers(signer, "good")
    aws.replies["SendTaskSuccess"] = right_reply(aws, "SendTaskSuccess")
    batch = Batch("good", aws)
    assert batch.named(function(*batch.records)) == {"unknown"}
    assert batch.effects == EFFECTS


@pytest.mark.parametrize("action", KEPT)
def test_record_goes_only_if_what_it_needed_is_confirmed(
    action: str,
    fresh: Environment,
    gateway: Gateway,
    aws: AwsDouble,
    signer: Signer,
    ours_in_kms: dict[str, str],
) -> None:
    found: list[str] = []
    with ExitStack() as stack:
        function: Function | None = None
        for number, (what, spoil) in enumerate(spoiled(action)):
            if function is None or action == "GetSecretValue":
                function = stack.enter_context(fresh(gateway.url, **ours_in_kms))
            batch = Batch(f"{action}-{number}", aws)
            gateway.answer = gateway_answers(signer, batch.name)
            aws.calls.clear()
            aws.replies = {one: right_reply(aws, one) for one in ("SendTaskSuccess", action)}
            right = aws.replies[action]

            def reply(call: Parameters, right: Any = right, spoil: Answer = spoil) -> Reply:
                status, body = right(call)
                spoiled = spoil(call, body) if status == 200 else body
                return spoiled if isinstance(spoiled, tuple) else (status, spoiled)

            aws.replies[action] = reply
            try:
                kept = function(*batch.records)
            except Exception as raised:
                found.append(f"{what}: the handler raised {raised!r}")
            else:
                found += [f"{what}: {one}" for one in check(action, batch, kept)]
    assert found == []
