"""The AWS clients of an execution environment, each made when it is first used.

A client costs about 35 ms of start-up, and an invocation whose payments are all cancelled needs
neither SQS nor Step Functions. All are made and used on the handler's thread.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cancel_payment.credentials import unusable

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

AWS_ERRORS: Final = (BotoCoreError, ClientError)
"""What any call may raise; its payment then comes back by SQS."""

# The effects share what is left of the function's 30 s: a call that hangs must not take it all.
_CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
)


class Clients:
    """SQS, Step Functions, EventBridge and Secrets Manager."""

    @cached_property
    def sqs(self) -> SQSClient:
        return boto3.client("sqs", config=_CONFIG)

    @cached_property
    def stepfunctions(self) -> SFNClient:
        return boto3.client("stepfunctions", config=_CONFIG)

    @cached_property
    def events(self) -> EventBridgeClient:
        return boto3.client("events", config=_CONFIG)

    @cached_property
    def secretsmanager(self) -> SecretsManagerClient:
        return boto3.client("secretsmanager", config=_CONFIG)

    def read_secret(self, arn: str) -> str:
        """The text of the secret's current version.

        Raises
        ------
        CredentialsError
            Secrets Manager refuses or does not answer, or the secret is binary.
        """
        try:
            answer = self.secretsmanager.get_secret_value(SecretId=arn)
        except AWS_ERRORS as error:
            raise unusable(f"Secrets Manager says: {error}") from error
        if "SecretString" not in answer:
            raise unusable("it is binary, not text")
        return answer["SecretString"]


def error_code(error: Exception) -> str:
    """The service's error code, or the kind of error where no service answered."""
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code", "ClientError")
    return type(error).__name__
