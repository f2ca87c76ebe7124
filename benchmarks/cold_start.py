"""A fresh process, from the start of the interpreter to the first byte sent to the gateway.

    python cold_start.py bare | comparison | function | parts    # one JSON line

`comparison` imports what a function of this kind imports anyway, and makes one AWS client;
`function` is handed its first batch. Neither imports anything else before. `parts` does what both
do, step by step, and tells the processor time of each step.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any


def now() -> dict[str, float]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    with open("/proc/self/statm") as statm:
        resident = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": used.ru_utime + used.ru_stime,
        "wall": time.clock_gettime(time.CLOCK_MONOTONIC),
        "rss": resident,
        "modules": len(sys.modules),
    }


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


def parts() -> dict[str, float]:
    """Seconds of processor time; what two steps share falls to the first of them."""
    import gc

    gc.disable()  # as the function does
    found: dict[str, float] = {}
    last = 0.0

    def end(step: str) -> None:
        nonlocal last
        used = now()["cpu"]
        found[step], last = used - last, used

    end("interpreter")
    import boto3  # noqa: F401

    end("import boto3")
    import httpx

    end("import httpx")
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: F401
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: F401

    end("import cryptography")
    from cancel_payment import observability  # noqa: F401

    end("Powertools Logger and Metrics")
    import httpcore  # noqa: F401

    end("httpcore and h11, which httpx loads with its first client")
    from cancel_payment import app

    end("the function's other modules")
    clients = app.Clients()
    _ = clients.secretsmanager
    end("one AWS client")
    load: Callable[[], Any] = httpx.create_ssl_context

    def noted() -> Any:
        end("settings")
        context = load()
        end("certificate authorities")
        return context

    httpx.create_ssl_context = noted
    app.Clients = lambda: clients  # type: ignore[assignment,misc]
    own = app.cancellation()
    own.credentials.current()
    end("the secret over HTTP, its keys read and tried")
    return found


def _record() -> dict[str, Any]:
    created = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    sent = str(int(time.time() * 1000))
    return {
        "messageId": "1",
        "receiptHandle": "1",
        "body": json.dumps({"paymentRequestId": "cold", "paymentCreateTime": created}),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "ApproximateFirstReceiveTimestamp": sent,
        },
    }


class _Context:
    aws_request_id = "11111111-2222-4333-8444-555555555555"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


def _watch(first: list[dict[str, float]]) -> None:
    """Note the moment at which the gateway is first connected to."""
    import socket

    port = int(os.environ["ALIPAY_GATEWAY_URL"].rpartition(":")[2])
    connect: Callable[..., socket.socket] = socket.create_connection

    def noted(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
        if address[1] == port and not first:
            first.append(now())
        return connect(address, *args, **kwargs)

    socket.create_connection = noted  # type: ignore[assignment]


if __name__ == "__main__":
    output = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    found = {"bare": now, "comparison": comparison, "function": function, "parts": parts}[
        sys.argv[1]
    ]()
    os.write(output, (json.dumps(found) + "\n").encode())
    os._exit(0)
