"""Answers of the stand-in that break off, hang, drip or never come, seen from a bare socket."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest


@pytest.mark.parametrize(("scenario", "end"), [("DROPS", "closed"), ("RESETS", "reset")])
def test_a_connection_that_ends_without_an_answer(gateway, scenario, end):
    request_id = gateway.new(f"{scenario}-1")
    assert gateway.raw_exchange(request_id, 5) == (b"", end)
    assert gateway.traces(request_id) == (None, [], "none")
    assert gateway.log(request_id)[0]["httpStatus"] is None
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
    assert gateway.traces(request_id) == (None, [], "none")
    assert gateway.result(request_id) == "S SUCCESS"


def test_an_answer_that_breaks_off(gateway):
    request_id = gateway.new("TRUNCATED-1")
    received, end = gateway.raw_exchange(request_id, 5)
    head, _, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    assert end == "closed"
    assert length and 0 < len(body) < int(length[1])
    assert gateway.traces(request_id) == (None, [], "incomplete")
    assert gateway.result(request_id) == "S SUCCESS"


def test_an_answer_without_end(gateway):
    request_id = gateway.new("ENDLESS")
    received, end = gateway.raw_exchange(request_id, 0.5)
    assert end == "open"
    assert len(received) > 1024 * 1024
    gateway.wait_until(lambda: gateway.log(request_id)[0]["endedAt"])
    assert gateway.traces(request_id) == (None, [], "incomplete")


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
        assert gateway.traces(name) == (None, [], "incomplete")


def test_headers_of_more_than_any_client_reads(gateway):
    received, end = gateway.raw_exchange(gateway.new("HUGE_HEADERS"), 1)
    assert end == "open"
    assert received.index(b"\r\n\r\n") > 200 * 1024
    with pytest.raises(httpx.RemoteProtocolError):
        gateway.cancel(gateway.new("HUGE_HEADERS"))


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
