"""The stand-in for Alipay+ seen from outside: its process, its keys, and its `/_sandbox` paths."""

import json
import sys
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.stack import processes
from sandbox.stack.build import ROOT
from sandbox.stack.environment import for_servers
from sandbox.stack.processes import Process

_LISTENING = "listening on "


@dataclass(frozen=True, slots=True)
class StandIn:
    """One stand-in, known by its URL."""

    url: str

    def requests(self, since: int = 0, **ids: str) -> tuple[list[dict[str, Any]], int]:
        """The requests that came from index `since` on, and the index to go on with.

        Parameters
        ----------
        ids
            `paymentRequestId` or `paymentId`, to see those of one payment.
        """
        query = urllib.parse.urlencode({"since": since, **ids})
        answer = self._call(f"/_sandbox/requests?{query}")
        return answer["requests"], answer["next"]

    def register(self, payment: Mapping[str, str]) -> None:
        """Tell it of a payment's initiation, from which it knows the cancel window."""
        names = ("paymentRequestId", "paymentId")
        body: dict[str, Any] = {name: payment[name] for name in names if name in payment}
        self._call("/_sandbox/payments", body | {"initiatedAt": payment["paymentCreateTime"]})

    def set_mode(self, mode: str, **more: int) -> None:
        """Change what it does with every payment, as in an outage; `normal` ends it.

        `latencyMs` may be given with it.
        """
        self._call("/_sandbox/mode", {"mode": mode, **more})

    def _call(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as response:
            answer: dict[str, Any] = json.load(response)
            return answer


def start(
    keys: Path, log: Path, *options: str, more_environment: Mapping[str, str] | None = None
) -> Process:
    """Start a stand-in with the keys in this directory; it is not ready yet."""
    config = str(keys / "gateway.json")
    return processes.start(
        [sys.executable, "-m", "sandbox.gateway", "--port", "0", "--config", config, *options],
        environment={
            **for_servers(),
            "PYTHONUNBUFFERED": "1",
            **(more_environment or {}),
        },
        directory=ROOT,
        log=log,
    )


def wait_until_ready(process: Process, log: Path) -> StandIn:
    """Wait for the line with its address.

    Raises
    ------
    ProcessFailed
        It has ended, or does not listen in time.
    """
    line = processes.wait_for_line(process, log, _LISTENING)
    return StandIn(line.removeprefix(_LISTENING).strip())
