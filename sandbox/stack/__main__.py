"""The commands behind `make up`, `make send`, `make status` and `make down`."""

import argparse
import contextlib
import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import quote

from sandbox.gateway import scenarios
from sandbox.stack import containers
from sandbox.stack import directory as stack_directory
from sandbox.stack.deploy import DeployFailed
from sandbox.stack.directory import DEFAULT, STACKS
from sandbox.stack.lifecycle import Stack
from sandbox.stack.processes import ProcessFailed, raise_on_signals
from sandbox.stack.running import NotUp, running_stack

UTC8 = timezone(timedelta(hours=8))


def main() -> int:
    """Run one command; returns the exit status."""
    options = _arguments()
    raise_on_signals()
    try:
        status: int = options.run(options)
    except (ProcessFailed, DeployFailed, NotUp) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; nothing of it is left running", file=sys.stderr)
        return 130
    return status


def new_payment(payment_id: str) -> dict[str, str]:
    """A payment of that id, initiated now."""
    created = datetime.now(UTC8).isoformat(timespec="seconds")
    return {"paymentRequestId": payment_id, "paymentCreateTime": created}


def up(options: argparse.Namespace) -> int:
    if options.gateway_url and not options.credentials:
        print("another gateway needs its own keys: CREDENTIALS=secret.json", file=sys.stderr)
        return 2
    if options.credentials and not options.gateway_url:
        print("the stand-in has keys of its own: name a GATEWAY_URL too", file=sys.stderr)
        return 2
    if options.credentials and not options.credentials.is_file():
        print(f"there is no file {options.credentials}", file=sys.stderr)
        return 2
    if options.gateway_url and options.kms:
        print("SIGNING=kms is for the stand-in, which knows the new key", file=sys.stderr)
        return 2
    with contextlib.suppress(NotUp), running_stack():
        print("a stack is up already: make status, or make down first", file=sys.stderr)
        return 1
    stack = Stack.start(
        DEFAULT,
        gateway_url=options.gateway_url,
        kms=options.kms,
        credentials=options.credentials and options.credentials.resolve(),
    )
    try:
        if forwarder := containers.prepare(stack):
            stack = stack.with_process(forwarder)
    except containers.NoEngine as reason:
        print(f"Not for sam local, which needs a container engine: {reason}", file=sys.stderr)
    except BaseException:
        stack.stop()
        raise
    _describe(stack)
    return 0


def down(options: argparse.Namespace) -> int:
    names = [path.name for path in STACKS.glob("*") if path.is_dir()] if options.all else [DEFAULT]
    for name in names:
        stack_directory.take_down_recorded(name)
    return 0


def send(options: argparse.Namespace) -> int:
    payment = new_payment(options.id)
    with running_stack() as stack:
        if stack.stand_in:
            stack.stand_in.register(payment)
        stack.put_event(payment, f"Payment {options.event}")
    print(f"Payment {options.event} is on the bus: {json.dumps(payment)}")
    if stack.stand_in:
        heard = f"{stack.stand_in.url}/_sandbox/requests?paymentRequestId={quote(options.id)}"
        _, behaviour = scenarios.find(options.id, 1)
        print(f"the stand-in's answer to its first attempt: {behaviour.does}")
        print(f"what the stand-in hears of it: {heard}")
    print(f"outcome events are copied to: {stack.outcome_tap_url}")
    return 0


def status(_: argparse.Namespace) -> int:
    with running_stack() as stack:
        _describe(stack)
    return 0


def _describe(stack: Stack) -> None:
    gateway = "the stand-in" if stack.stand_in else "not the stand-in"
    print("The local stack is up. To point any AWS client at it:\n")
    for name, value in stack.cloud.variables.items():
        print(f"  export {name}={value}")
    # For SQS, version 1 of the CLI asks AWS itself, whatever AWS_ENDPOINT_URL says.
    print('  aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }')
    rows = {
        "gateway": f"{stack.gateway_url} ({gateway})",
        "payment events": f"bus {stack.payment_bus}, source {stack.payment_source}",
        "outcome events": f"bus {stack.outcome_bus}",
        "queue": stack.queue_url,
        "dead letters": stack.dead_letter_queue_url,
        "refunds to make": stack.refund_queue_url,
        "cases for operators": stack.operator_cases_queue_url,
        "undelivered events": stack.undelivered_events_queue_url,
        "copy of all outcomes": stack.outcome_tap_url,
        "alerts": stack.alerts_topic_arn,
        "tracker": stack.state_machine_arn,
        "function": stack.function_name,
        "logs": str(stack.directory),
    }
    print()
    for name, value in rows.items():
        print(f"  {name:<22}{value}")
    print("\nNext: make send ID=UNKNOWN-2-a, then make down")
    print("Every id and what happens to it: .venv/bin/python -m sandbox.gateway.scenarios")


def _id(text: str) -> str:
    if not 1 <= len(text) <= 64 or not text.isprintable():
        raise argparse.ArgumentTypeError("give ID=…, 1 to 64 characters, such as UNKNOWN-2-a")
    return text


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.stack", description=__doc__)
    commands = parser.add_subparsers(required=True)
    starting = commands.add_parser("up", help="start a stack and leave it running")
    starting.add_argument("--gateway-url", help="use this gateway instead of the stand-in")
    starting.add_argument("--credentials", type=Path, help="file with the secret for it")
    starting.add_argument("--kms", action="store_true", help="sign with a key in KMS")
    starting.set_defaults(run=up)
    stopping = commands.add_parser("down", help="stop it")
    stopping.add_argument("--all", action="store_true", help="every stack of this clone")
    stopping.set_defaults(run=down)
    sending = commands.add_parser("send", help="put one event on its bus")
    sending.add_argument("id", type=_id, help="the paymentRequestId, which chooses what happens")
    sending.add_argument("--event", choices=("Expired", "Closed"), default="Expired")
    sending.set_defaults(run=send)
    commands.add_parser("status", help="where everything is").set_defaults(run=status)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
