"""From a behaviour to bytes: an answer is made and signed, then delivered as well or as badly as
the behaviour says. What is answered is decided elsewhere.
"""

import asyncio
import contextlib
from dataclasses import dataclass

from sandbox.gateway import clock
from sandbox.gateway.behaviour import Behaviour, Delivery, Signer
from sandbox.gateway.connection import Connection, head
from sandbox.gateway.signatures import Keys, signature_header, signed_content

OTHER_CLIENT_ID = "SANDBOX_SOMEBODY_ELSE"
HOLD_SECONDS = 60
_WHITE_SPACE = b" " * 16 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is ready to be sent."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def make(behaviour: Behaviour, method: str, path: str, keys: Keys, origin: str) -> Answer:
    """Make and sign the answer to a request of that method and path.

    `origin` is the stand-in itself under its other name, for answers that point elsewhere.
    The signature covers the bytes that are sent, the client id and the time as their headers say
    them. Source: docs.alipayplus.com/alipayplus/alipayplus/api_acq (signature).
    """
    body = behaviour.body
    if behaviour.page:
        media = [("content-type", "text/html; charset=utf-8")]
        return Answer(behaviour.http_status, [*media, *_own(behaviour, body, origin)], body)
    time = clock.wire_form(clock.now())
    other = behaviour.signer is Signer.FOR_ANOTHER_CLIENT
    client_id = OTHER_CLIENT_ID if other else keys.client_id
    headers = [
        ("content-type", "application/json; charset=UTF-8"),
        ("client-id", client_id),
        ("response-time", time),
    ]
    if behaviour.signer is not Signer.NOBODY:
        forged = behaviour.signer is Signer.ANOTHER_KEY
        content = signed_content(method, path, client_id, time, body)
        key = keys.forger if forged else keys.private_key
        headers.append(("signature", signature_header(key, keys.key_version, content)))
    if behaviour.signer is Signer.CHANGED_AFTERWARDS:
        # One letter of resultMessage: the rest still reads as a success.
        body = body.replace(b'"resultMessage":"s', b'"resultMessage":"S')
    return Answer(behaviour.http_status, [*headers, *_own(behaviour, body, origin)], body)


def _own(behaviour: Behaviour, body: bytes, origin: str) -> list[tuple[str, str]]:
    endless = behaviour.delivery is Delivery.ENDLESS
    length = [] if endless else [("content-length", str(len(body)))]
    own = [(name, value.replace("{origin}", origin)) for name, value in behaviour.headers]
    return [*length, *own]


async def deliver(answer: Answer, delivery: Delivery, connection: Connection) -> bool:
    """Send the answer as the behaviour says.

    Returns
    -------
    bool
        Whether the client was sent all of it, to its last byte.
    """
    match delivery:
        case Delivery.WHOLE:
            await connection.start(answer.status, answer.headers)
            await connection.body(answer.body)
            return True
        case Delivery.HELD:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(connection.left(), HOLD_SECONDS)
            connection.drop()
        case Delivery.DROPPED:
            connection.drop()
        case Delivery.RESET:
            connection.reset()
        case Delivery.TRUNCATED:
            half = answer.body[: len(answer.body) // 2]
            await connection.write(head(answer.status, answer.headers), half)
            connection.close()
        case Delivery.ENDLESS:
            await connection.start(answer.status, answer.headers)
            await connection.body(answer.body, more=True)
            while not connection.gone:
                await connection.body(_WHITE_SPACE, more=True)
                # Fast, but the other connections have their turn.
                await asyncio.sleep(0.001)
        case Delivery.DRIPPED:
            await connection.start(answer.status, answer.headers)
            for last, byte in enumerate(answer.body, start=1 - len(answer.body)):
                await connection.body(bytes([byte]), more=bool(last))
                if last and await _left_within_a_second(connection):
                    return False
            return True
        case Delivery.DRIPPED_FROM_THE_HEAD:
            for byte in head(answer.status, answer.headers) + answer.body:
                await connection.write(bytes([byte]))
                if await _left_within_a_second(connection):
                    return False
            connection.close()
            return True
    return False


async def _left_within_a_second(connection: Connection) -> bool:
    await asyncio.sleep(1)
    return connection.gone
