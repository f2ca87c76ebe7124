"""The function as Lambda runs it: an execution environment, its settings, its output."""

from __future__ import annotations

import io
import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from cancel_payment import app
from cancel_payment.alipay import gateway

from tests.support.aws import AwsDouble
from tests.support.records import Record

PLACE = "ap-southeast-1:123456789012"
QUEUE = "https://sqs.ap-southeast-1.amazonaws.com/123456789012/payment-timeouts"
SETTINGS = {
    "AWS_ACCESS_KEY_ID": "dummy",
    "AWS_SECRET_ACCESS_KEY": "dummy",
    "AWS_DEFAULT_REGION": "ap-southeast-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "ALIPAY_CREDENTIALS_SECRET_ARN": f"arn:aws:secretsmanager:{PLACE}:secret:alipay-AbCdEf",
    "PAYMENT_TIMEOUTS_QUEUE_URL": QUEUE,
    "PAYMENT_TIMEOUTS_DLQ_URL": f"{QUEUE}-dlq",
    "TRACKER_STATE_MACHINE_ARN": f"arn:aws:states:{PLACE}:stateMachine:cancel-until-cutoff",
    "OUTCOME_BUS_NAME": "payment-outcomes",
}
NOT_INHERITED = ("AWS_SAM_LOCAL", "AWS_PROFILE", "AWS_SESSION_TOKEN", "SSL_CERT_FILE")


class Context:
    """What the Lambda runtime passes beside the event; its remaining time runs."""

    aws_request_id = "11111111-2222-4333-8444-555555555555"
    function_name = "CancelPaymentFunction"
    memory_limit_in_mb = 512
    invoked_function_arn = f"arn:aws:lambda:{PLACE}:function:f"

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return max(0, round((self._deadline - time.monotonic()) * 1000))


@dataclass
class Function:
    """Call it with the records of a batch; the answer is the batch item failures.

    `seconds` and `returned_at` (monotonic) belong to the latest call.
    """

    _printed: io.StringIO = field(default_factory=io.StringIO)
    seconds: float = 0
    returned_at: float = 0

    def __call__(self, *records: Record, seconds: float = 30) -> list[str]:
        began = time.monotonic()
        try:
            # Around the call alone: pytest sets stdout anew between set-up and call.
            with redirect_stdout(self._printed):
                answer = app.lambda_handler({"Records": list(records)}, Context(seconds))  # type: ignore[arg-type]
        finally:
            self.returned_at = time.monotonic()
            self.seconds = self.returned_at - began
        assert set(answer) == {"batchItemFailures"}
        return [item["itemIdentifier"] for item in answer["batchItemFailures"]]

    def forget(self) -> None:
        """Forget what was printed so far."""
        self._printed.seek(0)
        self._printed.truncate()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """All that was printed so far: log lines and metrics."""
        return [json.loads(line) for line in self._printed.getvalue().splitlines() if line]

    @property
    def logs(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if "_aws" not in line]

    @property
    def metrics(self) -> dict[str, list[float]]:
        """All values of each metric of the function's namespace."""
        found: dict[str, list[float]] = {}
        for line in self.lines:
            for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
                assert directive["Namespace"] == "CancelPayment"
                for metric in directive["Metrics"]:
                    values = line[metric["Name"]]
                    listed = values if isinstance(values, list) else [values]
                    found.setdefault(metric["Name"], []).extend(listed)
        return found


# What a person on call can search for; everything else stands in fields of its own.
SENTENCES = {
    "cancel attempted",
    "cancel not sent",
    "sent to the dead-letter queue",
    "an effect failed, the message comes back",
    "unexpected error, the message comes back",
    "visibility not changed, the message comes back after the queue's timeout",
    "token no longer valid, nobody waits for this attempt",
    "not reported",
    "no call can be signed",
    "forced read of the secret failed, old keys kept",
    "a public key of Alipay+ cannot be used, answers under its version prove nothing",
    "a setting is not used as it was given",
}


class _PresentStdout:
    """Whatever stdout is when it is written to; log handlers keep that of their own making."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


@contextmanager
def environment(aws: AwsDouble, gateway_url: str, **settings: str) -> Iterator[Function]:
    """A fresh execution environment of the function, with these settings over the usual ones."""
    function = Function()
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    addresses = {"AWS_ENDPOINT_URL": aws.url, "ALIPAY_GATEWAY_URL": gateway_url}
    variables = inherited | SETTINGS | addresses | settings
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, variables, clear=True))
        for handler in logging.getLogger("cancel-payment").handlers:
            if isinstance(handler, logging.StreamHandler):
                stack.enter_context(mock.patch.object(handler, "stream", _PresentStdout()))
        if gateway_url.startswith("http:"):  # TLS is not needed, and costs 60 ms
            stack.enter_context(mock.patch.object(gateway, "tls_context", lambda: None))
        stack.callback(app.cancellation.cache_clear)
        app.cancellation.cache_clear()
        yield function
        assert {line["message"] for line in function.logs} <= SENTENCES
