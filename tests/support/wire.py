"""What a raw server writes, step by step.

An answer is a list of steps. Bytes are sent in one write (one TCP segment, or one TLS record, if
they are short); a tuple is sent in one segment, each of its bytes as a TLS record of its own; a
number is a pause in seconds; a `Part` is the beginning of a TLS record, whose rest is sent before
the connection's next bytes; `FIN`, `CUT` and `RESET` close the connection; a function is called,
and the rest is left out if it says False. The end of the list leaves the connection open for the
next request.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from tests.support.tls import TlsConnection


class Close(Enum):
    """How a step ends the connection."""

    FIN = "in order"
    CUT = "without the alert by which TLS ends"
    RESET = "at once, and what was not yet read is lost"


FIN = Close.FIN
CUT = Close.CUT
RESET = Close.RESET


@dataclass(frozen=True)
class Part:
    """The record of `data`, up to `end` as a slice counts: -1 is all but its last byte.

    Where nothing is encrypted it is these bytes of `data` themselves, and no rest is sent.
    """

    data: bytes
    end: int


type Piece = bytes | Part | Close
type Step = bytes | float | Part | Close | tuple[Piece, ...] | Callable[[], bool]
type Connection = socket.socket | TlsConnection


def take(connection: Connection, step: Step) -> bool:
    """Whether the next step follows; a connection that is closed ends by its next read."""
    match step:
        case bytes() | Part() | Close():
            _send(connection, step)
        case tuple():
            _in_one_segment(connection, step)
        case float() | int():
            time.sleep(step)
        case _:
            return step()
    return True


def _send(connection: Connection, piece: Piece) -> None:
    match piece:
        case bytes():
            connection.sendall(piece)
        case Close():
            _close(connection, piece)
        case Part(data, end) if isinstance(connection, TlsConnection):
            connection.send_part(data, end)
        case Part(data, end):
            connection.sendall(data[:end])


def _in_one_segment(connection: Connection, pieces: Iterable[Piece]) -> None:
    """Hold the segment back until all is written (where the system can: on Linux)."""
    hold = getattr(socket, "TCP_CORK", None)
    if hold:
        connection.setsockopt(socket.IPPROTO_TCP, hold, 1)
    for piece in pieces:
        _send(connection, piece)
    if hold:
        connection.setsockopt(socket.IPPROTO_TCP, hold, 0)


def _close(connection: Connection, how: Close) -> None:
    if how is RESET:
        # Lingering for no time: what is unsent is dropped and the other side gets an RST.
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.close()
        return
    if how is FIN and isinstance(connection, TlsConnection):
        connection.unwrap()
    connection.shutdown(socket.SHUT_RDWR)
