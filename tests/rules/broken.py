"""Answers that prove nothing, by how they are broken. Each would say S, or a refund, if believed.

Sources: protocol.md, "Verifying the response" and "Timeout"; design.md, "Decision" ("a required
field missing or of the wrong type proves nothing") and "The attempt, fast" (64 KiB, one deadline).
"""

from __future__ import annotations

import base64
import gzip
import json
from urllib.parse import quote

from tests.rules import keys
from tests.rules.answers import (
    RESPONSE_TIME,
    Reply,
    Then,
    http,
    result,
    signed,
    signed_headers,
    without,
)

SUCCESS = result("S", "SUCCESS")
REFUND = result("F", "CANCEL_WINDOW_EXCEED")
THROTTLED = result("U", "REQUEST_TRAFFIC_EXCEED_LIMIT")
PAGE = b"<html><body>Something went wrong</body></html>"
LIMIT = 64 * 1024

_S = {"resultStatus": "S", "resultCode": "SUCCESS"}


def _said(answer: object) -> Reply:
    return Reply(signed(json.dumps(answer).encode()))


def _headed(**changed: str) -> Reply:
    names = {"Client_Id": "Client-Id", "Response_Time": "Response-Time"}
    changed = {names.get(name, name): value for name, value in changed.items()}
    return Reply(http(SUCCESS, signed_headers(SUCCESS) | changed))


def _signature_of(content: bytes) -> Reply:
    return _headed(Signature=keys.header(keys.signature(keys.ALIPAY, content)))


_GOOD = keys.signature(keys.ALIPAY, keys.content(keys.CLIENT_ID, RESPONSE_TIME, SUCCESS))
_BASE64 = base64.b64encode(_GOOD).decode()
_PLAIN = f"algorithm=RSA256,keyVersion=1,signature={quote(_BASE64, safe='')}"


def _with_amid(foreign: str) -> Reply:
    amid = quote(_BASE64[:8], safe="") + foreign + quote(_BASE64[8:], safe="")
    return _headed(Signature=f"algorithm=RSA256,keyVersion=1,signature={amid}")


NO_ANSWER = {
    "the connection is closed": Reply(b"", Then.CLOSE),
    "the connection is reset": Reply(b"", Then.RESET),
    "silence": Reply(b"", Then.HOLD),
    "silence after the head": Reply(signed(SUCCESS)[: -len(SUCCESS)], Then.HOLD),
    "one byte at a time": Reply(signed(SUCCESS), drip=True),
    "a body one byte short, then closed": Reply(signed(SUCCESS)[:-1], Then.CLOSE),
    "a body one byte short, then silence": Reply(signed(SUCCESS)[:-1], Then.HOLD),
    "half a head": Reply(signed(SUCCESS)[:40], Then.CLOSE),
    "a reset in the body": Reply(signed(SUCCESS)[:-9], Then.RESET),
    "no HTTP at all": Reply(b"\x00\xff\x13SSH-2.0\r\n\r\n" + SUCCESS, Then.CLOSE),
}

HTTP_ERRORS = {
    f"{status} with {name}": Reply(http(body, {"Content-Type": "text/html"}, status))
    for status in (400, 401, 403, 404, 429, 500, 502, 503, 504)
    for name, body in {"a page": PAGE, "a success": SUCCESS, "nothing": b""}.items()
}

NO_SIGNATURE = {
    "no Signature": Reply(without(SUCCESS, "Signature")),
    "no Client-Id": Reply(without(SUCCESS, "Client-Id")),
    "no Response-Time": Reply(without(SUCCESS, "Response-Time")),
    "no header at all": Reply(http(SUCCESS, {})),
    "an unsigned refund": Reply(without(REFUND, "Signature")),
    "an unsigned throttling": Reply(without(THROTTLED, "Signature")),
    "an empty Signature": _headed(Signature=""),
    "an empty Client-Id": _headed(Client_Id=""),
    "an empty Response-Time": _headed(Response_Time=""),
    "an elsewhere redirected success": Reply(
        http(SUCCESS, {"Location": "http://127.0.0.1:9/"}, 302)
    ),
}

