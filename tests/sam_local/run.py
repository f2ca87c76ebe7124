"""`sam local` as the README has it, in a copy of this clone: ``python -m tests.sam_local.run``.

`make up`, then the README's own line for every event in `events/`, in a container, and one event by
`sam local start-lambda`. Where no container engine answers, or Lambda's base image can be neither
found nor pulled, nothing is run, and the command says so and succeeds.

The base image is AWS's own, pulled once. Without a reach to it, any image does that is called
``public.ecr.aws/lambda/python:3.13-x86_64`` (or ``-arm64``) and holds Python 3.13 with awslambdaric
and boto3, started by ``/var/runtime/bootstrap``.

`sam local invoke` succeeds whatever the function does, so what counts here is the answer, the
outcome events and the dead-letter queue of the stack.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sandbox.stack import processes
from sandbox.stack.build import ARCHITECTURE, ROOT
from sandbox.stack.cloud import Cloud
from sandbox.stack.environment import for_tools
from tests.docs.shell import Clone
from tests.events import expected
from tests.events.expected import EXPECTED

IMAGE = f"public.ecr.aws/lambda/python:3.13-{ARCHITECTURE}"
INVOCATION_SECONDS = 180
PATIENCE_SECONDS = 5
# In the shell of whoever types it, meant for something else.
HOSTILE = {
    "AWS_ACCESS_KEY_ID": "somebody",
    "AWS_SECRET_ACCESS_KEY": "elses",
    "AWS_SESSION_TOKEN": "account",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "OUTCOME_BUS_NAME": "somebody-elses",
    "SSL_CERT_FILE": "/nonexistent/authority.pem",
}


class NotRun(Exception):
    """Nothing can be run here; the text says why."""


def main() -> int:
    processes.raise_on_signals()
    with tempfile.TemporaryDirectory(dir=ROOT / ".sandbox") as directory:
        clone = Clone(Path(directory) / "clone")
        faults = without_a_stack(clone)
        try:
            engine()
        except NotRun as reason:
            print(f"sam local did NOT run: {reason}", file=sys.stderr)
        else:
            clone.run("make up")
            try:
                for name in EXPECTED:
                    faults += invoke(clone, name)
                faults += start_lambda(clone)
            finally:
                clone.run("make down")
            print(f"sam local: {len(EXPECTED)} events in {IMAGE}, {len(faults)} faults")
        if (clone.directory / ".aws-sam").exists():
            faults.append(".aws-sam belongs to the person's own sam build; something wrote there")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def engine() -> None:
    """See that there is a container engine with the base image.

    Raises
    ------
    NotRun
        There is none.
    """
    import docker
    from docker.errors import DockerException, ImageNotFound

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
    client.close()


def line(name: str) -> str:
    """The README's line for an event."""
    [command] = re.findall(
        r"`(sam local invoke \S+ -e events/)\S+`", (ROOT / "README.md").read_text()
    )
    return f"{command}{name}"


def typed(clone: Clone, command: str) -> subprocess.CompletedProcess[str]:
    """What a person's shell makes of a command."""
    print(f"\n$ {command}", flush=True)
    return subprocess.run(
        command.split(),
        cwd=clone.directory,
        env=shell(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=INVOCATION_SECONDS,
        check=False,
    )


def shell() -> dict[str, str]:
    inherited = for_tools()
    return inherited | HOSTILE | {"PATH": f"{Path(sys.executable).parent}:{inherited['PATH']}"}


def without_a_stack(clone: Clone) -> list[str]:
    """Without `make up`, the last line says what to start."""
    done = typed(clone, line("cancelled.json"))
    said = done.stderr.splitlines()[-1:] or [""]
    print(said[0])
    if done.returncode and "run-make-up-first" in said[0]:
        return []
    return [f"without a stack it ended with {done.returncode} and said: {done.stderr}"]


def invoke(clone: Clone, name: str) -> list[str]:
    """Invoke the function with one event, show what it says; what was not as expected."""
    done = typed(clone, line(name))
    shown = [text for text in done.stderr.splitlines() if text.startswith(("{", "REPORT"))]
    lines = [text for text in done.stdout.splitlines() if text.startswith("{")]
    print("\n".join([*shown, *lines]), flush=True)
    if not lines or "batchItemFailures" not in lines[-1]:
        return [f"{name}: no answer of the function: {done.stderr[-2000:]}"]
    return judge(clone, name, json.loads(lines[-1]))


def start_lambda(clone: Clone) -> list[str]:
    """Invoke it as any AWS SDK does."""
    log = clone.directory / "start-lambda.log"
    print("\n$ sam local start-lambda", flush=True)
    process = processes.start(
        ["sam", "local", "start-lambda"], environment=shell(), directory=clone.directory, log=log
    )
    try:
        processes.wait_for_line(process, log, " * Running on")
        client = Cloud("http://127.0.0.1:3001").client("lambda")
        event = (clone.directory / "events" / "cancelled.json").read_bytes()
        answer = client.invoke(FunctionName="CancelPaymentFunction", Payload=event)
        return judge(clone, "cancelled.json", json.load(answer["Payload"]))
    except Exception as error:
        return [f"start-lambda: {error}: {processes.last_lines(log)}"]
    finally:
        process.stop()


def judge(clone: Clone, name: str, answer: dict[str, Any]) -> list[str]:
    """What the stack saw of the event's payments, against what the event is there for."""
    bodies = {record["body"] for record in expected.load(name)["Records"]}
    ids = set(re.findall(r'"payment(?:Request)?Id":"([^"]+)"', " ".join(bodies)))
    seen: dict[str, Any] = {"back": len(answer["batchItemFailures"]), "outcomes": [], "rejected": 0}
    one = EXPECTED[name]
    outcomes = sorted([*one.outcomes, *one.by_tracker])
    want = {"back": one.back, "outcomes": outcomes, "rejected": one.rejected}
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:  # the bus delivers in the background
        for event in map(json.loads, drain(clone, "outcome_tap_url")):
            if ids & {event["detail"].get("paymentRequestId"), event["detail"].get("paymentId")}:
                seen["outcomes"] = sorted([*seen["outcomes"], event["detail-type"]])
        seen["rejected"] += sum(one in bodies for one in drain(clone, "dead_letter_queue_url"))
        if seen == want:
            return []
        time.sleep(0.2)
    return [f"{name}: {want} expected, {seen} seen"]


def drain(clone: Clone, queue: str) -> list[str]:
    """The messages of one of the stack's queues, taken out."""
    sqs = Cloud(clone.stack["cloud"]["endpoint_url"]).client("sqs")
    url, bodies = clone.stack[queue], []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for one in messages:
            bodies.append(one["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    return bodies


if __name__ == "__main__":
    raise SystemExit(main())
