"""Publish the payments of a file again: a publisher was down, or lost its events.

    python publish_again.py PAYMENTS.jsonl [--bus BUS] [--source SOURCE] [--check]

One JSON object a line, with the fields of events/payment-timeout.schema.json. Every line is
checked before anything is published; a bad one is named by its number and left out.
PAYMENTS.jsonl.done keeps how far it came: interrupted, or with events refused, run the same command
again. A payment that is published twice is cancelled once. Python 3.11 or later, boto3.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3

UTC_PLUS_8 = timezone(timedelta(hours=8))
ENTRIES = 10  # of one PutEvents call
TRIES = 5


def fault(line: str) -> str | None:
    """What is wrong with a line; `None` if it can be published."""
    try:
        payment = json.loads(line)
    except ValueError:
        return "not JSON"
    if not isinstance(payment, dict):
        return "not a JSON object"
    ids = {name: payment.get(name) for name in ("paymentRequestId", "paymentId")}
    for name, value in ids.items():
        if value is not None and not (isinstance(value, str) and len(value) <= 64):
            return f"{name} is not a string of at most 64 characters"
    if not any(ids.values()):
        return "neither paymentRequestId nor paymentId"
    if payment.get("tracking") is not None:
        return "tracking belongs to messages of the tracker, not to events"
    try:
        cutoff(payment)
    except (KeyError, TypeError, ValueError, OverflowError):
        return "paymentCreateTime is no ISO 8601 date and time with an offset or Z"
    return None


def cutoff(payment: dict[str, Any]) -> datetime:
    """00:15 UTC+8 of the day after the payment's."""
    created = datetime.fromisoformat(payment["paymentCreateTime"])
    if created.tzinfo is None:
        raise ValueError("without an offset")
    day = created.astimezone(UTC_PLUS_8).replace(hour=0, minute=15, second=0, microsecond=0)
    return day + timedelta(days=1)


def publish(events: Any, bus: str, source: str, payments: list[str]) -> list[str]:
    """Put at most ten on the bus; those that it refused, after several tries."""
    for tried in range(TRIES):
        time.sleep(tried)
        entries = [
            {
                "EventBusName": bus,
                "Source": source,
                "DetailType": "Payment Expired",
                "Detail": payment,
            }
            for payment in payments
        ]
        answers = events.put_events(Entries=entries)["Entries"]
        # A bus that refuses raises nothing: whoever does not look here loses the payment.
        payments = [
            payment
            for payment, answer in zip(payments, answers, strict=True)
            if "ErrorCode" in answer
        ]
        if not payments:
            break
    return payments


def good_lines(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Number and text of the lines to publish; the others are named."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if wrong := fault(line):
            print(f"line {number}: {wrong}", file=sys.stderr)
        else:
            yield number, line.strip()


def main(arguments: list[str] | None = None, events: Any = None) -> int:
    parser = argparse.ArgumentParser(description="Publish the payments of a file again.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--bus", default="default")
    parser.add_argument("--source", default="acquirer.payments")
    parser.add_argument("--check", action="store_true", help="check the file, publish nothing")
    options = parser.parse_args(arguments)
    lines = options.file.read_text("utf-8-sig").splitlines()
    good = list(good_lines(lines))
    bad = sum(bool(line.strip()) for line in lines) - len(good)
    now = datetime.now(UTC)
    late = sum(cutoff(json.loads(line)) <= now for _, line in good)
    print(f"{len(good)} payments to publish, {bad} lines left out")
    print(f"{late} of them are past their cutoff: asked once, most will need a refund")
    if options.check:
        return 1 if bad else 0
    done_file = options.file.with_name(options.file.name + ".done")
    done = int(done_file.read_text()) if done_file.exists() else 0
    events = events or boto3.client("events")
    published = 0
    left = [one for one in good if one[0] > done]
    for start in range(0, len(left), ENTRIES):
        batch = left[start : start + ENTRIES]
        refused = publish(events, options.bus, options.source, [line for _, line in batch])
        if refused:
            print(
                f"refused by the bus: {len(refused)}; run the same command again", file=sys.stderr
            )
            return 1
        done_file.write_text(str(batch[-1][0]))
        published += len(batch)
    print(f"published {published}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
