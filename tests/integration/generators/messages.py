"""Generated messages: every form that has to be read, and what can never be.

A batch is judged by its effects: what was sent for each payment, by which cutoff its outcome is
dated, and which bodies lie in the dead-letter queue, unchanged and with a reason.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from tests.support.aws import AwsDouble
from tests.support.function import Function
from tests.support.gateway import Gateway
from tests.support.records import ago, record

type Draw = Callable[[st.SearchStrategy[Any]], Any]

CHINA = timezone(timedelta(hours=8))
NUMBER = "a number of 5,000 digits"
DEEP = "a value 20,000 deep"


@dataclass(frozen=True)
class Case:
    """A body with what has to become of it.

    Read: the `parameters` that are sent, the `cutoff` of the outcome (None: by this moment), the
    task token that is told. Else `field` is what the reason has to name.
    """

    body: str
    parameters: tuple[tuple[str, str], ...] = ()
    cutoff: datetime | None = None
    token: str | None = None
    field: str = ""


ids = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=64)
absent = st.sampled_from(["", None])
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from([NUMBER, DEEP]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def _offset(draw: Draw) -> tuple[str, timezone]:
    if draw(st.booleans()):
        return draw(st.sampled_from(["Z", "z"])), UTC
    minutes = draw(st.sampled_from([480, 330, -210, 0, 840, -720, 1]))
    sign, rest = "-" if minutes < 0 else "+", abs(minutes)
    return f"{sign}{rest // 60:02}:{rest % 60:02}", timezone(timedelta(minutes=minutes))


@st.composite
def create_times(draw: Draw) -> tuple[str, datetime]:
    """A time as publishers may write it, and the moment that it means."""
    offset, zone = _offset(draw)
    years = {"min_value": datetime(2, 1, 1), "max_value": datetime(9998, 1, 1)}
    days = st.datetimes(**years) | st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 1))
    moment = draw(days).replace(tzinfo=zone, microsecond=0)
    date, letter = moment.date().isoformat(), draw(st.sampled_from("Tt"))
    form = draw(st.sampled_from(["plain", "plain", "fraction", "24", "leap"]))
    if form == "24":
        start = moment.replace(hour=0, minute=0, second=0)
        return f"{date}{letter}24:00:00{offset}", start + timedelta(days=1)
    if form == "leap":
        return f"{date}{letter}23:59:60Z", datetime.fromisoformat(f"{date}T23:59:59Z") + SECOND
    digits = draw(st.text("0123456789", min_size=1, max_size=30)) if form == "fraction" else ""
    clock = f"{moment:%H:%M:%S}" + (f".{digits}" if digits else "")
    return f"{date}{letter}{clock}{offset}", moment


SECOND = timedelta(seconds=1)


def cutoff_of(moment: datetime) -> datetime:
    """00:15 UTC+8 of the next day; no later than for a payment that is initiated now."""
    day = min(moment, datetime.now(UTC)).astimezone(CHINA).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, 0, 15, tzinfo=CHINA)


def _write(draw: Draw, fields: dict[str, Any]) -> str:
    """The body's text: any order, any escapes, unknown fields, a byte order mark."""
    known = {"paymentRequestId", "paymentId", "paymentCreateTime", "tracking"}
    more = draw(st.dictionaries(st.text(max_size=12), json_values, max_size=2))
    whole = {name: value for name, value in more.items() if name not in known} | fields
    order = draw(st.permutations(sorted(whole)))
    text = json.dumps({name: whole[name] for name in order}, ensure_ascii=draw(st.booleans()))
    text = text.replace(json.dumps(NUMBER), "9" * 5000)
    brackets = draw(st.sampled_from(["[]", ('{"a":', "}")]))
    text = text.replace(json.dumps(DEEP), brackets[0] * 20_000 + "1" + brackets[1] * 20_000)
    # SQS takes no lone surrogate; escaped inside JSON, one gets through.
    text = text.encode(errors="backslashreplace").decode()
    return draw(st.sampled_from(["", "", "\ufeff", " \r\n"])) + text  # type: ignore[no-any-return]


