"""The laboratory of one run: an environment, a copy of the artifact, servers, processes under test.

Everything lies below `.sandbox/bench`. The artifact is copied, so that a build made meanwhile does
not change it under the measurement.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import certifi

from benchmarks import materials
from sandbox.build import DIRECTORY as BUILD
from sandbox.build import ROOT

HOME = ROOT / ".sandbox" / "bench"


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


@dataclass(frozen=True, slots=True)
class Lab:
    """What a measurement needs to know."""

    python: Path
    artifact: Path
    materials: Path
    gateway_url: str
    aws_url: str
    control_url: str

    @property
    def function_environment(self) -> dict[str, str]:
        """What the function sees when it is deployed, with this laboratory around it."""
        return {
            **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
            "PYTHONPATH": f"{self.artifact}{os.pathsep}{ROOT}",
            "SSL_CERT_FILE": str(self.materials / "authorities.pem"),
            "AWS_ENDPOINT_URL": self.aws_url,
            "AWS_ACCESS_KEY_ID": "benchmark",
            "AWS_SECRET_ACCESS_KEY": "benchmark",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "ALIPAY_GATEWAY_URL": self.gateway_url,
            "ALIPAY_CREDENTIALS_SECRET_ARN": (
                "arn:aws:secretsmanager:us-east-1:123456789012:secret:benchmark-AbCdEf"
            ),
            "PAYMENT_TIMEOUTS_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/q",
            "PAYMENT_TIMEOUTS_DLQ_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/dlq",
            "TRACKER_STATE_MACHINE_ARN": "arn:aws:states:us-east-1:123456789012:stateMachine:m",
            "OUTCOME_BUS_NAME": "outcomes",
            "POWERTOOLS_SERVICE_NAME": "cancel-payment",
            "POWERTOOLS_METRICS_NAMESPACE": "CancelPayment",
            "POWERTOOLS_LOG_LEVEL": "INFO",
        }

    @contextmanager
    def workers(self, *kinds: str) -> Iterator[dict[str, Worker]]:
        """A process for each kind of client."""
        started: dict[str, Worker] = {}
        try:
            for kind in kinds:
                command = [str(self.python), "-W", "ignore::SyntaxWarning", "-m"]
                command += ["benchmarks.worker", kind, str(self.materials), self.gateway_url]
                started[kind] = Worker(
                    subprocess.Popen(
                        command,
                        env=self.function_environment,
                        cwd=HOME,
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        text=True,
                        bufsize=1,
                    )
                )
            yield started
        finally:
            for worker in started.values():
                worker.stop()

    def arrived(self) -> dict[str, Any]:
        """What the gateway got since it was last asked."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.control_url, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    @classmethod
    def prepare(cls, built: Path | None = None) -> Self:
        """The environment, the artifact and the keys; no server yet."""
        HOME.mkdir(parents=True, exist_ok=True)
        environment = HOME / "environment"
        uv = ROOT / ".venv" / "bin" / "uv"
        subprocess.run(
            [
                *(uv, "sync", "--quiet", "--frozen", "--only-group", "bench"),
                *("--compile-bytecode", "--python", sys.executable),
            ],
            cwd=ROOT,
            env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(environment)},
            check=True,
        )
        artifact = HOME / "artifact"
        shutil.rmtree(artifact, ignore_errors=True)
        shutil.copytree(built or BUILD / "CancelPaymentFunction", artifact)
        made = HOME / "materials"
        materials.make(made, Path(certifi.where()))
        return cls(environment / "bin" / "python", artifact, made, "", "", "")

    @contextmanager
    def serving(self, latency_ms: float, *, plain: bool = False) -> Iterator[Lab]:
        """The same laboratory with a gateway and an AWS that answer."""
        command = [sys.executable, "-m", "benchmarks.servers", str(self.materials)]
        command += ["--latency-ms", str(latency_ms), *(["--plain"] if plain else [])]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            gateway, aws, control = json.loads(process.stdout.readline())
            scheme = "http" if plain else "https"
            yield Lab(
                self.python,
                self.artifact,
                self.materials,
                f"{scheme}://127.0.0.1:{gateway}",
                f"http://127.0.0.1:{aws}",
                f"http://127.0.0.1:{control}",
            )
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


def run_json(command: Sequence[str | Path], environment: dict[str, str]) -> dict[str, Any]:
    """The JSON object that a short process prints as its last line."""
    done = subprocess.run(
        command, env=environment, cwd=HOME, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command} ended with {done.returncode}:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
