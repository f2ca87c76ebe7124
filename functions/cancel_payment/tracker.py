"""The tracker: one Step Functions execution per payment that is still unknown after a minute.

The contract with ``statemachine/cancel_until_cutoff.asl.json``: the input of an execution and the
output of a waiting task stand here and nowhere else.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any, Final

from botocore.exceptions import ClientError

from cancel_payment.aws import AWS_ERRORS, Clients, error_code
from cancel_payment.model import Attempt, Outcome, Resolve, Track
from cancel_payment.observability import logger
from cancel_payment.payment import CancelRequest, Payment
from cancel_payment.window import format_moment

_SAFE_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

# The tracker has moved on: its wait timed out, or it has ended. Which code a late token gets is
# not consistent even within AWS.
_TOKEN_GONE: Final = {"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"}


class Tracker:
    """Starts executions, and tells the waiting ones how an attempt went."""

    def __init__(self, clients: Clients, state_machine_arn: str) -> None:
        self._clients = clients
        self._state_machine_arn = state_machine_arn

    def start(self, attempt: Attempt, track: Track) -> bool:
        """Hand an untracked payment over, unless its tracker runs already.

        Returns
        -------
        bool
            Whether a tracker of this payment runs now; if not, its message must come back.
        """
        execution_input = json.dumps(_input(attempt, track))
        try:
            for name in _names(attempt.request.payment):
                if self._starts(name, execution_input) or self._runs(name, attempt.request):
                    return True
        except AWS_ERRORS as error:
            _log_failure("tracker not started, the message comes back", attempt.request, error)
        return False

    def tell_unknown(self, attempt: Attempt, track: Track) -> bool:
        """Tell the waiting tracker when to try again; whether it knows, or has moved on."""
        output = _output("RETRY", attempt)
        output["nextAttemptAt"] = format_moment(track.next_attempt_at)
        return self._succeed(attempt.request, output)

    def tell_resolved(self, attempt: Attempt, resolve: Resolve) -> bool:
        """Tell the waiting tracker how its payment ended; whether it knows, or has moved on.

        A failure other than refund fails the task, so that the execution shows as failed by its
        code and can be redriven.
        """
        if resolve.outcome is not Outcome.FAILED:
            return self._succeed(attempt.request, _output(resolve.outcome, attempt))
        try:
            self._clients.stepfunctions.send_task_failure(
                taskToken=_token(attempt.request),
                error=attempt.result.code or resolve.outcome,
                cause=resolve.further_action,
            )
        except AWS_ERRORS as error:
            return _moved_on(attempt.request, error)
        return True

    def _succeed(self, request: CancelRequest, output: dict[str, Any]) -> bool:
        try:
            self._clients.stepfunctions.send_task_success(
                taskToken=_token(request), output=json.dumps(output)
            )
        except AWS_ERRORS as error:
            return _moved_on(request, error)
        return True

    def _starts(self, name: str, execution_input: str) -> bool:
        try:
            self._clients.stepfunctions.start_execution(
                stateMachineArn=self._state_machine_arn, name=name, input=execution_input
            )
        except ClientError as error:
            if error_code(error) == "ExecutionAlreadyExists":
                return False
            raise
        return True

    def _runs(self, name: str, request: CancelRequest) -> bool:
        """Whether the execution of this name runs for this very payment.

        Another payment may be called what this one's second tracker would be called.
        """
        arn = self._state_machine_arn.replace(":stateMachine:", ":execution:") + f":{name}"
        execution = self._clients.stepfunctions.describe_execution(executionArn=arn)
        tracked = json.loads(execution.get("input", "{}")).get("payment", {})
        id_name, value = request.payment.naming_id
        return execution["status"] == "RUNNING" and tracked.get(id_name) == value


def _names(payment: Payment) -> Iterator[str]:
    """The name after the payment, so that a person finds it, then ``…-2``, ``…-3``; never a
    random one, or a repeat would start a tracker beside the running one."""
    _, name = payment.naming_id
    if not _SAFE_NAME.fullmatch(name):
        name = hashlib.sha256(name.encode()).hexdigest()
    yield name
    for number in count(2):
        yield f"{name}-{number}"


def _input(attempt: Attempt, track: Track) -> dict[str, Any]:
    request = attempt.request
    return {
        "payment": {
            **request.payment.parameters,
            "paymentCreateTime": request.payment.create_time,
        },
        "cutoffAt": format_moment(request.cutoff_at),
        "firstAttemptAt": format_moment(request.first_attempt_at),
        "attempts": request.attempt,
        "nextAttemptAt": format_moment(track.next_attempt_at),
    }


def _output(disposition: str, attempt: Attempt) -> dict[str, Any]:
    output: dict[str, Any] = {"disposition": disposition, "attempts": attempt.request.attempt}
    if attempt.result.code is not None:
        output["resultCode"] = attempt.result.code
    return output


def _token(request: CancelRequest) -> str:
    assert request.task_token is not None
    return request.task_token


def _moved_on(request: CancelRequest, error: Exception) -> bool:
    if error_code(error) in _TOKEN_GONE:
        logger.warning(
            "token no longer valid, the tracker has moved on",
            extra={**request.payment.parameters, "reason": error_code(error)},
        )
        return True
    _log_failure("tracker not told, the message comes back", request, error)
    return False


def _log_failure(message: str, request: CancelRequest, error: Exception) -> None:
    logger.error(message, extra={**request.payment.parameters, "reason": error_code(error)})
