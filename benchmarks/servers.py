"""Gateway and AWS of a benchmark, in a process of their own: the doubles that the tests use.

    python -m benchmarks.servers DIRECTORY LATENCY_MS

Makes keys and a certificate, writes what clients read into the directory, prints its two addresses
as JSON, and serves until its input ends. Then it verifies the last requests that the gateway got,
so that nobody is fast by sending nonsense, and prints how many they were.

The gateway's one answer is signed beforehand: the stand-in of the sandbox signs each, which takes
time on cores that the client under test needs too.
"""

from __future__ import annotations

import base64
import json
import ssl
import sys
from collections import deque
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import certifi
import trustme
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support import aws, aws_server
from tests.support.gateway import Gateway, Request
from tests.support.keys import KeyPair
from tests.support.signer import PATH, Signer, result

CLIENT_ID = "SANDBOX_5Y0000000000000000"
KEPT = 1000


def main() -> None:
    directory, latency = Path(sys.argv[1]), float(sys.argv[2]) / 1000
    ours, theirs = (KeyPair(rsa.generate_private_key(65537, 2048)) for _ in range(2))
    secret: dict[str, Any] = {
        "clientId": CLIENT_ID,
        "keyVersion": "1",
        "privateKey": ours.pkcs8,
        "alipayPublicKeys": {"1": theirs.spki},
    }
    parties = {"pspId": "1022172000000000001", "acquirerId": "1022188000000000001"}
    answer = Signer(theirs.private, CLIENT_ID).answer(result("S", "SUCCESS", **parties))
    tls = _write(directory, secret, ours)
    double = aws.AwsDouble()
    double.reset(secret)
    double.calls = deque(maxlen=1)  # type: ignore[assignment]
    server = aws_server.start(double)
    requests: deque[Request] = deque(maxlen=KEPT)
    with Gateway(lambda _: [latency, answer], tls, requests=requests) as gateway:  # type: ignore[arg-type]
        print(json.dumps([gateway.url, double.url]), flush=True)
        sys.stdin.read()
        print(_verified(list(requests), ours))
    server.shutdown()


def _write(directory: Path, secret: dict[str, Any], ours: KeyPair) -> ssl.SSLContext:
    """What clients read; returns the gateway's side of TLS."""
    directory.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    # Beside those that clients trust in production: loading them costs what it costs there.
    trusted = Path(certifi.where()).read_bytes() + authority.cert_pem.bytes()
    (directory / "authorities.pem").write_bytes(trusted)
    (directory / "secret.json").write_text(json.dumps(secret))
    (directory / "pkcs1.pem").write_text(ours.pkcs1)  # the SDK reads no other form
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def _verified(requests: list[Request], ours: KeyPair) -> int:
    """How many there are.

    Raises
    ------
    cryptography.exceptions.InvalidSignature, IndexError
        Somebody was fast by sending something else.
    """
    for request in requests:
        (time,), (header,) = request.values("Request-Time"), request.values("Signature")
        content = f"POST {PATH}\n{CLIENT_ID}.{time}.".encode() + request.body
        signature = base64.b64decode(unquote(header.partition("signature=")[2]))
        ours.private.public_key().verify(signature, content, padding.PKCS1v15(), SHA256())
    return len(requests)


if __name__ == "__main__":
    main()
