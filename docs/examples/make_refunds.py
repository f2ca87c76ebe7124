"""Make the refunds that the refund queue asks for: proof first, then inquire, then refund, once.

`AlipayPlus` and `Records` are yours: the client with which you pay and inquire already, and your
own record of the payment. Sources: docs.alipayplus.com/alipayplus/alipayplus/api_acq/refund and
…/api_acq_tile/inquiry_payment.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any, Protocol

from verify_proof import Unproven, verify

type Fields = Mapping[str, Any]

# The payment never reached Alipay+; it was closed or cancelled.
NEVER_PAID = {"ORDER_NOT_EXIST", "ORDER_IS_CLOSED"}


class AlipayPlus(Protocol):
    """Signed calls; an answer that does not verify, or none, is an exception."""

    def inquiry_payment(self, parameters: Fields) -> Fields: ...
    def refund(self, parameters: Fields) -> Fields: ...


class Records(Protocol):
    def payment(self, ids: Fields) -> tuple[str, Mapping[str, str]]:
        """The `paymentRequestId` and the amount of the payment with these ids (one may be
        missing). LookupError: you know of no such payment, and nobody else may have it paid."""


class Unsettled(Exception):
    """Not known yet, or not to be known by a program: the message comes back, and after 20 receives
    it waits for a person in the refund dead-letter queue."""


def refund_request_id(payment_request_id: str) -> str:
    """The same for every refund of this payment, so that Alipay+ makes it once. 64 characters."""
    return hashlib.sha256(f"cancel-window-exceed:{payment_request_id}".encode()).hexdigest()


def settle(
    detail: Fields, records: Records, alipay_plus: AlipayPlus, public_keys: Mapping[str, bytes]
) -> str:
    """Refund the payment of one `Payment Refund Required` if it was paid; what has been done.

    Parameters
    ----------
    public_keys
        Alipay+'s, as PEM, by key version. Whoever may publish on your bus can invent an event;
        nobody but Alipay+ can sign that its window has closed.

    Raises
    ------
    Unsettled
        Neither of the two is proven; the same call again is safe.
    """
    try:
        verify(detail, public_keys)
    except Unproven as error:
        raise Unsettled(f"{detail.get('outcomeId')}: {error}") from error
    payment_request_id, amount = records.payment(detail)
    payment = {"paymentRequestId": payment_request_id}
    inquiry = alipay_plus.inquiry_payment(payment)
    # `result` is about the inquiry, `paymentResult` about the payment.
    if inquiry["result"]["resultStatus"] == "F" and inquiry["result"]["resultCode"] in NEVER_PAID:
        return f"nothing to refund: {inquiry['result']['resultCode']}"
    if inquiry["result"]["resultStatus"] != "S":
        raise Unsettled(f"{payment_request_id}: the inquiry says {inquiry['result']}")
    paid = inquiry["paymentResult"]["resultStatus"]
    if paid == "F":
        return "nothing to refund: never paid"
    if paid != "S":
        raise Unsettled(f"{payment_request_id}: the payment is {inquiry['paymentResult']}")
    wanted = {"refundRequestId": refund_request_id(payment_request_id), "refundAmount": amount}
    answer = alipay_plus.refund(payment | wanted)["result"]
    if answer["resultStatus"] != "S":
        raise Unsettled(f"{payment_request_id}: the refund says {answer}")
    return "refunded"


def work(
    sqs: Any,
    queue_url: str,
    records: Records,
    alipay_plus: AlipayPlus,
    public_keys: Mapping[str, bytes],
) -> None:
    """Settle what is on the queue now; call it in a loop."""
    answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=20)
    for message in answer.get("Messages", []):
        try:
            done = settle(json.loads(message["Body"]), records, alipay_plus, public_keys)
        except Exception:  # whatever it was, the refund is not made: it must come back
            logging.exception("refund not settled: %s", message["MessageId"])
            continue
        logging.info("%s: %s", done, message["Body"])
        sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
