"""Signs with a key that never leaves AWS KMS.

Source: docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html. The key is RSA_2048 with usage
SIGN_VERIFY; the function may use it with this one algorithm.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, cast

from cancel_payment.aws import UnconfirmedError


@dataclass(frozen=True, slots=True)
class KmsSigner:
    """A `Signer` of ``alipay.signing``; 1 s to connect, 2 s to answer, no repeat (`aws`)."""

    client: Any
    key_arn: str

    def sign(self, content: bytes) -> bytes:
        answer = self.client.sign(
            KeyId=self.key_arn,
            # The digest, since KMS takes no more than 4,096 bytes to digest itself.
            Message=hashlib.sha256(content).digest(),
            MessageType="DIGEST",
            SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256",
        )
        if not answer["Signature"]:
            raise UnconfirmedError
        return cast(bytes, answer["Signature"])
