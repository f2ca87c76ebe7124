"""The re-queue: when a message of the first minute may be seen again."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import batched
from typing import Final

from cancel_payment.aws import AWS_ERRORS, Clients, error_code
from cancel_payment.model import Requeue
from cancel_payment.observability import logger
from cancel_payment.payment import CancelRequest

_MAX_ENTRIES: Final = 10  # of one ChangeMessageVisibilityBatch call


class Visibility:
    """Sets visibility timeouts, in one call for all messages of an invocation.

    An entry that fails needs no care: its message comes back after the queue's own timeout.
    """

    def __init__(self, clients: Clients, queue_url: str, clock: Callable[[], datetime]) -> None:
        self._clients = clients
        self._queue_url = queue_url
        self._clock = clock

    def requeue(self, requeued: Sequence[tuple[CancelRequest, Requeue]]) -> None:
        """Make each message visible again at its own moment, rounded up to whole seconds.

        The timeout counts from the call, so what the rest of the batch took since the attempt
        ended is taken off.
        """
        for batch in batched(requeued, _MAX_ENTRIES, strict=False):
            now = self._clock()
            try:
                answer = self._clients.sqs.change_message_visibility_batch(
                    QueueUrl=self._queue_url,
                    Entries=[
                        {
                            "Id": str(index),
                            "ReceiptHandle": request.receipt_handle,
                            "VisibilityTimeout": _whole_seconds(requeue.visible_at, now),
                        }
                        for index, (request, requeue) in enumerate(batch)
                    ],
                )
                failed = [(int(one["Id"]), one["Code"]) for one in answer.get("Failed", [])]
            except AWS_ERRORS as error:
                failed = [(index, error_code(error)) for index in range(len(batch))]
            for index, code in failed:
                logger.warning(
                    "visibility not changed, the message comes back after the queue's timeout",
                    extra={**batch[index][0].payment.parameters, "reason": code},
                )


def _whole_seconds(visible_at: datetime, now: datetime) -> int:
    return max(0, math.ceil((visible_at - now).total_seconds()))
