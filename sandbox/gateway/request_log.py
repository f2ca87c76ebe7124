"""The stand-in's log of requests: what came, what became of it, found by payment or by index.

It forgets the oldest requests beyond `LOG_LIMIT`. Entries are in the form in which
`GET /_sandbox/requests` shows them; signatures are shortened on the way in.
"""

import json
import re
from collections import deque
from itertools import takewhile
from typing import Any

from sandbox.gateway import clock
from sandbox.gateway.checks import IDS
from sandbox.gateway.connection import Received

LOG_LIMIT = 50_000
_LOGGED_BODY = 4096
_SIGNATURE_VALUE = re.compile(r"(signature=.{12}).+|^((?!.*signature=).{12}).+", re.DOTALL)
Entry = dict[str, Any]


class RequestLog:
    """Requests in the order in which they came, each with what became of it."""

    def __init__(self) -> None:
        self.next_index = 0
        self._entries: deque[Entry] = deque(maxlen=LOG_LIMIT)

    def add(self, entry: Entry) -> None:
        """Give the entry the next index and keep it."""
        entry["index"] = self.next_index
        self.next_index += 1
        self._entries.append(entry)

    def find(self, request_id: str | None, payment_id: str | None, since: int) -> list[Entry]:
        """Return the requests from index `since` on that named the ids, or all without ids."""
        recent = takewhile(lambda entry: entry["index"] >= since, reversed(self._entries))
        found = [
            entry
            for entry in recent
            if request_id in (None, entry["paymentRequestId"])
            and payment_id in (None, entry["paymentId"])
        ]
        return found[::-1]


def new_entry(request: Received) -> Entry:
    """Begin the log's entry of a request that has just come."""
    # Read leniently, before any check: a refused request must be found by its payment too.
    try:
        fields = json.loads(request.body)
    except (ValueError, RecursionError):
        fields = None
    named = fields if isinstance(fields, dict) else {}
    ids = {name: named.get(name) for name in IDS}
    return {
        "index": None,
        "receivedAt": clock.log_form(clock.now()),
        "answeredAt": None,
        "endedAt": None,
        "method": request.method,
        "path": request.path,
        **{name: value if isinstance(value, str) else None for name, value in ids.items()},
        "attempt": None,
        "requestTime": next(iter(request.values("request-time")), None),
        "requestHeaders": shown(request.headers),
        "scenario": None,
        "httpStatus": None,
        "resultStatus": None,
        "resultCode": None,
        "answer": None,
        "responseHeaders": None,
        "responseBody": None,
        "body": shown_body(request.body),
    }


def shown(headers: list[tuple[str, str]]) -> dict[str, str]:
    """Return headers as the log shows them, without what is secret or endless."""
    result = {}
    for name, value in headers[:50]:
        if name == "signature":
            value = _SIGNATURE_VALUE.sub(lambda part: (part[1] or part[2]) + "…", value)
        result[name] = "…" if name == "agent-token" else value[:512]
    return result


def shown_body(body: bytes) -> str:
    """Return the beginning of a body as text, whatever it holds."""
    return body[:_LOGGED_BODY].decode(errors="replace")


def result_of(body: bytes) -> tuple[object, object]:
    """Return resultStatus and resultCode of any body that has them, whoever signed it."""
    try:
        inner = json.loads(body)["result"]
        return inner.get("resultStatus"), inner.get("resultCode")
    except (ValueError, TypeError, KeyError, AttributeError):
        return None, None
