"""A stand-in for the Alipay+ gateway: strict in what it accepts, as bad as asked in its answers.

`POST /aps/api/v1/payments/cancelPayment` is the real interface. The payment's id chooses what
happens to it (`sandbox.gateway.scenarios`); `/_sandbox/…` steers the stand-in and shows its log.
This module only starts and stops it.
"""

import argparse
import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from sandbox.gateway.admin import Admin
from sandbox.gateway.cancel_api import CancelApi
from sandbox.gateway.connection import TransportH11Protocol
from sandbox.gateway.state import GatewayState

# Longer than clients keep an idle connection, so that they and not the stand-in close it.
KEEP_ALIVE_SECONDS = 75
# For requests that are still being answered when the stand-in is stopped.
STOP_SECONDS = 2


def application(state: GatewayState) -> Starlette:
    """Put the two halves under their paths: what is not `/_sandbox` is the real interface."""
    admin = Admin(state)
    return Starlette(
        routes=[
            Mount("/_sandbox", routes=admin.routes),
            Route("/{path:path}", CancelApi(state)),
        ],
        exception_handlers=admin.exception_handlers,
    )


class Server(uvicorn.Server):
    """uvicorn's server, which says on which port it listens and stops without an error."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        scheme = "https" if self.config.is_ssl else "http"
        print(f"listening on {scheme}://{f'[{host}]' if ':' in host else host}:{port}", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for task in list(self.server_state.tasks):
            task.cancel()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises the signal again once it has stopped; here a signal is a normal end.
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.gateway", description=__doc__)
    parser.add_argument(
        "--config", type=Path, required=True, help="gateway.json of sandbox.gateway.keys"
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True, help="0 picks a free one")
    parser.add_argument("--latency-ms", type=int, default=0, help="how long each answer takes")
    parser.add_argument("--clock-skew-seconds", type=float, default=600)
    parser.add_argument("--certfile", help="serve by TLS, with this certificate (PEM)")
    parser.add_argument("--keyfile", help="and this key (PEM)")
    return parser.parse_args()


def main() -> int:
    options = _arguments()
    skew = timedelta(seconds=options.clock_skew_seconds)
    try:
        state = GatewayState(options.config, options.latency_ms, skew)
    except ValueError as fault:
        print(f"{fault}: run python -m sandbox.gateway.keys DIR", file=sys.stderr)
        return 2
    config = uvicorn.Config(
        application(state),
        host=options.host,
        port=options.port,
        http=TransportH11Protocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="error",
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        ssl_certfile=options.certfile,
        ssl_keyfile=options.keyfile,
    )
    Server(config).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
