"""Certificates are always verified; nothing older than TLS 1.2 is spoken."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from trustme import CA

from tests.integration.conftest import Environment
from tests.support.aws import AwsDouble
from tests.support.function import Function
from tests.support.gateway import Gateway, Part, Request, Step
from tests.support.records import message, record
from tests.support.signer import UNKNOWN, Signer, success

type Serve = Callable[[ssl.SSLContext], Gateway]


@pytest.fixture(scope="module")
def authority() -> CA:
    return CA()


@pytest.fixture(scope="module")
def trusted(authority: CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file that names the authority, as `SSL_CERT_FILE`."""
    path = tmp_path_factory.mktemp("tls") / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


def certified(authority: CA, host: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context


@pytest.fixture
def serve(signer: Signer) -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda context: stack.enter_context(
            Gateway(lambda request: [signer.answer(success(request.payment))], tls=context)
        )


def refused(function: Function, gateway: Gateway) -> str:
    """Why the call of a payment that stayed unknown brought no answer; nothing was sent."""
    sent = record(message("P"))
    assert function(sent) == [sent["messageId"]]
    assert gateway.connections == 1
    assert gateway.requests == []
    (line,) = [one for one in function.logs if one["message"] == "cancel attempted"]
    assert line["evidence"] == "no answer"
    return str(line["reason"])


def test_authority_named_by_ssl_cert_file_is_trusted_and_connections_are_kept(
    serve: Serve, authority: CA, trusted: str, fresh: Environment, aws: AwsDouble
) -> None:
    gateway = serve(certified(authority))
    with fresh(gateway.url, SSL_CERT_FILE=trusted) as function:
        for batch in range(3):
            assert function(*[record(message(f"P-{batch}-{one}")) for one in range(5)]) == []
    assert len(aws.outcomes) == 15
    assert gateway.connections <= 10
    assert {request.reads for request in gateway.requests} == {1}


def test_certificate_of_an_unknown_authority_is_refused_before_anything_is_sent(
    serve: Serve, authority: CA, fresh: Environment
) -> None:
    gateway = serve(certified(authority))
    with fresh(gateway.url) as function:
        assert refused(function, gateway) == (
            "ConnectError: not connected: SSLCertVerificationError: "
            "unable to get local issuer certificate"
        )


def test_certificate_for_another_host_is_refused_whoever_signed_it(
    serve: Serve, authority: CA, trusted: str, fresh: Environment
) -> None:
    gateway = serve(certified(authority, "other.example.com"))
    with fresh(gateway.url, SSL_CERT_FILE=trusted) as function:
        assert "IP address mismatch" in refused(function, gateway)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_1_1_is_refused_where_others_would_speak_it(
    serve: Serve, authority: CA, trusted: str, fresh: Environment
) -> None:
    server = certified(authority)
    server.set_ciphers("ALL:@SECLEVEL=0")
    server.minimum_version = server.maximum_version = ssl.TLSVersion.TLSv1_1
    others = ssl.create_default_context(cafile=trusted)
    others.set_ciphers("ALL:@SECLEVEL=0")
    others.minimum_version = ssl.TLSVersion.TLSv1_1
    gateway = serve(server)
    with (
        socket.create_connection(("127.0.0.1", gateway.port), 5) as plain,
        others.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
    ):
        assert secured.version() == "TLSv1.1"
    gateway.connections = 0
    with fresh(gateway.url, SSL_CERT_FILE=trusted) as function:
        assert "SSLError" in refused(function, gateway)


def test_authority_that_cannot_be_read_is_an_error_and_not_no_verification(
    serve: Serve, authority: CA, fresh: Environment, tmp_path: Path
) -> None:
    gateway = serve(certified(authority))
    (tmp_path / "empty.pem").write_text("")
    with (
        fresh(gateway.url, SSL_CERT_FILE=str(tmp_path / "empty.pem")) as function,
        pytest.raises(ssl.SSLError),
    ):
        function(record(message("P")))
    assert gateway.connections == 0


@pytest.mark.parametrize("end", [1, 4, 5, 6, 50, -1])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_record_that_began_behind_an_answer_is_not_the_next_payments_answer(
    version: ssl.TLSVersion,
    end: int,
    serve: Serve,
    authority: CA,
    trusted: str,
    fresh: Environment,
    aws: AwsDouble,
    signer: Signer,
) -> None:
    """Its rest would come with the next request, as a signed and whole S for it."""
    server = certified(authority)
    server.maximum_version = version
    gateway = serve(server)

    def answer(request: Request) -> list[Step]:
        whole = signer.answer(success(request.payment))
        if request.payment.startswith("first"):
            return [(whole, Part(signer.answer(success("stranger")), end))]
        return [signer.answer(UNKNOWN)]

    gateway.answer = answer
    first = [record(message(f"first-{number}")) for number in range(5)]
    second = [record(message(f"second-{number}")) for number in range(5)]
    with fresh(gateway.url, SSL_CERT_FILE=trusted) as function:
        assert function(*first) == []
        assert function(*second) == [one["messageId"] for one in second]
    assert all(detail["pspId"].startswith("first") for _, detail in aws.outcomes)
    assert len(gateway.requests) == 10
    assert gateway.connections >= 10
