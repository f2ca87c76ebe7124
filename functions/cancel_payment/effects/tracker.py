"""The tracker: one Step Functions execution for each payment that stays unknown.

The contract with ``statemachine/cancel_until_cutoff.asl.json`` has three parts: the input of an
execution and the output of a waiting task are written here; the message with `tracking` is written
there and read in ``record``. What fails is raised.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from botocore.exceptions import ClientError

from cancel_payment.aws import Clients, UnconfirmedError, confirmed, error_code
from cancel_payment.execution_names import execution_names
from cancel_payment.model import Attempt, CancelRequest, Outcome, Resolve, Track
from cancel_payment.observability import logger
from cancel_payment.window import format_moment_utc

# The wait timed out, the execution has ended, or the token never was one. Which code a late token
# gets is not consistent even within AWS.
_TOKEN_GONE: Final = {"TaskTimedOut", "TaskDoesNotExist", "InvalidToken", "ValidationException"}
_STATUSES: Final = {"RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"}
# The error of a failed task: no result code may pass for an error of AWS, which bears a full stop.
_NOT_IN_ERROR_NAMES: Final = re.compile(r"[^A-Za-z0-9_-]")


class Tracker:
    """Starts executions, and tells the waiting ones how an attempt went."""

    def __init__(self, clients: Clients, state_machine_arn: str) -> None:
        self._clients = clients
        self._state_machine_arn = state_machine_arn

    def start(self, attempt: Attempt, track: Track) -> bool:
        """Hand a payment over, unless its tracker runs already.

        Returns
        -------
        bool
            Whether a tracker of this payment runs now; if not, all that it may have had have ended.
        """
        execution_input = json.dumps(_input(attempt, track))
        return any(
            self._starts(name, execution_input) or self._runs(name, attempt.request)
            for name in execution_names(attempt.request.payment)
        )

    def tell_unknown(self, attempt: Attempt, track: Track) -> bool:
        """Tell the waiting tracker when to try again; whether anyone waited for it."""
        output = _output("RETRY", attempt)
        output["nextAttemptAt"] = format_moment_utc(track.next_attempt_at)
        return self._succeed(attempt.request, output)

    def tell_resolved(self, attempt: Attempt, resolve: Resolve) -> bool:
        """Tell the waiting tracker how its payment ended; whether anyone waited for it.

        A failure other than refund fails the task, so that the execution shows as failed by its
        code and can be redriven.
        """
        if resolve.outcome is not Outcome.FAILED:
            return self._succeed(attempt.request, _output(resolve.outcome, attempt))
        code = attempt.result.code or resolve.outcome
        try:
            self._clients.stepfunctions.send_task_failure(
                taskToken=_token(attempt.request),
                error=_NOT_IN_ERROR_NAMES.sub("_", code),
                cause=resolve.further_action,
            )
        except ClientError as error:
            return _nobody_waited(attempt.request, error)
        return True

    def looks_after(self, request: CancelRequest) -> bool:
        """Whether the execution that sent this message still runs, or has succeeded."""
        if request.tracking is None or request.tracking.execution is None:
            return False
        try:
            status = self._status(request.tracking.execution, request)
        except ClientError as error:
            if error_code(error) == "ExecutionDoesNotExist":
                return False
            raise
        return status in {"RUNNING", "SUCCEEDED"}

    def _succeed(self, request: CancelRequest, output: dict[str, Any]) -> bool:
        try:
            self._clients.stepfunctions.send_task_success(
                taskToken=_token(request), output=json.dumps(output)
            )
        except ClientError as error:
            return _nobody_waited(request, error)
        return True

    def _starts(self, name: str, execution_input: str) -> bool:
        try:
            answer = self._clients.stepfunctions.start_execution(
                stateMachineArn=self._state_machine_arn, name=name, input=execution_input
            )
        except ClientError as error:
            if error_code(error) == "ExecutionAlreadyExists":
                return False
            raise
        confirmed(answer.get("executionArn"))
        return True

    def _runs(self, name: str, request: CancelRequest) -> bool:
        # One that exists and cannot be found yet is raised: DescribeExecution may lag behind.
        return self._status(name, request) == "RUNNING"

    def _status(self, name: str, request: CancelRequest) -> str | None:
        """The status of the execution of this name, if it is for this very payment.

        Another payment may be called what this one's second tracker would be called.
        """
        arn = self._state_machine_arn.replace(":stateMachine:", ":execution:") + f":{name}"
        execution = self._clients.stepfunctions.describe_execution(executionArn=arn)
        confirmed(execution.get("input"))
        if execution.get("status") not in _STATUSES:
            raise UnconfirmedError
        return execution["status"] if _is_for(execution["input"], request) else None


def _is_for(execution_input: str, request: CancelRequest) -> bool:
    try:
        tracked = json.loads(execution_input)["payment"]
        id_name, value = request.payment.primary_id
        return bool(tracked[id_name] == value)
    except (ValueError, TypeError, LookupError, RecursionError):
        return False  # started by hand, with any input


def _input(attempt: Attempt, track: Track) -> dict[str, Any]:
    request = attempt.request
    return {
        "payment": {
            **request.payment.parameters,
            "paymentCreateTime": request.payment.create_time,
        },
        "cutoffAt": format_moment_utc(request.cutoff_at),
        "firstAttemptAt": format_moment_utc(request.first_attempt_at),
        "attempts": request.attempt,
        "nextAttemptAt": format_moment_utc(track.next_attempt_at),
    }


def _output(disposition: str, attempt: Attempt) -> dict[str, Any]:
    output: dict[str, Any] = {"disposition": disposition, "attempts": attempt.request.attempt}
    if attempt.result.code is not None:
        output["resultCode"] = attempt.result.code
    return output


def _token(request: CancelRequest) -> str:
    assert request.tracking is not None
    return request.tracking.task_token


def _nobody_waited(request: CancelRequest, error: ClientError) -> bool:
    """``False``, if it is the token that is no longer valid."""
    if error_code(error) not in _TOKEN_GONE:
        raise error
    logger.warning(
        "token no longer valid, nobody waits for this attempt",
        extra={**request.payment.parameters, "reason": error_code(error)},
    )
    return False
