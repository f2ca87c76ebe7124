"""The function's version that the queue invokes, and what stands around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from doctor import design
from doctor.aws import Aws
from doctor.deployment import Deployment
from doctor.finding import Finding, ok_unless

SUBJECT = "function"
_REDEPLOY = "deploy the template again"


def live(aws: Aws, deployment: Deployment) -> Mapping[str, Any]:
    """The configuration behind the alias, which the queue invokes; not that of $LATEST.

    Raises
    ------
    ReadError
    """
    name = deployment.resource("CancelPaymentFunction")
    configuration: Mapping[str, Any] = aws.read(
        "lambda", "get_function_configuration", FunctionName=name, Qualifier=design.ALIAS
    )
    return configuration


def check(aws: Aws, deployment: Deployment) -> Iterator[Finding]:
    configuration = live(aws, deployment)
    yield from judge(configuration, deployment)


def judge(configuration: Mapping[str, Any], deployment: Deployment) -> Iterator[Finding]:
    runtime, timeout = configuration.get("Runtime"), configuration.get("Timeout")
    fact = f"version {configuration.get('Version')}, {runtime}, timeout {timeout} s"
    yield from ok_unless(_faults(configuration, deployment), SUBJECT, fact)


def _faults(configuration: Mapping[str, Any], deployment: Deployment) -> Iterator[Finding]:
    state = configuration.get("State", "Active")
    if state != "Active":
        why = configuration.get("StateReason", "no reason given")
        report = Finding.wrong if state == "Failed" else Finding.warning
        action = _REDEPLOY if state == "Failed" else "ask again in a minute"
        yield report(SUBJECT, f"its state is {state}: {why}", action)
    if configuration.get("Runtime") != design.RUNTIME:
        yield Finding.wrong(
            SUBJECT,
            f"it runs on {configuration.get('Runtime')}; it is built for {design.RUNTIME}",
            _REDEPLOY,
        )
    if configuration.get("Handler") != design.HANDLER:
        yield Finding.wrong(
            SUBJECT,
            f"its handler is {configuration.get('Handler')}, not {design.HANDLER}",
            _REDEPLOY,
        )
    logging = configuration.get("LoggingConfig", {})
    if logging.get("ApplicationLogLevel", "INFO") not in {"INFO", "DEBUG", "TRACE"}:
        yield Finding.wrong(
            SUBJECT,
            f"its log level is {logging['ApplicationLogLevel']}: the metrics are log lines of INFO "
            "and are lost, so the alarms on them stay silent",
            "set the application's log level to INFO",
        )
    group = deployment.resource("CancelPaymentLogGroup")
    if logging.get("LogGroup") != group:
        yield Finding.wrong(
            SUBJECT,
            f"it does not log to {group}, where the runbook and the saved queries look",
            _REDEPLOY,
        )
    for name, has, wanted in _by_parameters(configuration, deployment):
        if has != wanted:
            yield Finding.wrong(
                SUBJECT,
                f"{name}: the version in use has {_words(has)}, the stack says {_words(wanted)}",
                f"{_REDEPLOY}, and see that it publishes a version",
            )


def _by_parameters(
    configuration: Mapping[str, Any], deployment: Deployment
) -> Iterator[tuple[str, set[str], set[str]]]:
    """What of a version follows from parameters, beside its environment: name, is, should be."""
    network = configuration.get("VpcConfig") or {}
    yield (
        "architecture",
        {*configuration.get("Architectures", ())},
        deployment.chosen("Architecture"),
    )
    yield "subnets", {*network.get("SubnetIds", ())}, deployment.chosen("VpcSubnetIds")
    groups = {*network.get("SecurityGroupIds", ())}
    yield "security groups", groups, deployment.chosen("VpcSecurityGroupIds")
    key = {configuration["KMSKeyArn"]} if configuration.get("KMSKeyArn") else set()
    yield "key of the environment", key, deployment.chosen("DataKmsKeyArn")


def _words(values: set[str]) -> str:
    return ", ".join(sorted(values)) or "none"


def check_alias(aws: Aws, deployment: Deployment) -> Iterator[Finding]:
    name = deployment.resource("CancelPaymentFunction")
    alias = aws.read("lambda", "get_alias", FunctionName=name, Name=design.ALIAS)
    yield from judge_alias(alias, deployment)


def judge_alias(alias: Mapping[str, Any], deployment: Deployment) -> Iterator[Finding]:
    subject = f"alias {design.ALIAS}"
    version = alias["FunctionVersion"]
    deployed = {
        arn.rpartition(":")[2]
        for name, arn in deployment.resources.items()
        if name.startswith("CancelPaymentFunctionVersion")
    }
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    if weights:
        yield Finding.warning(
            subject,
            f"traffic is shared: version {version} and " + ", ".join(sorted(weights)),
            "wait for the gradual deployment, or end it as the runbook says of a broken deployment",
        )
    elif version not in deployed:
        yield Finding.warning(
            subject,
            f"it points at version {version}, which the stack did not deploy last: somebody "
            "moved it, as in a rollback",
            "deploy the commit that is to run, so that the template says the same",
        )
    else:
        yield Finding.ok(subject, f"points at version {version}, the one deployed last")
