"""One connection per thread, kept alive; one request on the wire per attempt; no redirects."""

from __future__ import annotations

import threading

from cancel_payment.credentials import Credentials

from tests.wire.conftest import SUCCESS, MakePeer, gateway_at, payment
from tests.wire.peer import HANG_UP, Received, Signer, Step


def test_one_thread_uses_one_connection_for_all_its_attempts(
    peer: MakePeer, signer: Signer, credentials: Credentials
) -> None:
    listener = peer(signer.answer(SUCCESS))
    gateway = gateway_at(listener.url)
    assert [gateway.cancel(payment(), credentials).status for _ in range(4)] == ["S"] * 4
    assert (listener.connections, len(listener.requests)) == (1, 4)


def test_failed_answers_do_not_cost_the_connection(
    peer: MakePeer, signer: Signer, credentials: Credentials
) -> None:
    listener = peer(signer.answer(b"{}", status=500, without="signature"))
    gateway = gateway_at(listener.url)
    assert [gateway.cancel(payment(), credentials).status for _ in range(3)] == ["U"] * 3
    assert listener.connections == 1


def test_each_thread_has_a_connection_of_its_own(
    peer: MakePeer, signer: Signer, credentials: Credentials
) -> None:
    both_asked = threading.Barrier(2, timeout=5)

    def answer(_: Received) -> list[Step]:
        both_asked.wait()
        return signer.answer(SUCCESS)

    listener, results = peer(answer), list[str]()
    gateway = gateway_at(listener.url)
    threads = [
        threading.Thread(
            target=lambda: results.append(gateway.cancel(payment(), credentials).status)
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (results, listener.connections) == (["S", "S"], 2)


def test_connection_that_drops_after_the_request_is_not_asked_again(
    peer: MakePeer, credentials: Credentials
) -> None:
    listener = peer([HANG_UP])
    assert gateway_at(listener.url).cancel(payment(), credentials).status == "U"
    assert len(listener.requests) == 1


def test_kept_connection_that_drops_after_the_request_is_not_asked_again(
    peer: MakePeer, signer: Signer, credentials: Credentials
) -> None:
    answers = iter([signer.answer(SUCCESS), [HANG_UP], signer.answer(SUCCESS)])
    listener = peer(lambda _: next(answers))
    gateway = gateway_at(listener.url)
    assert [gateway.cancel(payment(), credentials).status for _ in range(3)] == ["S", "U", "S"]
    assert len(listener.requests) == 3


def test_connection_that_the_server_closed_meanwhile_is_replaced(
    peer: MakePeer, signer: Signer, credentials: Credentials
) -> None:
    listener = peer([*signer.answer(SUCCESS), HANG_UP])
    gateway = gateway_at(listener.url)
    assert gateway.cancel(payment(), credentials).status == "S"
    threading.Event().wait(0.1)
    assert gateway.cancel(payment(), credentials).status == "S"
    assert (listener.connections, len(listener.requests)) == (2, 2)


def test_redirect_is_not_followed(peer: MakePeer, signer: Signer, credentials: Credentials) -> None:
    elsewhere = peer(signer.answer(SUCCESS))
    for status in (301, 302, 303, 307, 308):
        headers = {"location": f"{elsewhere.url}/aps/api/v1/payments/cancelPayment"}
        answer = signer.answer(b"", status=status, without="signature", **headers)
        assert gateway_at(peer(answer).url).cancel(payment(), credentials).status == "U"
    assert elsewhere.requests == []


def test_cookie_of_an_answer_reaches_no_other_call(
    peer: MakePeer, signer: Signer, credentials: Credentials
) -> None:
    listener = peer(signer.answer(SUCCESS, **{"set-cookie": "session=1; Path=/"}))
    gateway = gateway_at(listener.url)
    assert [gateway.cancel(payment(), credentials).status for _ in range(2)] == ["S"] * 2
    assert [request.values("Cookie") for request in listener.requests] == [[], []]