WRONG_SIGNATURE = {
    "another algorithm": _headed(Signature=_PLAIN.replace("RSA256", "HS256")),
    "no algorithm": _headed(Signature=_PLAIN.removeprefix("algorithm=RSA256,")),
    "no key version": _headed(Signature=_PLAIN.replace("keyVersion=1,", "")),
    "no signature": _headed(Signature="algorithm=RSA256,keyVersion=1,signature="),
    "two signatures": _headed(Signature=f"{_PLAIN},signature=AAAA"),
    "a name without a value": _headed(Signature=f"{_PLAIN},signature"),
    # A lenient decoder drops what it does not know, and finds the signature good.
    "base64 with a line break": _with_amid("%0A"),
    "base64 with a space": _with_amid("%20"),
    "base64 with a mark": _with_amid("!"),
    "base64 with padding to spare": _headed(Signature=f"{_PLAIN}%3D"),
    "base64 cut short": _headed(Signature=_PLAIN.removesuffix("%3D%3D")[:-3]),
    "no base64": _headed(Signature="algorithm=RSA256,keyVersion=1,signature=%FF%FE"),
    "hexadecimal": _headed(Signature=f"algorithm=RSA256,keyVersion=1,signature={_GOOD.hex()}"),
    "time written otherwise": _headed(Response_Time="2026-11-22T23:41:08+08:00"),
    "the client id in other letters": _headed(Client_Id=keys.CLIENT_ID.lower()),
    "signed with two line feeds": _signature_of(
        keys.content(keys.CLIENT_ID, RESPONSE_TIME, SUCCESS).replace(b"\n", b"\n\n")
    ),
    "signed with a newline at the end": _signature_of(
        keys.content(keys.CLIENT_ID, RESPONSE_TIME, SUCCESS) + b"\n"
    ),
    "signed over another path": _signature_of(
        keys.content(keys.CLIENT_ID, RESPONSE_TIME, SUCCESS).replace(b"cancel", b"refund")
    ),
    "signed over the host too": _signature_of(
        keys.content(keys.CLIENT_ID, RESPONSE_TIME, SUCCESS).replace(b" /", b" https://host/")
    ),
    "signed over the parsed body": _signature_of(
        keys.content(
            keys.CLIENT_ID,
            RESPONSE_TIME,
            json.dumps(json.loads(SUCCESS), separators=(",", ":")).encode(),
        )
    ),
    "signed over the body alone": _signature_of(SUCCESS),
}

# Signed as they should be, and yet they say nothing.
SIGNED_NONSENSE = {
    "empty": Reply(signed(b"")),
    "white space": Reply(signed(b" \n")),
    "invalid JSON": Reply(signed(SUCCESS[:-1])),
    "two documents": Reply(signed(SUCCESS + SUCCESS)),
    "not UTF-8": Reply(signed(b'{"result":{"resultStatus":"S","resultCode":"\xff"}}')),
    "UTF-16": Reply(signed(SUCCESS.decode().encode("utf-16"))),
    "brackets without end": Reply(signed(b"[" * 60_000)),
    "compressed": Reply(
        http(
            gzip.compress(SUCCESS),
            signed_headers(gzip.compress(SUCCESS)) | {"Content-Encoding": "gzip"},
        )
    ),
    "null": _said(None),
    "a number": _said(1),
    "a string": _said("S"),
    "a list": _said([{"result": _S}]),
    "no result": _said({}),
    "the fields outside result": _said(_S),
    "result null": _said({"result": None}),
    "result a string": _said({"result": "S"}),
    "result a list": _said({"result": ["S", "SUCCESS"]}),
    "no status": _said({"result": {"resultCode": "SUCCESS"}}),
    "no code": _said({"result": {"resultStatus": "S"}}),
    "no code of a failure": _said({"result": {"resultStatus": "F"}}),
    "status null": _said({"result": _S | {"resultStatus": None}}),
    "status true": _said({"result": _S | {"resultStatus": True}}),
    "status a list": _said({"result": _S | {"resultStatus": ["S"]}}),
    "status empty": _said({"result": _S | {"resultStatus": ""}}),
    "status in a small letter": _said({"result": _S | {"resultStatus": "s"}}),
    "status with a space": _said({"result": _S | {"resultStatus": "S "}}),
    "code null": _said({"result": _S | {"resultCode": None}}),
    "code a number": _said({"result": _S | {"resultCode": 0}}),
    "code empty": _said({"result": _S | {"resultCode": ""}}),
    "a failure whose code is a number": _said({"result": {"resultStatus": "F", "resultCode": 1}}),
    "one byte too large": Reply(signed(SUCCESS.ljust(LIMIT + 1))),
    "much too large": Reply(signed(SUCCESS.ljust(5 * LIMIT))),
}

_ALL = NO_ANSWER | HTTP_ERRORS | NO_SIGNATURE | WRONG_SIGNATURE | SIGNED_NONSENSE

# Those that end, and those that only a deadline ends.
BROKEN = {name: one for name, one in _ALL.items() if one.then is not Then.HOLD and not one.drip}
ENDLESS = {name: one for name, one in _ALL.items() if name not in BROKEN}

# A status outside S, F and U is signed and readable: unknown, yet its code is known.
READABLE = {
    "status in a small letter": "SUCCESS",
    "status with a space": "SUCCESS",
}
