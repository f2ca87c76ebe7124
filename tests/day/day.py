"""The day of a stack: acts at their moments, and jumps over the time in which nothing happens.

The clock runs at real speed while anything is under way, so that the schedule is measured and not
the machine: a machine that needs a second for something adds a second to what the stand-in's log
shows, never a second times a factor. The clock jumps

- to the end of the earliest wait of a tracker, once every tracker that runs waits and the queue
  holds nothing;
- within the first minute, to 4.9 s after the last attempt: no payment may be sent before 5 s are
  over, and one that is sent earlier is seen too early.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from sandbox.stack.lifecycle import Stack
from tests.day.clock import Clock

LOOK_SECONDS = 0.01
# To look at everything costs the stack time, which it needs for what is under way.
CLOSE_LOOK_SECONDS = 0.2
LONGEST_REAL_SECONDS = 240.0
SURELY_STILL = timedelta(seconds=4.9)
# ministack 1.5.33, after it has deleted what succeeded. If a later one says it in other words, the
# day stands still and says so.
PROCESSED = re.compile(rb" processed (\d+) SQS messages from \S+(?: \((\d+) partial failures\))?\n")
NEVER = datetime.max.replace(tzinfo=UTC)


class Day:
    """One stack and its clock."""

    def __init__(self, stack: Stack, clock: Clock) -> None:
        assert stack.stand_in is not None
        self.stack, self.clock = stack, clock
        self._stand_in = stack.stand_in
        self._sqs, self._states = stack.cloud.client("sqs"), stack.cloud.client("stepfunctions")
        self._sent = 0
        self._fast: dict[str, datetime | None] = {}
        """The end of the last attempt of each payment that has no tracker yet."""
        self._until = time.monotonic() + LONGEST_REAL_SECONDS
        self._looked_closely = 0.0
        self._ran = 0
        """How many trackers ran then."""

    def at(self, moment: datetime, act: Callable[[], None]) -> None:
        """Let the stack go on until `moment`, then act."""
        while self.clock.now() < moment:
            following = self._next_event()
            if following and following > self.clock.now():
                self.clock.jump(min(following, moment))
            else:
                self._pause()
        act()

    def begin(self, payment: Mapping[str, str]) -> None:
        """A payment expires now; its first attempt is awaited."""
        name = payment["paymentRequestId"]
        self._fast[name] = None
        self._stand_in.register(payment)
        self.stack.put_event(payment)
        while self._fast[name] is None:
            self._pause()
            self._read_requests()

    def _pause(self) -> None:
        if time.monotonic() > self._until:
            raise AssertionError(f"the day came no further than {self.clock.now()}")
        time.sleep(LOOK_SECONDS)

    def _next_event(self) -> datetime | None:
        """When something can happen next; None while something is under way."""
        sleepers = self.clock.sleepers()
        since_close_look = time.monotonic() - self._looked_closely
        if len(sleepers) < self._ran and since_close_look < CLOSE_LOOK_SECONDS:
            return None
        self._looked_closely = time.monotonic()
        trackers = self._trackers()
        running = [name for name, status in trackers.items() if status == "RUNNING"]
        self._fast = {name: end for name, end in self._fast.items() if name not in trackers}
        self._ran = len(running)
        if len(running) != len(sleepers) or self._messages() != (0, len(self._fast)):
            return None
        self._read_requests()
        if self._processed() < self._sent:
            return None
        # Asked one after the other: only if nobody has slept anew since is it one moment's truth.
        if self.clock.sleepers() != sleepers:
            return None
        still = [end + SURELY_STILL for end in self._fast.values() if end]
        return min([*sleepers.values(), *still], default=NEVER)

    def _processed(self) -> int:
        """How many messages the function has come to the end with. Until then one that is received,
        but not yet deleted or put back, would become visible again under the function's hands."""
        log = (self.stack.directory / "cloud.log").read_bytes()
        return sum(int(one[1]) + int(one[2] or 0) for one in PROCESSED.finditer(log))

    def _read_requests(self) -> None:
        requests, _ = self._stand_in.requests(self._sent)
        for one in requests:
            if one["endedAt"] is None:
                return
            self._sent = one["index"] + 1
            if one["paymentRequestId"] in self._fast:
                self._fast[one["paymentRequestId"]] = datetime.fromisoformat(one["endedAt"])

    def _trackers(self) -> dict[str, str]:
        answer = self._states.list_executions(stateMachineArn=self.stack.state_machine_arn)
        return {one["name"]: one["status"] for one in answer["executions"]}

    def _messages(self) -> tuple[int, int]:
        """How many on the queue can be received, and how many have been."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self._sqs.get_queue_attributes(
            QueueUrl=self.stack.queue_url, AttributeNames=names
        )["Attributes"]
        return int(answer[names[0]]), int(answer[names[1]])
