"""What an answer proves: its signature first, its words after. Pure.

An answer that is unsigned or whose signature does not verify proves nothing, neither S nor F: a
forged ``CANCEL_WINDOW_EXCEED`` would cause a refund, a forged ``SUCCESS`` a lost cancellation.
"""

from __future__ import annotations

from collections.abc import Mapping

from cancel_payment import result, signing
from cancel_payment.credentials import Credentials
from cancel_payment.model import Result


def read(
    status: int, headers: Mapping[str, str], answer: bytes, credentials: Credentials
) -> Result:
    """The result of an answer if it is signed for us by Alipay+, else that it proves nothing.

    Parameters
    ----------
    status
        The HTTP status, for the log: it decides nothing. A signed F on HTTP 400 is F.
    headers
        The answer's headers; names are case-insensitive.
    answer
        The raw bytes of the body, as they came.
    """

    def refuse(reason: str) -> Result:
        return result.read_unproven(answer, f"HTTP {status}: {reason}")

    header = headers.get("Signature")
    client_id = headers.get("Client-Id")
    response_time = headers.get("Response-Time")
    if header is None or client_id is None or response_time is None:
        return refuse("the answer is not signed")
    if client_id != credentials.client_id:
        return refuse("the answer is for another client")
    try:
        signature = signing.read_signature_header(header)
    except signing.SignatureHeaderError as error:
        return refuse(f"the signature cannot be read: {error}")
    public_key = credentials.public_keys.get(signature.key_version)
    if public_key is None:
        return result.distrusting(refuse("the secret holds no key of the answer's version"))
    content = signing.signed_content(client_id, response_time, answer)
    if not signing.verifies(content, signature.signature, public_key):
        return result.distrusting(refuse("the signature does not verify"))
    return result.read_signed(answer)
