"""Certificates are always verified; nothing older than TLS 1.2 is spoken."""

from __future__ import annotations

import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from cancel_payment.credentials import Credentials
from cancel_payment.model import Evidence

from tests.wire.conftest import SUCCESS, MakePeer, gateway_at, payment
from tests.wire.peer import Signer


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with own.pem for 127.0.0.1 and other.pem for another host, and their keys."""
    home = tmp_path_factory.mktemp("tls")
    for name, host in [("own", "IP:127.0.0.1"), ("other", "DNS:other.example.com")]:
        form = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={name}"]
        names = ["-addext", f"subjectAltName={host}"]
        files = ["-keyout", home / f"{name}.key", "-out", home / f"{name}.pem"]
        subprocess.run(["openssl", "req", *form, *names, *files], check=True, capture_output=True)
    return home


def _server(certificates: Path, name: str = "own") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / f"{name}.pem", certificates / f"{name}.key")
    return context


def test_certificate_of_an_unknown_authority_is_refused_before_anything_is_sent(
    peer: MakePeer, signer: Signer, credentials: Credentials, certificates: Path
) -> None:
    listener = peer(signer.answer(SUCCESS), tls=_server(certificates))
    result = gateway_at(listener.url).cancel(payment(), credentials)
    assert (result.status, result.evidence) == ("U", Evidence.NO_ANSWER)
    assert (listener.connections, listener.requests) == (1, [])


def test_certificate_of_an_authority_named_by_ssl_cert_file_is_accepted(
    peer: MakePeer,
    signer: Signer,
    credentials: Credentials,
    certificates: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "own.pem"))
    listener = peer(signer.answer(SUCCESS), tls=_server(certificates))
    assert gateway_at(listener.url).cancel(payment(), credentials).status == "S"


def test_certificate_for_another_host_is_refused_whoever_signed_it(
    peer: MakePeer,
    signer: Signer,
    credentials: Credentials,
    certificates: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "other.pem"))
    listener = peer(signer.answer(SUCCESS), tls=_server(certificates, "other"))
    result = gateway_at(listener.url).cancel(payment(), credentials)
    assert (result.evidence, listener.requests) == (Evidence.NO_ANSWER, [])


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_1_1_is_refused_where_others_would_speak_it(
    peer: MakePeer,
    signer: Signer,
    credentials: Credentials,
    certificates: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = _server(certificates)
    server.set_ciphers("ALL:@SECLEVEL=0")
    server.minimum_version = server.maximum_version = ssl.TLSVersion.TLSv1_1
    listener = peer(signer.answer(SUCCESS), tls=server)
    port = int(listener.url.rpartition(":")[2])
    _speaks_tls_1_1(port, certificates)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "own.pem"))
    result = gateway_at(listener.url).cancel(payment(), credentials)
    assert (result.evidence, listener.requests) == (Evidence.NO_ANSWER, [])


def _speaks_tls_1_1(port: int, certificates: Path) -> None:
    client = ssl.create_default_context(cafile=str(certificates / "own.pem"))
    client.set_ciphers("ALL:@SECLEVEL=0")
    client.minimum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", port), 5) as plain,
        client.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
    ):
        assert secured.version() == "TLSv1.1"
