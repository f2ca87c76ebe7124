"""Every ready event is what it says it is: to its schema, and to the function."""

from __future__ import annotations

import hashlib
import json

import jsonschema
import pytest

from tests.events import expected
from tests.events.expected import EVENTS, EXPECTED, OF_THE_BUS
from tests.support.aws import AwsDouble
from tests.support.function import SETTINGS, Function
from tests.template import deployed


def test_every_event_has_its_expected_disposition() -> None:
    files = {path.name for path in EVENTS.glob("*.json") if ".schema." not in path.name}
    assert files == EXPECTED.keys() | {OF_THE_BUS}


def test_every_schema_is_one() -> None:
    for schema in EVENTS.glob("*.schema.json"):
        jsonschema.Draft202012Validator.check_schema(json.loads(schema.read_text("utf-8")))


@pytest.mark.parametrize("name", EXPECTED)
def test_every_record_is_one_that_sqs_sends_and_keeps_the_schema_unless_on_purpose(
    name: str,
) -> None:
    validator = jsonschema.Draft202012Validator(
        expected.schema("payment-timeout"), format_checker=jsonschema.FormatChecker()
    )

    def broken(body: str) -> bool:
        try:
            return not validator.is_valid(json.loads(body))
        except ValueError:
            return True

    records = expected.load(name)["Records"]
    assert sum(broken(record["body"]) for record in records) == EXPECTED[name].malformed
    assert len({record["messageId"] for record in records}) == len(records) <= 10
    attributes = {"ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp"}
    for record in records:
        assert record["md5OfBody"] == hashlib.md5(record["body"].encode()).hexdigest()
        assert record["attributes"].keys() >= attributes
        assert record["eventSource"] == "aws:sqs"


@pytest.mark.parametrize("name", EXPECTED)
def test_the_function_does_with_the_event_what_is_expected(
    name: str, function: Function, aws: AwsDouble
) -> None:
    want = EXPECTED[name]
    back = function(*expected.load(name)["Records"])
    assert len(back) == want.back
    assert sorted(outcome for outcome, _ in aws.outcomes) == sorted(want.outcomes)
    queues = [one["QueueUrl"] for one in aws.of("SendMessage")]
    assert queues == [SETTINGS["PAYMENT_TIMEOUTS_DLQ_URL"]] * want.rejected
    assert bool(aws.started) == want.started
    assert [said["disposition"] for _, said in aws.task_outputs] == [want.told] * bool(want.told)
    assert sum(map(len, aws.visibility)) == want.back
    for _, detail in aws.outcomes:
        jsonschema.validate(
            detail, expected.schema("outcome"), format_checker=jsonschema.FormatChecker()
        )


def test_the_event_of_the_bus_is_one_that_the_rule_takes() -> None:
    [entry] = expected.load(OF_THE_BUS)
    template = deployed.parse(deployed.TEMPLATE.read_text("utf-8"))
    pattern = template["Resources"]["PaymentTimeoutRule"]["Properties"]["EventPattern"]
    assert entry["Source"] == template["Parameters"]["PaymentEventSource"]["Default"]
    assert entry["DetailType"] in pattern["detail-type"]
    jsonschema.validate(json.loads(entry["Detail"]), expected.schema("payment-timeout"))
