"""All checks, by what a person asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial

from doctor import risk, settings
from doctor import stack as stacks
from doctor.alipay import clock, gateway, secret, signing_key
from doctor.aws import Aws
from doctor.deployment import comparison
from doctor.failures import Missing, ReadError, Refused
from doctor.finding import Finding
from doctor.stack import Stack

type Check = Callable[[Aws, Stack], Iterable[Finding]]
type Grouped = tuple[str, Finding]

_STACK = "Stack"
_AGAIN = "ask again; see that AWS can be reached from here"
_RIGHTS = "ask for the rights that the runbook's section Doctor lists"


def examine(aws: Aws, name: str, tolerance: timedelta) -> Iterator[Grouped]:
    """Make every check on the stack of that name; a group's name with each finding.

    Raises
    ------
    Unusable
        AWS cannot be asked at all.
    """
    try:
        stack = stacks.find(aws, name)
    except Missing:
        yield _STACK, stacks.not_found(name, aws.region)
        return
    except ReadError as error:
        yield _STACK, _not_read(stacks.SUBJECT, error)
        return
    yield from ((_STACK, finding) for finding in stacks.judge(stack))
    if not stacks.is_ours(stack):
        return
    for group, subject, check in _checks(tolerance):
        yield from ((group, one) for one in guarded(subject, check, aws, stack))


def guarded(subject: str, check: Check, aws: Aws, stack: Stack) -> Iterator[Finding]:
    """What the check finds; what could not be read is a finding, too."""
    try:
        yield from check(aws, stack)
    except ReadError as error:
        yield _not_read(subject, error)


def _not_read(subject: str, error: ReadError) -> Finding:
    if isinstance(error, Missing):
        return Finding.wrong(subject, f"it is not there: {error}", "deploy the template again")
    if isinstance(error, Refused):
        return Finding.unknown(subject, f"could not be checked: {error} is not allowed", _RIGHTS)
    return Finding.unknown(subject, f"could not be checked: {error}", _AGAIN)


def _checks(tolerance: timedelta) -> Iterator[tuple[str, str, Check]]:
    question = "Is money at risk, and would anybody hear of it?"
    yield question, "alarms", risk.check_alarms
    yield question, risk.TOPIC, risk.check_topic
    for queue in risk.QUEUES:
        yield question, f"messages in {queue}", partial(risk.check_queue, queue=queue)
    question = "Can the function reach the gateway, and are the keys right?"
    yield question, gateway.SUBJECT, partial(_gateway_and_clock, tolerance=tolerance)
    yield question, secret.SUBJECT, secret.check
    yield question, signing_key.SUBJECT, signing_key.check
    question = "Does the deployment match its template?"
    for kind, subject in comparison.KINDS.items():
        yield question, subject, partial(comparison.check, kind=kind)
    yield question, "other resources", comparison.not_compared


def _gateway_and_clock(aws: Aws, stack: Stack, tolerance: timedelta) -> Iterator[Finding]:
    url = settings.in_use(aws, stack, "ALIPAY_GATEWAY_URL", "GatewayUrl")
    answer = gateway.ask(url)
    yield from gateway.judge(answer, url, stack)
    if isinstance(answer, gateway.Answer):
        yield from clock.judge(answer, aws.ahead, tolerance)
