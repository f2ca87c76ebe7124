"""The table "payment id -> what the gateway does", like a payment provider's test cards.

Only data and the reading of an id: nothing here sends anything. `python -m
sandbox.gateway.scenarios` prints the table.

An id has the form `<SCENARIO>`, `<SCENARIO>-<anything>` or `<SCENARIO>-<n>-<anything>`, where n
(one to four digits) says how many of the first attempts behave so; the later ones succeed.
Without n it behaves so for ever. An id that names no scenario succeeds. Upper case matters.
"""

import gzip
import re
from dataclasses import replace

from sandbox.gateway.behaviour import (
    PARTIES,
    RESULT_CODES,
    SUCCESS,
    Behaviour,
    Delivery,
    Signer,
    result,
)

_REFUND = result("F", "CANCEL_WINDOW_EXCEED")
_PAGE = b"<html><body><h1>Something went wrong</h1></body></html>"


def _failure(code: str, does: str = "", status: int = 200) -> Behaviour:
    ends = "Refund Required" if code == "CANCEL_WINDOW_EXCEED" else "Cancellation Failed"
    return Behaviour(does or f"signed F `{code}`", result("F", code), status, ends)


def _unknown(code: str) -> Behaviour:
    return Behaviour(f"signed U `{code}`", result("U", code))


def _page(status: int) -> Behaviour:
    does = f"{status} with an HTML page"
    return Behaviour(does, _PAGE, status, signer=Signer.NOBODY, page=True)


SUCCEEDS = Behaviour("signed S `SUCCESS`", ends="Cancelled")
SCENARIOS = {
    "SUCCEEDS": SUCCEEDS,
    "UNKNOWN": _unknown("UNKNOWN_EXCEPTION"),
    "THROTTLED": _unknown("REQUEST_TRAFFIC_EXCEED_LIMIT"),
    "SLOW": Behaviour(
        "signed S after 3 s; here n is the number of seconds. The payment is cancelled then "
        "even if the client has left, and the next attempt hears so at once",
        ends="Cancelled",
        delay=3.0,
    ),
    "NO_ANSWER": Behaviour(
        "reads the request, holds it 60 s or until the client leaves, answers nothing",
        b"",
        delivery=Delivery.HELD,
    ),
    "DROPS": Behaviour("closes the connection without an answer", b"", delivery=Delivery.DROPPED),
    "RESETS": Behaviour("resets the connection (TCP RST)", b"", delivery=Delivery.RESET),
    "GARBAGE": Behaviour("200 with signed bytes that are no JSON", b"\x00\xff<{]"),
    "EMPTY": Behaviour("200 with a signed empty body", b""),
    "TRUNCATED": Behaviour(
        "signed S of which half is sent, then the connection is closed",
        delivery=Delivery.TRUNCATED,
    ),
    "UNSIGNED": Behaviour(
        "F `CANCEL_WINDOW_EXCEED` without a signature", _REFUND, signer=Signer.NOBODY
    ),
    "FORGED_REFUND": Behaviour(
        "F `CANCEL_WINDOW_EXCEED` signed with another key", _REFUND, signer=Signer.ANOTHER_KEY
    ),
    "FORGED_SUCCESS": Behaviour("S `SUCCESS` signed with another key", signer=Signer.ANOTHER_KEY),
    "WRONGLY_SIGNED": Behaviour(
        "S `SUCCESS` with one byte changed after signing", signer=Signer.CHANGED_AFTERWARDS
    ),
    "OTHER_CLIENT": Behaviour(
        "S `SUCCESS` validly signed for another Client-Id, which its header names",
        signer=Signer.FOR_ANOTHER_CLIENT,
    ),
    "HTTP_500": _page(500),
    "HTTP_503": _page(503),
    "HTTP_404": _page(404),
    "SIGNED_400": _failure("PROCESS_FAIL", "signed F `PROCESS_FAIL` on HTTP 400", 400),
    "TOO_LARGE": Behaviour(
        "signed S of 80 KiB",
        result("S", "SUCCESS", **PARTIES, padding="x" * 80 * 1024),
        counts=False,
    ),
    "ENDLESS": Behaviour("signed S followed by white space without end", delivery=Delivery.ENDLESS),
    "DRIP": Behaviour("signed S whose body comes one byte a second", delivery=Delivery.DRIPPED),
    "DRIP_HEADERS": Behaviour(
        "signed S that comes one byte a second from the status line on",
        delivery=Delivery.DRIPPED_FROM_THE_HEAD,
    ),
    "REDIRECT": Behaviour(
        "302 to another host name on loopback; who follows it stands in the log",
        b"",
        302,
        signer=Signer.NOBODY,
        page=True,
        headers=(("location", "{origin}/redirected"),),
    ),
    "BAD_RESULT": Behaviour(
        "signed JSON without `resultStatus`",
        b'{"result":{"resultCode":"SUCCESS","resultMessage":"success"}}',
    ),
    "WRONG_TYPES": Behaviour("signed JSON whose `resultStatus` is a number", result(1, "SUCCESS")),
    "ODD_STATUS": Behaviour("signed `resultStatus` X with `SUCCESS`", result("X", "SUCCESS")),
    "ODD_CODE": _failure("ORDER_STATUS_INVALID", "signed F with a code that no table lists"),
    "HUGE_HEADERS": Behaviour(
        "signed S with 256 KiB of headers",
        counts=False,
        headers=tuple((f"x-padding-{n}", "x" * 2048) for n in range(128)),
    ),
    "COMPRESSED": Behaviour(
        "signed S in gzip, whether asked for or not; the signature is of the bytes sent",
        gzip.compress(SUCCESS, mtime=0),
        counts=False,
        headers=(("content-encoding", "gzip"),),
    ),
}
for _code, _status in RESULT_CODES.items():
    if _status == "F":
        SCENARIOS[f"FAILS-{_code}"] = _failure(_code)
    # The reference names F codes as codes of a U result too: status first, code second.
    if _status != "S":
        SCENARIOS[f"U-{_code}"] = _unknown(_code)

# What an outage looks like, whichever payment is asked for.
MODES = {
    "unknown": SCENARIOS["UNKNOWN"],
    "no_answer": SCENARIOS["NO_ANSWER"],
    "http_500": SCENARIOS["HTTP_500"],
    "unsigned": SCENARIOS["UNSIGNED"],
    "drops": SCENARIOS["DROPS"],
    "slow": SUCCEEDS,
}
_ID = re.compile(r"((?:FAILS-|U-)?[A-Z0-9_]+)(?:-(?:([0-9]{1,4})-)?.*)?", re.DOTALL)


def find(payment_id: str, attempt: int) -> tuple[str, Behaviour]:
    """Return the name of what happens to this attempt, and what it is.

    Parameters
    ----------
    payment_id
        `paymentRequestId` if the request has one, else `paymentId`.
    attempt
        Counted from 1.
    """
    form = _ID.fullmatch(payment_id)
    if form is None or form[1] not in SCENARIOS:
        return "SUCCEEDS", SUCCEEDS
    name, number, behaviour = form[1], form[2], SCENARIOS[form[1]]
    if name == "SLOW" and number:
        behaviour = replace(behaviour, delay=float(number))
    elif number and attempt > int(number):
        return "SUCCEEDS", SUCCEEDS
    return name, behaviour


def main() -> None:
    print("| id | what the gateway does | how the payment ends |\n| --- | --- | --- |")
    for name, behaviour in SCENARIOS.items():
        print(f"| `{name}-…` | {behaviour.does} | {behaviour.ends} |")


if __name__ == "__main__":
    main()
