"""A batch that asks of AWS everything that the function may ask, and who needs what of it."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.support.aws import AwsDouble, Execution, Parameters, Reply, error
from tests.support.gateway import Request, Step
from tests.support.records import Record, ago, message, record, tracked
from tests.support.signer import UNKNOWN, Signer, by_payment, result

LATE = ("handed over", "already tracked", "dead token")
PAYMENTS = ("cancelled", "failed", "told", "told failed", "unknown", *LATE)
EFFECTS = {
    ("PutEvents", "cancelled"),
    ("PutEvents", "failed"),
    ("SendMessage", "failed"),
    ("StartExecution", "handed over"),
    ("StartExecution", "already tracked"),
    ("DescribeExecution", "already tracked"),
    ("PutEvents", "told"),
    ("SendTaskSuccess", "told"),
    ("PutEvents", "told failed"),
    ("SendTaskFailure", "told failed"),
    ("SendTaskSuccess", "dead token"),
    ("DescribeExecution", "dead token"),
    ("SendMessage", "rejected"),
    ("ChangeMessageVisibilityBatch", "unknown"),
}
"""What one batch asks of AWS, for whom."""

KEPT: dict[str, set[str]] = {
    "GetSecretValue": {"cancelled", "failed"},
    "Sign": {"cancelled", "failed"},
    "PutEvents": {"cancelled", "failed", "told", "told failed"},
    "StartExecution": {"handed over"},
    "DescribeExecution": {"already tracked", "dead token"},
    "SendMessage": {"failed", "rejected"},
    "SendTaskSuccess": set(),
    "SendTaskFailure": set(),
    "ChangeMessageVisibilityBatch": set(),
}
"""The records that must come back if the action confirms nothing, beside the unknown one."""


class Batch:
    """A record for every effect; `name` stands in all of its ids, tokens and handles."""

    def __init__(self, name: str, aws: AwsDouble) -> None:
        self.name = name
        self._aws = aws
        fields = {one: message(self._id(one)) for one in PAYMENTS}
        self._records: dict[str, Record] = {
            "cancelled": record(fields["cancelled"]),
            "failed": record(fields["failed"]),
            "unknown": record(fields["unknown"]),
            "told": record(tracked(fields["told"], self._id("told"))),
            "told failed": record(tracked(fields["told failed"], self._id("told failed"))),
            "handed over": record(fields["handed over"], 12, ago(seconds=61)),
            "already tracked": record(fields["already tracked"], 12, ago(seconds=61)),
            "dead token": record(
                tracked(
                    fields["dead token"], self._id("dead token"), execution=self._id("dead token")
                )
            ),
            "rejected": record(self._id("rejected")),
        }
        for one, sent in self._records.items():
            sent["receiptHandle"] = self._id(one)
        for one in ("already tracked", "dead token"):
            aws.executions[self._id(one)] = Execution("RUNNING", {"payment": fields[one]})

    def _id(self, payment: str) -> str:
        return f"{self.name}-{payment.replace(' ', '-')}_"

    @property
    def records(self) -> list[Record]:
        return list(self._records.values())

    def named(self, message_ids: list[str]) -> set[str]:
        """Which of its records these are."""
        return {one for one, sent in self._records.items() if sent["messageId"] in message_ids}

    @property
    def effects(self) -> set[tuple[str, str]]:
        """What was asked of AWS for it, as in `EFFECTS`."""
        return {
            (call.action, one)
            for call in self._aws.calls
            for one in self._records
            if self._id(one) in json.dumps(call.parameters)
        }


def gateway_answers(signer: Signer, *names: str) -> Callable[[Request], list[Step]]:
    bodies = {}
    for name in names:
        batch = {one: f"{name}-{one.replace(' ', '-')}_" for one in PAYMENTS}
        bodies |= {batch[one]: result("F", "PROCESS_FAIL") for one in ("failed", "told failed")}
        bodies |= {batch[one]: UNKNOWN for one in ("unknown", *LATE)}
    return by_payment(signer, bodies)


def right_reply(aws: AwsDouble, action: str) -> Callable[[Parameters], Reply]:
    """What the double answers by itself; the dead token is gone."""
    own: Callable[[Parameters], Reply] = getattr(aws, f"_{action}")

    def reply(call: Parameters) -> Reply:
        if "dead-token" in call.get("taskToken", ""):
            return error("TaskTimedOut")(call)
        return own(call)

    return reply


def needing(action: str) -> set[str]:
    """The records that ask it of AWS."""
    return {one for called, one in EFFECTS if called == action}


def effects_beside(action: str) -> set[tuple[str, str]]:
    """The effects of the records that need nothing of the action."""
    harmed = needing(action) | KEPT[action]
    if action in ("GetSecretValue", "Sign"):  # nothing is sent: every payment stays unknown
        harmed |= {"told", "told failed"}
    return {(called, one) for called, one in EFFECTS if one not in harmed}
