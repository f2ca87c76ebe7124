"""What several unit tests share."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cancel_payment.alipay.credentials import Credentials, parse_secret

from tests.conftest import KeyPair
from tests.support.signer import Signer
from tests.unit.reader import Reader


@pytest.fixture(scope="module")
def credentials(secret: dict[str, Any]) -> Credentials:
    return parse_secret(json.dumps(secret))


@pytest.fixture(scope="module")
def signer(theirs: KeyPair, secret: dict[str, Any]) -> Signer:
    return Signer(theirs.private, secret["clientId"])


@pytest.fixture(scope="module")
def read(signer: Signer, credentials: Credentials) -> Reader:
    return Reader(signer, credentials)
