"""What happens to a payment by its id: the signed results, and answers that prove nothing."""

import json

import httpx
import pytest

F_CODES = [
    "CANCEL_WINDOW_EXCEED",
    "PROCESS_FAIL",
    "ACCESS_DENIED",
    "INVALID_CLIENT",
    "KEY_NOT_FOUND",
    "INVALID_SIGNATURE",
    "MEDIA_TYPE_NOT_ACCEPTABLE",
    "METHOD_NOT_SUPPORTED",
    "NO_INTERFACE_DEF",
    "PARAM_ILLEGAL",
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
        *[(f"FAILS-{code}", f"F {code}") for code in F_CODES],
        *[(f"U-{code}", f"U {code}") for code in [*F_CODES, *U_CODES]],
    ],
)
def test_a_signed_result_for_ever_or_n_times(gateway, scenario, expected):
    for_ever, twice = gateway.new(scenario), gateway.new(f"{scenario}-2")
    assert [gateway.result(for_ever) for _ in range(3)] == [expected] * 3
    assert [gateway.result(twice) for _ in range(4)] == [expected] * 2 + ["S SUCCESS"] * 2
    assert gateway.ledger(for_ever)["answers"] == [expected.split()]
    assert gateway.ledger(for_ever)["cancelledAt"] is None


def test_the_id_that_chooses_is_paymentRequestId_where_both_are_given(gateway):
    assert gateway.result(gateway.new("SUCCEEDS"), gateway.new("UNKNOWN")) == "S SUCCESS"
    assert gateway.result(None, gateway.new("UNKNOWN")) == "U UNKNOWN_EXCEPTION"


def test_a_number_at_the_end_is_part_of_the_name(gateway):
    payment_id = f"{gateway.new('UNKNOWN')}-0"
    assert gateway.result(payment_id) == "U UNKNOWN_EXCEPTION"
    assert gateway.result("UNKNOWN-0") == "U UNKNOWN_EXCEPTION"
    assert gateway.result("UNKNOWN-0-") == "S SUCCESS"


def test_an_unlisted_code(gateway):
    status, code = gateway.result(gateway.new("ODD_CODE")).split()
    assert status == "F"
    assert code not in F_CODES


@pytest.mark.parametrize(
    ("scenario", "code", "label"),
    [
        ("UNSIGNED", "CANCEL_WINDOW_EXCEED", "unsigned"),
        ("FORGED_REFUND", "CANCEL_WINDOW_EXCEED", "forged"),
        ("FORGED_SUCCESS", "SUCCESS", "forged"),
        ("WRONGLY_SIGNED", "SUCCESS", "wrongly signed"),
    ],
)
def test_an_answer_that_is_not_from_alipay_proves_and_cancels_nothing(
    gateway, scenario, code, label
):
    request_id = gateway.new(f"{scenario}-1")
    answer = gateway.cancel(request_id)
    assert answer.status_code == 200
    assert answer.json()["result"]["resultCode"] == code
    assert ("signature" in answer.headers) == (scenario != "UNSIGNED")
    assert not gateway.verifies(answer)
    assert gateway.traces(request_id) == (None, [], label)
    assert gateway.result(request_id) == "S SUCCESS"


def test_an_answer_for_another_client_verifies_but_names_the_other(gateway):
    request_id = gateway.new("OTHER_CLIENT")
    answer = gateway.cancel(request_id)
    assert gateway.verifies(answer)
    assert answer.headers["client-id"] != gateway.secret["clientId"]
    assert gateway.traces(request_id) == (None, [], "other client")


@pytest.mark.parametrize("status", [500, 503, 404])
def test_a_page_of_some_box_in_between(gateway, status):
    request_id = gateway.new(f"HTTP_{status}")
    answer = gateway.cancel(request_id)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "signature" not in answer.headers
    assert gateway.traces(request_id) == (None, [], "unsigned")


def test_a_redirect_leads_to_another_host_and_who_follows_is_seen(gateway):
    answer = gateway.cancel(gateway.new("REDIRECT"))
    assert answer.status_code == 302
    target = httpx.URL(answer.headers["location"])
    assert (target.host, target.port) == ("localhost", httpx.URL(gateway.url).port)
    since = gateway.admin("GET", "requests")["next"]
    gateway.client.get(gateway.url + target.path)
    [entry] = gateway.admin("GET", "requests", params={"since": since})["requests"]
    assert entry["path"] == target.path


@pytest.mark.parametrize(
    ("scenario", "test"),
    [
        ("GARBAGE", lambda body: b"{]" in body),
        ("EMPTY", lambda body: body == b""),
        ("TOO_LARGE", lambda body: len(body) > 65536 and json.loads(body)["pspId"]),
        ("BAD_RESULT", lambda body: next(iter(json.loads(body)["result"])) == "resultCode"),
        ("WRONG_TYPES", lambda body: json.loads(body)["result"]["resultStatus"] == 1),
    ],
)
def test_truly_signed_bytes_that_no_client_should_take(gateway, scenario, test):
    request_id = gateway.new(scenario)
    answer = gateway.cancel(request_id)
    assert answer.status_code == 200
    assert gateway.verifies(answer)
    assert test(answer.content)
    assert gateway.traces(request_id) == (None, [], "signed")


def test_a_compressed_answer_is_signed_as_it_stands_on_the_wire(gateway):
    request_id = gateway.new("COMPRESSED")
    request = gateway.request(json.dumps({"paymentRequestId": request_id}).encode())
    answer = gateway.client.send(request, stream=True)
    raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert raw.startswith(b"\x1f\x8b")
    assert gateway.verifies(answer, raw)
    assert gateway.traces(request_id) == (None, [], "signed")
