"""Follow what becomes of payments: a queue behind the outcome bus -> one row for each payment.

    python follow_outcomes.py QUEUE_URL DATABASE

SQLite stands for your database: any with transactions and a unique key will do. The queue is the
one of outcome-queue.yaml. Any number of these may run side by side, and die at any moment.
"""

import json
import logging
import sqlite3
import sys
from datetime import datetime
from typing import Any

import boto3

TABLES = """
CREATE TABLE IF NOT EXISTS seen (outcome_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS payment (id TEXT PRIMARY KEY, outcome TEXT, detail TEXT);
"""

# What the gateway has settled is never superseded by FAILED or UNRESOLVED, although one of these
# may be published after it. Between those two the later one counts.
FINALITY = {"FAILED": 0, "UNRESOLVED": 0, "REFUND_REQUIRED": 1, "CANCELLED": 2}


def rank(detail: dict[str, Any]) -> tuple[int, datetime]:
    """Of two outcomes of one payment the higher one stands, in whatever order they arrive."""
    return FINALITY[detail["outcome"]], datetime.fromisoformat(detail["resolvedAt"])


def record(database: sqlite3.Connection, detail: dict[str, Any]) -> bool:
    """Take in the detail of one outcome event; whether it changes what is known of its payment."""
    payment, ranked = detail.get("paymentRequestId") or detail["paymentId"], rank(detail)
    with database:  # one transaction: killed in between, nothing has happened, and it comes again
        new = database.execute("INSERT OR IGNORE INTO seen VALUES (?)", [detail["outcomeId"]])
        if new.rowcount == 0:
            return False
        known = database.execute("SELECT detail FROM payment WHERE id = ?", [payment]).fetchone()
        if known and rank(json.loads(known[0])) >= ranked:
            return False
        database.execute(
            "INSERT OR REPLACE INTO payment VALUES (?, ?, ?)",
            [payment, detail["outcome"], json.dumps(detail)],
        )
        # What follows from it belongs into this transaction too: an order that opens again, a row
        # in an outbox. A message sent from here would be sent again after a crash.
    return True


def main(queue_url: str, path: str) -> None:
    sqs, database = boto3.client("sqs"), sqlite3.connect(path)
    database.executescript(TABLES)
    while True:
        answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=20)
        for message in answer.get("Messages", []):
            try:
                detail = json.loads(message["Body"])["detail"]
                if record(database, detail):
                    print(detail["outcome"], detail["outcomeId"], flush=True)
            except (ValueError, KeyError, TypeError):
                # It comes back, and after five receives SQS puts it aside: see outcome-queue.yaml.
                logging.exception("not an outcome event: %s", message["MessageId"])
            else:
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])


if __name__ == "__main__":
    main(*sys.argv[1:])
