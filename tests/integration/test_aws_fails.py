"""AWS that refuses, hangs, drips or answers nonsense: no payment is lost by it, none held up.

A record comes back if what it needed was not confirmed, and only then; the records beside it have
their effects as ever; the handler returns in time, and nothing is done later.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
from botocore.config import Config
from cancel_payment import app, attempts, credentials_cache
from cancel_payment.effects import effects

from tests.integration.conftest import Environment, Lab
from tests.integration.every_effect import (
    EFFECTS,
    KEPT,
    Batch,
    effects_beside,
    gateway_answers,
    needing,
    right_reply,
)
from tests.integration.spoiled import Answer, spoiled
from tests.support.aws import AwsDouble, Parameters, Reply
from tests.support.function import Context, Function
from tests.support.gateway import Gateway
from tests.support.signer import Signer

KEYS = ("GetSecretValue", "Sign")
OTHERS = [action for action in KEPT if action not in KEYS]
MAY_GO = {"SendTaskSuccess": {"told"}, "SendTaskFailure": {"told failed"}}
"""By their contract these say {}; a tracker that was not told goes on by itself."""


def test_batch_has_all_its_effects_where_aws_answers(lab: Lab) -> None:
    lab.gateway.answer = gateway_answers(lab.signer, "good")
    lab.aws.replies["SendTaskSuccess"] = right_reply(lab.aws, "SendTaskSuccess")
    batch = Batch("good", lab.aws)
    assert batch.named(lab.function(*batch.records)) == {"unknown"}
    assert batch.effects == EFFECTS


@pytest.mark.parametrize("action", KEPT)
def test_record_goes_only_if_what_it_needed_is_confirmed(
    action: str,
    fresh: Environment,
    gateway: Gateway,
    aws: AwsDouble,
    signer: Signer,
    request: pytest.FixtureRequest,
) -> None:
    settings = request.getfixturevalue("ours_in_kms") if action == "Sign" else {}
    right = right_reply(aws, action)
    aws.replies["SendTaskSuccess"] = right_reply(aws, "SendTaskSuccess")
    found: list[str] = []
    with ExitStack() as stack:
        function: Function | None = None
        for number, (what, spoil) in enumerate(spoiled(action)):
            if function is None or action == "GetSecretValue":
                function = stack.enter_context(fresh(gateway.url, **settings))
                if action == "Sign":  # it has two seconds: all clients are made before
                    function(*Batch("warm", aws).records)
            batch = Batch(f"{action}-{number}", aws)
            gateway.answer = gateway_answers(signer, batch.name)
            aws.calls.clear()

            def reply(call: Parameters, spoil: Answer = spoil) -> Reply:
                status, body = right(call)
                odd = spoil(call, body) if status == 200 else body
                return odd if isinstance(odd, tuple) else (status, odd)

            aws.replies[action] = reply
            kept = batch.named(function(*batch.records))
            if kept - MAY_GO.get(action, set()) != KEPT[action] | {"unknown"}:
                found.append(f"{what}: kept {sorted(kept)}, not {sorted(KEPT[action])}")
            if missing := effects_beside(action) - batch.effects:
                found.append(f"{what}: not done: {sorted(missing)}")
    assert found == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Two seconds for the effects and one for the last call, so that a test ends in four; the AWS
    clients give a silent service up within the effects' time. The settings for it."""
    monkeypatch.setattr(attempts, "EFFECTS_RESERVE_SECONDS", 3.0)
    monkeypatch.setattr(effects, "_LAST_CALL_SECONDS", 1.0)
    monkeypatch.setattr(effects, "_REQUEUE_SECONDS", 0.5)
    monkeypatch.setattr(credentials_cache, "_READ_SECONDS", 0.5)
    client = boto3.client

    def hasty(service: str, config: Config) -> Any:
        return client(service, config=config.merge(Config(read_timeout=1.5)))

    monkeypatch.setattr(boto3, "client", hasty)
    return {"GATEWAY_TIMEOUT_SECONDS": "1"}


SECONDS = 4.5


def fails(aws: AwsDouble, how: str, *actions: str) -> None:
    """Calls that bear a batch of the action's name are not answered in time, or refused."""
    for action in actions:
        if how == "drips":
            aws.drip(action, about=f"{action}-")
        else:
            right = right_reply(aws, action)

            def reply(call: Parameters, action: str = action, right: Any = right) -> Reply:
                if f"{action}-" not in str(call):
                    return right(call)  # type: ignore[no-any-return]
                return 400, {"__type": "AccessDeniedException", "message": "as the test asked"}

            aws.replies[action] = reply
            if how == "is silent":
                aws.delay(action, 4, about=f"{action}-")


@pytest.mark.parametrize("how", ["refuses", "is silent", "drips"])
def test_service_that_does_not_answer_harms_nothing_that_needs_another(
    how: str,
    impatient: dict[str, str],
    fresh: Environment,
    gateway: Gateway,
    aws: AwsDouble,
    signer: Signer,
) -> None:
    """A batch for each action that fails, side by side in one environment."""
    batches = {action: Batch(action, aws) for action in OTHERS}
    gateway.answer = gateway_answers(signer, "warm", *OTHERS)
    aws.replies["SendTaskSuccess"] = right_reply(aws, "SendTaskSuccess")

    def handle(action: str) -> tuple[set[str], float]:
        began = time.monotonic()
        records = {"Records": batches[action].records}
        answer = app.lambda_handler(records, Context(SECONDS))  # type: ignore[arg-type]
        kept = [one["itemIdentifier"] for one in answer["batchItemFailures"]]
        return batches[action].named(kept), time.monotonic() - began

    with fresh(gateway.url, **impatient) as function, ThreadPoolExecutor() as pool:
        function(*Batch("warm", aws).records)  # seven starts side by side would take the time
        fails(aws, how, *OTHERS)
        handled = dict(zip(OTHERS, pool.map(handle, OTHERS), strict=True))
        returned = time.time()
        time.sleep(0 if how == "refuses" else 1)  # a client's own repeats would have come by now
        assert [call.action for call in aws.calls if call.at > returned] == []
        aws.drips.clear()
    for action, (kept, seconds) in handled.items():
        assert kept == needing(action) | KEPT[action] | {"unknown"}, action
        assert effects_beside(action) <= batches[action].effects, action
        assert seconds < SECONDS, action


@pytest.mark.parametrize("action", KEYS)
def test_keys_that_drip_send_nothing_not_even_later(
    action: str,
    impatient: dict[str, str],
    fresh: Environment,
    gateway: Gateway,
    aws: AwsDouble,
    ours_in_kms: dict[str, str],
) -> None:
    batch = Batch("drip", aws)
    aws.replies["SendTaskSuccess"] = right_reply(aws, "SendTaskSuccess")
    aws.drip(action)
    with fresh(gateway.url, **impatient, **ours_in_kms) as function:
        assert batch.named(function(*batch.records)) == KEPT[action] | {"unknown"}
        assert function.seconds < 4
        returned = time.time()
        aws.drips.clear()
        time.sleep(0.5)
    assert effects_beside(action) <= batch.effects
    # A repeat of the read changes nothing.
    assert {call.action for call in aws.calls if call.at > returned} <= {"GetSecretValue"}
    assert gateway.requests == []
