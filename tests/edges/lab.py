"""What all scenarios share: certificates, keys, stand-ins over TLS whose logs outlive them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from trustme import CA

from sandbox.gateway import keys
from sandbox.stack import stand_in
from sandbox.stack.processes import Process
from sandbox.stack.stand_in import StandIn
from tests.support.aws import AwsDouble


@dataclass
class Backend:
    """A stand-in over TLS; `asked` are the payments of its requests, known beyond its death."""

    process: Process
    stand_in: StandIn
    asked: Counter[str] = field(default_factory=Counter)
    _next: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def port(self) -> int:
        return int(self.stand_in.url.rpartition(":")[2])

    def read(self) -> Counter[str]:
        with self._lock:
            if self.process.alive:
                requests, self._next = self.stand_in.requests(self._next)
                self.asked.update(one["paymentRequestId"] for one in requests)
            return self.asked.copy()

    def kill(self) -> None:
        self.read()
        with self._lock:
            os.kill(self.process.pid, signal.SIGKILL)
            assert self.process.child
            self.process.child.wait()


class Lab:
    """What all scenarios share: an authority, the keys of both sides, AWS.

    Parameters
    ----------
    home
        A directory of its own.
    """

    def __init__(self, home: Path, aws: AwsDouble) -> None:
        self.home, self.aws = home, aws
        shutil.rmtree(home, ignore_errors=True)
        keys.generate(home / "keys")
        self.secret = json.loads((home / "keys" / "secret.json").read_text())
        authority = CA()
        self.trusted = str(home / "authority.pem")
        authority.cert_pem.write_to_path(self.trusted)
        server = authority.issue_cert("127.0.0.1", "localhost")
        server.private_key_and_cert_chain_pem.write_to_path(str(home / "edge.pem"))
        # This process asks the stand-ins for their logs.
        os.environ["SSL_CERT_FILE"] = self.trusted

    @contextmanager
    def backend(self, latency_ms: int) -> Iterator[Backend]:
        """A stand-in on a port of its own."""
        log = self.home / f"stand-in-{uuid4().hex[:8]}.log"
        both = str(self.home / "edge.pem")
        tls = ("--certfile", both, "--keyfile", both)
        latency = ("--latency-ms", str(latency_ms))
        process = stand_in.start(self.home / "keys", log, *latency, *tls)
        try:
            yield Backend(process, stand_in.wait_until_ready(process, log))
        finally:
            process.stop()
