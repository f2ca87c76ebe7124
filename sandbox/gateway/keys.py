"""Keys for the stand-in and for its one client, generated when they are needed, never shipped.

`python -m sandbox.gateway.keys DIR` writes `DIR/secret.json`, the client's half, in the form in
which the function's secret is kept, and `DIR/gateway.json`, the stand-in's half.
"""

import argparse
import json
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)


def generate(directory: Path, client_public_key: str | None = None) -> None:
    """Write fresh keys under version 1 for a new client, over whatever was there.

    Parameters
    ----------
    directory
        Where `secret.json` and `gateway.json` go; made if it does not exist.
    client_public_key
        PEM, where the client signs with a key of its own; `secret.json` then has no private key.
    """
    client_id = f"SANDBOX_{secrets.token_hex(8).upper()}"
    client_private, client_public = (None, client_public_key) if client_public_key else _key_pair()
    alipay_private, alipay_public = _key_pair()
    gateway = {
        "clientId": client_id,
        "clientPublicKeys": {"1": client_public},
        "privateKey": alipay_private,
        "alipayKeyVersion": "1",
    }
    secret = {
        "clientId": client_id,
        "keyVersion": "1",
        **({"privateKey": client_private} if client_private else {}),
        "alipayPublicKeys": {"1": alipay_public},
    }
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, value in {"gateway.json": gateway, "secret.json": secret}.items():
        path = directory / name
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(value, file, indent=2)


def _key_pair() -> tuple[str, str]:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.gateway.keys", description="Generate keys."
    )
    parser.add_argument("directory", type=Path, metavar="DIR")
    generate(parser.parse_args().directory)


if __name__ == "__main__":
    main()
