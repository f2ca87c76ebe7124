"""What `make run` sends, and how each payment has to end: data only.

The ids choose what the stand-in does (`sandbox.gateway.scenarios`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

UTC8 = timezone(timedelta(hours=8))
BATCH = 20
FOR_OPERATORS = {"FAILED", "UNRESOLVED"}
"""Outcomes that only a person can settle."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One payment and its end.

    Attributes
    ----------
    ends
        The `outcome` of its event, or `DEAD_LETTER`.
    sends
        How many requests the stand-in has to have heard of it.
    tracker
        Status of its Step Functions execution; None where the queue alone has to carry it.
    error
        Error with which that execution fails.
    known
        Whether the stand-in learns of the payment's initiation, and so knows its window.
    row
        Cases of the same row are shown as one. At most 22 characters, for a narrow terminal.
    """

    row: str
    payment: Mapping[str, str]
    ends: str
    sends: int = 1
    code: str | None = None
    event: str = "Payment Expired"
    tracker: str | None = None
    error: str | None = None
    known: bool = True
    dead_letter: bool = False

    @property
    def id(self) -> str:
        return self.payment.get("paymentRequestId") or self.payment["paymentId"]


def rows(cases: Sequence[Case]) -> dict[str, list[Case]]:
    """Return the cases by what they show."""
    names = dict.fromkeys(case.row for case in cases)
    return {name: [case for case in cases if case.row == name] for name in names}


def cases(now: datetime | None = None) -> list[Case]:
    """Every case of a run, the longest first."""
    now = now or datetime.now(UTC)

    def case(
        row: str,
        payment_id: str,
        ends: str = "CANCELLED",
        *,
        age: int = 0,
        name: str = "paymentRequestId",
        **rest: Any,
    ) -> Case:
        created = (now - timedelta(days=age)).astimezone(UTC8).isoformat(timespec="seconds")
        payment = {name: payment_id, "paymentCreateTime": created}
        return Case(row=row, payment=payment, ends=ends, **rest)

    return [
        # Twelve unknowns, 5 to 10 s apart, last longer than the fast minute for certain.
        case("unknown over a minute", "UNKNOWN-13-a", sends=14, tracker="SUCCEEDED"),
        case("no answer, then S", "NO_ANSWER-1-a", sends=2),
        case("succeeds at once", "SUCCEEDS-a"),
        case("unknown twice, then S", "UNKNOWN-2-a", sends=3),
        case("closed by the acquirer", "SUCCEEDS-closed", event="Payment Closed"),
        case("by paymentId only", "SUCCEEDS-by-payment-id", name="paymentId"),
        case("throttled", "THROTTLED-1-a", sends=2, tracker="SUCCEEDED"),
        case(
            "too late: refund",
            "FAILS-CANCEL_WINDOW_EXCEED-a",
            "REFUND_REQUIRED",
            code="CANCEL_WINDOW_EXCEED",
        ),
        case(
            "refused by code",
            "FAILS-PROCESS_FAIL-a",
            "FAILED",
            code="PROCESS_FAIL",
            dead_letter=True,
        ),
        case("forged refund, then S", "FORGED_REFUND-1-a", sends=2),
        case("no signature, then S", "UNSIGNED-1-a", sends=2),
        case(
            "nothing to cancel",
            "FAILS-ORDER_NOT_EXIST-a",
            "FAILED",
            code="ORDER_NOT_EXIST",
            dead_letter=True,
        ),
        # The gateway's window may end later than ours: a payment that it does not know is one
        # whose window it cannot tell. The second request of these two is the closing call.
        case(
            "closing call tells",
            "UNKNOWN-1-closed",
            age=2,
            sends=2,
            tracker="SUCCEEDED",
            known=False,
        ),
        case(
            "unknown, window closed",
            "UNKNOWN-for-ever",
            "UNRESOLVED",
            age=2,
            sends=2,
            tracker="FAILED",
            error="Unresolved",
            known=False,
        ),
        Case(
            row="no paymentCreateTime",
            payment={"paymentRequestId": "MALFORMED-a"},
            ends="DEAD_LETTER",
            sends=0,
            known=False,
            dead_letter=True,
        ),
        *(case(f"{BATCH} at once", f"SUCCEEDS-batch-{number:02}") for number in range(BATCH)),
    ]
