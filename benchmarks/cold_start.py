"""A fresh process, from the start of the interpreter to the connection to the gateway.

    python cold_start.py bare | comparison | function    # one JSON line

`comparison` imports what a function of this kind imports anyway, and makes one AWS client;
`function` is handed its first batch. Neither imports anything else before.
"""

import json
import os
import resource
import sys
import time
from typing import Any


def now() -> dict[str, float]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    with open("/proc/self/statm") as statm:
        resident = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return {"cpu": used.ru_utime + used.ru_stime, "rss": resident, "modules": len(sys.modules)}


def comparison() -> dict[str, float]:
    import boto3
    import httpx  # noqa: F401
    from aws_lambda_powertools import Logger, Metrics
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: F401
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: F401

    boto3.client("secretsmanager")
    Logger(service="cancel-payment")
    Metrics(namespace="CancelPayment", service="cancel-payment")
    return now()


def function() -> dict[str, float]:
    first: list[dict[str, float]] = []
    _watch(first)
    from cancel_payment.app import lambda_handler

    answer = lambda_handler({"Records": [_record()]}, _Context())  # type: ignore[arg-type]
    assert answer == {"batchItemFailures": []}, answer
    return first[0]


def _record() -> dict[str, Any]:
    # By hand: the tests' builder would be imported with it.
    created = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    sent = str(int(time.time() * 1000))
    return {
        "messageId": "1",
        "receiptHandle": "1",
        "body": json.dumps({"paymentRequestId": "cold", "paymentCreateTime": created}),
        "attributes": {"ApproximateReceiveCount": "1", "ApproximateFirstReceiveTimestamp": sent},
    }


class _Context:
    aws_request_id = "11111111-2222-4333-8444-555555555555"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


def _watch(first: list[dict[str, float]]) -> None:
    """Note the moment at which the gateway is first connected to."""
    import socket

    port = int(os.environ["ALIPAY_GATEWAY_URL"].rpartition(":")[2])
    connect = socket.socket.connect

    def noted(self: socket.socket, address: Any) -> None:
        if address[1] == port and not first:
            first.append(now())
        connect(self, address)

    socket.socket.connect = noted  # type: ignore[method-assign]


if __name__ == "__main__":
    output = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    found = {"bare": now, "comparison": comparison, "function": function}[sys.argv[1]]()
    os.write(output, (json.dumps(found) + "\n").encode())
    os._exit(0)
