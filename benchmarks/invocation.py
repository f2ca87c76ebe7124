"""Whole invocations through the real runtime interface, one at a time, effects included.

The emulator is the one in the SAM CLI package; it starts `awslambdaric` on the artifact. A handler
that does nothing goes the same way, so that what the emulator itself takes is known.
"""

from __future__ import annotations

import http.client
import json
import os
import platform
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import samcli.local

from benchmarks.event import event
from benchmarks.figures import Figure, Target
from benchmarks.lab import HOME, Lab
from sandbox.processes import free_port

LATENCY_MS = 100
_PATH = "/2015-03-31/functions/function/invocations"
_NOTHING = "def handler(event, context):\n    return {'batchItemFailures': []}\n"


@dataclass(slots=True)
class Invocations:
    """Seconds by the clock of each invocation; empty where there is no emulator."""

    function: list[float] = field(default_factory=list)
    nothing: list[float] = field(default_factory=list)


def measure(lab: Lab, rounds: int) -> Invocations:
    found = Invocations()
    (HOME / "nothing.py").write_text(_NOTHING)
    with (
        lab.serving(LATENCY_MS) as serving,
        _emulator(serving, "cancel_payment.app.lambda_handler", lab.artifact) as function,
        _emulator(serving, "nothing.handler", HOME) as nothing,
    ):
        for round_ in range(rounds + 3):
            took = _invoke(function, round_), _invoke(nothing, round_)
            if round_ >= 3:
                found.function.append(took[0])
                found.nothing.append(took[1])
    return found


def targets(found: Invocations) -> list[Target]:
    """The target of this part; the emulator's own share is not taken off."""
    if not found.function:
        return []
    over = Figure.of(wall * 1000 - LATENCY_MS for wall in found.function)
    name = "whole invocation, batch of 10, above the gateway's latency"
    cause = "*Batches* shows what of it are the effects, the log and the metrics."
    return [Target(name, over, 25, " ms", cause=cause)]


def _invoke(port: int, round_: int) -> float:
    body = json.dumps(event([f"invocation-{round_}-{index}" for index in range(10)]))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    began = time.perf_counter()
    connection.request("POST", _PATH, body)
    answer = connection.getresponse().read()
    took = time.perf_counter() - began
    connection.close()
    if json.loads(answer) != {"batchItemFailures": []}:
        raise RuntimeError(f"the invocation failed: {answer[:500]!r}")
    return took


@contextmanager
def _emulator(lab: Lab, handler: str, task_root: Path) -> Iterator[int]:
    machine = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    binary = Path(samcli.local.__path__[0]) / "rapid" / f"aws-lambda-rie-{machine}"
    own = HOME / binary.name
    if not own.exists():
        own.write_bytes(binary.read_bytes())
        own.chmod(0o755)
    port, api = free_port(), free_port()
    log = (HOME / f"emulator-{handler}.log").open("wb")
    process = subprocess.Popen(
        [
            *(own, "--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
            *("--runtime-api-address", f"127.0.0.1:{api}", "--log-level", "error"),
            *(str(lab.python), "-m", "awslambdaric", handler),
        ],
        env={
            **lab.function_environment,
            "PYTHONPATH": str(task_root),
            "LAMBDA_TASK_ROOT": str(task_root),
            "AWS_LAMBDA_FUNCTION_NAME": "CancelPaymentFunction",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "30",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
        },
        cwd=task_root,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        _wait_for(port)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        log.close()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 15
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the emulator of the runtime interface did not come up")
