"""What can stop the function from outside: reserved concurrency, and Lambda's loop detection."""

from __future__ import annotations

from collections.abc import Iterator

from doctor.aws import Aws
from doctor.deployment import Deployment
from doctor.finding import Finding


def check_concurrency(aws: Aws, deployment: Deployment) -> Iterator[Finding]:
    name = deployment.resource("CancelPaymentFunction")
    reserved = aws.read("lambda", "get_function_concurrency", FunctionName=name)
    yield from judge_concurrency(reserved.get("ReservedConcurrentExecutions"))


def judge_concurrency(reserved: int | None) -> Iterator[Finding]:
    subject = "function concurrency"
    if reserved is None:
        yield Finding.ok(subject, "none reserved: the mapping's maximum is the one limit")
    elif reserved == 0:
        yield Finding.wrong(
            subject,
            "0 is reserved: somebody switched the function off",
            "once the reason is gone: aws lambda delete-function-concurrency",
        )
    else:
        yield Finding.warning(
            subject,
            f"{reserved} reserved: SQS receives messages only to be throttled, and each counts "
            "as a receive",
            "remove it, and limit the traffic by MaximumConcurrency",
        )


def check_recursion(aws: Aws, deployment: Deployment) -> Iterator[Finding]:
    name = deployment.resource("CancelPaymentFunction")
    answer = aws.read("lambda", "get_function_recursion_config", FunctionName=name)
    yield from judge_recursion(answer["RecursiveLoop"], deployment)


def judge_recursion(setting: str, deployment: Deployment) -> Iterator[Finding]:
    subject = "function loop detection"
    if setting == "Allow":
        yield Finding.ok(subject, "the loop through the queue is allowed")
    elif deployment.emulated:
        yield Finding.info(subject, "not judged: an emulated AWS does not keep the template's word")
    else:
        yield Finding.wrong(
            subject,
            "Lambda stops the loop through the queue after about sixteen rounds, and the payment "
            "ends in the dead-letter queue",
            "aws lambda put-function-recursion-config --recursive-loop Allow, or deploy again",
        )
