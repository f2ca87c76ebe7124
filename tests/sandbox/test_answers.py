"""What happens to a payment by its id: signed results, answers that prove nothing, and none."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

F_CODES = [
    *("CANCEL_WINDOW_EXCEED", "PROCESS_FAIL", "ACCESS_DENIED", "INVALID_CLIENT", "KEY_NOT_FOUND"),
    *("INVALID_SIGNATURE", "MEDIA_TYPE_NOT_ACCEPTABLE", "METHOD_NOT_SUPPORTED"),
    *("NO_INTERFACE_DEF", "PARAM_ILLEGAL"),
]
U_CODES = ["REQUEST_TRAFFIC_EXCEED_LIMIT", "UNKNOWN_EXCEPTION"]


@pytest.mark.parametrize("payment_id", ["SUCCEEDS", "unknown-1-x", "20200101234567890000", "U-X-1"])
def test_any_other_id_succeeds(gateway, payment_id):
    assert gateway.result(payment_id) == "S SUCCESS"


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("UNKNOWN", "U UNKNOWN_EXCEPTION"),
        ("THROTTLED", "U REQUEST_TRAFFIC_EXCEED_LIMIT"),
        ("SIGNED_400", "F PROCESS_FAIL"),
        ("ODD_STATUS", "X SUCCESS"),
        ("ODD_CODE", "F ORDER_STATUS_INVALID"),
        *[(f"FAILS-{code}", f"F {code}") for code in F_CODES],
        *[(f"U-{code}", f"U {code}") for code in [*F_CODES, *U_CODES]],
    ],
)
def test_a_signed_result_for_ever_or_n_times(gateway, scenario, expected):
    for_ever, twice = gateway.new(scenario), gateway.new(f"{scenario}-2")
    assert [gateway.result(for_ever) for _ in range(3)] == [expected] * 3
    assert [gateway.result(twice) for _ in range(4)] == [expected] * 2 + ["S SUCCESS"] * 2
    assert gateway.ledger(for_ever)["cancelledAt"] is None


def test_the_id_that_chooses_is_paymentRequestId_where_both_are_given(gateway):
    assert gateway.result(gateway.new("SUCCEEDS"), gateway.new("UNKNOWN")) == "S SUCCESS"
    assert gateway.result(None, gateway.new("UNKNOWN")) == "U UNKNOWN_EXCEPTION"


def test_a_number_at_the_end_is_part_of_the_name(gateway):
    assert gateway.result(f"{gateway.new('UNKNOWN')}-0") == "U UNKNOWN_EXCEPTION"
    assert gateway.result("UNKNOWN-0") == "U UNKNOWN_EXCEPTION"
    assert gateway.result("UNKNOWN-0-") == "S SUCCESS"


# Answers that prove nothing

SIGNED, NOT_SIGNED = True, False
REFUND, SUCCESS = b'"CANCEL_WINDOW_EXCEED"', b'"SUCCESS"'


@pytest.mark.parametrize(
    ("scenario", "status", "verifies", "label", "holds"),
    [
        ("UNSIGNED", 200, NOT_SIGNED, "unsigned", REFUND),
        ("FORGED_REFUND", 200, NOT_SIGNED, "forged", REFUND),
        ("FORGED_SUCCESS", 200, NOT_SIGNED, "forged", SUCCESS),
        ("WRONGLY_SIGNED", 200, NOT_SIGNED, "wrongly signed", SUCCESS),
        ("OTHER_CLIENT", 200, SIGNED, "other client", SUCCESS),
        ("HTTP_500", 500, NOT_SIGNED, "unsigned", b"<html>"),
        ("HTTP_503", 503, NOT_SIGNED, "unsigned", b"<html>"),
        ("HTTP_404", 404, NOT_SIGNED, "unsigned", b"<html>"),
        ("GARBAGE", 200, SIGNED, "signed", b"{]"),
        ("EMPTY", 200, SIGNED, "signed", b""),
        ("TOO_LARGE", 200, SIGNED, "signed", b"x" * 65_536),
        ("BAD_RESULT", 200, SIGNED, "signed", b'{"result":{"resultCode"'),
        ("WRONG_TYPES", 200, SIGNED, "signed", b'"resultStatus":1'),
    ],
)
def test_an_answer_that_proves_nothing_cancels_nothing(
    gateway, scenario, status, verifies, label, holds
):
    request_id = gateway.new(f"{scenario}-1")
    answer = gateway.cancel(request_id)
    assert (answer.status_code, gateway.verifies(answer)) == (status, verifies)
    assert ("signature" in answer.headers) == (label != "unsigned")
    ours = answer.headers.get("client-id") in (None, gateway.secret["clientId"])
    assert ours == (scenario != "OTHER_CLIENT")
    assert holds in answer.content and bool(holds) == bool(answer.content)
    assert gateway.traces(request_id) == (None, label)
    assert gateway.result(request_id) == "S SUCCESS"


def test_a_redirect_leads_to_another_host_and_who_follows_is_seen(gateway):
    answer = gateway.cancel(gateway.new("REDIRECT"))
    assert answer.status_code == 302
    target = httpx.URL(answer.headers["location"])
    assert (target.host, target.port) == ("localhost", httpx.URL(gateway.url).port)
    since = gateway.admin("GET", "requests")["next"]
    gateway.client.get(gateway.url + target.path)
    [entry] = gateway.admin("GET", "requests", params={"since": since})["requests"]
    assert entry["path"] == target.path


def test_a_compressed_answer_is_signed_as_it_stands_on_the_wire(gateway):
    request_id = gateway.new("COMPRESSED")
    request = gateway.request(json.dumps({"paymentRequestId": request_id}).encode())
    answer = gateway.client.send(request, stream=True)
    raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip" and raw.startswith(b"\x1f\x8b")
    assert gateway.verifies(answer, raw)
    assert gateway.traces(request_id) == (None, "signed")


# Answers that break off, hang, drip or never come


@pytest.mark.parametrize(("scenario", "end"), [("DROPS", "closed"), ("RESETS", "reset")])
def test_a_connection_that_ends_without_an_answer(gateway, scenario, end):
    request_id = gateway.new(f"{scenario}-1")
    assert gateway.raw_exchange(request_id, 5) == (b"", end)
    assert gateway.traces(request_id) == (None, "none")
    [entry] = gateway.log(request_id)
    assert entry["httpStatus"] is entry["responseHeaders"] is entry["responseBody"] is None
    assert gateway.result(request_id) == "S SUCCESS"


def test_a_request_is_held_until_the_client_leaves(gateway):
    request_id = gateway.new("NO_ANSWER-1")
    with ThreadPoolExecutor() as threads:
        exchange = threads.submit(gateway.raw_exchange, request_id, 0.6)
        gateway.wait_until(lambda: gateway.log(request_id))
        held = gateway.log(request_id)[0]
        assert (held["answer"], held["answeredAt"], held["endedAt"]) == (None, None, None)
        assert exchange.result() == (b"", "open")
    gateway.wait_until(lambda: gateway.log(request_id)[0]["endedAt"])
    assert gateway.traces(request_id) == (None, "none")
    assert gateway.result(request_id) == "S SUCCESS"


def test_an_answer_that_breaks_off(gateway):
    request_id = gateway.new("TRUNCATED-1")
    received, end = gateway.raw_exchange(request_id, 5)
    head, _, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    assert end == "closed"
    assert length and 0 < len(body) < int(length[1])
    assert gateway.traces(request_id) == (None, "incomplete")
    assert gateway.result(request_id) == "S SUCCESS"


def test_an_answer_without_end(gateway):
    request_id = gateway.new("ENDLESS")
    received, end = gateway.raw_exchange(request_id, 0.5)
    assert end == "open"
    assert len(received) > 1024 * 1024
    gateway.wait_until(lambda: gateway.log(request_id)[0]["endedAt"])
    assert gateway.traces(request_id) == (None, "incomplete")


def test_answers_that_drip(gateway):
    ids = [gateway.new("DRIP"), gateway.new("DRIP_HEADERS")]
    with ThreadPoolExecutor() as threads:
        body, head = threads.map(lambda name: gateway.raw_exchange(name, 2.5), ids)
    start, separator, dripped = body[0].partition(b"\r\n\r\n")
    assert separator and b"content-length" in start
    assert (dripped, body[1]) == (b'{"r', "open")
    assert head == (b"HTT", "open")
    for name in ids:
        gateway.wait_until(lambda name=name: gateway.log(name)[0]["endedAt"])
        assert gateway.traces(name) == (None, "incomplete")


def test_headers_of_more_than_any_client_reads(gateway):
    received, end = gateway.raw_exchange(gateway.new("HUGE_HEADERS"), 1)
    assert end == "open"
    assert received.index(b"\r\n\r\n") > 200 * 1024


def test_a_slow_payment_is_cancelled_although_its_client_has_left(gateway):
    request_id = gateway.new("SLOW-1")
    assert gateway.raw_exchange(request_id, 0.2) == (b"", "open")
    assert gateway.ledger(request_id)["cancelledAt"] is None
    gateway.wait_until(lambda: gateway.log(request_id)[0]["answer"] == "late")
    assert gateway.ledger(request_id)["cancelledAt"]
    begin = time.monotonic()
    assert gateway.result(request_id) == "S SUCCESS"
    assert time.monotonic() - begin < 0.5


def test_a_slow_payment_takes_three_seconds(gateway):
    begin = time.monotonic()
    assert gateway.result(gateway.new("SLOW")) == "S SUCCESS"
    assert 3 <= time.monotonic() - begin < 4
