"""What broke version 1.0.0 within an hour: each input hurts one payment at most, and no other.

Judged by effects alone: what the gateway was asked, and which outcomes are on the bus.
"""

from __future__ import annotations

import json
import socket
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from tests.integration.conftest import Environment
from tests.support.aws import AwsDouble
from tests.support.function import Function
from tests.support.gateway import Gateway, Request, Step, swallowing
from tests.support.records import message, record, tracked
from tests.support.signer import UNKNOWN, Signer, answer, success


def payments(prefix: str, count: int = 10) -> list[str]:
    return [f"{prefix}-{number}" for number in range(count)]


def cancelled(aws: AwsDouble) -> dict[str, str]:
    """The cancelled payments, and for which payment the answer was that says so."""
    return {
        detail["paymentRequestId"]: detail.get("pspId", "")
        for kind, detail in aws.outcomes
        if kind == "Payment Cancelled"
    }


@pytest.mark.parametrize(
    "location",
    ["localhost:8080/login", "mailto:x", "https:foo", "https://xn--a/"],
)
def test_unsigned_redirect_costs_its_own_payment_alone(
    location: str, function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    def reply(request: Request) -> list[Step]:
        if request.payment == "P-3":
            return [answer(b"", 302, location=location)]
        return [signer.answer(success(request.payment))]

    gateway.answer = reply
    batch = {one: record(message(one)) for one in payments("P")}

    kept = function(*batch.values())

    assert kept == [batch.pop("P-3")["messageId"]]
    assert cancelled(aws) == {one: one for one in batch}
    assert sorted(gateway.asked) == payments("P")


def test_second_answer_in_one_segment_is_nobodys(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    surplus = signer.answer(UNKNOWN) + signer.answer(success("nobody"))
    gateway.answer = lambda _: [surplus]
    function(*[record(message(one)) for one in payments("first")])

    gateway.answer = lambda request: [signer.answer(success(request.payment))]
    function(*[record(message(one)) for one in payments("second")])

    assert cancelled(aws) == {one: one for one in payments("second")}
    assert sorted(gateway.asked) == payments("first") + payments("second")


def test_slow_secret_is_not_followed_by_a_call_after_the_cutoff(
    function: Function, gateway: Gateway, aws: AwsDouble
) -> None:
    created = datetime.fromisoformat("2026-11-22T12:00:00+08:00")
    cutoff = datetime.fromisoformat("2026-11-23T00:15:00+08:00")
    aws.delay("GetSecretValue", 3)
    with time_machine.travel(cutoff - timedelta(seconds=1.5)):
        payment = message("P", paymentCreateTime=created.isoformat())
        first = cutoff - timedelta(minutes=5)
        function(record(tracked(payment, "token-1", first_attempt_at=first)))

    assert gateway.asked == []
    assert [(token, said["disposition"]) for token, said in aws.task_outputs] == [
        ("token-1", "RETRY")
    ]


def test_host_whose_first_address_swallows_packets_is_reached_by_the_next(
    fresh: Environment, gateway: Gateway, aws: AwsDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = [record(message(one)) for one in payments("P")]
    look_up = socket.getaddrinfo

    def two_addresses(host: Any, *arguments: Any, **options: Any) -> list[Any]:
        if host not in ("localhost", b"localhost"):
            return look_up(host, *arguments, **options)
        return [
            one
            for address in ("127.0.0.2", "127.0.0.1")
            for one in look_up(address, *arguments, **options)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", two_addresses)
    url = f"http://localhost:{gateway.port}"
    with swallowing("127.0.0.2", gateway.port), fresh(url, GATEWAY_TIMEOUT_SECONDS="4") as function:
        kept = function(*batch)

    assert kept == []
    assert cancelled(aws) == {one: one for one in payments("P")}
    assert function.seconds < 4.5


BEFORE_THE_KEY = {
    "comment": "# handed out on 2026-11-01\n",
    "bag attributes": "Bag Attributes\n    friendlyName: alipay\n    localKeyID: 01 02\n"
    "Key Attributes: <No Attributes>\n",
}


@pytest.mark.parametrize("text", BEFORE_THE_KEY.values(), ids=BEFORE_THE_KEY.keys())
@pytest.mark.parametrize("name", ["privateKey", "alipayPublicKeys"])
def test_text_before_a_key_is_read_over(
    name: str, text: str, function: Function, aws: AwsDouble, secret: dict[str, Any]
) -> None:
    changed = _with_key(secret, name, lambda key: text + key)
    assert_cancels_with(changed, function, aws)


@pytest.mark.parametrize("name", ["privateKey", "alipayPublicKeys"])
def test_line_breaks_as_backslash_and_n_are_read(
    name: str, function: Function, aws: AwsDouble, secret: dict[str, Any]
) -> None:
    changed = _with_key(secret, name, lambda key: key.replace("\n", "\\n"))
    assert_cancels_with(changed, function, aws)


def test_unusable_public_key_costs_itself_alone(
    function: Function, aws: AwsDouble, secret: dict[str, Any]
) -> None:
    keys = secret["alipayPublicKeys"] | {"4711": "no key at all"}
    assert_cancels_with(secret | {"alipayPublicKeys": keys}, function, aws)
    errors = [json.dumps(line) for line in function.logs if line["level"] == "ERROR"]
    assert any("4711" in line for line in errors)
    assert not any("no key at all" in line for line in errors)


def test_message_of_a_signed_answer_in_another_encoding_costs_the_message_alone(
    function: Function, gateway: Gateway, aws: AwsDouble, signer: Signer
) -> None:
    text = "撤销成功".encode("gbk")
    body = b'{"result":{"resultStatus":"S","resultCode":"SUCCESS","resultMessage":"%b"}}' % text
    gateway.answer = lambda _: [signer.answer(body)]

    kept = function(record(message("P")))

    assert kept == []
    ((kind, detail),) = aws.outcomes
    assert (kind, detail["paymentRequestId"]) == ("Payment Cancelled", "P")
    assert "\ufffd" in detail["resultMessage"]


def assert_cancels_with(secret: dict[str, Any], function: Function, aws: AwsDouble) -> None:
    aws.secret = json.dumps(secret)
    assert function(record(message("P"))) == []
    assert cancelled(aws) == {"P": "P"}


def _with_key(secret: dict[str, Any], name: str, change: Any) -> dict[str, Any]:
    """The secret with its private key, or the one public key, changed."""
    old = secret[name]
    new = {"1": change(old["1"])} if isinstance(old, dict) else change(old)
    return secret | {name: new}
