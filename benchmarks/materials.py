"""Keys, certificates and the one answer that a benchmark needs, made once for a run."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
from pathlib import Path
from urllib.parse import quote, unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)
from cryptography.x509.oid import NameOID

PATH = "/aps/api/v1/payments/cancelPayment"
CLIENT_ID = "SANDBOX_5Y0000000000000000"

# A fixed time: an answer holds neither an id nor a fresh time, so one signature serves for all.
_RESPONSE_TIME = "2026-11-22T12:00:00+08:00"
_ANSWER = {
    "result": {"resultCode": "SUCCESS", "resultStatus": "S", "resultMessage": "success"},
    "pspId": "1022172000000000001",
    "acquirerId": "1022188000000000001",
}


def make(directory: Path, authorities: Path) -> None:
    """Write what the stand-in and the clients read.

    Parameters
    ----------
    authorities
        The certificates that clients trust in production. They stay in the file that clients
        read here, so that loading it costs what it costs there.
    """
    directory.mkdir(parents=True, exist_ok=True)
    ours, theirs = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    secret = {
        "clientId": CLIENT_ID,
        "keyVersion": "1",
        "privateKey": _private(ours, PrivateFormat.PKCS8),
        "alipayPublicKeys": {"1": _public(theirs)},
    }
    (directory / "secret.json").write_text(json.dumps(secret))
    # The SDK reads PKCS #1 alone.
    (directory / "pkcs1.pem").write_text(_private(ours, PrivateFormat.TraditionalOpenSSL))
    (directory / "client.pem").write_text(_public(ours))
    (directory / "answer.http").write_bytes(_answer(theirs))
    _certificate(directory, authorities)


def verify(requests: list[list[str]], directory: Path) -> int:
    """Verify requests as the gateway kept them, head and body; how many there were.

    Raises
    ------
    cryptography.exceptions.InvalidSignature, KeyError
        Somebody was fast by sending something else.
    """
    key = load_pem_public_key((directory / "client.pem").read_bytes())
    assert isinstance(key, rsa.RSAPublicKey)
    for head, body in requests:
        pairs = [line.split(": ", 1) for line in head.split("\r\n")[1:]]
        headers = {name.lower(): value for name, value in pairs}
        content = f"POST {PATH}\n{CLIENT_ID}.{headers['request-time']}.{body}".encode()
        signature = base64.b64decode(unquote(headers["signature"].partition("signature=")[2]))
        key.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
    return len(requests)


def _answer(key: rsa.RSAPrivateKey) -> bytes:
    body = json.dumps(_ANSWER).encode()
    content = f"POST {PATH}\n{CLIENT_ID}.{_RESPONSE_TIME}.".encode() + body
    signature = base64.b64encode(key.sign(content, padding.PKCS1v15(), hashes.SHA256()))
    # Names in lower case, because the SDK finds them in no other.
    head = (
        "HTTP/1.1 200 OK\r\n"
        "content-type: application/json; charset=UTF-8\r\n"
        f"client-id: {CLIENT_ID}\r\n"
        f"response-time: {_RESPONSE_TIME}\r\n"
        f"signature: algorithm=RSA256,keyVersion=1,signature={quote(signature, safe='')}\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _certificate(directory: Path, authorities: Path) -> None:
    now = datetime.datetime.now(datetime.UTC)
    authority, server = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "benchmark authority")])
    root = _signed(issuer, issuer, authority.public_key(), authority, now, authority=True)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    leaf = _signed(name, issuer, server.public_key(), authority, now, authority=False)
    (directory / "server.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
    (directory / "server.key").write_bytes(
        server.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    trusted = authorities.read_bytes() + b"\n" + root.public_bytes(Encoding.PEM)
    (directory / "authorities.pem").write_bytes(trusted)


def _signed(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePrivateKey,
    now: datetime.datetime,
    *,
    authority: bool,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if authority:
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        builder = builder.add_extension(usage, critical=True)
    else:
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        names = x509.SubjectAlternativeName([address, x509.DNSName("localhost")])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signer, hashes.SHA256())


def _private(key: rsa.RSAPrivateKey, form: PrivateFormat) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def _public(key: rsa.RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
