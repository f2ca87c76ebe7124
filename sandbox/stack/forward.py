"""Ports of loopback, reachable from the containers of this host and from nowhere else:
`python -m sandbox.stack.forward ADDRESS PORT…`."""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable


async def forward(address: str, ports: list[int]) -> None:
    """Listen on these ports of an address, pass all on to the same ports of loopback."""
    servers = [await asyncio.start_server(_to(port), address, port) for port in ports]
    print("forwarding", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


def _to(port: int) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, there[1]), _copy(there[0], writer))

    return connected


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


if __name__ == "__main__":
    asyncio.run(forward(sys.argv[1], [int(port) for port in sys.argv[2:]]))
