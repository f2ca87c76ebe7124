"""The real stack for a run, with the two relays in the function's lines."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.stack import build, deploy
from sandbox.stack.lifecycle import LOCAL_PARAMETERS, Stack
from tests.faults.plan import GATEWAY_TIMEOUT_SECONDS, VISIBILITY_SECONDS

ROOT = build.ROOT
# A payment handed to the tracker is tried again after 2 to 8 s here, not after 30 s to 15 min.
_PARAMETERS = {
    **LOCAL_PARAMETERS,
    "SlowRetryInitialSeconds": "4",
    "SlowRetryMaxSeconds": "8",
    "GatewayTimeoutSeconds": str(GATEWAY_TIMEOUT_SECONDS),
}

type Change = Callable[[Path], None]
"""What a run does to its copy of the function's code."""


@dataclass(frozen=True)
class Deployed:
    """A running stack, and what it was deployed from."""

    stack: Stack
    template: Path
    gateway_url: str

    def deploy_again(self) -> None:
        """Deploy a new version of the function, as `sam deploy` does after a change.

        Raises
        ------
        RuntimeError
            No new version was published.
        """
        stack, before = self.stack, self._version()
        parameters = {
            **_PARAMETERS,
            "SlowRetryMaxSeconds": "9",
            "GatewayUrl": self.gateway_url,
            "CredentialsSecretArn": stack.secret_arn,
        }
        deploy.deploy(stack.cloud, self.template, stack.name, parameters, stack.directory)
        self.shorten_visibility()
        if self._version() == before:
            raise RuntimeError("the deployment published no new version")

    def shorten_visibility(self) -> None:
        self.stack.cloud.client("sqs").set_queue_attributes(
            QueueUrl=self.stack.queue_url,
            Attributes={"VisibilityTimeout": str(VISIBILITY_SECONDS)},
        )

    def _version(self) -> str:
        """The version of the function that the alias points to."""
        alias = self.stack.cloud.client("lambda").get_alias(
            FunctionName=self.stack.function_name, Name="live"
        )
        return str(alias["FunctionVersion"])


@contextmanager
def deployed(
    name: str, gateway_url: str, environment: Mapping[str, str], change: Change | None = None
) -> Iterator[Deployed]:
    """Deploy the stack; its function asks these for Alipay+ and for AWS."""
    home = ROOT / ".sandbox" / f"{name}-artifact"
    parameters = _PARAMETERS | {"GatewayUrl": gateway_url}
    try:
        template = build.build()
        if change is not None:
            template = _copy(home)
            change(template.parent / "CancelPaymentFunction")
        with Stack.start(
            name, parameters=parameters, template=template, environment=environment
        ) as stack:
            found = Deployed(stack, template, gateway_url)
            found.shorten_visibility()
            yield found
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _copy(home: Path) -> Path:
    """Copy the artifact; the template names the state machine by a path relative to itself."""
    shutil.rmtree(home, ignore_errors=True)
    # Another command may build anew at any moment.
    with (ROOT / ".sandbox" / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        shutil.copytree(build.DIRECTORY, home / "sam" / "build")
    shutil.copytree(ROOT / "statemachine", home / "statemachine")
    return home / "sam" / "build" / "template.yaml"


def patch(code: Path, module: str, old: str, new: str) -> None:
    """Change one place of a copy's source; its bytecode, which nobody checks, goes."""
    source = code / "cancel_payment" / f"{module}.py"
    text = source.read_text()
    if text.count(old) != 1:
        raise ValueError(f"{module}.py does not hold exactly once: {old}")
    source.write_text(text.replace(old, new))
    for compiled in source.parent.glob(f"__pycache__/{source.stem}.*.pyc"):
        compiled.unlink()
