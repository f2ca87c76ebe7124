"""A backlog on the deployed local stack, with the stand-in at a tenth of its speed, then mended."""

from __future__ import annotations

import json
import time
import urllib.request
from collections import Counter
from datetime import UTC, datetime

from tests.faults.collect import Collector
from tests.faults.deployed import deployed
from tests.faults.evidence import CANCELLED, Payment, Sent
from tests.faults.judge import judge

_USUAL_MS, _SLOW_MS = 100, 1000
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_PATIENCE_SECONDS = 1200.0


def backlog(number: int) -> str:
    """Let so many events pile up, half of them to be served slowly; returns the figures."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    payments = [_payment(f"SUCCEEDS-backlog-{index}", now) for index in range(number)]
    with deployed("faults-backlog", gateway_url=None, aws_url=None) as found:
        stack = found.stack
        assert stack.stand_in is not None
        _latency(stack.stand_in.url, _SLOW_MS)
        collector = Collector(stack, payments)
        began, sent = time.monotonic(), [Sent(one.id, time.time()) for one in payments]
        sqs = stack.cloud.client("sqs")
        for first in range(0, number, 10):
            sqs.send_message_batch(
                QueueUrl=stack.queue_url,
                Entries=[
                    {"Id": str(index), "MessageBody": one.body}
                    for index, one in enumerate(payments[first : first + 10])
                ],
            )
        piled = time.monotonic() - began
        half = _until(collector, number // 2, began)
        _latency(stack.stand_in.url, _USUAL_MS)
        whole = _until(collector, number, began)
        evidence = collector.evidence(sent, Counter())
        verdict = judge(evidence)
    asked = len(evidence.attempts)
    return (
        f"local stack: {number} events piled up within {piled:.0f} s; at {_SLOW_MS} ms "
        f"{number / 2 / half:.0f} payments/s, at {_USUAL_MS} ms "
        f"{number / 2 / (whole - half):.0f}/s, drained after {whole:.0f} s\n"
        f"  {asked} attempts for {number} payments, {len(evidence.dead_letters)} dead letters, "
        f"{evidence.left} messages left; {str(verdict).splitlines()[0]}"
    )


def _payment(name: str, created: str) -> Payment:
    body = json.dumps({"paymentRequestId": name, "paymentCreateTime": created})
    return Payment(name, created, (CANCELLED,), body)


def _until(collector: Collector, number: int, began: float) -> float:
    """Seconds until so many payments have ended."""
    while len(collector.told()) < number:
        collector.drain()
        if time.monotonic() - began > _PATIENCE_SECONDS:
            raise TimeoutError(f"{len(collector.told())} of {number} payments have ended")
        time.sleep(0.2)
    return time.monotonic() - began


def _latency(url: str, milliseconds: int) -> None:
    body = json.dumps({"mode": "normal", "latencyMs": milliseconds}).encode()
    request = urllib.request.Request(
        f"{url}/_sandbox/mode", data=body, headers={"content-type": "application/json"}
    )
    with _OPENER.open(request, timeout=10) as response:
        response.read()