@st.composite
def readable(draw: Draw) -> Case:
    created, moment = draw(create_times())
    fields: dict[str, Any] = {"paymentCreateTime": created}
    name, other = draw(st.permutations(["paymentRequestId", "paymentId"]))
    fields[name] = draw(ids)
    if draw(st.booleans()):
        fields[other] = draw(ids | absent)
    parameters = tuple(sorted((one, fields[one]) for one in (name, other) if fields.get(one)))
    token = None
    if draw(st.booleans()):
        # A tracked request is sent only while its window is open.
        moment = datetime.now(UTC)
        fields["paymentCreateTime"] = moment.isoformat()
        token = draw(st.text("abcXYZ019/+=", min_size=1, max_size=2048))
        attempts = draw(st.integers(0, 10_000))
        first = ago(minutes=2).isoformat()
        tracking = {"taskToken": token, "attempts": attempts, "firstAttemptAt": first}
        fields["tracking"] = tracking | draw(st.sampled_from([{}, {"more": [1]}]))
    elif draw(st.booleans()):
        fields["tracking"] = None
    return Case(_write(draw, fields), parameters, cutoff_of(moment), token)


GOOD = {"paymentRequestId": "P", "paymentCreateTime": "2026-11-22T23:41:07+08:00"}
TRACKING = {"taskToken": "t", "attempts": 3, "firstAttemptAt": "2026-11-22T23:41:07+08:00"}
BAD_IDS = [
    "x" * 65,
    "\U0001f4b3" * 65,
    17,
    True,
    1.5,
    [],
    {},
    "a\nb",
    "\0",
    "\x7f",
    "\x85",
    "\ud800",
]
BAD_TIMES = [None, "", 1_795_320_000_000, True, [], {}, "yesterday", "2026-11-22", "now"]
BAD_TIMES += ["2026-11-22T23:41:07", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "23:41:07Z"]
BAD_TIMES += ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "10000-01-01T00:00:00Z"]
BAD_TIMES += ["2026-11-22T23:41:07+08:00\0", "2026-11-22T25:00:00Z", "2026-11-22T24:00:01Z"]
BAD_TIMES += ["2026-11-22T23:41:61Z", "2026-11-22T23:41:07+99:99", "0000-01-01T00:00:00Z"]
BAD_TIMES += ["Sun, 22 Nov 2026 23:41:07 +0800", "\u0662\u0660\u0662\u0666-11-22T23:41:07Z"]
BAD_TIMES += ["2026-11-22T1555555Z", "2026-11-22T20.5+08:00", "2026-11-22x23:41:07+08:00"]
BAD_TIMES += ["2026-11-22T23:41:07,+08:00", "2026-11-22T23:+08:00", "2026-11-22\ud80023:41:07Z"]
BAD_TIMES += ["2026-11-22T23:41:07.123456789:99Z", "2026-11-22\x0023:41:07+08:00"]
BROKEN = {
    "taskToken": ["", 5, None, [], "x" * 2049, "\ud800", ...],
    "attempts": ["13", 1.5, True, -1, None, [], ...],
    "firstAttemptAt": ["2026-11-22T12:00:00", None, 5, "", "never", "2026-11-22T20.5+08:00", ...],
}
NO_TRACKING = ["token", "", [], [TRACKING], 7, 0, True, False]
NO_OBJECT = ["", " \n", "no json", "{", "null", "[]", '"text"', "17", "1" * 5000, "[" * 50_000]
NO_OBJECT += [json.dumps([GOOD]), json.dumps(json.dumps(GOOD)), json.dumps(GOOD)[:-1], "\ufeff"]
NO_OBJECT += ['{"a":' * 50_000, json.dumps(GOOD).replace('"', "'"), json.dumps(GOOD) * 2]
NO_OBJECT += ['{"a":' + "[" * 50_000, '{"a":' + "[" * 50_000 + "]" * 49_999 + "}"]
NO_OBJECT += [
    '{"a":' + "[" * 50_000 + "]" * 50_001 + "}",
    '{"a":' + "[{" * 9_000 + "]}" * 9_000 + "}",
]
NO_OBJECT += [json.dumps(GOOD | {"amount": number}) for number in (math.nan, math.inf)]


