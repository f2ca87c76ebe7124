"""Whatever goes wrong, no key, token or signature is printed, raised, or sent to a wrong place.

Beside `tests/handler/test_what_people_see.py` and `test_keys.py`, which look at the usual ways:
here everything fails, services repeat in their errors what they were sent, and so does the gateway.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from cancel_payment import app
from cancel_payment.credentials import CredentialsError, parse_secret
from cancel_payment.gateway import Gateway

from tests.conftest import KeyPair, StandIn, bare
from tests.handler.aws_double import AwsDouble, Parameters, Reply
from tests.handler.conftest import Context, Function, Output
from tests.handler.records import ago, message, record, tracked
from tests.support.leaks import Material
from tests.wire.peer import HANG_UP, Peer

type Unique = Callable[[str], str]
type Secret = dict[str, Any]

AGENT_TOKEN = "ALIPAY4BAKEDAGENTTOKEN0042"
TASK_TOKEN = "AQCEAAAAKgAAAAMAAAAAAAAAATASKTOKEN0042"


@pytest.fixture
def installed(aws: AwsDouble, stand_in: StandIn) -> Secret:
    """The secret in use, with every field that it can have."""
    secret = stand_in.secret | {"agentToken": AGENT_TOKEN}
    aws.secret = json.dumps(secret)
    return secret


@pytest.fixture
def material(installed: Secret, ours: KeyPair, elliptic: KeyPair, weak: KeyPair) -> Material:
    return Material.of(
        [
            ("the private key", installed["privateKey"]),
            ("another private key", ours.pkcs8),
            ("an elliptic key", elliptic.pkcs8),
            ("a weak key", weak.pkcs8),
            ("the agent token", AGENT_TOKEN),
            ("a task token", TASK_TOKEN),
        ]
    )


def every_kind(unique: Unique) -> list[dict[str, Any]]:
    """A record for each way through the function."""
    scenarios = ["SUCCEEDS", "UNKNOWN", "FAILS-PROCESS_FAIL", "FAILS-CANCEL_WINDOW_EXCEED"]
    records = [record(message(unique(one))) for one in scenarios]
    records += [record(tracked(message(unique(one)), TASK_TOKEN)) for one in scenarios]
    records.append(record(message(unique("UNKNOWN")), 9, ago(seconds=70)))
    records.append(record(tracked({"paymentRequestId": "no create time"}, TASK_TOKEN)))
    return records


SECRETS: dict[str, Callable[[Secret, KeyPair, KeyPair, KeyPair], object]] = {
    "cut off in the middle of the key": lambda s, *_: json.dumps(s)[:900],
    "with single quotes": lambda s, *_: repr(s),
    "a list": lambda s, *_: [s],
    "the key alone": lambda s, *_: s["privateKey"],
    "an elliptic key": lambda s, _, elliptic, __: s | {"privateKey": elliptic.pkcs8},
    "a weak key": lambda s, _, __, weak: s | {"privateKey": weak.pkcs8},
    "half of the key": lambda s, *_: s | {"privateKey": bare(s["privateKey"])[: 4 * 200]},
    "the key in a list": lambda s, *_: s | {"privateKey": [s["privateKey"]]},
    "the key as its version": lambda s, *_: s | {"keyVersion": s["privateKey"]},
    "the key as client id": lambda s, *_: s | {"clientId": s["privateKey"]},
    "the key as agent token": lambda s, *_: s | {"agentToken": s["privateKey"]},
    "the key as Alipay+'s": lambda s, *_: s | {"alipayPublicKeys": {"1": s["privateKey"]}},
    "the key as a version": lambda s, *_: s | {"alipayPublicKeys": {bare(s["privateKey"]): "1"}},
    "another key": lambda s, ours, *_: s | {"privateKey": ours.pkcs8},
    "another public key": lambda s, ours, *_: s | {"alipayPublicKeys": {"1": ours.spki}},
}


@pytest.mark.parametrize("kind", SECRETS)
def test_secret_that_cannot_be_used_is_not_printed(
    function: Function,
    aws: AwsDouble,
    installed: Secret,
    material: Material,
    output: Output,
    unique: Unique,
    ours: KeyPair,
    elliptic: KeyPair,
    weak: KeyPair,
    kind: str,
) -> None:
    broken = SECRETS[kind](installed, ours, elliptic, weak)
    aws.secret = broken if isinstance(broken, str) else json.dumps(broken)

    function(*every_kind(unique))

    assert output.logs
    assert material.leaks(output.text.encode()) == []
    assert leaks_to_aws(material, aws) == []


@pytest.mark.parametrize("field", ["clientId", "agentToken"])
def test_bare_key_in_a_field_that_is_sent_as_a_header_is_refused(
    installed: Secret, field: str
) -> None:
    with pytest.raises(CredentialsError, match=field):
        parse_secret(json.dumps(installed | {field: bare(installed["privateKey"])}))


def repeating(code: str) -> Callable[[Parameters], Reply]:
    """A refusal whose text holds all that was sent."""
    return lambda parameters: (400, {"__type": code, "message": json.dumps(parameters)})


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidToken", "ValidationException"])
def test_error_of_a_service_that_repeats_the_request_is_not_printed(
    function: Function,
    aws: AwsDouble,
    installed: Secret,
    material: Material,
    output: Output,
    unique: Unique,
    code: str,
) -> None:
    actions = ["PutEvents", "SendMessage", "ChangeMessageVisibilityBatch", "StartExecution"]
    for action in (*actions, "SendTaskSuccess", "SendTaskFailure"):
        aws.replies[action] = repeating(code)

    function(*every_kind(unique))

    assert {"ERROR", "WARNING"} <= {one["level"] for one in output.logs}
    assert material.leaks(output.text.encode()) == []


def test_secret_that_a_refusing_secrets_manager_sends_along_is_not_printed(
    function: Function,
    aws: AwsDouble,
    installed: Secret,
    material: Material,
    output: Output,
    unique: Unique,
) -> None:
    body = {"__type": "InternalServiceError", "message": "no", "SecretString": aws.secret}
    aws.replies["GetSecretValue"] = lambda _: (400, body)

    function(*every_kind(unique))

    assert "no call can be signed" in output.text
    assert material.leaks(output.text.encode()) == []


FORGED = ["FORGED_REFUND", "FORGED_SUCCESS", "WRONGLY_SIGNED", "OTHER_CLIENT", "UNSIGNED"]
BROKEN = ["GARBAGE", "REDIRECT", "HUGE_HEADERS", "HTTP_500", "TRUNCATED"]


@pytest.mark.parametrize("scenario", FORGED + BROKEN)
def test_signature_of_a_forged_or_broken_answer_is_not_printed(
    function: Function,
    installed: Secret,
    material: Material,
    output: Output,
    unique: Unique,
    scenario: str,
) -> None:
    function(record(message(unique(scenario))))

    assert output.logs
    assert material.leaks(output.text.encode()) == []


def _echoed(head: str) -> Callable[[str], bytes]:
    return lambda repeated: (head.format(repeated=repeated) + "\r\n\r\n").encode()


# h11 quotes a line that it cannot read, and the function logs the kind of its complaint.
ECHOES: dict[str, Callable[[str], bytes]] = {
    "as its status line": _echoed("{repeated}"),
    "as its reason phrase": _echoed("HTTP/1.1 500 {repeated}\r\nContent-Length: 0"),
    "as a header without a colon": _echoed("HTTP/1.1 200 OK\r\n{repeated}"),
    "as a header": _echoed("HTTP/1.1 200 OK\r\nSignature: {repeated}\r\nContent-Length: 0"),
    "as the length": _echoed("HTTP/1.1 200 OK\r\nContent-Length: {repeated}"),
    "as the encoding": _echoed("HTTP/1.1 200 OK\r\nTransfer-Encoding: {repeated}"),
    "as the place of a redirect": _echoed("HTTP/1.1 302 OK\r\nLocation: //{repeated}"),
}


@pytest.mark.parametrize(
    "place",
    ECHOES,
)
@pytest.mark.parametrize("what", ["agent-token", "signature"])
def test_gateway_that_repeats_our_headers_does_not_bring_them_into_the_log(
    function: Function,
    installed: Secret,
    material: Material,
    output: Output,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    what: str,
) -> None:
    with Peer(lambda asked: [ECHOES[place](asked.values(what)[0]), HANG_UP]) as peer:
        monkeypatch.setenv("ALIPAY_GATEWAY_URL", peer.url)
        app.cancellation.cache_clear()
        function(record(message("P1")))

    (repeated,) = peer.requests[0].values(what)
    also = Material.of([("the repeated header", repeated)])
    assert output.logs
    assert (material.leaks(output.text.encode()), also.leaks(output.text.encode())) == ([], [])


FAULTS = [RuntimeError, ValueError, MemoryError, RecursionError, KeyError]


@pytest.mark.parametrize("kind", FAULTS)
def test_traceback_of_an_unforeseen_error_shows_nothing_secret(
    function: Function,
    installed: Secret,
    material: Material,
    output: Output,
    unique: Unique,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[Exception],
) -> None:
    def fail(_: object, payment: object, credentials: object) -> None:
        # As a library would: with the values it was given.
        raise kind(f"unexpected: {payment!r} {credentials!r} {credentials}")

    monkeypatch.setattr(Gateway, "cancel", fail)
    records = [record(message(unique("SUCCEEDS"))), record(tracked(message("P"), TASK_TOKEN))]

    with pytest.raises(kind) as caught:
        app.lambda_handler({"Records": records}, Context())  # type: ignore[arg-type]

    printed = "".join(traceback.format_exception(caught.value))
    assert material.leaks(f"{printed}{output.text}".encode()) == []


def leaks_to_aws(material: Material, aws: AwsDouble) -> list[str]:
    """Secrets in calls to AWS, but for the places that are theirs: a tracker is told by its token,
    and an unreadable message goes to the dead-letter queue as it came."""
    own = {"SendTaskSuccess", "SendTaskFailure", "SendMessage"}
    return [
        f"{call.action}: {leak.what}"
        for call in aws.calls
        if call.action not in own
        for leak in material.leaks(json.dumps(call.parameters).encode())
    ]
