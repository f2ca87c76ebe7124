"""The generators' runs: the same in a test and from the command line."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import hypothesis

from tests.integration.generators import circumstances, gateway, messages, secrets
from tests.integration.generators.secrets import Material
from tests.support.aws import AwsDouble
from tests.support.function import environment
from tests.support.gateway import Gateway
from tests.support.signer import Signer, result


def gateway_batches(material: Material, aws: AwsDouble, seed: int, batches: range) -> str:
    """Answers of a hostile gateway; returns the figures, raises Violation."""
    aws.reset(material.secret)
    signer = Signer(material.theirs.private, material.secret["clientId"])
    return gateway.run(seed, batches, aws, signer).table()


def circumstance_batches(material: Material, aws: AwsDouble, seed: int, batches: range) -> str:
    """Little time and odd addresses; returns the figures, raises Violation."""
    aws.reset(material.secret)
    signer = Signer(material.theirs.private, material.secret["clientId"])
    return circumstances.run(seed, batches, aws, signer)


def secret_examples(material: Material, aws: AwsDouble, seed: int, batches: range) -> str:
    """One secret after the other; returns the figures, raises AssertionError."""
    aws.reset(material.secret)
    cases = secrets.cases(material)
    _explore(cases, lambda case: secrets.judge(case, aws, material), seed, len(batches))
    return f"{len(batches):,} secrets"


def message_batches(material: Material, aws: AwsDouble, seed: int, batches: range) -> str:
    """Messages in batches of ten; returns the figures, raises AssertionError."""
    aws.reset(material.secret)
    answer = Signer(material.theirs.private, material.secret["clientId"]).answer(
        result("S", "SUCCESS")
    )
    with (
        Gateway(lambda _: [answer]) as one,
        environment(aws, one.url) as function,
    ):
        check = messages.judge
        _explore(messages.batches, lambda case: check(case, function, aws, one), seed, len(batches))
    return f"{len(batches) * 10:,} messages"


RUNS: dict[str, Callable[[Material, AwsDouble, int, range], str]] = {
    "gateway": gateway_batches,
    "circumstances": circumstance_batches,
    "secrets": secret_examples,
    "messages": message_batches,
}


def _explore[Case](
    cases: hypothesis.strategies.SearchStrategy[Case],
    check: Callable[[Case], None],
    seed: int,
    count: int,
) -> None:
    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(cases)
    def every(case: Case) -> None:
        check(case)

    with warnings.catch_warnings():
        # Of a finding with a long text: the warning, an error in tests, would take its place.
        warnings.filterwarnings("ignore", "Generating overly large repr")
        every()
