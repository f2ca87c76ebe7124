"""AWS that sends its answers a byte every 0.2 s, so that no timeout of a client ends them.

The handler returns in time, what needs another service has its effects, and nothing follows later.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from cancel_payment import app

from tests.integration.conftest import Environment
from tests.integration.every_effect import (
    EFFECTS,
    KEPT,
    Batch,
    effects_beside,
    gateway_answers,
    right_reply,
)
from tests.support.aws import AwsDouble
from tests.support.function import Context
from tests.support.gateway import Gateway
from tests.support.signer import Signer

SECONDS = 11
ONE_CALL = {"GATEWAY_TIMEOUT_SECONDS": "1"}


def calls_after(aws: AwsDouble, moment: float) -> list[str]:
    """What was asked of AWS later than this, by now and in the next seconds."""
    time.sleep(2)
    return [call.action for call in aws.calls if call.at > moment]


def test_service_that_drips_delays_and_harms_nothing_that_needs_another(
    fresh: Environment, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    """A batch for each action that drips, side by side in one environment: each takes 10 s."""
    actions = [action for action in KEPT if action not in ("GetSecretValue", "Sign")]
    batches = {action: Batch(action, aws) for action in actions}
    gateway.answer = gateway_answers(signer, "warm", *actions)
    aws.replies["SendTaskSuccess"] = right_reply(aws, "SendTaskSuccess")

    def handle(action: str) -> tuple[set[str], float]:
        began = time.monotonic()
        records = {"Records": batches[action].records}
        answer = app.lambda_handler(records, Context(SECONDS))  # type: ignore[arg-type]
        kept = [one["itemIdentifier"] for one in answer["batchItemFailures"]]
        return batches[action].named(kept), time.monotonic() - began

    with fresh(gateway.url, **ONE_CALL) as function, ThreadPoolExecutor() as pool:
        warm = Batch("warm", aws)  # seven starts side by side would take the calls' time
        function(*warm.records)
        for action in actions:
            aws.drip(action, about=f"{action}-")
        handled = dict(zip(actions, pool.map(handle, actions), strict=True))
        assert calls_after(aws, time.time()) == []
        aws.drips.clear()
    for action, (kept, seconds) in handled.items():
        needing = {one for called, one in EFFECTS if called == action}
        assert kept == needing | KEPT[action] | {"unknown"}, action
        assert effects_beside(action) <= batches[action].effects, action
        assert seconds < SECONDS, action


def test_secret_that_drips_sends_nothing_and_the_other_effects_are_carried_out(
    fresh: Environment, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    batch = Batch("drip", aws)
    gateway.answer = gateway_answers(signer, "drip")
    aws.replies["SendTaskSuccess"] = right_reply(aws, "SendTaskSuccess")
    aws.drip("GetSecretValue")
    with fresh(gateway.url, **ONE_CALL) as function:
        kept = batch.named(function(*batch.records, seconds=12))
        returned = time.time()
        assert kept == KEPT["GetSecretValue"] | {"unknown"}
        assert effects_beside("GetSecretValue") <= batch.effects
        assert function.seconds < 12
        aws.drips.clear()
        assert set(calls_after(aws, returned)) <= {"GetSecretValue"}  # its repeat changes nothing
        assert gateway.requests == []


def test_signature_that_drips_sends_nothing_not_even_later(
    fresh: Environment,
    gateway: Gateway,
    aws: AwsDouble,
    signer: Signer,
    ours_in_kms: dict[str, str],
) -> None:
    batch = Batch("drip", aws)
    gateway.answer = gateway_answers(signer, "drip")
    aws.replies["SendTaskSuccess"] = right_reply(aws, "SendTaskSuccess")
    aws.drip("Sign")
    with fresh(gateway.url, **ONE_CALL, **ours_in_kms) as function:
        kept = batch.named(function(*batch.records, seconds=12))
        assert kept == KEPT["Sign"] | {"unknown"}
        assert effects_beside("Sign") <= batch.effects
        assert function.seconds < 5
        assert calls_after(aws, time.time()) == []
        aws.drips.clear()
        assert gateway.requests == []
