"""The real stack for a run: a copy of what was built, deployed with the proxies in the lines.

The one change to the copied template is the endpoint in the function's environment, which is where
an AWS client learns whom to ask.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from sandbox.stack import build, deploy
from sandbox.stack.lifecycle import Stack
from tests.faults.plan import GATEWAY_TIMEOUT_SECONDS, VISIBILITY_SECONDS

ROOT = Path(__file__).resolve().parents[2]
_FUNCTION = "CancelPaymentFunction"
# A payment handed to the tracker is tried again after 2 to 8 s here, not after 30 s to 15 min.
_PARAMETERS = {
    "SlowRetryInitialSeconds": "4",
    "SlowRetryMaxSeconds": "8",
    "ClosingCallSeconds": "3",
    "GatewayTimeoutSeconds": str(GATEWAY_TIMEOUT_SECONDS),
}

type Change = Callable[[Path], None]
"""What a run does to its copy of the function's code."""


@dataclass(frozen=True)
class Deployed:
    """A running stack and the artifact that it was deployed from."""

    stack: Stack
    template: Path
    parameters: dict[str, str]

    def deploy_again(self) -> None:
        """Deploy a new version of the function, as `sam deploy` does after a change."""
        code = self.template.parent / _FUNCTION / "cancel_payment"
        with (code / "__init__.py").open("a") as file:
            file.write("\n# Another version.\n")
        stack = self.stack
        parameters = {
            "Architecture": build.ARCHITECTURE,
            "MaximumConcurrency": "4",
            "Monitoring": "Basic",
            "CredentialsSecretArn": stack.secret_arn,
            **self.parameters,
        }
        deploy.deploy(stack.cloud, self.template, stack.name, parameters, stack.directory)
        self.shorten_visibility()

    def shorten_visibility(self) -> None:
        self.stack.cloud.client("sqs").set_queue_attributes(
            QueueUrl=self.stack.queue_url,
            Attributes={"VisibilityTimeout": str(VISIBILITY_SECONDS)},
        )

    @property
    def version(self) -> str:
        """The version of the function that the alias points to."""
        functions = self.stack.cloud.client("lambda")
        (alias,) = functions.list_aliases(FunctionName=self.stack.function_name)["Aliases"]
        return str(alias["FunctionVersion"])


@contextmanager
def deployed(
    name: str, *, gateway_url: str | None, aws_url: str | None, change: Change | None = None
) -> Iterator[Deployed]:
    """Deploy the stack; its function asks these two for Alipay+ and for AWS."""
    home = ROOT / ".sandbox" / f"{name}-artifact"
    try:
        template = _copy(home, aws_url)
        if change is not None:
            change(template.parent / _FUNCTION)
        parameters = dict(_PARAMETERS)
        if gateway_url is not None:
            parameters["GatewayUrl"] = gateway_url
        with Stack.start(name, parameters=parameters, template=template) as stack:
            found = Deployed(stack, template, parameters)
            found.shorten_visibility()
            yield found
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _copy(home: Path, aws_url: str | None) -> Path:
    """Copy the artifact; the template names the state machine by a path relative to itself."""
    shutil.rmtree(home, ignore_errors=True)
    build.build()
    target = home / "sam" / "build"
    # Another command may build anew at any moment.
    with (ROOT / ".sandbox" / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        shutil.copytree(build.DIRECTORY, target)
    shutil.copytree(ROOT / "statemachine", home / "statemachine")
    template = target / "template.yaml"
    content: dict[str, Any] = yaml.safe_load(template.read_text())
    if aws_url is not None:
        function = content["Resources"][_FUNCTION]["Properties"]
        function["Environment"]["Variables"]["AWS_ENDPOINT_URL"] = aws_url
    template.write_text(yaml.safe_dump(content, sort_keys=False))
    return template


def patch(code: Path, module: str, old: str, new: str) -> None:
    """Change one place of a copy's source; its bytecode, which nobody checks, goes."""
    source = code / "cancel_payment" / f"{module}.py"
    text = source.read_text()
    if text.count(old) != 1:
        raise ValueError(f"{module}.py does not hold exactly once: {old}")
    source.write_text(text.replace(old, new))
    for compiled in source.parent.glob(f"__pycache__/{source.stem}.*.pyc"):
        compiled.unlink()
