"""What the stand-in for Alipay+ accepts, and what it refuses with which code (protocol.md)."""

import itertools
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.signer import PATH


def moment(offset: str = "+00:00", minutes: float = 0) -> Callable[[], str]:
    """A moment that far from when it is sent, with that offset, as Request-Time."""
    zone = datetime.fromisoformat(f"2026-01-01T00:00{offset}").tzinfo

    def written() -> str:
        at = datetime.now(zone) + timedelta(minutes=minutes)
        return at.isoformat(timespec="milliseconds")[:23] + offset

    return written


def milliseconds() -> str:
    return str(int(time.time() * 1000))


def body_of(**ids: str) -> bytes:
    return json.dumps(ids, ensure_ascii=False).encode()


def test_a_success_has_everything_the_reference_names(gateway):
    answer = gateway.cancel(gateway.new("SUCCEEDS"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"
    assert answer.headers["client-id"] == gateway.secret["clientId"]
    at = datetime.fromisoformat(answer.headers["response-time"])
    assert abs(at - datetime.now(UTC)) < timedelta(seconds=5)
    assert gateway.verifies(answer)
    said = answer.json()
    assert set(said) == {"result", "pspId", "acquirerId"}
    assert {said["result"]["resultStatus"], said["result"]["resultCode"]} == {"S", "SUCCESS"}


@pytest.mark.parametrize(
    "change",
    [
        {"headers": {"Signature": "signature={right}, keyVersion=1, algorithm=RSA256"}},
        {"headers": {"Content-Type": None}},
        {"headers": {"Content-Type": 'Application/JSON;charset="utf-8"'}},
        *({"time": moment(offset)} for offset in ("Z", "+08:00", "-03:30")),
        *({"time": moment(minutes=minutes)} for minutes in (9, -9)),
        *({"body": body_of(paymentRequestId=one)} for one in ("x" * 64, "é")),
        {"body": body_of(paymentId="y" * 64)},
        {"body": body_of(paymentRequestId="a-a", paymentId="a-b")},
    ],
)
def test_what_the_protocol_allows(gateway, change):
    ours = {"body": body_of(paymentRequestId=gateway.new("SUCCEEDS"))}
    assert gateway.send(**(ours | change)).json()["result"]["resultCode"] == "SUCCESS"


ID = b'{"paymentRequestId":"SUCCEEDS-refused"}'
OTHER_PATH = "/aps/api/v1/payments/cancel"
NOBODY = {"headers": {"Client-Id": "SANDBOX_NOBODY"}}
WITH_REST = "algorithm=RSA256,keyVersion=1,signature="
# The answer's HTTP status, code and whether it is signed -> what is wrong with the request. A
# gateway that does not know who asks cannot sign for them.
REFUSED = {
    "404 NO_INTERFACE_DEF signed": [{"path": OTHER_PATH}, {"path": f"{PATH}?x=1"}],
    "404 NO_INTERFACE_DEF unsigned": [NOBODY | {"path": OTHER_PATH}],
    "405 METHOD_NOT_SUPPORTED signed": [{"method": "GET"}, {"method": "PUT"}],
    "415 MEDIA_TYPE_NOT_ACCEPTABLE signed": [
        {"headers": {"Content-Type": one}}
        for one in (
            *("text/plain; charset=UTF-8", "application/json"),
            "application/json; charset=ISO-8859-1",
        )
    ],
    "401 INVALID_CLIENT unsigned": [NOBODY, {"headers": {"Client-Id": None}}],
    "401 KEY_NOT_FOUND unsigned": [
        {"headers": {"Signature": "algorithm=RSA256,keyVersion=9,signature={right}"}}
    ],
    "401 INVALID_SIGNATURE unsigned": [
        {"sent": ID + b" "},
        {"headers": {"Request-Time": "2026-11-22T00:00:00Z"}},
        *(
            {"headers": {"Signature": one}}
            for one in (
                None,
                "algorithm=RSA256, keyVersion=1",
                "algorithm=RSA512,keyVersion=1,signature={right}",
                "algorithm=RSA256,keyVersion=,signature={right}",
                "algorithm=RSA256;keyVersion=1;signature={right}",
                WITH_REST + "{right},signature={right}",
                *(WITH_REST + one for one in ("{bare}", "{lower}", "abc", "")),
            )
        ),
    ],
    "400 PARAM_ILLEGAL signed": [
        {"headers": {"Request-Time": None}},
        {"time": lambda: "2026-11-22T00:00:00"},
        {"time": lambda: "2026-02-30T00:00:00Z"},
        *({"time": one} for one in (milliseconds, moment(minutes=11), moment(minutes=-11))),
        *(
            {"body": one}
            for one in (
                *(b"", b"not json", b'"SUCCEEDS"', b"{}", b"[" * 100_000),
                *(b'{"paymentRequestId":""}', b'{"paymentRequestId":null}'),
                *(b'{"paymentRequestId":17}', b'{"paymentRequestId":"\xe9"}'),
                *(b'{"paymentRequestId":"a","paymentId":""}',),
                b'{"paymentRequestId":"a","paymentRequestId":"b"}',
                b'{"paymentRequestId":"a","closed":true}',
                *(body_of(paymentRequestId="x" * 65), body_of(paymentId="x" * 65)),
            )
        ),
    ],
}
DEFECTS = [*itertools.chain(*([(one, said) for one in ones] for said, ones in REFUSED.items()))]


@pytest.mark.parametrize(("change", "said"), DEFECTS)
def test_a_request_that_breaks_the_protocol(gateway, change, said):
    since = gateway.admin("GET", "requests")["next"]
    payments = gateway.admin("GET", "payments")["payments"]

    answer = gateway.send(**({"body": ID} | change))

    result, signed = answer.json()["result"], "signed" if gateway.verifies(answer) else "unsigned"
    assert f"{answer.status_code} {result['resultCode']} {signed}" == said
    assert (result["resultStatus"], "signature" in answer.headers) == ("F", signed == "signed")
    [entry] = gateway.admin("GET", "requests", params={"since": since})["requests"]
    assert (entry["scenario"], entry["attempt"]) == ("REFUSED", None)
    assert entry["resultCode"] == result["resultCode"]
    assert gateway.admin("GET", "payments")["payments"] == payments
