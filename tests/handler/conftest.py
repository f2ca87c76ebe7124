"""The function as Lambda runs it: a fresh environment per test, AWS and Alipay+ over HTTP."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cancel_payment import app

from tests.conftest import StandIn
from tests.handler import aws_double
from tests.handler.aws_double import AwsDouble
from tests.handler.records import Record

QUEUE = "https://sqs.ap-southeast-1.amazonaws.com/123456789012/payment-timeouts"
DLQ = f"{QUEUE}-dlq"
BUS = "payment-outcomes"
MACHINE = "arn:aws:states:ap-southeast-1:123456789012:stateMachine:cancel-until-cutoff"
SECRET_ARN = "arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:alipay-AbCdEf"


@dataclass
class Context:
    """What the Lambda runtime passes beside the event."""

    remaining_ms: int = 30_000
    aws_request_id: str = "11111111-2222-4333-8444-555555555555"
    function_name: str = "CancelPaymentFunction"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:ap-southeast-1:123456789012:function:f"

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


class Function:
    """Invoke it; the answer is the batch item failures."""

    def __call__(self, *records: Record, remaining_ms: int = 30_000) -> list[str]:
        answer = app.lambda_handler({"Records": list(records)}, Context(remaining_ms))  # type: ignore[arg-type]
        assert set(answer) == {"batchItemFailures"}
        return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


class PresentStdout:
    """Whatever stdout is when it is written to: pytest changes it between set-up and call."""

    def write(self, text: str) -> None:
        sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


class Output:
    """What the function has printed so far: log lines and metrics."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture
        self._text = ""

    @property
    def text(self) -> str:
        captured = self._capture.readouterr()
        self._text += captured.out + captured.err
        return self._text

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines() if line]

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


@pytest.fixture(scope="session")
def _double() -> Iterator[AwsDouble]:
    double = AwsDouble()
    server = aws_double.start(double)
    yield double
    server.shutdown()
    server.server_close()


@pytest.fixture
def aws(_double: AwsDouble, stand_in: StandIn) -> AwsDouble:
    """The AWS side, with the stand-in's keys in the secret."""
    _double.reset(stand_in.secret)
    return _double


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Output:
    for handler in logging.getLogger("cancel-payment").handlers:
        # Made when the package was imported, with the stdout of that moment.
        if isinstance(handler, logging.StreamHandler):
            monkeypatch.setattr(handler, "stream", PresentStdout())
    return Output(capsys)


@pytest.fixture
def function(
    aws: AwsDouble,
    stand_in: StandIn,
    output: Output,
    monkeypatch: pytest.MonkeyPatch,
    close_connections: None,
) -> Iterator[Function]:
    settings = {
        "AWS_ENDPOINT_URL": aws.url,
        "AWS_ACCESS_KEY_ID": "dummy",
        "AWS_SECRET_ACCESS_KEY": "dummy",
        "AWS_DEFAULT_REGION": "ap-southeast-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "ALIPAY_GATEWAY_URL": stand_in.url,
        "ALIPAY_CREDENTIALS_SECRET_ARN": SECRET_ARN,
        "PAYMENT_TIMEOUTS_QUEUE_URL": QUEUE,
        "PAYMENT_TIMEOUTS_DLQ_URL": DLQ,
        "TRACKER_STATE_MACHINE_ARN": MACHINE,
        "OUTCOME_BUS_NAME": BUS,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_SAM_LOCAL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    app.cancellation.cache_clear()
    yield Function()
    app.cancellation.cache_clear()
