"""Every scenario of the stand-in, over HTTP: what its answer proves."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from cancel_payment.credentials import parse_secret
from cancel_payment.model import Evidence

from sandbox.scenarios import SCENARIOS
from tests.conftest import StandIn
from tests.wire.conftest import gateway_at, payment

SIGNED, UNPROVEN, NONE = Evidence.SIGNED, Evidence.UNPROVEN, Evidence.NO_ANSWER
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

type Expected = tuple[str, str | None, Evidence]

EXPECTED: dict[str, Expected] = {
    "SUCCEEDS": ("S", "SUCCESS", SIGNED),
    "UNKNOWN": ("U", "UNKNOWN_EXCEPTION", SIGNED),
    "THROTTLED": ("U", "REQUEST_TRAFFIC_EXCEED_LIMIT", SIGNED),
    "SLOW": ("U", None, NONE),
    "NO_ANSWER": ("U", None, NONE),
    "DROPS": ("U", None, NONE),
    "RESETS": ("U", None, NONE),
    "GARBAGE": ("U", None, UNPROVEN),
    "EMPTY": ("U", None, UNPROVEN),
    "TRUNCATED": ("U", None, NONE),
    "UNSIGNED": ("U", None, UNPROVEN),
    "FORGED_REFUND": ("U", None, UNPROVEN),
    "FORGED_SUCCESS": ("U", None, UNPROVEN),
    "WRONGLY_SIGNED": ("U", None, UNPROVEN),
    "OTHER_CLIENT": ("U", None, UNPROVEN),
    "HTTP_500": ("U", None, UNPROVEN),
    "HTTP_503": ("U", None, UNPROVEN),
    "HTTP_404": ("U", None, UNPROVEN),
    "SIGNED_400": ("F", "PROCESS_FAIL", SIGNED),
    "TOO_LARGE": ("U", None, UNPROVEN),
    "ENDLESS": ("U", None, UNPROVEN),
    "DRIP": ("U", None, NONE),
    "DRIP_HEADERS": ("U", None, NONE),
    "REDIRECT": ("U", None, UNPROVEN),
    "BAD_RESULT": ("U", None, UNPROVEN),
    "WRONG_TYPES": ("U", None, UNPROVEN),
    "ODD_STATUS": ("U", "SUCCESS", SIGNED),
    "ODD_CODE": ("F", "ORDER_STATUS_INVALID", SIGNED),
    "HUGE_HEADERS": ("U", None, NONE),
    "COMPRESSED": ("U", None, UNPROVEN),
    **{f"FAILS-{code}": ("F", code, SIGNED) for code in F_CODES},
    **{f"U-{code}": ("U", code, SIGNED) for code in F_CODES + U_CODES},
}
NEVER_WHOLE = {"SLOW", "NO_ANSWER", "DRIP", "DRIP_HEADERS"}


def test_every_scenario_of_the_stand_in_has_its_expectation_here() -> None:
    assert set(SCENARIOS) == set(EXPECTED)


@pytest.mark.parametrize("scenario", EXPECTED)
def test_scenario_proves_what_the_contract_says(
    stand_in: StandIn, unique: Callable[[str], str], scenario: str
) -> None:
    gateway = gateway_at(stand_in.url, timeout=1 if scenario in NEVER_WHOLE else 15)
    name = unique(scenario)
    result = gateway.cancel(payment(name), parse_secret(json.dumps(stand_in.secret)))
    assert (result.status, result.code, result.evidence) == EXPECTED[scenario]
    assert [one["scenario"] for one in stand_in.requests(name)] == [scenario]


def test_success_names_psp_and_acquirer(stand_in: StandIn, unique: Callable[[str], str]) -> None:
    keys = parse_secret(json.dumps(stand_in.secret))
    result = gateway_at(stand_in.url).cancel(payment(unique("SUCCEEDS")), keys)
    assert result.psp_id and result.acquirer_id and result.message


@pytest.mark.parametrize(
    "ids",
    [
        {"paymentRequestId": "SUCCEEDS-支付-№ 1/é"},
        {"paymentId": "SUCCEEDS-💳?x=1&y"},
        {"paymentRequestId": "SUCCEEDS-both", "paymentId": 'SUCCEEDS-"\\'},
        {"paymentId": "S" * 64},
    ],
)
def test_ids_reach_the_gateway_unchanged(stand_in: StandIn, ids: dict[str, str]) -> None:
    keys = parse_secret(json.dumps(stand_in.secret))
    named = payment(ids.get("paymentRequestId"), ids.get("paymentId"))
    assert gateway_at(stand_in.url).cancel(named, keys).status == "S"
    assert json.loads(stand_in.requests_by(**ids)[-1]["body"]) == ids


def test_refused_signature_arrives_unsigned_and_is_a_diagnosis_of_our_keys(
    stand_in: StandIn, unique: Callable[[str], str], secret: dict[str, object]
) -> None:
    wrong = stand_in.secret | {"privateKey": secret["privateKey"]}
    result = gateway_at(stand_in.url).cancel(
        payment(unique("SUCCEEDS")), parse_secret(json.dumps(wrong))
    )
    assert (result.status, result.code, result.evidence) == ("U", "INVALID_SIGNATURE", UNPROVEN)
    assert result.distrusts_keys
