"""A changed parameter publishes a version if it is in the function's configuration, and only then.

A new version is a new logical id (the SAM transform) or a changed description, which CloudFormation
replaces (AWS::Lambda::Version in its template reference). Lambda refuses to publish one of what has
not changed.
"""

from __future__ import annotations

import json

import pytest

from tests.template import deployed, options
from tests.template.deployed import FUNCTION
from tests.template.evaluated import evaluator

BASE = options.REQUIRED
# Another value for each parameter: what is optional is switched on, all else is changed.
CHANGED = {
    **{name: value for values in options.OPTIONS.values() for name, value in values.items()},
    "GatewayUrl": "https://open-na-global.alipayplus.com",
    "CredentialsSecretArn": BASE["CredentialsSecretArn"].replace("a1B2c3", "d4E5f6"),
    "GatewayTimeoutSeconds": "7",
    "PaymentEventSource": "acquirer.orders",
    "MaximumConcurrency": "20",
    "SlowRetryInitialSeconds": "90",
    "SlowRetryMaxSeconds": "1200",
    "LogRetentionDays": "365",
}
# Of the function, but of none of its versions.
UNVERSIONED = {"CodeSigningConfigArn", "RecursiveLoop", "Tags"}
LONGEST_DESCRIPTION = 256
KEY = "6c1d88f2-1111-4222-8333-444455556666"


def test_every_parameter_is_changed_once() -> None:
    parameters = deployed.parse(deployed.TEMPLATE.read_text("utf-8"))["Parameters"]
    assert parameters.keys() == CHANGED.keys()


@pytest.mark.parametrize("name", CHANGED)
def test_changed_parameter_publishes_a_version_if_the_function_has_it(name: str) -> None:
    before, after = Published(BASE), Published(BASE | {name: CHANGED[name]})
    assert (before.version != after.version) == (before.configuration != after.configuration)


OTHERS = [
    *(
        (name, arn, arn.replace(arn.rpartition("/")[2], other))
        for option in ("KMS signs", "key of the data")
        for name, arn in options.OPTIONS[option].items()
        for other in (f"6c1d88f3{KEY[8:]}", f"mrk-{KEY.replace('-', '')}")
    ),
    *((name, ids, f"{ids[:-16]}eeeeeeeeeeeeeeee") for name, ids in options.OPTIONS["VPC"].items()),
]


@pytest.mark.parametrize(("name", "before", "after"), OTHERS)
def test_another_key_subnet_or_security_group_is_another_version(
    name: str, before: str, after: str
) -> None:
    chosen = BASE | options.OPTIONS["VPC"]
    found = [Published(chosen | {name: one}).version for one in (before, after)]
    assert found[0] != found[1]


def test_description_fits_with_every_option() -> None:
    """With two buses, three subnets and a security group, and names of usual length."""
    chosen = options.variants()["all"] | {
        "GatewayUrl": "https://open-sea-global.alipayplus.com",
        "CredentialsSecretArn": f"{BASE['CredentialsSecretArn'][:-17]}production/alipayplus-a1B2c3",
        "SlowRetryInitialSeconds": "43200",
        "SlowRetryMaxSeconds": "43200",
    }
    _, description = Published(chosen).version
    assert len(description) <= LONGEST_DESCRIPTION


def test_nothing_but_the_template_and_its_parameters_changes_a_version() -> None:
    """Tags of the stack do not come through the transform; the function has none of its own."""
    source = deployed.parse(deployed.TEMPLATE.read_text("utf-8"))
    assert "Tags" not in source["Resources"][FUNCTION]["Properties"]
    assert vars(Published(BASE)) == vars(Published(BASE))


class Published:
    """What a deployment with these parameters would publish, were it the first."""

    def __init__(self, parameters: dict[str, str]) -> None:
        template = deployed.translate(deployed.TEMPLATE.read_text("utf-8"), parameters)
        resources = template["Resources"]
        [name] = [key for key, one in resources.items() if one["Type"] == "AWS::Lambda::Version"]

        properties = evaluator(template, parameters).properties
        self.version = (name, properties(name)["Description"])
        kept = {key: one for key, one in properties(FUNCTION).items() if key not in UNVERSIONED}
        # The URL of the queue, a setting of the function, holds its name.
        queue = properties("PaymentTimeoutsQueue")["QueueName"]
        self.configuration = json.dumps([kept, queue], sort_keys=True)
