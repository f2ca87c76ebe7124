"""A stand-in for the Alipay+ gateway: strict in what it accepts, as bad as asked in its answers.

`POST /aps/api/v1/payments/cancelPayment` is the real interface. The payment's id chooses what
happens to it (`sandbox.gateway.scenarios`); `/_sandbox/…` steers the stand-in and shows its log.
This module only starts and stops it.
"""

import argparse
import asyncio
import signal
import ssl
import sys
from pathlib import Path

from sandbox.gateway import admin, cancel_api
from sandbox.gateway.connection import Connection
from sandbox.gateway.state import GatewayState

BACKLOG = 2048


async def run(state: GatewayState, host: str, port: int, tls: ssl.SSLContext | None) -> None:
    """Serve until a signal asks for the end; what is under way then is cut off."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer)
        async for request in connection.requests():
            half = admin if request.path.startswith(admin.PREFIX) else cancel_api
            await half.serve(state, request, connection)

    server = await asyncio.start_server(connected, host, port, ssl=tls, backlog=BACKLOG)
    host, port = server.sockets[0].getsockname()[:2]
    scheme = "https" if tls else "http"
    print(f"listening on {scheme}://{f'[{host}]' if ':' in host else host}:{port}", flush=True)
    async with server:
        await stopped.wait()
        server.close()
        server.abort_clients()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.gateway", description=__doc__)
    keys = "gateway.json of sandbox.gateway.keys"
    parser.add_argument("--config", type=Path, required=True, help=keys)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True, help="0 picks a free one")
    parser.add_argument("--latency-ms", type=int, default=0, help="how long each answer takes")
    parser.add_argument("--certfile", help="serve by TLS, with this certificate (PEM)")
    parser.add_argument("--keyfile", help="and this key (PEM)")
    return parser.parse_args()


def main() -> int:
    options = _arguments()
    try:
        state = GatewayState(options.config, options.latency_ms)
    except ValueError as fault:
        print(f"{fault}: run python -m sandbox.gateway.keys DIR", file=sys.stderr)
        return 2
    tls = None
    if options.certfile:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(options.certfile, options.keyfile)
    asyncio.run(run(state, options.host, options.port, tls))
    return 0


if __name__ == "__main__":
    sys.exit(main())
