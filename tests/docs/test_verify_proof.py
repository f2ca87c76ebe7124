"""A proof is verified with Alipay+'s public key alone, and refused with any byte of it changed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
from verify_proof import Unproven, main, verify

from tests.conftest import ROOT
from tests.docs.proof import alipay, proven, public_keys

EXAMPLES: Final = ROOT / "docs" / "examples"
SIGNED: Final = ("clientId", "responseTime", "signature", "response")
# Nobody's signature covers the request's time; it is held against the outcome's.
CHECKED: Final = (*SIGNED, "keyVersion", "request")


@pytest.fixture
def detail() -> dict[str, Any]:
    return proven("F", "CANCEL_WINDOW_EXCEED", paymentRequestId="P-1", paymentId="2026-é")


def changed(detail: dict[str, Any], field: str, index: int) -> dict[str, Any]:
    text = detail["proof"][field]
    other = "B" if text[index] == "A" else "A"
    return detail | {"proof": detail["proof"] | {field: text[:index] + other + text[index + 1 :]}}


@pytest.mark.parametrize(
    "response",
    [
        b'{"result":{"resultStatus":"S","resultCode":"SUCCESS"}}',
        b'\xef\xbb\xbf{"result":{"resultStatus":"S","resultCode":"SUCCESS","resultMessage":"\xb3\xc9"}}',
        b'{"result":{"resultStatus":"S","resultCode":"SUCCESS","resultMessage":"\x81\x5c"}}',
    ],
)
def test_what_the_function_takes_for_proven_is_proven(response: bytes) -> None:
    assert "S SUCCESS" in verify(proven("S", "SUCCESS", response, paymentId="2"), public_keys())


@pytest.mark.parametrize("field", CHECKED)
def test_one_changed_byte_anywhere_is_refused(detail: dict[str, Any], field: str) -> None:
    verify(detail, public_keys())
    for index in range(len(detail["proof"][field])):
        with pytest.raises(Unproven):
            verify(changed(detail, field, index), public_keys())


@pytest.mark.parametrize("field", sorted({*CHECKED, "requestTime"}))
def test_a_missing_field_is_refused(detail: dict[str, Any], field: str) -> None:
    del detail["proof"][field]
    with pytest.raises(Unproven):
        verify(detail, public_keys())


@pytest.mark.parametrize(
    "changes",
    [
        {"paymentRequestId": "P-2"},
        {"resultStatus": "S"},
        {"resultCode": "PROCESS_FAIL"},
        {"resolvedAt": "2026-11-22T12:01:00+08:00"},
        {"resolvedAt": "2026-11-22T11:59:00+08:00"},
        {"proof": {}},
        {"proof": None},
    ],
)
def test_a_proof_of_something_else_is_refused(
    detail: dict[str, Any], changes: dict[str, Any]
) -> None:
    with pytest.raises(Unproven):
        verify(detail | changes, public_keys())


@pytest.mark.parametrize("name", ["cancelled", "refund-required", "failed"])
def test_the_examples_of_outcomes_are_proven_by_the_command(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    key = EXAMPLES / "example-public-key.pem"
    assert main(str(ROOT / "events" / "outcomes" / f"{name}.json"), f"1={key}") == 0
    assert "Alipay+ answered" in capsys.readouterr().out


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no OpenSSL command line")
@pytest.mark.parametrize("field", [None, *SIGNED])
def test_openssl_alone_verifies_and_refuses(
    detail: dict[str, Any], field: str | None, tmp_path: Path
) -> None:
    outcome, key = tmp_path / "outcome.json", tmp_path / "key.pem"
    given = detail if field is None else changed(detail, field, 10)
    outcome.write_text(json.dumps({"detail": given}, indent=2))
    key.write_text(alipay().spki)
    command = ["sh", EXAMPLES / "verify_proof.sh", outcome, key]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    verified = done.returncode == 0 and "Verified OK" in done.stdout
    assert verified == (field is None), done
