"""`sam local invoke` with every event, in a container: ``python -m tests.sam_local.run``.

The container reaches the local stack, which is on loopback, through ports that are forwarded from
the engine's own bridge: the engine has to run on this very Linux host. Where none answers, or
Lambda's base image can be neither found nor pulled, nothing is run, and the command says so and
succeeds.

The base image is AWS's own, pulled once. Without a reach to it, any image does that is called
``public.ecr.aws/lambda/python:3.13-x86_64`` (or ``-arm64``) and holds Python 3.13 with awslambdaric
and boto3, started by ``/var/runtime/bootstrap``.

`sam local invoke` succeeds whatever the function does, so what counts here is the answer, the
outcome events and the dead-letter queue of the stack.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from sandbox.build import ARCHITECTURE, ROOT, TEMPLATE
from sandbox.processes import raise_on_signals
from sandbox.stack import Stack
from tests.events.expected import EVENTS, EXPECTED, Expected
from tests.sam_local.forward import forwarded

FUNCTION = "CancelPaymentFunction"
IMAGE = f"public.ecr.aws/lambda/python:3.13-{ARCHITECTURE}"
INVOCATION_SECONDS = 180
PATIENCE_SECONDS = 5


class NotRun(Exception):
    """Nothing can be run here; the text says why."""


def main() -> int:
    raise_on_signals()
    try:
        bridge = engine()
    except NotRun as reason:
        print(f"sam local invoke did NOT run: {reason}", file=sys.stderr)
        return 0
    with Stack.start("sam-local", parameters={"GatewayTimeoutSeconds": "2"}) as stack:
        variables = _variables(stack, bridge)
        arguments = ["--template", str(_template(stack)), "--env-vars", str(variables)]
        ports = [urlsplit(url).port or 0 for url in (stack.gateway_url, stack.cloud.endpoint_url)]
        with forwarded(bridge, *ports):
            faults = [fault for name in EXPECTED for fault in invoke(stack, name, arguments)]
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"sam local invoke: {len(EXPECTED)} events in {IMAGE}, {len(faults)} faults")
    return 1 if faults else 0


def engine() -> str:
    """Find a container engine on this host with the base image; the address of its bridge.

    Raises
    ------
    NotRun
        There is none.
    """
    import docker
    from docker.errors import DockerException, ImageNotFound

    if sys.platform != "linux":
        raise NotRun("the bridge of an engine is an address of Linux hosts only")
    try:
        client = docker.from_env()
        client.ping()
    except DockerException as error:
        raise NotRun(f"no container engine answers ({str(error)[:100]})") from error
    try:
        client.images.get(IMAGE)
    except ImageNotFound:
        print(f"pulling {IMAGE}")
        try:
            client.images.pull(IMAGE)
        except DockerException as error:
            raise NotRun(f"{IMAGE} cannot be pulled ({str(error)[:100]})") from error
    address: str = client.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"]
    client.close()
    return address


def invoke(stack: Stack, name: str, arguments: list[str]) -> list[str]:
    """Invoke the function with one event, show what it says; what was not as expected."""
    command = [
        *("local", "invoke", FUNCTION, "-e", f"events/{name}", *arguments),
        *("--skip-pull-image", "--region", "us-east-1"),
    ]
    print(f"\n$ sam local invoke {FUNCTION} -e events/{name}", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "samcli", *command],
        cwd=EVENTS.parent,
        env={**stack.cloud.environment, "SAM_CLI_TELEMETRY": "0"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=INVOCATION_SECONDS,
        check=False,
    )
    shown = [line for line in done.stderr.splitlines() if line.startswith(("{", "REPORT"))]
    shown = [line for line in shown if '"logger": "botocore' not in line]
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    print("\n".join([*shown, *lines]), flush=True)
    if not lines or "batchItemFailures" not in lines[-1]:
        return [f"{name}: no answer of the function: {done.stderr[-2000:]}"]
    back = len(json.loads(lines[-1])["batchItemFailures"])
    seen: dict[str, Any] = {"back": back, "outcomes": [], "rejected": 0}
    want = wanted(EXPECTED[name])
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:  # the bus delivers in the background
        seen["outcomes"] = sorted([*seen["outcomes"], *_outcomes(stack)])
        seen["rejected"] += len(_drain(stack, stack.dead_letter_queue_url))
        if seen == want:
            return []
        time.sleep(0.2)
    return [f"{name}: {want} expected, {seen} seen"]


def wanted(one: Expected) -> dict[str, Any]:
    outcomes = sorted([*one.outcomes, *one.by_tracker])
    return {"back": one.back, "outcomes": outcomes, "rejected": one.rejected}


def _outcomes(stack: Stack) -> list[str]:
    return [json.loads(body)["detail-type"] for body in _drain(stack, stack.outcome_tap_url)]


def _drain(stack: Stack, queue_url: str) -> list[str]:
    sqs = stack.cloud.client("sqs")
    bodies: list[str] = []
    while True:
        answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)
        messages = answer.get("Messages", [])
        if not messages:
            return bodies
        for one in messages:
            bodies.append(one["Body"])
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=one["ReceiptHandle"])


def _template(stack: Stack) -> Path:
    """The built template with one more variable: SAM sets only those that a template declares."""
    template = yaml.safe_load(TEMPLATE.read_text("utf-8"))
    properties = template["Resources"][FUNCTION]["Properties"]
    # A copy: the next `make build` empties the original under the container's feet.
    code = stack.directory / "sam" / "code"
    shutil.copytree(TEMPLATE.parent / properties["CodeUri"], code)
    properties["CodeUri"] = str(code)
    properties["Environment"]["Variables"]["AWS_ENDPOINT_URL"] = "filled in below"
    properties["Architectures"] = [ARCHITECTURE]
    for resource in template["Resources"].values():
        if "DefinitionUri" in resource.get("Properties", {}):
            resource["Properties"]["DefinitionUri"] = str(ROOT / "statemachine")
    file = stack.directory / "sam" / "template.json"
    file.write_text(json.dumps(template), encoding="utf-8")
    return file


def _variables(stack: Stack, bridge: str) -> Path:
    """The variables that the deployed function has, loopback being the bridge in a container."""
    answer = stack.cloud.client("lambda").get_function_configuration(
        FunctionName=stack.function_name
    )
    variables = {
        **answer["Environment"]["Variables"],
        "ALIPAY_GATEWAY_URL": stack.gateway_url.replace("127.0.0.1", bridge),
        "AWS_ENDPOINT_URL": stack.cloud.endpoint_url.replace("127.0.0.1", bridge),
    }
    file = stack.directory / "sam" / "variables.json"
    file.write_text(json.dumps({FUNCTION: variables}), encoding="utf-8")
    return file


if __name__ == "__main__":
    raise SystemExit(main())
