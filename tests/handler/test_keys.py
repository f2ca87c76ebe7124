"""The secret: rotation without a gap, and what happens while it cannot be used."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import KeyPair, StandIn
from tests.handler.aws_double import AwsDouble
from tests.handler.conftest import SECRET_ARN, Function, Output
from tests.handler.records import ago, message, record, tracked

type Unique = Callable[[str], str]


def test_secret_is_read_once_for_many_invocations(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    for _ in range(3):
        function(record(message(unique("SUCCEEDS"))))
    assert aws.of("GetSecretValue") == [{"SecretId": SECRET_ARN}]


@pytest.mark.parametrize("stale", ["private key", "key version", "public key", "public version"])
def test_stale_secret_is_read_afresh_by_the_next_attempt_which_then_succeeds(
    function: Function,
    aws: AwsDouble,
    unique: Unique,
    stand_in: StandIn,
    ours: KeyPair,
    stale: str,
) -> None:
    fresh = stand_in.secret
    changes: dict[str, dict[str, Any]] = {
        "private key": {"privateKey": ours.pkcs8},
        "key version": {"keyVersion": "0"},
        "public key": {"alipayPublicKeys": {"1": ours.spki}},
        "public version": {"alipayPublicKeys": {"0": ours.spki}},
    }
    aws.secret = json.dumps(fresh | changes[stale])
    sent = record(message(unique("SUCCEEDS")))
    assert function(sent) == [sent["messageId"]]
    aws.secret = json.dumps(fresh)
    assert function(record(message(unique("SUCCEEDS")))) == []
    assert [outcome for outcome, _ in aws.outcomes] == ["Payment Cancelled"]
    assert len(aws.of("GetSecretValue")) == 2


def test_forged_answers_force_at_most_one_read_a_minute(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    for _ in range(4):
        function(*[record(message(unique("FORGED_REFUND"))) for _ in range(3)])
    assert len(aws.of("GetSecretValue")) == 2
    assert aws.outcomes == []


def test_answers_that_are_only_unsigned_force_no_read(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    for _ in range(3):
        function(record(message(unique("UNSIGNED"))))
    assert len(aws.of("GetSecretValue")) == 1


BROKEN: dict[str, Callable[[AwsDouble, dict[str, Any]], None]] = {
    "access denied": lambda aws, _: aws.fail("GetSecretValue", "AccessDeniedException"),
    "not there": lambda aws, _: aws.fail("GetSecretValue", "ResourceNotFoundException"),
    "binary": lambda aws, _: aws.replies.update(
        GetSecretValue=lambda p: (200, {"ARN": p["SecretId"], "SecretBinary": "AAAA"})
    ),
    "not JSON": lambda aws, secret: setattr(aws, "secret", json.dumps(secret)[:-1]),
    "key broken": lambda aws, secret: setattr(
        aws, "secret", json.dumps(secret | {"privateKey": secret["privateKey"][:-200]})
    ),
    "field missing": lambda aws, secret: setattr(
        aws, "secret", json.dumps({k: v for k, v in secret.items() if k != "keyVersion"})
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_payments_stay_unknown_while_the_secret_cannot_be_used(
    function: Function,
    aws: AwsDouble,
    unique: Unique,
    stand_in: StandIn,
    output: Output,
    kind: str,
) -> None:
    BROKEN[kind](aws, stand_in.secret)
    names = [unique("SUCCEEDS") for _ in range(3)]
    fresh, later = record(message(names[0])), record(message(names[1]), 9, ago(seconds=70))
    waiting = record(tracked(message(names[2]), "token-7"))
    assert function(fresh, later, waiting) == [fresh["messageId"]]
    assert list(aws.started) == [names[1]]
    assert [(token, said["disposition"]) for token, said in aws.told] == [("token-7", "RETRY")]
    assert (aws.outcomes, [stand_in.requests(name) for name in names]) == ([], [[], [], []])
    assert "secret" in output.text
    body = "".join(stand_in.secret["privateKey"].splitlines()[1:-1])
    assert not any(body[at : at + 8] in output.text for at in range(len(body) - 8))


def test_payments_are_cancelled_as_soon_as_the_secret_is_mended(
    function: Function, aws: AwsDouble, unique: Unique, stand_in: StandIn
) -> None:
    aws.secret = "broken"
    sent = record(message(unique("SUCCEEDS")))
    assert function(sent) == [sent["messageId"]]
    aws.secret = json.dumps(stand_in.secret)
    assert function(sent) == []


def test_malformed_records_are_put_aside_even_while_the_secret_cannot_be_used(
    function: Function, aws: AwsDouble, unique: Unique
) -> None:
    aws.secret = "broken"
    bad, good = record("not json"), record(message(unique("SUCCEEDS")))
    assert function(bad, good) == [good["messageId"]]
    assert len(aws.of("SendMessage")) == 1
