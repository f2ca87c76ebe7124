"""Keys for the stand-in and for its one client, generated when they are needed, never shipped.

`python -m sandbox.gateway.keys DIR` writes `DIR/secret.json`, the client's half, in the form in
which the function's secret is kept, and `DIR/gateway.json`, the stand-in's half. With `--rotate`
both sides get new key pairs under the next version, while the old ones stay accepted: load the
secret first or the stand-in first (`POST /_sandbox/reload`), either order works.
"""

import argparse
import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any

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
    _write(directory, client_id, "1", {}, {}, client_public_key)


def rotate(directory: Path) -> None:
    """Add new key pairs of both sides under the next version; the client stays the same.

    Raises
    ------
    FileNotFoundError
        There are no keys yet.
    """
    secret = json.loads((directory / "secret.json").read_text())
    gateway = json.loads((directory / "gateway.json").read_text())
    _write(
        directory,
        gateway["clientId"],
        str(int(gateway["keyVersion"]) + 1),
        gateway["clientPublicKeys"],
        secret["alipayPublicKeys"],
    )


def _write(
    directory: Path,
    client_id: str,
    version: str,
    client_public_keys: dict[str, str],
    alipay_public_keys: dict[str, str],
    client_public_key: str | None = None,
) -> None:
    client_private, client_public = (None, client_public_key) if client_public_key else _key_pair()
    alipay_private, alipay_public = _key_pair()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    gateway = {
        "clientId": client_id,
        "keyVersion": version,
        "clientPublicKeys": client_public_keys | {version: client_public},
        "privateKey": alipay_private,
        "alipayKeyVersion": version,
    }
    secret = {
        "clientId": client_id,
        "keyVersion": version,
        **({"privateKey": client_private} if client_private else {}),
        "alipayPublicKeys": alipay_public_keys | {version: alipay_public},
    }
    _put(directory / "gateway.json", gateway)
    _put(directory / "secret.json", secret)


def _key_pair() -> tuple[str, str]:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def _put(path: Path, value: dict[str, Any]) -> None:
    # Replaced in one step: a stand-in that reloads at this moment reads the old file or the new.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(value, file, indent=2)
    os.replace(draft, path)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.gateway.keys", description="Generate keys."
    )
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("--rotate", action="store_true", help="add new keys, keep the old valid")
    options = parser.parse_args()
    if not options.rotate:
        generate(options.directory)
        return 0
    try:
        rotate(options.directory)
    except FileNotFoundError as missing:
        print(
            f"nothing to rotate, {missing.filename} is missing: run without --rotate first",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
