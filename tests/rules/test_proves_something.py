"""Every lawful form of a signed answer is believed: the signature is the proof, nothing else."""

from __future__ import annotations

import base64
import json
from itertools import count, permutations
from urllib.parse import quote

import pytest

from tests.rules import keys
from tests.rules.alipay import Alipay
from tests.rules.answers import Reply, http, result, signed, signed_headers
from tests.rules.batch import Expected, differences
from tests.rules.broken import LIMIT, SUCCESS
from tests.rules.codes import CANCELLED, FAILED, REFUND, SUPPORT
from tests.rules.line import Line
from tests.rules.situations import SITUATIONS, Situation

SENT = [one for one in SITUATIONS if one.sent]
EVERYWHERE = pytest.mark.parametrize("situation", SENT[::4], ids=str)


def _full_of_signs() -> tuple[str, str]:
    """A time whose signature needs ``+``, ``/`` and two ``=``, and that signature in base64."""
    for second in count():
        time = f"2026-11-22T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}+05:30"
        made = keys.signature(keys.ALIPAY, keys.content(keys.CLIENT_ID, time, SUCCESS))
        text = base64.b64encode(made).decode()
        if "+" in text and "/" in text and text.endswith("=="):
            return time, text
    raise AssertionError


TIME, BASE64 = _full_of_signs()
URL_SAFE = BASE64.translate(str.maketrans("+/", "-_"))

# "Percent-decode without turning + into a space; accept the standard and the URL-safe alphabet,
# with or without padding."
ENCODINGS = {
    "percent-encoded in upper case": quote(BASE64, safe=""),
    "percent-encoded in lower case": BASE64.replace("+", "%2b")
    .replace("/", "%2f")
    .replace("=", "%3d"),
    "not percent-encoded": BASE64,
    "without padding": BASE64.rstrip("="),
    "percent-encoded without padding": quote(BASE64.rstrip("="), safe=""),
    "URL-safe": URL_SAFE,
    "URL-safe without padding": URL_SAFE.rstrip("="),
    "URL-safe, padding percent-encoded": quote(URL_SAFE, safe=""),
}
# "pairs separated by commas, with or without a space, in any order; split each on its first ="
ORDERS = {
    f"{' '.join(pair.split('=')[0] for pair in pairs)} by {separator!r}": separator.join(pairs)
    for separator in (",", ", ")
    for pairs in permutations(["algorithm=RSA256", "keyVersion=1", f"signature={BASE64}"])
}


def _headed(signature: str) -> Reply:
    headers = signed_headers(SUCCESS, time=TIME)
    return Reply(http(SUCCESS, headers | {"Signature": signature}))


@EVERYWHERE
def test_a_signature_in_any_lawful_encoding_is_proof(
    situation: Situation, line: Line, alipay: Alipay
) -> None:
    answers = {
        name: _headed(f"algorithm=RSA256,keyVersion=1,signature={text}")
        for name, text in ENCODINGS.items()
    } | {name: _headed(header) for name, header in ORDERS.items()}
    expected = dict.fromkeys(answers, Expected(CANCELLED, "SUCCESS", "S"))

    assert differences(line, alipay, situation, answers, expected) == {}


@EVERYWHERE
def test_the_http_status_proves_nothing_either_way(
    situation: Situation, line: Line, alipay: Alipay
) -> None:
    statuses = (200, 201, 302, 400, 401, 403, 404, 429, 500, 503)
    answers = {
        f"{status} {code}": Reply(signed(result("F", code), status))
        for status in statuses
        for code in ("PROCESS_FAIL", "CANCEL_WINDOW_EXCEED")
    } | {f"{status} SUCCESS": Reply(signed(SUCCESS, status)) for status in statuses}
    meanings = {
        "PROCESS_FAIL": Expected(FAILED, "PROCESS_FAIL", "F", SUPPORT),
        "CANCEL_WINDOW_EXCEED": Expected(REFUND, "CANCEL_WINDOW_EXCEED", "F", "refund"),
        "SUCCESS": Expected(CANCELLED, "SUCCESS", "S"),
    }
    expected = {name: meanings[name.split()[1]] for name in answers}

    assert differences(line, alipay, situation, answers, expected) == {}


@EVERYWHERE
def test_what_the_contract_does_not_need_takes_no_proof_away(
    situation: Situation, line: Line, alipay: Alipay
) -> None:
    required = {"resultStatus": "S", "resultCode": "SUCCESS"}
    bodies = {
        "nothing optional": json.dumps({"result": required}).encode(),
        "optional fields of other types": json.dumps(
            {"result": {**required, "resultMessage": 1}, "pspId": [], "acquirerId": None}
        ).encode(),
        "optional fields too long": json.dumps(
            {"result": {**required, "resultMessage": "x" * 999}, "pspId": "y" * 99}
        ).encode(),
        "unlisted fields": result("S", "SUCCESS", more={"and": ["more"]}),
        "white space around it": b"\r\n " + SUCCESS + b"\n",
        "letters of every script": result("S", "SUCCESS", pspId="支付宝 ☂"),
        "as large as it may be": SUCCESS.ljust(LIMIT),
    }
    answers = {name: Reply(signed(body)) for name, body in bodies.items()}
    answers["the other key of a rotation"] = Reply(
        http(SUCCESS, signed_headers(SUCCESS, by=keys.ALIPAY_NEXT, version="2"))
    )
    expected = dict.fromkeys(answers, Expected(CANCELLED, "SUCCESS", "S"))

    assert differences(line, alipay, situation, answers, expected) == {}
