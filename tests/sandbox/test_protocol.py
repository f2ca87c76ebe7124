"""What the stand-in for Alipay+ accepts, and what it refuses with which code."""

import json
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.sandbox.client import PATH


def sign_with_openssl(directory: Path, pem: str, content: bytes) -> bytes:
    key = directory / "key.pem"
    key.write_text(pem)
    command = ["openssl", "dgst", "-sha256", "-sign", str(key)]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout


# What it accepts


def test_a_request_signed_by_openssl_is_accepted(gateway, tmp_path):
    body = json.dumps({"paymentRequestId": gateway.new("SUCCEEDS")}).encode()
    answer = gateway.send(body, sign=lambda pem, text: sign_with_openssl(tmp_path, pem, text))
    assert answer.json()["result"]["resultStatus"] == "S"


def test_a_success_has_everything_the_reference_names(gateway):
    answer = gateway.cancel(gateway.new("SUCCEEDS"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"
    assert answer.headers["client-id"] == gateway.secret["clientId"]
    moment = datetime.fromisoformat(answer.headers["response-time"])
    assert abs(moment - datetime.now(UTC)) < timedelta(seconds=5)
    assert gateway.verifies(answer)
    body = answer.json()
    assert set(body) == {"result", "pspId", "acquirerId"}
    assert body["result"] == {
        "resultStatus": "S",
        "resultCode": "SUCCESS",
        "resultMessage": "success",
    }


ACCEPTED = {
    "signature in another order": {
        "Signature": "signature=<signature>, keyVersion=1, algorithm=RSA256"
    },
    "no content type": {"Content-Type": None},
    "charset in quotes and lower case": {"Content-Type": 'Application/JSON;charset="utf-8"'},
}


@pytest.mark.parametrize("headers", ACCEPTED.values(), ids=ACCEPTED)
def test_forms_of_headers_that_the_protocol_allows(gateway, headers):
    body = json.dumps({"paymentRequestId": gateway.new("SUCCEEDS")}).encode()
    answer = gateway.send(body, headers=headers)
    assert answer.json()["result"]["resultCode"] == "SUCCESS"


@pytest.mark.parametrize("offset", ["Z", "+00:00", "+08:00", "-03:30"])
def test_request_time_may_have_any_offset_and_fractions(gateway, offset):
    zone = UTC if offset == "Z" else datetime.fromisoformat(f"2026-01-01T00:00{offset}").tzinfo
    moment = datetime.now(zone).isoformat(timespec="milliseconds")[:23] + offset
    body = json.dumps({"paymentRequestId": gateway.new("SUCCEEDS")}).encode()
    answer = gateway.send(body, time=moment)
    assert answer.json()["result"]["resultCode"] == "SUCCESS"


@pytest.mark.parametrize(
    "ids", [("x" * 64, None), (None, "y" * 64), ("é", "b"), (None, "1")], ids=repr
)
def test_one_id_or_both_up_to_64_characters(gateway, ids):
    assert gateway.result(*ids) == "S SUCCESS"


# What it refuses


ID = '{"paymentRequestId":"SUCCEEDS-refused"'
OTHER_PATH = "/aps/api/v1/payments/cancel"
SIGNED, UNSIGNED = True, False
REFUSED = {
    "GET": ({"method": "GET"}, 405, "METHOD_NOT_SUPPORTED", SIGNED),
    "PUT": ({"method": "PUT"}, 405, "METHOD_NOT_SUPPORTED", SIGNED),
    "another path": ({"path": OTHER_PATH}, 404, "NO_INTERFACE_DEF", SIGNED),
    "a query": ({"path": PATH + "?x=1"}, 404, "NO_INTERFACE_DEF", SIGNED),
    "a slash more": ({"path": PATH + "/"}, 404, "NO_INTERFACE_DEF", SIGNED),
    "text/plain": (
        {"headers": {"Content-Type": "text/plain; charset=UTF-8"}},
        415,
        "MEDIA_TYPE_NOT_ACCEPTABLE",
        SIGNED,
    ),
    "latin-1": (
        {"headers": {"Content-Type": "application/json; charset=ISO-8859-1"}},
        415,
        "MEDIA_TYPE_NOT_ACCEPTABLE",
        SIGNED,
    ),
    "no charset": (
        {"headers": {"Content-Type": "application/json"}},
        415,
        "MEDIA_TYPE_NOT_ACCEPTABLE",
        SIGNED,
    ),
    "no client": ({"headers": {"Client-Id": None}}, 401, "INVALID_CLIENT", UNSIGNED),
    "unknown client": (
        {"headers": {"Client-Id": "SANDBOX_NOBODY"}},
        401,
        "INVALID_CLIENT",
        UNSIGNED,
    ),
    "unknown client at an unknown path": (
        {"path": OTHER_PATH, "headers": {"Client-Id": "SANDBOX_NOBODY"}},
        404,
        "NO_INTERFACE_DEF",
        UNSIGNED,
    ),
    "no signature": ({"headers": {"Signature": None}}, 401, "INVALID_SIGNATURE", UNSIGNED),
    "one changed byte": ({"sent": (ID + " }").encode()}, 401, "INVALID_SIGNATURE", UNSIGNED),
    "no time": ({"headers": {"Request-Time": None}}, 400, "PARAM_ILLEGAL", SIGNED),
    "another time than signed": (
        {"headers": {"Request-Time": "2026-11-22T00:00:00Z"}},
        401,
        "INVALID_SIGNATURE",
        UNSIGNED,
    ),
    "epoch milliseconds": ({"time": str(int(time.time() * 1000))}, 400, "PARAM_ILLEGAL", SIGNED),
    "local time": ({"time": "2026-11-22T00:00:00"}, 400, "PARAM_ILLEGAL", SIGNED),
    "a day that is none": ({"time": "2026-02-30T00:00:00Z"}, 400, "PARAM_ILLEGAL", SIGNED),
}
for header in (
    "algorithm=RSA256, keyVersion=1",
    "algorithm=RSA512,keyVersion=1,signature=<signature>",
    "algorithm=RSA256,keyVersion=,signature=<signature>",
    "algorithm=RSA256,keyVersion=1,signature=<signature>,signature=<signature>",
    "algorithm=RSA256;keyVersion=1;signature=<signature>",
    "algorithm=RSA256,keyVersion=1,signature=<bare>",
    "algorithm=RSA256,keyVersion=1,signature=<lower>",
    "algorithm=RSA256,keyVersion=1,signature=abc",
    "algorithm=RSA256,keyVersion=1,signature=",
):
    REFUSED[header] = ({"headers": {"Signature": header}}, 401, "INVALID_SIGNATURE", UNSIGNED)
REFUSED["unknown key"] = (
    {"headers": {"Signature": "algorithm=RSA256,keyVersion=9,signature=<signature>"}},
    401,
    "KEY_NOT_FOUND",
    UNSIGNED,
)


@pytest.mark.parametrize(("change", "status", "code", "signed"), REFUSED.values(), ids=REFUSED)
def test_a_request_that_breaks_the_protocol(gateway, change, status, code, signed):
    before = gateway.admin("GET", "health")["rejected"]
    answer = gateway.send((ID + "}").encode(), **change)
    assert answer.status_code == status
    result = answer.json()["result"]
    assert (result["resultStatus"], result["resultCode"]) == ("F", code)
    assert ("signature" in answer.headers, gateway.verifies(answer)) == (signed, signed)
    assert gateway.admin("GET", "health")["rejected"] == before + 1
    entry = gateway.log("SUCCEEDS-refused")[-1]
    assert (entry["scenario"], entry["resultCode"], entry["attempt"]) == ("REFUSED", code, None)
    found = gateway.admin("GET", "payments", params={"paymentRequestId": "SUCCEEDS-refused"})
    assert found["payments"] == []


BAD_BODIES = [
    b"",
    b"not json",
    b'"SUCCEEDS"',
    b"{}",
    b'{"paymentRequestId":""}',
    b'{"paymentRequestId":null}',
    b'{"paymentRequestId":17}',
    b'{"paymentRequestId":"a","paymentId":""}',
    b'{"paymentRequestId":"a","paymentId":null}',
    b'{"paymentRequestId":"a","paymentRequestId":"b"}',
    b'{"paymentRequestId":"a","closed":true}',
    b'{"paymentRequestId":"\xe9"}',
    b'{"paymentRequestId":"' + b"x" * 65 + b'"}',
    b'{"paymentId":"' + b"x" * 65 + b'"}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("body", BAD_BODIES, ids=lambda body: repr(body[:50]))
def test_illegal_parameters_are_refused_in_a_signed_answer(gateway, body):
    answer = gateway.send(body)
    assert answer.status_code == 400
    assert answer.json()["result"]["resultCode"] == "PARAM_ILLEGAL"
    assert gateway.verifies(answer)


@pytest.mark.parametrize(("minutes", "code"), [(9, "SUCCESS"), (11, "PARAM_ILLEGAL")])
@pytest.mark.parametrize("direction", [1, -1])
def test_request_time_may_be_ten_minutes_off(gateway, minutes, code, direction):
    moment = datetime.now(UTC) + direction * timedelta(minutes=minutes)
    body = json.dumps({"paymentRequestId": gateway.new("SUCCEEDS")}).encode()
    answer = gateway.send(body, time=moment.isoformat(timespec="seconds"))
    assert answer.json()["result"]["resultCode"] == code
