"""Certificates are always verified; nothing older than TLS 1.2 is spoken."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from trustme import CA

from tests.integration.conftest import Environment, ids
from tests.support.aws import AwsDouble
from tests.support.gateway import Gateway, Part, Request, Step
from tests.support.records import message, record
from tests.support.signer import UNKNOWN, Signer, success

ENDS = [1, 4, 5, 6, 50, -1]
TRUSTED, STRANGER = CA(), CA()


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file that names the authority, as `SSL_CERT_FILE`."""
    path = tmp_path_factory.mktemp("tls") / "authority.pem"
    TRUSTED.cert_pem.write_to_path(path)
    return str(path)


def certified(by: CA = TRUSTED, host: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    by.issue_cert(host).configure_cert(context)
    return context


def of_tls_1_1() -> ssl.SSLContext:
    context = certified()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def test_authority_named_by_ssl_cert_file_is_trusted_and_connections_are_kept(
    gateway: Gateway, trusted: str, fresh: Environment, aws: AwsDouble
) -> None:
    gateway.tls = certified()
    with fresh(gateway.url, SSL_CERT_FILE=trusted) as function:
        for batch in range(3):
            assert function(*[record(message(f"P-{batch}-{one}")) for one in range(5)]) == []
    assert len(aws.outcomes) == 15
    assert gateway.connections <= 10
    assert {request.reads for request in gateway.requests} == {1}


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(
    ("server", "reason"),
    [
        (lambda: certified(STRANGER), "unable to get local issuer certificate"),
        (lambda: certified(host="other.example.com"), "IP address mismatch"),
        (of_tls_1_1, "SSLError"),
    ],
    ids=["of another authority", "for another host", "TLS 1.1"],
)
def test_server_that_cannot_be_trusted_is_refused_before_anything_is_sent(
    server: Callable[[], ssl.SSLContext],
    reason: str,
    gateway: Gateway,
    trusted: str,
    fresh: Environment,
) -> None:
    gateway.tls = server()
    sent = record(message("P"))
    with fresh(gateway.url, SSL_CERT_FILE=trusted) as function:
        assert function(sent) == ids(sent)
    assert (gateway.connections, gateway.requests) == (1, [])
    (line,) = [one for one in function.logs if one["message"] == "cancel attempted"]
    assert line["evidence"] == "no answer"
    assert line["reason"].startswith("ConnectError: not connected: SSL")
    assert reason in line["reason"]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_server_of_tls_1_1_is_one_that_others_would_speak_to(
    gateway: Gateway, trusted: str
) -> None:
    gateway.tls = of_tls_1_1()
    others = ssl.create_default_context(cafile=trusted)
    others.set_ciphers("ALL:@SECLEVEL=0")
    others.minimum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", gateway.port), 5) as plain,
        others.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
    ):
        assert secured.version() == "TLSv1.1"


def test_authority_that_cannot_be_read_is_an_error_and_not_no_verification(
    gateway: Gateway, fresh: Environment, tmp_path: Path
) -> None:
    gateway.tls = certified()
    (tmp_path / "empty.pem").write_text("")
    with (
        fresh(gateway.url, SSL_CERT_FILE=str(tmp_path / "empty.pem")) as function,
        pytest.raises(ssl.SSLError),
    ):
        function(record(message("P")))
    assert gateway.connections == 0


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_record_that_began_behind_an_answer_is_not_the_next_payments_answer(
    version: ssl.TLSVersion,
    gateway: Gateway,
    trusted: str,
    fresh: Environment,
    aws: AwsDouble,
    signer: Signer,
) -> None:
    """Its rest would come with the next request, as a signed and whole S for it."""
    gateway.tls = certified()
    gateway.tls.maximum_version = version
    first = {f"first-{end}": end for end in ENDS}

    def answer(request: Request) -> list[Step]:
        if request.payment not in first:
            return [signer.answer(UNKNOWN)]
        beginning = Part(signer.answer(success("stranger")), first[request.payment])
        # All at once, so that each has a connection of its own.
        gateway.wait_for_requests(len(ENDS), 5)
        return [(signer.answer(success(request.payment)), beginning)]

    gateway.answer = answer
    second = [record(message(f"second-{end}")) for end in ENDS]
    with fresh(gateway.url, SSL_CERT_FILE=trusted) as function:
        assert function(*[record(message(one)) for one in first]) == []
        assert function(*second) == ids(*second)
    assert sorted(detail["pspId"] for _, detail in aws.outcomes) == sorted(first)
    assert (len(gateway.requests), gateway.connections) == (12, 12)
