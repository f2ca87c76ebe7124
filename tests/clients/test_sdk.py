"""The official SDK's own code on both ends of our signatures (PyPI: global-open-sdk-python)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import verify_proof

from tests.conftest import ROOT, KeyPair
from tests.support import aws, aws_server
from tests.support.function import environment
from tests.support.gateway import Gateway, Request, Step
from tests.support.keys import make_pair
from tests.support.records import message, record
from tests.support.signer import PATH, RESPONSE_TIME, answer, success

type Sdk = Callable[..., str]

pytestmark = pytest.mark.clients
# Bodies of ASCII and of more than that, signatures of many keys' worth of characters.
PAYMENTS: Final = tuple(f"{name}-{n}" for n in range(10) for name in ("plain", "ünïcode-支付-💶"))


@pytest.fixture(scope="module")
def sdk() -> Iterator[Sdk]:
    """Call a function of `sdk.py`, in an environment that holds the SDK."""
    uv = [ROOT / ".venv" / "bin" / "uv", "run", "--isolated", "--frozen", "--quiet"]
    python = ["--only-group", "bench", "--python", ROOT / ".venv" / "bin" / "python", "python"]
    script = ["-W", "ignore", Path(__file__).with_name("sdk.py")]
    with subprocess.Popen(
        [*uv, *python, *script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout

        def call(name: str, *arguments: Any) -> str:
            print(json.dumps([name, arguments]), file=process.stdin, flush=True)
            told: str = json.loads(process.stdout.readline())  # type: ignore[union-attr]
            return told

        yield call
        process.stdin.close()


@pytest.fixture
def cancelled(sdk: Sdk, secret: dict[str, Any]) -> Callable[[KeyPair], Any]:
    """Let the function cancel all payments at a gateway that signs its answers by the SDK."""

    def cancel(key: KeyPair) -> tuple[list[Request], list[dict[str, Any]]]:
        def reply(request: Request) -> list[Step]:
            body, client = success(request.payment), secret["clientId"]
            signature = sdk("sign", PATH, client, RESPONSE_TIME, body.decode(), key.pkcs1)
            named = {"client-id": client, "response-time": RESPONSE_TIME}
            return [answer(body, **named, signature=signature)]

        double = aws.AwsDouble()
        double.reset(secret)
        server = aws_server.start(double)
        with Gateway(reply) as gateway, environment(double, gateway.url) as function:
            for one in PAYMENTS:  # one after another: the SDK is a single process
                function(record(message(one)))
        server.shutdown()
        server.server_close()
        return gateway.requests, [detail for _, detail in double.outcomes]

    return cancel


def test_the_sdk_verifies_what_the_function_signs_and_the_function_what_the_sdk_signs(
    cancelled: Callable[[KeyPair], Any],
    sdk: Sdk,
    ours: KeyPair,
    theirs: KeyPair,
) -> None:
    requests, outcomes = cancelled(theirs)

    assert [request.payment for request in requests] == list(PAYMENTS)
    for request in requests:
        sent = {name: request.values(name)[0] for name in ("signature", "client-id")}
        # The SDK reads an answer's headers; a request differs from it by the name of its time.
        headers = [*sent.items(), ("response-time", request.values("request-time")[0])]
        body = request.body.decode()
        assert sdk("verify", PATH, headers, body, ours.spki) == ""
        assert sdk("verify", PATH, headers, body + " ", ours.spki) != ""
        assert sdk("verify", PATH, headers, body, theirs.spki) != ""
    assert [one["paymentRequestId"] for one in outcomes] == list(PAYMENTS)
    for one in outcomes:
        assert one["outcome"] == "CANCELLED"
        assert "S SUCCESS" in verify_proof.verify(one, {"1": theirs.spki.encode()})


def test_what_the_sdk_signs_with_another_key_proves_nothing(
    cancelled: Callable[[KeyPair], Any],
) -> None:
    requests, outcomes = cancelled(make_pair())
    assert len(requests) == len(PAYMENTS)
    assert outcomes == []
