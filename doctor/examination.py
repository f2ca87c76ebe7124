"""All checks, in the order in which a payment meets what they look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial

from doctor import (
    alarms,
    alerts,
    backlog,
    clock,
    environment,
    function,
    gateway,
    limits,
    mapping,
    queues,
    rules,
    secret,
    signing_key,
    tracker,
)
from doctor import deployment as stacks
from doctor.aws import Aws
from doctor.deployment import Deployment
from doctor.failures import Missing, ReadError, Refused
from doctor.finding import Finding

type Check = Callable[[Aws, Deployment], Iterable[Finding]]
type Grouped = tuple[str, Finding]

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
        deployment = stacks.find(aws, name)
    except (Missing, Refused) as why:
        yield "Stack", stacks.not_found(name, aws.region, why)
        return
    except ReadError as error:
        yield "Stack", Finding.unknown("stack", f"could not be checked: {error}", _AGAIN)
        return
    yield from (("Stack", finding) for finding in stacks.judge(deployment))
    if not stacks.is_ours(deployment):
        return
    for group, subject, check in _checks(tolerance):
        yield from ((group, one) for one in guarded(subject, check, aws, deployment))


def guarded(subject: str, check: Check, aws: Aws, deployment: Deployment) -> Iterator[Finding]:
    """What the check finds; what could not be read is a finding, too."""
    try:
        yield from check(aws, deployment)
    except Refused as action:
        yield Finding.unknown(subject, f"could not be checked: {action} is not allowed", _RIGHTS)
    except Missing as what:
        yield Finding.wrong(subject, f"it is not there: {what}", "deploy the template again")
    except ReadError as error:
        yield Finding.unknown(subject, f"could not be checked: {error}", _AGAIN)


def _checks(tolerance: timedelta) -> Iterator[tuple[str, str, Check]]:
    yield "Alipay+", secret.SUBJECT, secret.check
    yield "Alipay+", signing_key.SUBJECT, signing_key.check
    yield "Alipay+", gateway.SUBJECT, partial(_gateway_and_clock, tolerance=tolerance)
    for rule in rules.RULES:
        yield "Events", f"rule {rule.logical_id}", partial(rules.check, designed=rule)
    for parameter in ("PaymentEventBusName", "OutcomeBusName"):
        yield "Events", "bus", partial(rules.check_bus, parameter=parameter)
    for queue, name in queues.NAMES.items():
        yield "Queues", name, partial(queues.check, queue=queue)
    yield "Function", mapping.SUBJECT, mapping.check
    yield "Function", function.SUBJECT, function.check
    yield "Function", "alias", function.check_alias
    yield "Function", environment.SUBJECT, environment.check
    yield "Function", "function concurrency", limits.check_concurrency
    yield "Function", "function loop detection", limits.check_recursion
    yield "Tracker", tracker.SUBJECT, tracker.check
    yield "Alarms", alarms.SUBJECT, alarms.check
    yield "Alarms", alerts.SUBJECT, alerts.check
    yield "Alarms", "alert topic's key", alerts.check_key
    for queue, name in queues.NAMES.items():
        yield "Waiting", f"messages in {name}", partial(backlog.check_queue, queue=queue)
    yield "Waiting", "trackers", backlog.check_trackers


def _gateway_and_clock(aws: Aws, deployment: Deployment, tolerance: timedelta) -> Iterator[Finding]:
    url = environment.in_use(aws, deployment, "ALIPAY_GATEWAY_URL", "GatewayUrl")
    answer = gateway.ask(url)
    yield from gateway.judge(answer, url, deployment)
    if isinstance(answer, gateway.Answer):
        yield from clock.judge(answer, aws.ahead, tolerance)
