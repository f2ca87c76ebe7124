"""What happens to a payment by its id, as the README's table says."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

README = (Path(__file__).parents[2] / "README.md").read_text()
F_CODES = [
    *("CANCEL_WINDOW_EXCEED", "PROCESS_FAIL", "ACCESS_DENIED", "INVALID_CLIENT", "KEY_NOT_FOUND"),
    *("INVALID_SIGNATURE", "MEDIA_TYPE_NOT_ACCEPTABLE", "METHOD_NOT_SUPPORTED"),
    *("NO_INTERFACE_DEF", "ORDER_NOT_EXIST", "PARAM_ILLEGAL"),
]
# Signed results, for ever or n times.
RESULTS = {
    "UNKNOWN": "U UNKNOWN_EXCEPTION",
    "THROTTLED": "U REQUEST_TRAFFIC_EXCEED_LIMIT",
    "SIGNED_400": "F PROCESS_FAIL",
    "ODD_STATUS": "X SUCCESS",
    "ODD_CODE": "F ORDER_STATUS_INVALID",
    **{f"FAILS-{code}": f"F {code}" for code in F_CODES},
    **{f"U-{code}": f"U {code}" for code in F_CODES},
}
REFUND, SUCCESS, PAGE = b'"CANCEL_WINDOW_EXCEED"', b'"SUCCESS"', b"<html>"
# Whole answers that cancel nothing: status, what the log calls them, what they hold.
PROVE_NOTHING = {
    "UNSIGNED": (200, "unsigned", REFUND),
    "FORGED_REFUND": (200, "forged", REFUND),
    "FORGED_SUCCESS": (200, "forged", SUCCESS),
    "WRONGLY_SIGNED": (200, "wrongly signed", SUCCESS),
    "OTHER_CLIENT": (200, "other client", SUCCESS),
    "HTTP_500": (500, "unsigned", PAGE),
    "HTTP_503": (503, "unsigned", PAGE),
    "HTTP_404": (404, "unsigned", PAGE),
    "REDIRECT": (302, "unsigned", b""),
    "GARBAGE": (200, "signed", b"{]"),
    "EMPTY": (200, "signed", b""),
    "TOO_LARGE": (200, "signed", b"x" * 65_536),
    "COMPRESSED": (200, "signed", b"\x1f\x8b"),
    "BAD_RESULT": (200, "signed", b'"result":{"resultCode"'),
    "WRONG_TYPES": (200, "signed", b'"resultStatus":1'),
}
# What comes within some seconds, as a pattern; how the connection ends; what the log calls it.
BROKEN = {
    "DROPS": (0.3, b"", "closed", "none"),
    "RESETS": (0.3, b"", "reset", "none"),
    "NO_ANSWER": (0.3, b"", "open", "none"),
    "TRUNCATED": (
        *(0.3, rb".*\r\ncontent-length: 1\d\d\r\n\r\n.{1,99}", "closed"),
        "incomplete",
    ),
    "ENDLESS": (0.5, rb".{1048577,}", "open", "incomplete"),
    "DRIP": (1.5, rb'.*content-length.*\r\n\r\n\{"', "open", "incomplete"),
    "DRIP_HEADERS": (1.5, b"HT", "open", "incomplete"),
    "HUGE_HEADERS": (0.5, rb".{204800,}\r\n\r\n.*", "open", "signed"),
}


def test_every_id_of_the_readme_is_tested():
    table = README.partition("| id |")[2].partition("\n\n")[0]
    ids = set(re.findall(r"`([A-Z0-9_-]+)-…`", table)) | {"SLOW"}
    [codes] = [line for line in table.splitlines() if line.startswith("| `FAILS-<CODE>")]
    assert len(ids) > 25 and ids <= {*RESULTS, *PROVE_NOTHING, *BROKEN, "SUCCEEDS", "SLOW"}
    assert {*re.findall("`([A-Z_]+)`", codes), "CANCEL_WINDOW_EXCEED"} == {*F_CODES}


@pytest.mark.parametrize("payment_id", ["SUCCEEDS", "unknown-1-x", "20200101234567890000"])
def test_any_other_id_succeeds(gateway, payment_id):
    assert gateway.result(payment_id) == "S SUCCESS"


@pytest.mark.parametrize(("scenario", "expected"), RESULTS.items(), ids=RESULTS)
def test_a_signed_result_for_ever_or_n_times(gateway, scenario, expected):
    for_ever, twice = gateway.new(scenario), gateway.new(f"{scenario}-2")
    assert [gateway.result(for_ever) for _ in range(3)] == [expected] * 3
    assert [gateway.result(twice) for _ in range(4)] == [expected] * 2 + ["S SUCCESS"] * 2
    assert gateway.ledger(for_ever)["cancelledAt"] is None


def test_the_id_that_chooses_is_paymentRequestId_where_both_are_given(gateway):
    assert gateway.result(gateway.new("SUCCEEDS"), gateway.new("UNKNOWN")) == "S SUCCESS"
    assert gateway.result(None, gateway.new("UNKNOWN")) == "U UNKNOWN_EXCEPTION"


@pytest.mark.parametrize("scenario", PROVE_NOTHING)
def test_an_answer_that_proves_nothing_cancels_nothing(gateway, scenario):
    status, label, holds = PROVE_NOTHING[scenario]
    request_id = gateway.new(f"{scenario}-1")
    answer = gateway.cancel(request_id)
    assert (answer.status_code, "signature" in answer.headers) == (status, label != "unsigned")
    assert gateway.verifies(answer) == (label in ("signed", "other client"))
    ours = answer.headers.get("client-id") in (None, gateway.secret["clientId"])
    assert ours == (label != "other client")
    assert holds in answer.content and bool(holds) == bool(answer.content)
    assert ("://localhost:" in answer.headers.get("location", "")) == (status == 302)
    assert gateway.traces(request_id) == (None, label)
    assert gateway.result(request_id) == "S SUCCESS"


@pytest.mark.parametrize("scenario", BROKEN)
def test_an_answer_that_breaks_off_hangs_drips_or_never_comes(gateway, scenario):
    seconds, pattern, end, label = BROKEN[scenario]
    request_id = gateway.new(f"{scenario}-1")
    received, ended = gateway.raw_exchange(request_id, seconds)
    assert (ended, bool(re.fullmatch(pattern, received, re.DOTALL))) == (end, True)
    gateway.wait_until(lambda: gateway.log(request_id)[0]["endedAt"])
    assert gateway.traces(request_id) == (None, label)
    assert gateway.result(request_id) == "S SUCCESS"


def test_a_request_that_is_held_is_in_the_log_as_one_without_an_answer(gateway):
    request_id = gateway.new("NO_ANSWER")
    with ThreadPoolExecutor() as threads:
        threads.submit(gateway.raw_exchange, request_id, 0.6)
        gateway.wait_until(lambda: gateway.log(request_id))
        held = gateway.log(request_id)[0]
        assert (held["answer"], held["answeredAt"], held["endedAt"]) == (None, None, None)


def test_a_slow_payment_is_cancelled_although_its_client_has_left(gateway):
    request_id = gateway.new("SLOW-1")
    assert gateway.raw_exchange(request_id, 0.2) == (b"", "open")
    assert gateway.ledger(request_id)["cancelledAt"] is None
    gateway.wait_until(lambda: gateway.log(request_id)[0]["answer"] == "late")
    assert gateway.ledger(request_id)["cancelledAt"]
    begin = time.monotonic()
    assert gateway.result(request_id) == "S SUCCESS"
    assert time.monotonic() - begin < 0.5
