"""A deployed local stack: payments sent into it, and everything that has come out of it so far."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.stack.build import TEMPLATE
from sandbox.stack.lifecycle import Stack

type Message = dict[str, Any]

PATIENCE_SECONDS = 150
# Noon in UTC+8, and when the window of a payment of that day closed.
LONG_AGO = (datetime.now(UTC) - timedelta(days=3)).replace(hour=4, minute=0, second=0)
CUTOFF_LONG_AGO = LONG_AGO + timedelta(hours=12, minutes=15)


@contextmanager
def started(name: str, **options: Any) -> Iterator[World]:
    """A stack of that name for this worker of the tests; `options` as `Stack.start` takes them."""
    if not TEMPLATE.exists():
        pytest.fail("nothing is built for this host: run `make build` first")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    with Stack.start(f"{name}-{worker}", **options) as stack:
        yield World(stack)


def eventually[T](look: Callable[[], T], what: str) -> T:
    """What `look` finds, as soon as it finds something."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.3)
    raise AssertionError(f"waited {PATIENCE_SECONDS} s in vain for {what}")


def event(payment: str, created: datetime | None = None) -> dict[str, str]:
    """The detail of a payment's event; `payment` chooses what the stand-in does with it."""
    return {
        "paymentRequestId": payment,
        "paymentId": f"2099{abs(hash(payment)) % 10**16}",
        "paymentCreateTime": (created or datetime.now(UTC)).isoformat(timespec="seconds"),
    }


class World:
    """A stack, and what tests ask of it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.client = stack.cloud.client
        self.sqs = self.client("sqs")
        self._outcomes: list[Message] = []

    def expire(self, *payments: str, created: datetime | None = None) -> None:
        """Put the events of at most ten payments on the bus."""
        self.stack.put_events([event(one, created) for one in payments])

    def track(
        self,
        payment: str,
        *,
        created: datetime | None = None,
        cutoff: datetime | None = None,
        wait: timedelta = timedelta(),
        **more: Any,
    ) -> str:
        """Start a tracker as the function does for a payment that is unknown after a minute.

        Parameters
        ----------
        cutoff
            One that has passed; without it, in twelve hours.
        wait
            Until its next attempt.
        more
            Other fields of its input.

        Returns
        -------
        str
            The ARN of the execution.
        """
        now = datetime.now(UTC)
        begun = min(now, cutoff or now) - timedelta(minutes=2)
        moments = {
            "cutoffAt": cutoff or now + timedelta(hours=12),
            "firstAttemptAt": begun,
            "nextAttemptAt": begun if cutoff else now + wait,
        }
        times = {name: f"{at:%Y-%m-%dT%H:%M:%S.000Z}" for name, at in moments.items()}
        answer = self.client("stepfunctions").start_execution(
            stateMachineArn=self.stack.state_machine_arn,
            name=payment,
            input=json.dumps({"payment": event(payment, created), "attempts": 9, **times, **more}),
        )
        return str(answer["executionArn"])

    def send(self, queue_url: str, body: Any, **attributes: str) -> None:
        """Put a message on a queue; what is no text as JSON."""
        self.sqs.send_message(
            QueueUrl=queue_url,
            MessageBody=body if isinstance(body, str) else json.dumps(body),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": text}
                for name, text in attributes.items()
            },
        )

    def waiting(self, queue_url: str) -> tuple[int, int]:
        """How many messages of a queue can be received now, and how many somebody has received."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)
        visible, hidden = (int(found["Attributes"][one]) for one in names)
        return visible, hidden

    def empty(self, *queue_urls: str) -> bool:
        return all(self.waiting(one) == (0, 0) for one in queue_urls)

    def take(self, queue_url: str) -> list[Message]:
        """All messages of a queue that can be received, which are gone then."""
        taken: list[Message] = []
        options = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
        while found := self.sqs.receive_message(QueueUrl=queue_url, **options).get("Messages"):
            taken += found
            for one in found:
                self.sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=one["ReceiptHandle"])
        return taken

    def outcomes(self, payment: str) -> list[Message]:
        """All outcome events of a payment that are there by now."""
        tapped = self.take(self.stack.outcome_tap_url)
        self._outcomes += [json.loads(one["Body"]) for one in tapped]
        return [one for one in self._outcomes if one["detail"]["paymentRequestId"] == payment]

    def outcome(self, payment: str) -> Message:
        """The outcome event of a payment, as soon as there is one."""
        return eventually(lambda: self.outcomes(payment), f"an outcome of {payment}")[0]

    def ends(self, payment: str) -> list[str]:
        """All outcomes of a payment so far, in the order of `resolvedAt`."""
        details = [one["detail"] for one in self.outcomes(payment)]
        details.sort(key=lambda one: datetime.fromisoformat(one["resolvedAt"]))
        return [one["outcome"] for one in details]

    def cancelled(self, *payments: str) -> None:
        """Wait until the last outcome of each is that it has been cancelled."""
        for one in payments:
            eventually(lambda one=one: self.ends(one)[-1:] == ["CANCELLED"], f"{one} cancelled")

    @property
    def stand_in(self) -> Any:
        assert self.stack.stand_in is not None
        return self.stack.stand_in

    def sends(self, payment: str) -> list[Message]:
        """What the stand-in has logged of a payment."""
        requests: list[Message] = self.stand_in.requests(paymentRequestId=payment)[0]
        return requests

    def execution(self, payment: str) -> Message:
        """A payment's tracker, as soon as it has ended."""
        arn = self.stack.state_machine_arn.replace(":stateMachine:", ":execution:")

        def ended() -> Message | None:
            client = self.client("stepfunctions")
            found: Message = client.describe_execution(executionArn=f"{arn}:{payment}")
            return found if found["status"] != "RUNNING" else None

        return eventually(ended, f"the end of the tracker of {payment}") or {}
