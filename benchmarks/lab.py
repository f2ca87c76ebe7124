"""The laboratory of a run: an environment, copies of the builds, servers, processes under test.

Everything lies below `.sandbox/bench`. Builds are copied, so that a build made meanwhile does not
change them under the measurement.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sandbox.stack.build import DIRECTORY as BUILD
from sandbox.stack.build import ROOT

HOME = ROOT / ".sandbox" / "bench"
MATERIALS = HOME / "materials"
PYTHON = HOME / "environment" / "bin" / "python"
THIS = HOME / "this"
BEFORE = HOME / "before"
_PLACE = "us-east-1:123456789012"


@dataclass(frozen=True, slots=True)
class Sample:
    """One batch: its size, seconds by the clock, seconds of processor time, resident bytes."""

    size: int
    wall: float
    cpu: float
    rss: int


class Worker:
    """One process under test; see `benchmarks.worker`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._in: IO[str] = process.stdin  # type: ignore[assignment]
        self._out: IO[str] = process.stdout  # type: ignore[assignment]

    def run(self, size: int, *, collect: bool = True) -> Sample:
        """Run one batch of that size, by default after a full garbage collection."""
        self._in.write(f"{size} collect\n" if collect else f"{size}\n")
        line = self._out.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} has ended with {self._process.wait()}")
        return Sample(**json.loads(line))

    def warm(self, size: int) -> Sample:
        """Run one batch whose predecessor is not measured: connections are open and young."""
        self.run(size)
        return self.run(size)

    def stop(self) -> None:
        self._in.close()
        self._process.wait()
        self._out.close()


def prepare(before: Path | None) -> list[Path]:
    """The environment of the peers, and a copy of each build; returns the copies, this one first.

    Parameters
    ----------
    before
        Another build to measure beside the present one.
    """
    HOME.mkdir(parents=True, exist_ok=True)
    command = [ROOT / ".venv" / "bin" / "uv", "sync", "--quiet", "--frozen"]
    command += ["--only-group", "bench", "--compile-bytecode", "--python", sys.executable]
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(PYTHON.parent.parent)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    builds = {THIS: BUILD / "CancelPaymentFunction"} | ({BEFORE: before} if before else {})
    for copy, build in builds.items():
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(build, copy)
    return list(builds)


@dataclass(slots=True)
class Serving:
    """A gateway and an AWS that answer; `verified`: requests of the gateway, once all is over."""

    gateway_url: str
    aws_url: str
    verified: int = 0

    def environment(self, build: Path) -> dict[str, str]:
        """What the function sees when it is deployed, with this laboratory around it."""
        return {
            **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
            "PYTHONPATH": f"{build}{os.pathsep}{ROOT}",
            "SSL_CERT_FILE": str(MATERIALS / "authorities.pem"),
            "AWS_ENDPOINT_URL": self.aws_url,
            "AWS_ACCESS_KEY_ID": "benchmark",
            "AWS_SECRET_ACCESS_KEY": "benchmark",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "ALIPAY_GATEWAY_URL": self.gateway_url,
            "ALIPAY_CREDENTIALS_SECRET_ARN": f"arn:aws:secretsmanager:{_PLACE}:secret:b-AbCdEf",
            "PAYMENT_TIMEOUTS_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/q",
            "PAYMENT_TIMEOUTS_DLQ_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/d",
            "TRACKER_STATE_MACHINE_ARN": f"arn:aws:states:{_PLACE}:stateMachine:m",
            "OUTCOME_BUS_NAME": "outcomes",
            "POWERTOOLS_SERVICE_NAME": "cancel-payment",
            "POWERTOOLS_METRICS_NAMESPACE": "CancelPayment",
        }

    @contextmanager
    def workers(self, **kinds: tuple[str, Path]) -> Iterator[dict[str, Worker]]:
        """A process for each name: what it runs (see `benchmarks.worker`), on which build."""
        started: dict[str, Worker] = {}
        try:
            for name, (kind, build) in kinds.items():
                command = [str(PYTHON), "-W", "ignore::SyntaxWarning", "-m", "benchmarks.worker"]
                process = subprocess.Popen(
                    [*command, kind, str(MATERIALS), self.gateway_url],
                    env=self.environment(build),
                    cwd=HOME,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    bufsize=1,
                )
                started[name] = Worker(process)
            yield started
        finally:
            for worker in started.values():
                worker.stop()


@contextmanager
def serving(latency_ms: float) -> Iterator[Serving]:
    """Servers for as long as it lasts."""
    command = [sys.executable, "-m", "benchmarks.servers", str(MATERIALS), str(latency_ms)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        found = Serving(*json.loads(process.stdout.readline()))
        yield found
        found.verified = int(process.communicate(timeout=30)[0])
    finally:
        process.kill()
        process.wait()


def run_json(command: Sequence[str | Path], environment: dict[str, str]) -> dict[str, Any]:
    """The JSON object that a short process prints as its last line."""
    done = subprocess.run(
        command, env=environment, cwd=HOME, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command} ended with {done.returncode}:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
