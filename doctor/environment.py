"""The function's settings, as the function itself would read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cancel_payment.settings import Settings, SettingsError

from doctor import function
from doctor.aws import Aws
from doctor.deployment import Deployment
from doctor.failures import ReadError
from doctor.finding import Finding, ok_unless

SUBJECT = "settings"
_REDEPLOY = "the alias points at another deployment's version, or somebody changed it: deploy again"


def in_use(aws: Aws, deployment: Deployment, variable: str, parameter: str) -> str:
    """A setting of the version in use; of the stack where the function cannot be read."""
    try:
        environment = _variables(aws, deployment)
    except ReadError:
        environment = {}
    return environment.get(variable) or deployment.parameters.get(parameter, "")


def check(aws: Aws, deployment: Deployment) -> Iterator[Finding]:
    configuration = function.live(aws, deployment)
    error = configuration.get("Environment", {}).get("Error")
    if error:
        yield Finding.unknown(
            SUBJECT,
            f"could not be checked: the environment cannot be decrypted ({error['ErrorCode']})",
            "ask for kms:Decrypt with the key of the function's environment",
        )
        return
    yield from judge(_variables(aws, deployment), deployment)


def judge(environment: Mapping[str, str], deployment: Deployment) -> Iterator[Finding]:
    faults = [*_unusable(environment), *_foreign(environment, deployment)]
    yield from ok_unless(faults, SUBJECT, "usable, and those of the stack's parameters")


def _unusable(environment: Mapping[str, str]) -> Iterator[Finding]:
    try:
        Settings.from_environment(environment)
    except SettingsError as error:
        yield Finding.wrong(SUBJECT, str(error), "every invocation fails until it is corrected")


def _foreign(environment: Mapping[str, str], deployment: Deployment) -> Iterator[Finding]:
    for name, expected in _expected(deployment).items():
        if environment.get(name, "") != expected:
            yield Finding.wrong(
                f"{SUBJECT} {name}",
                f"it is not {expected or 'left out'}, as the stack says",
                _REDEPLOY,
            )


def _expected(deployment: Deployment) -> dict[str, str]:
    parameters = {
        "ALIPAY_GATEWAY_URL": "GatewayUrl",
        "ALIPAY_CREDENTIALS_SECRET_ARN": "CredentialsSecretArn",
        "OUTCOME_BUS_NAME": "OutcomeBusName",
        "GATEWAY_TIMEOUT_SECONDS": "GatewayTimeoutSeconds",
        "SLOW_RETRY_INITIAL_SECONDS": "SlowRetryInitialSeconds",
        "SLOW_RETRY_MAX_SECONDS": "SlowRetryMaxSeconds",
        "ALIPAY_SIGNING_KEY_ARN": "SigningKeyArn",
    }
    resources = {
        "PAYMENT_TIMEOUTS_QUEUE_URL": "PaymentTimeoutsQueue",
        "PAYMENT_TIMEOUTS_DLQ_URL": "PaymentTimeoutsDeadLetterQueue",
        "TRACKER_STATE_MACHINE_ARN": "CancelUntilCutoffStateMachine",
    }
    return (
        {name: deployment.parameters.get(parameter, "") for name, parameter in parameters.items()}
        | {name: deployment.resource(logical) for name, logical in resources.items()}
        # Alarms and dashboard look for the metrics there.
        | {"POWERTOOLS_METRICS_NAMESPACE": "CancelPayment"}
        | {"POWERTOOLS_SERVICE_NAME": deployment.name}
    )


def _variables(aws: Aws, deployment: Deployment) -> Mapping[str, str]:
    configuration = function.live(aws, deployment)
    variables: Mapping[str, str] = configuration.get("Environment", {}).get("Variables", {})
    return variables
