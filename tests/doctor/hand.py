"""The hand that changes a deployment behind CloudFormation's back, and puts it right at the end."""

from __future__ import annotations

import json
from contextlib import ExitStack
from functools import cached_property
from typing import Any

from tests.support.stack import World


class Hand(ExitStack):
    """What each method changes on the deployed stack lasts until the `with` block ends."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.stack, self.client = world.stack, world.client

    @cached_property
    def resources(self) -> dict[str, str]:
        """Physical ids by logical ids."""
        answer = self.client("cloudformation").describe_stack_resources(StackName=self.stack.name)
        return {
            one["LogicalResourceId"]: one["PhysicalResourceId"] for one in answer["StackResources"]
        }

    @cached_property
    def right_secret(self) -> dict[str, Any]:
        text = (self.stack.directory / "keys" / "secret.json").read_text()
        secret: dict[str, Any] = json.loads(text)
        return secret

    def change(self, call: str, back: str, *changes: dict[str, Any], **on: Any) -> None:
        """Make one call of AWS (`sqs purge_queue`), and another one of that service at the end.

        Parameters
        ----------
        changes
            Parameters of the one, and of the other; `on` are those of both.
        """
        service, _, operation = call.partition(" ")
        there, then = [*changes, {}, {}][:2]
        client = self.client(service)
        getattr(client, operation)(**on, **there)
        self.callback(getattr(client, back), **on, **then)

    def secret(self, value: Any) -> None:
        change, right = "secretsmanager put_secret_value", json.dumps(self.right_secret)
        text = value if isinstance(value, str) else json.dumps(value)
        put = {"SecretString": text}, {"SecretString": right}
        self.change(change, "put_secret_value", *put, SecretId=self.stack.secret_arn)

    def queue(self, logical_id: str, **attributes: str) -> None:
        url = self.resources[logical_id]
        found = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        before = {name: found["Attributes"].get(name, "") for name in attributes}
        put = {"Attributes": attributes}, {"Attributes": before}
        self.change("sqs set_queue_attributes", "set_queue_attributes", *put, QueueUrl=url)

    def message(self, logical_id: str) -> None:
        sent = {"MessageBody": "{}"}
        self.change("sqs send_message", "purge_queue", sent, QueueUrl=self.resources[logical_id])

    def mapping(self, **changes: Any) -> None:
        uuid, call = self.resources["CancelPaymentFunctionPaymentTimeouts"], "_event_source_mapping"
        before = self.client("lambda").get_event_source_mapping(UUID=uuid) | {"Enabled": True}
        right = {name: before[name] for name in changes}
        self.change(f"lambda update{call}", f"update{call}", changes, right, UUID=uuid)

    def pattern(self, logical_id: str, **changes: Any) -> None:
        """Change the event pattern of a rule; None takes a field away."""
        name = self.resources[logical_id]
        before = self.client("events").describe_rule(Name=name)["EventPattern"]
        changed = json.dumps(_without_none(json.loads(before) | changes))
        put = {"EventPattern": changed}, {"EventPattern": before}
        self.change("events put_rule", "put_rule", *put, Name=name)

    def target(self, logical_id: str, **changes: Any) -> None:
        """Change the one target of a rule; None takes a field away."""
        name = self.resources[logical_id]
        [before] = self.client("events").list_targets_by_rule(Rule=name)["Targets"]
        put = {"Targets": [_without_none(before | changes)]}, {"Targets": [before]}
        self.change("events put_targets", "put_targets", *put, Rule=name)

    def alarm(self, logical_id: str, **changes: Any) -> None:
        cloudwatch, name = self.client("cloudwatch"), self.resources[logical_id]
        [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        settings = cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape
        before = {key: value for key, value in alarm.items() if key in settings.members}
        self.change("cloudwatch put_metric_alarm", "put_metric_alarm", before | changes, before)

    def unsubscribed(self) -> None:
        sns, topic = self.client("sns"), self.stack.alerts_topic_arn
        [before] = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        sns.unsubscribe(SubscriptionArn=before["SubscriptionArn"])
        kept = {name: before[name] for name in ("TopicArn", "Protocol", "Endpoint")}
        self.callback(sns.subscribe, **kept)

    def tracker_deleted(self) -> None:
        machines, arn = self.client("stepfunctions"), self.stack.state_machine_arn
        before = machines.describe_state_machine(stateMachineArn=arn)
        machines.delete_state_machine(stateMachineArn=arn)
        names = ("name", "definition", "roleArn", "type", "loggingConfiguration")
        self.callback(machines.create_state_machine, **{name: before[name] for name in names})

    def environment(self, **changes: str) -> None:
        """A version with other settings behind the alias."""
        functions, name = self.client("lambda"), self.stack.function_name
        before = functions.get_function_configuration(FunctionName=name)["Environment"]
        alias = functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
        call, changed = (
            "update_function_configuration",
            {"Variables": before["Variables"] | changes},
        )
        put = {"Environment": changed}, {"Environment": before}
        self.change(f"lambda {call}", call, *put, FunctionName=name)
        functions.get_waiter("function_updated_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 200}
        )
        version = functions.publish_version(FunctionName=name)["Version"]
        put = {"FunctionVersion": version}, {"FunctionVersion": alias}
        self.change("lambda update_alias", "update_alias", *put, FunctionName=name, Name="live")


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
