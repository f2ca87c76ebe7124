"""When a message may be seen again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import batched
from typing import Final

from cancel_payment.aws import Clients, error_code
from cancel_payment.clock import Clock, Jitter
from cancel_payment.observability import logger

_MAX_ENTRIES: Final = 10  # of one ChangeMessageVisibilityBatch call
_FIRST_DELAY: Final = timedelta(seconds=5)
# The queue's own visibility timeout, after which a message comes back by itself.
_LONGEST_DELAY: Final = timedelta(seconds=180)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that stays on the queue, and when it may be seen again."""

    receipt_handle: str
    visible_at: datetime
    ids: dict[str, str] = field(default_factory=dict)


def after_failed_effect(receives: int, now: datetime, jitter: Jitter) -> datetime:
    """Soon, and ever later: 5 to 10 s, doubled with every receive of the message, so that what is
    throttled is not stormed."""
    least = min(_FIRST_DELAY * 2 ** min(receives - 1, 10), _LONGEST_DELAY)
    return now + jitter(least, min(2 * least, _LONGEST_DELAY))


class Visibility:
    """Sets visibility timeouts, ten messages to a call.

    An entry that fails needs no care: its message comes back after the queue's own timeout.
    """

    def __init__(self, clients: Clients, queue_url: str, clock: Clock) -> None:
        self._clients = clients
        self._queue_url = queue_url
        self._clock = clock

    def change(self, waiting: Sequence[Waiting]) -> None:
        """Make each message visible again at its own moment, rounded up to whole seconds.

        The timeout counts from the call, so what the rest of the batch took since the attempt
        ended is taken off.
        """
        for batch in batched(waiting, _MAX_ENTRIES, strict=False):
            now = self._clock.now()
            try:
                answer = self._clients.sqs.change_message_visibility_batch(
                    QueueUrl=self._queue_url,
                    Entries=[
                        {
                            "Id": str(index),
                            "ReceiptHandle": one.receipt_handle,
                            "VisibilityTimeout": _whole_seconds(one.visible_at, now),
                        }
                        for index, one in enumerate(batch)
                    ],
                )
                failed = [(batch[int(one["Id"])], one["Code"]) for one in answer.get("Failed", [])]
            except Exception as error:
                failed = [(one, error_code(error)) for one in batch]
            for one, code in failed:
                logger.warning(
                    "visibility not changed, the message comes back after the queue's timeout",
                    extra={**one.ids, "reason": code},
                )


def _whole_seconds(visible_at: datetime, now: datetime) -> int:
    return max(0, math.ceil((visible_at - now).total_seconds()))
