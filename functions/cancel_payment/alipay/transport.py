"""One connection to the gateway, one request at a time, each under one deadline.

It stands on h11 over a socket, and not on httpcore: what has to hold here (every byte of the
request before the first of the answer, a connection used again only after exactly one answer, one
deadline over look-up, addresses, TLS, writing and reading) is then said in the order in which it
happens, and can be checked by reading.

An answer belongs to the request that it followed; nothing in it names the payment. So whatever came
that was not asked for ends the connection before the next request is written.
"""

from __future__ import annotations

import re
import socket
import ssl
from typing import Final

import h11
import httpx

from cancel_payment.alipay.addresses import Addresses, kind_of, seconds_left
from cancel_payment.alipay.tls import are_whole_records
from cancel_payment.clock import Clock, Deadline

MAX_ANSWER_BYTES: Final = 64 * 1024

# The answer's head and the framing of its chunks come on top. Parsing costs processor time that
# the calls beside this one need.
_MAX_WIRE_BYTES: Final = 2 * MAX_ANSWER_BYTES
_READ_BYTES: Final = 16 * 1024

# Servers close idle connections, and an execution environment that was frozen did not see it. A
# connection idle for longer than this is not trusted; a new one costs two or three round trips.
_MAX_IDLE_SECONDS: Final = 4.0

# All other headers decide nothing, whatever their form. httpx would build a redirect from Location
# even when it is not to follow it, decode by Content-Encoding, keep what Set-Cookie says.
_SIGNED_CONTENT: Final = {b"signature", b"client-id", b"response-time"}
_FRAMING: Final = {b"content-length", b"transfer-encoding", b"connection"}
_END_OF_LINE: Final = re.compile(rb"\r?\n")
_END_OF_HEAD: Final = re.compile(rb"\r?\n\r?\n")


class AnswerTooLongError(httpx.TransportError):
    """More bytes came than may be read."""


class Transport(httpx.BaseTransport):
    """An httpx transport for one thread and one host: a single connection, kept alive.

    A request brings its `Deadline` as the extension ``deadline``. Answers come back whole, with
    the headers of the signed content and no others.
    """

    def __init__(self, addresses: Addresses, clock: Clock) -> None:
        self._addresses = addresses
        self._clock = clock
        self._socket: socket.socket | None = None
        self._used_at = clock.now()

    def open(self, deadline: Deadline) -> None:
        """See to it that there is a connection on which a request can be written.

        Raises
        ------
        httpx.ConnectError, httpx.ConnectTimeout
            No address of the host gives one in time.
        """
        # The wall clock: a frozen environment's monotonic clock may stand still.
        idle = (self._clock.now() - self._used_at).total_seconds()
        if self._socket is not None and 0 <= idle <= _MAX_IDLE_SECONDS and self._is_silent():
            return
        self.close()
        self._socket = self._addresses.connect(deadline)
        self._used_at = self._clock.now()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Write the whole request, then read exactly one answer.

        Raises
        ------
        httpx.TransportError
            There is no whole answer; the connection is closed.
        """
        deadline: Deadline = request.extensions["deadline"]
        keep = False
        try:
            answer, body, keep = self._exchange(request, deadline)
        except h11.RemoteProtocolError as error:
            raise httpx.RemoteProtocolError("the answer is not HTTP/1.1") from error
        except TimeoutError as error:
            raise httpx.ReadTimeout("no whole answer in time") from error
        except OSError as error:
            raise httpx.ReadError(kind_of(error)) from error
        finally:
            self._used_at = self._clock.now()
            if not keep:
                self.close()
        headers = [header for header in answer.headers if header[0] in _SIGNED_CONTENT]
        return httpx.Response(answer.status_code, headers=headers, content=body)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _exchange(
        self, request: httpx.Request, deadline: Deadline
    ) -> tuple[h11.Response, bytes, bool]:
        """The answer, its body, and whether the connection may be used again."""
        if self._socket is None or not self._is_silent():
            raise httpx.WriteError("the connection ended before the request was written")
        wire = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_WIRE_BYTES)
        head = h11.Request(
            method=request.method, target=request.url.raw_path, headers=request.headers.raw
        )
        parts = (head, h11.Data(data=request.read()), h11.EndOfMessage())
        unsent = memoryview(b"".join(wire.send(part) or b"" for part in parts))
        while unsent:
            self._socket.settimeout(seconds_left(deadline))
            unsent = unsent[self._socket.send(unsent) :]
        answer: h11.Response | None = None
        body, received, interim = bytearray(), 0, False
        came = b""
        while True:
            event = wire.next_event()
            if event is h11.NEED_DATA:
                in_head = wire.their_state is h11.SEND_RESPONSE
                if in_head and (end := _END_OF_HEAD.search(came)):
                    wire.receive_data(_head_that_is_read(came[: end.start()]))
                    came = came[end.end() :]
                elif came and not in_head:
                    wire.receive_data(came)
                    came = b""
                else:
                    self._socket.settimeout(seconds_left(deadline))
                    data = self._socket.recv(_READ_BYTES)
                    received += len(data)
                    came += data
                    if not data:
                        wire.receive_data(b"")
            elif isinstance(event, h11.Response):
                answer = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage) and answer is not None:
                break
            elif isinstance(event, h11.InformationalResponse):
                interim = True
            else:
                raise httpx.RemoteProtocolError("the connection ended before the answer did")
            if len(body) > MAX_ANSWER_BYTES or received > _MAX_WIRE_BYTES:
                raise AnswerTooLongError(f"the answer is longer than {MAX_ANSWER_BYTES} bytes")
        alone = not interim and not came and wire.trailing_data == (b"", False)
        whole = wire.our_state is h11.DONE and wire.their_state is h11.DONE
        return answer, bytes(body), whole and alone

    def _is_silent(self) -> bool:
        """Nothing has come on the kept connection: no surplus bytes, and not its end."""
        assert self._socket is not None
        self._socket.settimeout(0)
        try:
            # Below TLS: the beginning of a record is no plaintext yet, but it has come.
            came = socket.socket.recv(self._socket, _READ_BYTES, socket.MSG_PEEK)
        except BlockingIOError:
            return not isinstance(self._socket, ssl.SSLSocket) or self._socket.pending() == 0
        except OSError:
            return False
        if not isinstance(self._socket, ssl.SSLSocket) or not are_whole_records(came):
            return False
        try:
            self._socket.recv(1)  # takes the records that hold no plaintext, such as tickets
        except ssl.SSLWantReadError:
            return True
        except OSError:
            pass
        return False


def _head_that_is_read(head: bytes) -> bytes:
    """The status line, the headers of framing and those of the signed content."""
    status, *lines = _END_OF_LINE.split(head)
    read = _FRAMING | _SIGNED_CONTENT
    kept = [line for line in lines if line.partition(b":")[0].lower() in read]
    return b"\r\n".join([status, *kept, b"", b""])
