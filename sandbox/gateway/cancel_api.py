"""The one real interface of the stand-in, from the request's bytes to the answer's.

Received, logged, checked, decided, answered, delivered, in that order; how each is done stands
in the module of its name.
"""

import asyncio

from sandbox.gateway import answers, clock
from sandbox.gateway.behaviour import SILENT, Behaviour, Delivery, Signer, result
from sandbox.gateway.checks import HTTP_STATUS, IDS, UNSIGNED, Refusal, check, is_from_client
from sandbox.gateway.connection import Connection, Received
from sandbox.gateway.request_log import Entry, new_entry, result_of, shown, shown_body
from sandbox.gateway.state import GatewayState, Payment


async def serve(state: GatewayState, request: Received, connection: Connection) -> None:
    """Answer a request as Alipay+ would, or would not."""
    entry = new_entry(request)
    state.log.add(entry)
    payment, behaviour = _judge(state, request, entry)
    await asyncio.sleep(behaviour.delay)
    if payment and behaviour.cancels:
        payment.cancelled_at = payment.cancelled_at or clock.now()
    answer = answers.make(behaviour, request.method, request.path, state.keys, connection.origin)
    await asyncio.sleep(state.latency_ms / 1000)
    if connection.gone and behaviour.delivery is Delivery.WHOLE:
        entry |= {"answer": "late", "endedAt": clock.log_form(clock.now())}
        return
    await _deliver(answer, behaviour, connection, entry)


def _judge(
    state: GatewayState, request: Received, entry: Entry
) -> tuple[Payment | None, Behaviour]:
    try:
        ids = check(request, state.keys)
    except Refusal as refusal:
        entry["scenario"] = "REFUSED"
        return None, _refusal(refusal, is_from_client(request, state.keys))
    request_id, payment_id = (ids.get(name) for name in IDS)
    payment = state.ledger.open(request_id, payment_id)
    payment.attempts += 1
    entry["attempt"] = payment.attempts
    asked_id = request_id or payment_id or ""
    entry["scenario"], behaviour = state.decide(payment, asked_id, clock.now())
    return payment, behaviour


def _refusal(refusal: Refusal, client_known: bool) -> Behaviour:
    signed = client_known and refusal.code not in UNSIGNED
    return Behaviour(
        does=refusal.rule,
        body=result("F", refusal.code, refusal.rule),
        http_status=HTTP_STATUS[refusal.code],
        signer=Signer.ALIPAY if signed else Signer.NOBODY,
        headers=(("allow", "POST"),) if refusal.code == "METHOD_NOT_SUPPORTED" else (),
    )


async def _deliver(
    answer: answers.Answer,
    behaviour: Behaviour,
    connection: Connection,
    entry: Entry,
) -> None:
    status, code = result_of(answer.body)
    silent = behaviour.delivery in SILENT
    if not silent:
        entry |= {"httpStatus": answer.status, "resultStatus": status, "resultCode": code}
        entry["responseHeaders"] = shown(answer.headers)
        entry["responseBody"] = shown_body(answer.body)
    whole = behaviour.delivery is Delivery.WHOLE
    if whole:
        # Written down before the bytes go out: who has the answer can rely on the log.
        _close(entry, behaviour.signer.value, complete=True)
    complete = await answers.deliver(answer, behaviour.delivery, connection)
    if not whole:
        broken_off = "none" if silent else "incomplete"
        label = behaviour.signer.value if complete else broken_off
        _close(entry, label, complete=complete)


def _close(entry: Entry, label: str, *, complete: bool) -> None:
    entry["answer"] = label
    entry["endedAt"] = clock.log_form(clock.now())
    if complete:
        entry["answeredAt"] = entry["endedAt"]
