"""The function in a container, against the stack of `make up`: what `sam local invoke` and
`sam local start-lambda` read, as `samconfig.toml` names it.

A container does not reach this host's loopback. Where the engine's bridge is an interface of this
host (Linux), the ports are forwarded from there (`python -m sandbox.stack.containers ADDRESS
PORT…`); elsewhere the engine gives the host a name.
"""

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.stack import build, processes
from sandbox.stack.directory import CONTAINERS
from sandbox.stack.environment import for_servers, for_tools
from sandbox.stack.lifecycle import Stack
from sandbox.stack.processes import Process

FUNCTION = "CancelPaymentFunction"
_NAMED_BY_THE_ENGINE = "host.docker.internal"


class NoEngine(Exception):
    """No container engine answers; the text says why."""


def prepare(stack: Stack) -> Process | None:
    """Write what SAM reads into the stack's directory; returns the forwarder, if one is needed.

    Raises
    ------
    NoEngine
        `sam local` cannot work here.
    ProcessFailed
        The ports cannot be forwarded.
    """
    bridge = _bridge()
    directory = stack.directory / CONTAINERS
    directory.mkdir()
    _copy_code(directory / "code")
    _write(stack, directory, bridge or _NAMED_BY_THE_ENGINE)
    if bridge is None:
        return None
    urls = [stack.cloud.endpoint_url, *([stack.gateway_url] if stack.stand_in else [])]
    return _forward(bridge, [str(urlsplit(url).port) for url in urls], stack.directory)


def _bridge() -> str | None:
    """The address of the engine's bridge, if it is one of this host."""
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env()
        settings = client.networks.get("bridge").attrs["IPAM"]["Config"]
        client.close()
    except DockerException as error:
        raise NoEngine("none answers") from error
    for address in (one.get("Gateway") for one in settings):
        try:
            with socket.create_server((address, 0)):
                return str(address)
        except (OSError, TypeError):
            continue
    return None


def _copy_code(target: Path) -> None:
    """A copy: the next `make build` empties the original under the container's feet."""
    if not build.NATIVE:
        shutil.copytree(build.TEMPLATE.parent / FUNCTION, target)
        return
    # What runs on this host does not run in Lambda's image.
    target.mkdir()
    subprocess.run(
        ["sh", "../build.sh"],
        cwd=build.ROOT / "packaging" / build.ARCHITECTURE,
        env=for_tools() | {"ARTIFACTS_DIR": str(target)},
        check=True,
    )


def _write(stack: Stack, directory: Path, host: str) -> None:
    """The function alone, as it is deployed, loopback being `host`."""
    functions = stack.cloud.client("lambda")
    deployed = functions.get_function_configuration(FunctionName=stack.function_name)
    variables = {
        **deployed["Environment"]["Variables"],
        **stack.cloud.variables,
        "AWS_SESSION_TOKEN": "",
        "AWS_ENDPOINT_URL": stack.cloud.endpoint_url.replace("127.0.0.1", host),
        "ALIPAY_GATEWAY_URL": stack.gateway_url.replace("127.0.0.1", host),
    }
    properties = {
        "CodeUri": "code",
        "Architectures": [build.ARCHITECTURE],
        # SAM sets only those variables that a template declares.
        "Environment": {"Variables": variables},
        **{name: deployed[name] for name in ("Handler", "Runtime", "MemorySize", "Timeout")},
    }
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {FUNCTION: {"Type": "AWS::Serverless::Function", "Properties": properties}},
    }
    (directory / "template.json").write_text(json.dumps(template, indent=2))
    # Again, because the variables of the person's shell win over a template's.
    (directory / "variables.json").write_text(json.dumps({FUNCTION: variables}, indent=2))


def _forward(bridge: str, ports: list[str], directory: Path) -> Process:
    log = directory / "forward.log"
    process = processes.start(
        [sys.executable, "-m", "sandbox.stack.containers", bridge, *ports],
        environment=for_servers(),
        directory=build.ROOT,
        log=log,
    )
    try:
        processes.wait_for_line(process, log, "forwarding")
    except BaseException:
        process.stop()
        raise
    return process


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
