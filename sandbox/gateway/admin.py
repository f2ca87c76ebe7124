"""`/_sandbox/…`: how tests and the live view steer the stand-in and look into it.

No part of Alipay+. Nothing here shows a private key or a whole signature.
"""

import json
from collections.abc import Callable
from typing import Any

from sandbox.gateway import clock
from sandbox.gateway.checks import IDS, LONGEST_ID
from sandbox.gateway.connection import Connection, Received
from sandbox.gateway.scenarios import MODES
from sandbox.gateway.state import GatewayState

PREFIX = "/_sandbox/"
SLOW_MODE_MS = 3000


class _Refused(Exception):
    """The call to the stand-in itself is wrong; says what would be right."""

    def __init__(self, right: str, status: int = 400) -> None:
        super().__init__(right)
        self.status = status


async def serve(state: GatewayState, request: Received, connection: Connection) -> None:
    """Answer in JSON; 400 and more with `{"error": …}`."""
    call = _CALLS.get((request.method, request.path.removeprefix(PREFIX)))
    status = 200
    try:
        if call is None:
            known = ", ".join(f"{method} {PREFIX}{name}" for method, name in _CALLS)
            raise _Refused(f"the calls are {known}", 404)
        answer = call(state, request)
    except _Refused as refused:
        status, answer = refused.status, {"error": str(refused)}
    # ASCII, because an id may hold what UTF-8 cannot.
    body = json.dumps(answer).encode("ascii")
    await connection.answer(status, [("content-type", "application/json")], body)


def _requests(state: GatewayState, request: Received) -> object:
    since = request.parameters.get("since", "0")
    if not (since.isascii() and since.isdigit()):
        raise _Refused("since is not an index")
    found = state.log.find(*_queried_ids(request), int(since))
    return {"requests": found, "next": state.log.next_index}


def _payments(state: GatewayState, request: Received) -> object:
    ids = _queried_ids(request)
    if any(ids):
        found = state.ledger.look_up(*ids)
        return {"payments": [found.as_json()] if found else []}
    return {"payments": [payment.as_json() for payment in state.ledger.payments]}


def _register(state: GatewayState, request: Received) -> object:
    fields = _object(request)
    ids = [fields.get(name) for name in IDS]
    for value in ids:
        if value is not None and not (isinstance(value, str) and 0 < len(value) <= LONGEST_ID):
            raise _Refused(f"an id is a string of 1 to {LONGEST_ID} characters")
    if not any(ids):
        raise _Refused("paymentRequestId or paymentId is needed")
    try:
        initiated_at = clock.read(fields["initiatedAt"])
        clock.cutoff(initiated_at)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise _Refused("initiatedAt is needed, ISO 8601 with offset") from None
    try:
        return state.ledger.register(ids[0], ids[1], initiated_at).as_json()
    except ValueError as conflict:
        raise _Refused(str(conflict), 409) from None


def _mode(state: GatewayState, request: Received) -> object:
    fields = _object(request)
    mode, latency_ms = fields.get("mode"), fields.get("latencyMs")
    if mode not in ("normal", *MODES):
        raise _Refused(f"mode is one of normal, {', '.join(MODES)}")
    if latency_ms is None:
        latency_ms = SLOW_MODE_MS if mode == "slow" else state.usual_latency_ms
    if not isinstance(latency_ms, int) or not 0 <= latency_ms <= 3_600_000:
        raise _Refused("latencyMs is a number of milliseconds, at most an hour")
    state.mode, state.latency_ms = str(mode), latency_ms
    return {"mode": state.mode, "latencyMs": state.latency_ms}


def _object(request: Received) -> dict[str, Any]:
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise _Refused("the body is not a JSON object")
    return value


def _queried_ids(request: Received) -> tuple[str | None, str | None]:
    query = request.parameters
    return query.get("paymentRequestId") or None, query.get("paymentId") or None


_CALLS: dict[tuple[str, str], Callable[[GatewayState, Received], object]] = {
    ("GET", "requests"): _requests,
    ("GET", "payments"): _payments,
    ("POST", "payments"): _register,
    ("POST", "mode"): _mode,
}
