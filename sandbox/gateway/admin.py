"""`/_sandbox/…`: how tests and the live view steer the stand-in and look into it.

No part of Alipay+. Nothing here shows a private key or a whole signature.
"""

import json
from collections.abc import Callable

from sandbox.gateway import clock
from sandbox.gateway.checks import IDS, LONGEST_ID
from sandbox.gateway.connection import Connection, Received
from sandbox.gateway.scenarios import MODES
from sandbox.gateway.state import GatewayState

PREFIX = "/_sandbox/"
SLOW_MODE_MS = 3000


async def serve(state: GatewayState, request: Received, connection: Connection) -> None:
    """Answer in JSON; a call that is wrong with 400 and `{"error": …}`."""
    status = 200
    try:
        answer = _CALLS[request.method, request.path.removeprefix(PREFIX)](state, request)
    except (LookupError, TypeError, ValueError, OverflowError, RecursionError) as fault:
        status, answer = 400, {"error": f"{type(fault).__name__}: {fault}"}
    # ASCII, because an id may hold what UTF-8 cannot.
    body = json.dumps(answer).encode("ascii")
    await connection.answer(status, [("content-type", "application/json")], body)


def _requests(state: GatewayState, request: Received) -> object:
    since = int(request.parameters.get("since", "0"))
    found = state.log.find(*_queried_ids(request), since)
    return {"requests": found, "next": state.log.next_index}


def _payments(state: GatewayState, request: Received) -> object:
    ids = _queried_ids(request)
    if any(ids):
        found = state.ledger.look_up(*ids)
        return {"payments": [found.as_json()] if found else []}
    return {"payments": [payment.as_json() for payment in state.ledger.payments]}


def _register(state: GatewayState, request: Received) -> object:
    fields = json.loads(request.body)
    ids = [fields.get(name) for name in IDS]
    for value in ids:
        if value is not None and not (isinstance(value, str) and 0 < len(value) <= LONGEST_ID):
            raise ValueError(f"an id is a string of 1 to {LONGEST_ID} characters")
    if not any(ids):
        raise ValueError("paymentRequestId or paymentId is needed")
    initiated_at = clock.read(fields["initiatedAt"])
    clock.cutoff(initiated_at)  # one that the calendar cannot express is refused now
    return state.ledger.register(ids[0], ids[1], initiated_at).as_json()


def _mode(state: GatewayState, request: Received) -> object:
    fields = json.loads(request.body)
    mode, latency_ms = fields["mode"], fields.get("latencyMs")
    if mode not in ("normal", *MODES):
        raise ValueError(f"mode is one of normal, {', '.join(MODES)}")
    if latency_ms is None:
        latency_ms = SLOW_MODE_MS if mode == "slow" else state.usual_latency_ms
    if not 0 <= latency_ms <= 3_600_000:
        raise ValueError("latencyMs is a number of milliseconds, at most an hour")
    state.mode, state.latency_ms = mode, latency_ms
    return {"mode": state.mode, "latencyMs": state.latency_ms}


def _queried_ids(request: Received) -> tuple[str | None, str | None]:
    query = request.parameters
    return query.get("paymentRequestId") or None, query.get("paymentId") or None


_CALLS: dict[tuple[str, str], Callable[[GatewayState, Received], object]] = {
    ("GET", "requests"): _requests,
    ("GET", "payments"): _payments,
    ("POST", "payments"): _register,
    ("POST", "mode"): _mode,
}