@st.composite
def rejected(draw: Draw) -> Case:
    what = draw(st.sampled_from(["id", "no id", "time", "tracking", "in tracking", "body"]))
    if what == "body":
        return Case(draw(st.sampled_from(NO_OBJECT)), field="body")
    fields: dict[str, Any] = dict(GOOD)
    field = {"time": "paymentCreateTime", "tracking": "tracking"}.get(what, "paymentRequestId")
    if what == "id":
        field = draw(st.sampled_from(["paymentRequestId", "paymentId"]))
        fields[field] = draw(st.sampled_from(BAD_IDS))
    elif what == "no id":
        fields["paymentRequestId"] = draw(absent)
        if draw(st.booleans()):
            fields["paymentId"] = draw(absent)
    elif what == "time":
        fields[field] = draw(st.sampled_from(BAD_TIMES))
    elif what == "tracking":
        fields[field] = draw(st.sampled_from(NO_TRACKING))
    else:
        field = draw(st.sampled_from(sorted(BROKEN)))
        tracking = TRACKING | {field: draw(st.sampled_from(BROKEN[field]))}
        fields["tracking"] = {name: one for name, one in tracking.items() if one is not ...}
    return Case(_write(draw, fields), field=field)


batches = st.lists(readable() | rejected(), min_size=1, max_size=9)


def judge(batch: list[Case], function: Function, aws: AwsDouble, gateway: Gateway) -> None:
    """Give the function a batch of these and of one plain message; raises AssertionError."""
    now = datetime.now(UTC)
    plain = {"paymentRequestId": "plain", "paymentCreateTime": now.isoformat()}
    parameters = (("paymentRequestId", "plain"),)
    batch = [*batch[:4], Case(json.dumps(plain), parameters, cutoff_of(now)), *batch[4:]]
    aws.calls.clear()
    gateway.requests.clear()
    function.forget()

    kept = function(*[record(case.body) for case in batch])

    read = [case for case in batch if not case.field]
    assert kept == []
    sent = Counter(tuple(sorted(json.loads(one.body).items())) for one in gateway.requests)
    assert sent == Counter(case.parameters for case in read)
    names = ("paymentRequestId", "paymentId")
    dated = Counter(
        (
            tuple(sorted((name, detail[name]) for name in names if name in detail)),
            datetime.fromisoformat(detail["cutoffAt"]),
        )
        for _, detail in aws.outcomes
    )
    assert dated == Counter((case.parameters, case.cutoff) for case in read)
    told = Counter(token for token, _ in aws.task_outputs)
    assert told == Counter(case.token for case in read if case.token)
    _judge_rejected([case for case in batch if case.field], aws)


def _judge_rejected(batch: list[Case], aws: AwsDouble) -> None:
    put_aside = aws.of("SendMessage")
    assert Counter(one["MessageBody"] for one in put_aside) == Counter(one.body for one in batch)
    fields = {case.body: case.field for case in batch}
    for one in put_aside:
        texts = {name: value["StringValue"] for name, value in one["MessageAttributes"].items()}
        reason, field = texts["rejectReason"], fields[one["MessageBody"]]
        assert field in reason, f"{reason!r} does not name {field}"
        assert texts["furtherAction"].strip()
        # It is read in a terminal and in a mail: it quotes nothing hostile.
        assert reason.isascii() and reason.isprintable() and len(reason) < 200
