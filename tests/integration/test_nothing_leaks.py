"""Nothing of a key, a token or a signature is printed, nor sent where it does not belong."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.conftest import KeyPair, bare
from tests.integration.conftest import Lab, late
from tests.support.aws import Parameters, Reply
from tests.support.gateway import FIN, Request, Step
from tests.support.leaks import Material
from tests.support.records import Record, message, record, tracked
from tests.support.signer import FAIL, REFUND, UNKNOWN

TASK_TOKEN = "AQCEAAAAKgAAAAMAAAAAAAAAATASKTOKEN0042"


@pytest.fixture
def material(secret: dict[str, Any], ours: KeyPair) -> Material:
    own = [("the private key", ours.pkcs8), ("the agent token", secret["agentToken"])]
    return Material.of([*own, ("a task token", TASK_TOKEN)])


def every_kind(lab: Lab) -> list[Record]:
    """A record for each way through the function."""
    lab.answers(U=UNKNOWN, V=UNKNOWN, F=FAIL, R=REFUND)
    records = [record(message(one)) for one in "SUFR"]
    records += [record(tracked(message(one), TASK_TOKEN)) for one in "SUFR"]
    unreadable = record(tracked({"paymentRequestId": "no create time"}, TASK_TOKEN))
    return [*records, late(message("V")), unreadable]


def assert_nothing_leaks(lab: Lab, material: Material) -> None:
    assert lab.function.logs
    assert material.leaks(json.dumps(lab.function.lines).encode()) == []
    # A tracker is told by its token, and an unreadable message put aside as it came.
    own = {"SendTaskSuccess", "SendTaskFailure", "SendMessage"}
    sent = [call.parameters for call in lab.aws.calls if call.action not in own]
    assert material.leaks(json.dumps(sent).encode()) == []


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
    kind: str, lab: Lab, material: Material, secret: Secret, ours: KeyPair
) -> None:
    text = SECRETS[kind](secret, ours)
    lab.aws.secret = text if isinstance(text, str) else json.dumps(text)
    lab.function(*every_kind(lab))
    assert_nothing_leaks(lab, material)


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidToken"])
def test_nothing_of_an_error_that_repeats_the_request_is_printed(
    code: str, lab: Lab, material: Material
) -> None:
    def repeating(parameters: Parameters) -> Reply:
        return 400, {"__type": code, "message": json.dumps(parameters) + lab.aws.secret}

    actions = ["PutEvents", "SendMessage", "ChangeMessageVisibilityBatch", "StartExecution"]
    for action in (*actions, "SendTaskSuccess", "SendTaskFailure"):
        lab.aws.replies[action] = repeating
    lab.function(*every_kind(lab))
    assert {"ERROR", "WARNING"} <= {one["level"] for one in lab.function.logs}
    lab.aws.replies["GetSecretValue"] = repeating
    lab.function(record(message("P")))
    assert_nothing_leaks(lab, material)


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


@pytest.mark.parametrize("what", ["Agent-Token", "Signature"])
def test_nothing_that_a_gateway_repeats_is_printed(what: str, lab: Lab, material: Material) -> None:
    """A payment for each place in which it is repeated, each on a connection of its own."""

    def reply(request: Request) -> list[Step]:
        head = ECHOES[request.payment].format(request.values(what)[0])
        all_asked = partial(lab.gateway.wait_for_requests, len(ECHOES), 5)
        return [all_asked, f"{head}\r\n\r\n".encode(), FIN]

    lab.gateway.answer = reply
    lab.function(*[record(message(place)) for place in ECHOES])
    assert sorted(lab.gateway.asked) == sorted(ECHOES)
    repeated = [(one.payment, one.values(what)[0]) for one in lab.gateway.requests]
    for secret in (material, Material.of(repeated)):
        assert_nothing_leaks(lab, secret)
