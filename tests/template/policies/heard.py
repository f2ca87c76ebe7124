"""The calls of AWS that the function makes for one batch that has every effect."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from tests.integration.every_effect import Batch, gateway_answers, right_reply
from tests.support import aws, aws_server
from tests.support.function import PLACE, SETTINGS, environment
from tests.support.gateway import Gateway
from tests.support.keys import KeyPair
from tests.support.signer import Signer
from tests.template.deployed import FUNCTION as LAMBDA
from tests.template.deployed import Deployed
from tests.template.policies.calls import FUNCTION, MACHINE, Call
from tests.template.references import only

# By the parameter that says what a call is made on; the other calls are of the tracker.
_SERVICES = {"QueueUrl": "sqs", "SecretId": "secretsmanager", "KeyId": "kms"}
_KEY = {"ALIPAY_SIGNING_KEY_ARN": f"arn:aws:kms:{PLACE}:key/11111111-2222-4333-8444-555555555555"}


def calls(template: Deployed, secret: dict[str, Any], ours: KeyPair, theirs: KeyPair) -> set[Call]:
    """Each, on what the template puts into the setting whose value the call names."""
    double = aws.AwsDouble()
    double.reset(secret)
    double.kms_key = ours.private
    double.replies["SendTaskSuccess"] = right_reply(double, "SendTaskSuccess")
    server = aws_server.start(double)
    answers = gateway_answers(Signer(theirs.private, secret["clientId"]), "all")
    with Gateway(answers) as gateway, environment(double, gateway.url, **_KEY) as function:
        function(*Batch("all", double).records)
    server.shutdown()
    server.server_close()
    given = template.properties(LAMBDA)["Environment"]["Variables"]
    settings = SETTINGS | _KEY
    names = {settings[name]: only(value) for name, value in given.items() if name in settings}
    return {
        dataclasses.replace(call, on=names.get(call.on, call.on))
        for made in double.calls
        for call in _calls(made.action.removesuffix("Batch"), made.parameters)
    }


def _calls(action: str, sent: dict[str, Any]) -> Iterator[Call]:
    if action == "PutEvents":
        # Keys with several values hold those of all entries.
        sources = tuple(sorted({one["Source"] for one in sent["Entries"]}))
        for bus in {one["EventBusName"] for one in sent["Entries"]}:
            yield Call(FUNCTION, "events:PutEvents", bus, {"events:source": sources})
        return
    for name in _SERVICES.keys() & sent.keys():
        algorithm = sent.get("SigningAlgorithm")
        keys = {"kms:SigningAlgorithm": algorithm} if algorithm else {}
        yield Call(FUNCTION, f"{_SERVICES[name]}:{action}", sent[name], keys)
    if not _SERVICES.keys() & sent.keys():
        # A token belongs to the state machine that made it.
        on = f"{MACHINE}:execution" if "executionArn" in sent else MACHINE
        yield Call(FUNCTION, f"states:{action}", on)
