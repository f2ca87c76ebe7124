"""What has happened to each payment so far, gathered from where it can be seen: the stand-in's
log, the function's log, the copy of the outcome events, the queues that keep, the executions."""

import contextlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from sandbox.gateway import clock
from sandbox.run.progress import Fields, Progress, Tracker
from sandbox.run.tracker_steps import steps
from sandbox.stack.lifecycle import Stack

# Long enough to read a queue to its end before its first message is there again.
_PEEK_SECONDS = 3
_ATTEMPT_LINES = ("cancel attempted", "cancel not sent")


class Watch:
    """Gathers; each call of `look` replaces `progress` by what is known then.

    Parameters
    ----------
    keep
        Leave the messages where they are, for others; else each is taken out once read.
    """

    def __init__(self, stack: Stack, ids: Iterable[str] = (), *, keep: bool = False) -> None:
        self._stack = stack
        self._ids = list(ids)
        self._keep = keep
        self._seen: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self._read: set[str] = set()
        self._log_from = 0
        self._trackers: dict[str, tuple[str, Tracker]] = {}
        self.progress: dict[str, Progress] = {one: Progress() for one in self._ids}

    def look(self) -> None:
        """Ask everywhere once."""
        self._read_queues()
        self._read_the_functions_log()
        self._read_executions()
        sends: dict[str, list[Fields]] = defaultdict(list)
        for request in self._stack.stand_in.requests(0)[0] if self._stack.stand_in else []:
            if request["method"] != "HEAD":  # the doctor's, which is about no payment
                sends[_id(request)].append(request)
        trackers: dict[str, list[Tracker]] = defaultdict(list)
        for payment_id, tracker in self._trackers.values():
            trackers[payment_id].append(tracker)
        self.progress = {
            one: Progress(
                sends=tuple(sends[one]),
                trackers=tuple(sorted(trackers[one], key=lambda tracker: tracker.started_at)),
                **{name: tuple(found) for name, found in self._seen[one].items()},
            )
            for one in dict.fromkeys([*self._ids, *sends, *self._seen, *trackers])
        }

    def _read_queues(self) -> None:
        for message in self._received(self._stack.outcome_tap_url):
            event = json.loads(message["Body"])
            self._seen[_id(event["detail"])]["outcomes"].append(event)
        for message in self._received(self._stack.refund_queue_url):
            self._seen[_id(_fields(message["Body"]))]["refunds"].append(message["Body"])
        for message in self._received(self._stack.operator_cases_queue_url):
            event = json.loads(message["Body"])
            self._seen[_id(event["detail"])]["operator_cases"].append(event)
        for message in self._received(self._stack.dead_letter_queue_url):
            body, attributes = message["Body"], message.get("MessageAttributes", {})
            values = {name: value.get("StringValue", "") for name, value in attributes.items()}
            letter = {"body": body, "attributes": values}
            self._seen[_id(_fields(body))]["dead_letters"].append(letter)

    def _read_the_functions_log(self) -> None:
        pages = self._stack.cloud.client("logs").get_paginator("filter_log_events")
        group, since = self._stack.log_group_name, self._log_from
        for page in pages.paginate(logGroupName=group, startTime=since):
            for event in page["events"]:
                self._log_from = max(self._log_from, event["timestamp"])
                line = _fields(event["message"])
                # By its text, which names the invocation: the embedded AWS gives events no id.
                if line.get("message") in _ATTEMPT_LINES and self._is_new(event["message"]):
                    self._seen[_id(line)]["notes"].append(line)

    def _read_executions(self) -> None:
        client = self._stack.cloud.client("stepfunctions")
        listing = client.get_paginator("list_executions")
        for page in listing.paginate(stateMachineArn=self._stack.state_machine_arn):
            for execution in page["executions"]:
                arn = execution["executionArn"]
                if arn in self._trackers and self._trackers[arn][1].status != "RUNNING":
                    continue
                history = client.get_execution_history(executionArn=arn, maxResults=1000)["events"]
                described = client.describe_execution(executionArn=arn)
                payment = json.loads(described["input"])["payment"]
                stopped = described.get("stopDate")
                self._trackers[arn] = (
                    _id(payment),
                    Tracker(
                        name=described["name"],
                        status=described["status"],
                        error=described.get("error"),
                        cause=described.get("cause"),
                        started_at=clock.log_form(described["startDate"]),
                        stopped_at=clock.log_form(stopped) if stopped else None,
                        steps=tuple(steps(history)),
                    ),
                )

    def _received(self, queue_url: str) -> Iterator[dict[str, Any]]:
        """The messages that were not read before."""
        sqs = self._stack.cloud.client("sqs")
        while messages := sqs.receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            **({"VisibilityTimeout": _PEEK_SECONDS} if self._keep else {}),
        ).get("Messages", []):
            for message in messages:
                if self._is_new(message["MessageId"]):
                    yield message
                if not self._keep:
                    sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])

    def _is_new(self, name: str) -> bool:
        if name in self._read:
            return False
        self._read.add(name)
        return True


def timeout_seconds(stack: Stack) -> float:
    """How long the deployed function waits for the gateway."""
    client = stack.cloud.client("lambda")
    settings = client.get_function_configuration(FunctionName=stack.function_name)
    return float(settings["Environment"]["Variables"]["GATEWAY_TIMEOUT_SECONDS"])


def _id(fields: Fields) -> str:
    return fields.get("paymentRequestId") or fields.get("paymentId") or "?"


def _fields(text: str) -> dict[str, Any]:
    with contextlib.suppress(ValueError):
        fields = json.loads(text)
        if isinstance(fields, dict):
            return fields
    return {}
