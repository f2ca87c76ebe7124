"""`/_sandbox/…`: how tests and the live view steer the stand-in and look into it.

No part of Alipay+. Nothing here shows a private key or a whole signature.
"""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.gateway import clock
from sandbox.gateway.checks import IDS, LONGEST_ID
from sandbox.gateway.scenarios import MODES
from sandbox.gateway.state import GatewayState

SLOW_MODE_MS = 3000


class _Refused(Exception):
    """The call to the stand-in itself is wrong; says what would be right."""


def _answer(value: object, status: int = 200) -> Response:
    # ASCII, because an id may hold what UTF-8 cannot.
    return Response(json.dumps(value), status, media_type="application/json")


async def _refused(_: Request, fault: Exception) -> Response:
    return _answer({"error": str(fault)}, 400)


async def _object(request: Request) -> dict[str, Any]:
    try:
        value = await request.json()
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise _Refused("the body is not a JSON object")
    return value


def _queried_ids(request: Request) -> tuple[str | None, str | None]:
    query = request.query_params
    return query.get("paymentRequestId") or None, query.get("paymentId") or None


class Admin:
    """The routes below `/_sandbox`, over the state of one stand-in."""

    def __init__(self, state: GatewayState) -> None:
        self._state = state
        self.exception_handlers = {_Refused: _refused}
        self.routes = [
            Route("/health", self.health),
            Route("/requests", self.requests),
            Route("/requests", self.clear, methods=["DELETE"]),
            Route("/payments", self.payments),
            Route("/payments", self.register, methods=["POST"]),
            Route("/mode", self.mode, methods=["POST"]),
            Route("/reload", self.reload, methods=["POST"]),
        ]

    async def health(self, _: Request) -> Response:
        state = self._state
        return _answer(
            {
                "status": "ok",
                "mode": state.mode,
                "latencyMs": state.latency_ms,
                "rejected": sum(state.rejected.values()),
                "rejectedByCode": state.rejected,
            }
        )

    async def requests(self, request: Request) -> Response:
        since = request.query_params.get("since", "0")
        if not (since.isascii() and since.isdigit()):
            raise _Refused("since is not an index")
        log = self._state.log
        found = log.find(*_queried_ids(request), int(since))
        return _answer({"requests": found, "next": log.next_index})

    async def clear(self, _: Request) -> Response:
        self._state.clear()
        return _answer({"status": "ok"})

    async def payments(self, request: Request) -> Response:
        ledger, ids = self._state.ledger, _queried_ids(request)
        if any(ids):
            found = ledger.look_up(*ids)
            return _answer({"payments": [found.as_json()] if found else []})
        return _answer({"payments": [payment.as_json() for payment in ledger.payments]})

    async def register(self, request: Request) -> Response:
        fields = await _object(request)
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
            payment = self._state.ledger.register(ids[0], ids[1], initiated_at)
        except ValueError as conflict:
            return _answer({"error": str(conflict)}, 409)
        return _answer(payment.as_json())

    async def mode(self, request: Request) -> Response:
        fields, state = await _object(request), self._state
        mode, latency_ms = fields.get("mode"), fields.get("latencyMs")
        if mode not in ("normal", *MODES):
            raise _Refused(f"mode is one of normal, {', '.join(MODES)}")
        if latency_ms is None:
            latency_ms = SLOW_MODE_MS if mode == "slow" else state.usual_latency_ms
        if not isinstance(latency_ms, int) or not 0 <= latency_ms <= 3_600_000:
            raise _Refused("latencyMs is a number of milliseconds, at most an hour")
        state.mode, state.latency_ms = str(mode), latency_ms
        return _answer({"mode": state.mode, "latencyMs": state.latency_ms})

    async def reload(self, _: Request) -> Response:
        try:
            self._state.reload()
        except ValueError as fault:
            raise _Refused(str(fault)) from None
        return _answer(
            {
                "clientId": self._state.keys.client_id,
                "clientKeyVersions": sorted(self._state.keys.client_public_keys),
                "alipayKeyVersion": self._state.keys.key_version,
            }
        )
