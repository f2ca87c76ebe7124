"""The real stack for a run, with the two relays in the function's lines."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sandbox.stack import build
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


@contextmanager
def deployed(
    name: str, gateway_url: str, environment: Mapping[str, str], change: Change | None = None
) -> Iterator[Stack]:
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
            stack.cloud.client("sqs").set_queue_attributes(
                QueueUrl=stack.queue_url, Attributes={"VisibilityTimeout": str(VISIBILITY_SECONDS)}
            )
            yield stack
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
