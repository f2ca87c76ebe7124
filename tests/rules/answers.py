"""Answers as bytes on the wire: whole HTTP responses, signed, unsigned or signed wrongly."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tests.rules import keys

RESPONSE_TIME = "2026-11-22T15:41:08Z"
SOMEBODY_ELSE = "SANDBOX_SOMEBODY_ELSE"

type Headers = dict[str, str]


class Then(Enum):
    """What the server does with the connection once the bytes are out."""

    CLOSE = "closes it"
    RESET = "resets it"
    HOLD = "holds it open and says nothing more"


@dataclass(frozen=True, slots=True)
class Reply:
    """Bytes to send; `drip`: one at a time, with a pause after each."""

    raw: bytes
    then: Then = Then.CLOSE
    drip: bool = False


def http(body: bytes, headers: Headers, status: int = 200, length: int | None = None) -> bytes:
    """A response with a body of `length` announced, by default its own."""
    announced = len(body) if length is None else length
    # The line under test keeps its connections for good; a test session may not leave any behind.
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {announced}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def result(status: Any, code: Any, **more: Any) -> bytes:
    """The body of an answer."""
    parts: dict[str, Any] = {"resultStatus": status, "resultCode": code, "resultMessage": "text"}
    return json.dumps({"result": parts, **more}).encode()


def signed_headers(
    body: bytes,
    *,
    by: str = keys.ALIPAY,
    version: str = "1",
    client_id: str = keys.CLIENT_ID,
    time: str = RESPONSE_TIME,
) -> Headers:
    """The headers of an answer that is signed as the protocol says."""
    made = keys.signature(by, keys.content(client_id, time, body))
    return {
        "Content-Type": "application/json; charset=UTF-8",
        "Client-Id": client_id,
        "Response-Time": time,
        "Signature": keys.header(made, version),
    }


def signed(body: bytes, status: int = 200) -> bytes:
    """A whole answer that proves what it says."""
    return http(body, signed_headers(body), status)


def without(body: bytes, *names: str) -> bytes:
    """A signed answer from which headers were taken away."""
    headers = signed_headers(body)
    return http(body, {name: value for name, value in headers.items() if name not in names})


def _altered(body: bytes) -> bytes:
    return http(body.replace(b'"text"', b'"texT"'), signed_headers(body))


# How an answer is signed. Source: protocol.md, "Verifying the response": only the first proves
# anything, whatever status and code it holds.
PROOF: dict[str, Callable[[bytes], bytes]] = {"signed": signed}
NO_PROOF: dict[str, Callable[[bytes], bytes]] = {
    "unsigned": lambda body: without(body, "Signature"),
    "signed by a forger": lambda body: http(body, signed_headers(body, by=keys.FORGER)),
    "altered after signing": _altered,
    "signed for another client": lambda body: http(
        body, signed_headers(body, client_id=SOMEBODY_ELSE)
    ),
    "signed under an unknown key version": lambda body: http(
        body, signed_headers(body, version="9")
    ),
    "signed under the version of another key": lambda body: http(
        body, signed_headers(body, version="2")
    ),
}
