"""Rules of a few lines each: codes, names of trackers, deadlines, delays, what fits into a call."""

from __future__ import annotations

import string
from typing import Any, cast

import pytest
from cancel_payment.alipay.payment import Payment
from cancel_payment.alipay.result_codes import further_action
from cancel_payment.aws import Clients
from cancel_payment.clock import Deadline
from cancel_payment.effects.outcomes import Entry, calls
from cancel_payment.effects.visibility import Visibility, Waiting, after_failed_effect
from cancel_payment.execution_names import execution_names
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.cases import CREATED, FIRST, LONGEST, SHORTEST, HandClock, seconds

SUPPORT = "connect_support@service.alipay.com"


FURTHER_ACTIONS = {
    "CANCEL_WINDOW_EXCEED": ["Inquire", "refund API", "one calendar year"],
    "INVALID_SIGNATURE": ["key pair", "signed message", "signature algorithm", "redrive"],
    "MEDIA_TYPE_NOT_ACCEPTABLE": ["media type that Alipay+ accepts", "redrive"],
    "METHOD_NOT_SUPPORTED": ["POST", "redrive"],
    "NO_INTERFACE_DEF": ["Check the gateway URL", "redrive"],
    "PARAM_ILLEGAL": ["header and body parameters", "redrive"],
    "ORDER_NOT_EXIST": ["nothing was charged", "ids", "publisher"],
    **{code: [SUPPORT] for code in ("INVALID_CLIENT", "KEY_NOT_FOUND", "")},
    **{code: ["Do not retry", SUPPORT] for code in ("PROCESS_FAIL", "ACCESS_DENIED")},
    "ORDER_STATUS_INVALID": ["Do not retry", SUPPORT],
}


def test_failure_names_the_next_step_of_the_reference() -> None:
    for code, words in FURTHER_ACTIONS.items():
        action = further_action(code)
        assert [word for word in words if word not in action] == [], code
        assert (SUPPORT in action) == (SUPPORT in words), code
        assert action.endswith("."), code


def names(request_id: str | None, payment_id: str | None = None) -> list[str]:
    return execution_names(Payment(request_id, payment_id, CREATED))


def test_trackers_are_called_after_the_payment_and_there_are_twenty_of_them() -> None:
    first, *more = names("20200101-A_z", "other")
    assert first == "20200101-A_z"
    assert more == [f"20200101-A_z-{number}" for number in range(2, 21)]
    assert names(None, "other")[0] == "other"
    assert names("X" * 64)[0] == "X" * 64


def test_id_that_no_execution_may_be_called_is_hashed_as_by_sha256sum() -> None:
    hashed = "c8687a08aa5d6ed2044328fa6a697ab8e96dc34291e8c2034ae8c38e6fcc6d65"
    assert names("a b")[:2] == [hashed, f"{hashed}-2"]
    for odd in ("支付", "a.b", "a\u200bb", "é", "a/b", "a\n"):
        assert len(names(odd)[0]) == 64


@given(st.text(min_size=1, max_size=64))
def test_every_id_gives_names_that_step_functions_takes(one: str) -> None:
    allowed = set(string.ascii_letters + string.digits + "-_")
    try:
        made = names(one)
    except UnicodeEncodeError:
        return  # a lone surrogate: no message with such an id is read
    assert all(0 < len(name) <= 80 and set(name) <= allowed for name in made)
    assert len(set(made)) == 20


def test_deadline_runs_out_and_can_be_cancelled() -> None:
    clock = HandClock()
    one, other = Deadline(clock, 5), Deadline(clock, 50)
    left = []
    for wait in (2, 3, 1):
        clock.wait(seconds=wait)
        left.append(one.left())
    other.cancel()
    assert left == [3, 0, 0]
    assert (other.left(), Deadline(clock, 0).left(), Deadline(clock, -2).left()) == (0, 0, 0)


def test_failed_effect_comes_back_soon_and_ever_later() -> None:
    expected = {1: (5, 10), 2: (10, 20), 3: (20, 40), 5: (80, 160), 6: (160, 180)}
    for receives, ends in (expected | {7: (180, 180), 5000: (180, 180)}).items():
        found = [after_failed_effect(receives, FIRST, one) - FIRST for one in (SHORTEST, LONGEST)]
        assert found == [seconds(one) for one in ends], receives


class Queue:
    """An SQS client that remembers what it was asked; each call takes a second of the clock."""

    def __init__(self, clock: HandClock) -> None:
        self.calls: list[dict[str, Any]] = []
        self.clock = clock

    @property
    def sqs(self) -> Queue:
        return self

    def change_message_visibility_batch(self, **parameters: Any) -> dict[str, Any]:
        self.calls.append(parameters)
        self.clock.wait(seconds=1)
        return {"Successful": []}


def changed(*after: float) -> list[dict[str, Any]]:
    clock = HandClock()
    queue = Queue(clock)
    visibility = Visibility(cast(Clients, queue), "https://queue", clock)
    visibility.change([Waiting(f"r{at}", FIRST + seconds(one)) for at, one in enumerate(after)])
    return queue.calls


def test_delay_is_rounded_up_to_whole_seconds_and_never_negative() -> None:
    expected = {5: 5, 5.001: 6, 6.999: 7, 7.5: 8, 0.2: 1, 0: 0, -0.5: 0, -30: 0}
    for after, whole in expected.items():
        entry = {"Id": "0", "ReceiptHandle": "r0", "VisibilityTimeout": whole}
        assert changed(after) == [{"QueueUrl": "https://queue", "Entries": [entry]}]


def test_visibility_is_changed_by_tens_and_each_call_counts_from_its_own_moment() -> None:
    made = [call["Entries"] for call in changed(*[20] * 23)]
    assert [len(entries) for entries in made] == [10, 10, 3]
    assert [entries[0]["VisibilityTimeout"] for entries in made] == [20, 19, 18]
    assert {entry["Id"] for entry in made[0]} == {str(number) for number in range(10)}
    handles = [entry["ReceiptHandle"] for entries in made for entry in entries]
    assert handles == [f"r{number}" for number in range(23)]
    assert changed() == []


def entry(size: int) -> Entry:
    """An entry that counts as `size` bytes."""
    return {"Detail": "d" * (size - 2), "DetailType": "t", "Source": "s"}


@pytest.mark.parametrize(
    ("sizes", "together"),
    [
        ([], []),
        *(([100] * count, tens) for count, tens in ((1, [1]), (10, [10]), (25, [10, 10, 5]))),
        *(([128_000, size], calls) for size, calls in ((128_000, [2]), (128_001, [1, 1]))),
        ([90_000] * 5, [2, 2, 1]),
        ([256_001, 100, 100], [1, 2]),
        ([100, 100, 256_001], [2, 1]),
    ],
)
def test_events_are_put_by_tens_and_by_size(sizes: list[int], together: list[int]) -> None:
    made = list(calls([entry(size) for size in sizes]))
    assert [len(call) for call in made] == together
    assert [index for call in made for index in call] == list(range(len(sizes)))
