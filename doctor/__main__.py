"""`make doctor`: is a deployment set up as it must be? No cancel is sent, nothing is changed.

Exit status: 0 nothing is wrong (there may be warnings), 1 something is wrong, 2 something could not
be checked, or the command was not understood.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import timedelta

import boto3
from rich.console import Console

from doctor import screen
from doctor.aws import Aws
from doctor.examination import examine
from doctor.failures import Unusable, read_errors
from doctor.finding import exit_status
from sandbox.stack.running import NotUp, running_stack

# A Date header has whole seconds.
_LEAST_TOLERANCE = 3.0
# No source gives Alipay+'s tolerance. A synchronised clock is within a second; what is off by half
# a minute is not synchronised, whatever Alipay+ would accept.
_TOLERANCE = 30.0


def main() -> int:
    """Examine one stack; returns the exit status."""
    options = _arguments()
    try:
        aws, name = _where(options.stack)
        findings = examine(aws, name, timedelta(seconds=options.tolerance))
        if options.json:
            grouped = list(findings)
            print(screen.as_json(grouped, name))
            return exit_status(one for _, one in grouped)
        return exit_status(screen.show(findings, name, Console()))
    except Unusable as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _where(stack: str) -> tuple[Aws, str]:
    """The named stack with the person's own credentials; unnamed, the one of `make up`."""
    if stack:
        with read_errors("cloudformation", "describe_stacks"):
            # boto3 itself heeds AWS_DEFAULT_REGION only, unlike the AWS CLI.
            session = boto3.session.Session(region_name=os.environ.get("AWS_REGION") or None)
            return Aws(session), stack
    try:
        with running_stack() as local:
            variables = local.cloud.variables
    except NotUp as reason:
        raise Unusable(f"which stack? make doctor STACK=cancel-payment; here, {reason}") from None
    session = boto3.session.Session(
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        region_name=variables["AWS_REGION"],
    )
    return Aws(session, variables["AWS_ENDPOINT_URL"]), local.name


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m doctor", description=__doc__)
    parser.add_argument("stack", nargs="?", default="", help="the stack's name in CloudFormation")
    parser.add_argument(
        "--tolerance",
        type=_tolerance,
        default=_TOLERANCE,
        metavar="SECONDS",
        help="by how much clocks may differ (default: %(default)g)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document, for machines")
    return parser.parse_args()


def _tolerance(text: str) -> float:
    seconds = float(text)
    if not _LEAST_TOLERANCE <= seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"at least {_LEAST_TOLERANCE:g} s, at most a day")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
