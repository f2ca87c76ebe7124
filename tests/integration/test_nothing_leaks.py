"""Nothing of a key, a token or a signature is printed, nor sent where it does not belong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import KeyPair, bare
from tests.support.aws import AwsDouble, Parameters, Reply
from tests.support.function import Function
from tests.support.gateway import FIN, Gateway, Request, Step
from tests.support.leaks import Material
from tests.support.records import Record, ago, message, record, tracked
from tests.support.signer import UNKNOWN, Signer, by_payment, result

ANSWERS = {"U": UNKNOWN, "V": UNKNOWN, "F": result("F", "PROCESS_FAIL")}
ANSWERS["R"] = result("F", "CANCEL_WINDOW_EXCEED")
TASK_TOKEN = "AQCEAAAAKgAAAAMAAAAAAAAAATASKTOKEN0042"


@pytest.fixture
def material(secret: dict[str, Any], ours: KeyPair) -> Material:
    return Material.of(
        [
            ("the private key", ours.pkcs8),
            ("the agent token", secret["agentToken"]),
            ("a task token", TASK_TOKEN),
        ]
    )


def every_kind(gateway: Gateway, signer: Signer) -> list[Record]:
    """A record for each way through the function."""
    gateway.answer = by_payment(
        signer,
        {
            "U": UNKNOWN,
            "V": UNKNOWN,
            "F": result("F", "PROCESS_FAIL"),
            "R": result("F", "CANCEL_WINDOW_EXCEED"),
        },
    )
    records = [record(message(one)) for one in "SUFR"]
    records += [record(tracked(message(one), TASK_TOKEN)) for one in "SUFR"]
    records.append(record(message("V"), 9, ago(seconds=70)))
    records.append(record(tracked({"paymentRequestId": "no create time"}, TASK_TOKEN)))
    return records


def assert_nothing_leaks(function: Function, material: Material, aws: AwsDouble) -> None:
    assert function.logs
    assert material.leaks(json.dumps(function.lines).encode()) == []
    # A tracker is told by its token, and an unreadable message put aside as it came.
    own = {"SendTaskSuccess", "SendTaskFailure", "SendMessage"}
    for call in aws.calls:
        if call.action not in own:
            assert material.leaks(json.dumps(call.parameters).encode()) == []


type Secret = dict[str, Any]
SECRETS: dict[str, Callable[[Secret, KeyPair], object]] = {
    "in use": lambda s, _: s,
    "cut off in the middle of the key": lambda s, _: json.dumps(s)[:900],
    "half of the key": lambda s, _: s | {"privateKey": bare(s["privateKey"])[: 4 * 200]},
    "the key as Alipay+'s": lambda s, _: s | {"alipayPublicKeys": {"1": s["privateKey"]}},
    "another public key": lambda s, ours: s | {"alipayPublicKeys": {"1": ours.spki}},
}


@pytest.mark.parametrize("kind", SECRETS)
def test_nothing_of_any_secret_is_printed_or_sent_where_it_does_not_belong(
    kind: str,
    function: Function,
    gateway: Gateway,
    aws: AwsDouble,
    signer: Signer,
    material: Material,
    secret: Secret,
    ours: KeyPair,
) -> None:
    text = SECRETS[kind](secret, ours)
    aws.secret = text if isinstance(text, str) else json.dumps(text)
    function(*every_kind(gateway, signer))
    assert_nothing_leaks(function, material, aws)


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidToken", "ValidationException"])
def test_nothing_of_an_error_that_repeats_the_request_is_printed(
    code: str,
    function: Function,
    gateway: Gateway,
    aws: AwsDouble,
    signer: Signer,
    material: Material,
) -> None:
    def repeating(parameters: Parameters) -> Reply:
        return 400, {"__type": code, "message": json.dumps(parameters) + aws.secret}

    actions = ["PutEvents", "SendMessage", "ChangeMessageVisibilityBatch", "StartExecution"]
    for action in (*actions, "SendTaskSuccess", "SendTaskFailure"):
        aws.replies[action] = repeating
    function(*every_kind(gateway, signer))
    assert {"ERROR", "WARNING"} <= {one["level"] for one in function.logs}
    assert_nothing_leaks(function, material, aws)

    aws.replies["GetSecretValue"] = repeating
    with_no_keys = [record(message("P"))]
    function(*with_no_keys)
    assert_nothing_leaks(function, material, aws)


# h11 quotes a line that it cannot read, and the function logs the kind of its complaint.
ECHOES = {
    "as its status line": "{}",
    "as its reason phrase": "HTTP/1.1 500 {}\r\nContent-Length: 0",
    "as a header without a colon": "HTTP/1.1 200 OK\r\n{}",
    "as a signature": "HTTP/1.1 200 OK\r\nSignature: {}\r\nContent-Length: 0",
    "as the length": "HTTP/1.1 200 OK\r\nContent-Length: {}",
    "as the encoding": "HTTP/1.1 200 OK\r\nTransfer-Encoding: {}",
    "as the place of a redirect": "HTTP/1.1 302 OK\r\nLocation: //{}\r\nContent-Length: 0",
}


@pytest.mark.parametrize("place", ECHOES)
@pytest.mark.parametrize("what", ["Agent-Token", "Signature"])
def test_nothing_that_a_gateway_repeats_is_printed(
    what: str, place: str, function: Function, gateway: Gateway, aws: AwsDouble, material: Material
) -> None:
    def reply(request: Request) -> list[Step]:
        head = ECHOES[place].format(request.values(what)[0])
        return [f"{head}\r\n\r\n".encode(), FIN]

    gateway.answer = reply
    function(record(message("P")))
    (repeated,) = gateway.requests[0].values(what)
    assert_nothing_leaks(function, material, aws)
    assert_nothing_leaks(function, Material.of([("repeated", repeated)]), aws)
