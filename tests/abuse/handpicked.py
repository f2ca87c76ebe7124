"""Messages that somebody would send on purpose, each with what has to become of it."""

from __future__ import annotations

import json
from typing import Any

from tests.abuse.variants import CREATED

LARGEST = 262_144
"""The most bytes that the queue takes (`MaximumMessageSize` in template.yaml)."""


def _message(**fields: Any) -> str:
    whole = {"paymentRequestId": "SUCCEEDS-picked", "paymentCreateTime": CREATED} | fields
    return json.dumps({name: value for name, value in whole.items() if value is not ...})


def _tracked(**fields: Any) -> str:
    tracking = {"taskToken": "t", "attempts": 1, "firstAttemptAt": CREATED} | fields
    return _message(tracking={name: value for name, value in tracking.items() if value is not ...})


REJECTED: dict[str, str] = {
    "empty": "",
    "white space": " \n\t",
    "as large as the queue allows, and no JSON": "x" * LARGEST,
    "as large as the queue allows, all brackets": "[" * LARGEST,
    "as large as the queue allows, all escapes": '"' + "\\u0000" * (LARGEST // 6 - 1),
    "a number of a quarter of a million digits": "9" * LARGEST,
    "an object of a quarter of a million keys": json.dumps(
        {str(number): 0 for number in range(20_000)}
    ),
    "nested in its own field": '{"paymentRequestId":' * 10_000,
    "XML": "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    "a pickle": "cos\nsystem\n(S'reboot'\ntR.",
    "NaN": "NaN",
    "a list of messages": f"[{_message()},{_message()}]",
    "the whole event instead of its detail": json.dumps(
        {"detail-type": "Payment Expired", "detail": json.loads(_message())}
    ),
    "no id": _message(paymentRequestId=...),
    "empty ids": _message(paymentRequestId="", paymentId=""),
    "an id of 65 characters": _message(paymentRequestId="x" * 65),
    "one good id, the other too long": _message(paymentId="x" * 65),
    "one good id, the other a number": _message(paymentId=1),
    "a header smuggled in the id": _message(paymentRequestId="P1\r\nClient-Id: other"),
    "a terminal's escape in the id": _message(paymentRequestId="\x1b]0;owned\x07"),
    "half a character in the id": '{"paymentRequestId":"\\ud83d","paymentCreateTime":"'
    + CREATED
    + '"}',
    "an id that the second of two equal names breaks": _message()[:-1] + ',"paymentRequestId":7}',
    "no create time": _message(paymentCreateTime=...),
    "a create time without an offset": _message(paymentCreateTime="2026-11-22T23:41:07"),
    "a create time in milliseconds": _message(paymentCreateTime=1763826067000),
    "a create time whose next day does not exist": _message(
        paymentCreateTime="9999-12-31T23:59:59+08:00"
    ),
    "a create time before the calendar": _message(paymentCreateTime="0001-01-01T00:00:00+14:00"),
    "tracking that is text": _message(tracking="token"),
    "tracking that is false": _message(tracking=False),
    "tracking without a token": _tracked(taskToken=...),
    "tracking with a token too long": _tracked(taskToken="t" * 2049),
    "tracking with a token that is a list": _tracked(taskToken=["t"]),
    "attempts that are true": _tracked(attempts=True),
    "attempts below zero": _tracked(attempts=-1),
    "attempts beyond all patience": _tracked(attempts=10**12),
    "attempts that are infinite": _tracked(attempts=float("inf")),
    "attempts with a fraction": _tracked(attempts=1.5),
    "a first attempt without an offset": _tracked(firstAttemptAt="2026-11-22T23:41:07"),
    "a first attempt that is missing": _tracked(firstAttemptAt=...),
}

CANCELLED: dict[str, str] = {
    "padded to the largest that the queue takes": _message(padding="x" * (LARGEST - 200)),
    "ten thousand unknown fields": _message(**{f"x{number}": number for number in range(10_000)}),
    "a path for an id": _message(paymentRequestId="../../../etc/passwd"),
    "a query for an id": _message(paymentRequestId="' OR 1=1 --"),
    "64 characters outside the first plane": _message(paymentRequestId="😀" * 64),
    "an id written backwards": _message(paymentRequestId="SUCCEEDS-\u202egnp"),
    "prototype pollution": _message(__proto__={"admin": True}, constructor={"prototype": {}}),
    "null for the other id": _message(paymentId=None),
    "a payment from the year 1": _message(paymentCreateTime="0001-01-03T00:00:00Z"),
    "a token that somebody made up": _tracked(taskToken="' OR 1=1 --"),
    "null for tracking": _message(tracking=None),
}
