"""The hand that changes a deployment behind CloudFormation's back, and puts it right at the end."""

from __future__ import annotations

import json
from contextlib import ExitStack
from functools import cached_property
from typing import Any, Self

from sandbox.stack.lifecycle import Stack


class Hand:
    """Each method seeds a fault on the deployed stack, which lasts until the `with` block ends."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.client = stack.cloud.client
        self._put_right = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._put_right.close()

    @cached_property
    def resources(self) -> dict[str, str]:
        answer = self.client("cloudformation").describe_stack_resources(StackName=self.stack.name)
        return {
            one["LogicalResourceId"]: one["PhysicalResourceId"] for one in answer["StackResources"]
        }

    @property
    def right_secret(self) -> dict[str, Any]:
        text = (self.stack.directory / "keys" / "secret.json").read_text()
        secret: dict[str, Any] = json.loads(text)
        return secret

    def secret(self, value: Any) -> None:
        put, arn = self.client("secretsmanager").put_secret_value, self.stack.secret_arn
        put(SecretId=arn, SecretString=value if isinstance(value, str) else json.dumps(value))
        self._put_right.callback(put, SecretId=arn, SecretString=json.dumps(self.right_secret))

    def secret_to_be_deleted(self) -> None:
        secrets, arn = self.client("secretsmanager"), self.stack.secret_arn
        secrets.delete_secret(SecretId=arn, RecoveryWindowInDays=7)
        self._put_right.callback(secrets.restore_secret, SecretId=arn)

    def queue(self, logical_id: str, **attributes: str) -> None:
        sqs, url = self.client("sqs"), self.resources[logical_id]
        before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
        right = {name: before.get(name, "") for name in attributes}
        self._put_right.callback(sqs.set_queue_attributes, QueueUrl=url, Attributes=right)

    def message(self, logical_id: str) -> None:
        sqs, url = self.client("sqs"), self.resources[logical_id]
        sqs.send_message(QueueUrl=url, MessageBody="{}")
        self._put_right.callback(sqs.purge_queue, QueueUrl=url)

    def mapping(self, **changes: Any) -> None:
        functions = self.client("lambda")
        uuid = self.resources["CancelPaymentFunctionPaymentTimeouts"]
        before = functions.get_event_source_mapping(UUID=uuid) | {"Enabled": True}
        functions.update_event_source_mapping(UUID=uuid, **changes)
        right = {name: before[name] for name in changes}
        self._put_right.callback(functions.update_event_source_mapping, UUID=uuid, **right)

    def receives(self, count: int) -> None:
        """Let the queue of payments give up after so many receives."""
        queue = self.resources["PaymentTimeoutsDeadLetterQueue"].rpartition("/")[2]
        policy = {
            "deadLetterTargetArn": f"arn:aws:sqs:us-east-1:000000000000:{queue}",
            "maxReceiveCount": count,
        }
        self.queue("PaymentTimeoutsQueue", RedrivePolicy=json.dumps(policy))

    def rule_disabled(self, logical_id: str) -> None:
        events, name = self.client("events"), self.resources[logical_id]
        events.disable_rule(Name=name)
        self._put_right.callback(events.enable_rule, Name=name)

    def pattern(self, logical_id: str, **changes: Any) -> None:
        """Change the event pattern of a rule; None takes a field away."""
        events, name = self.client("events"), self.resources[logical_id]
        before = events.describe_rule(Name=name)["EventPattern"]
        changed = _without_none(json.loads(before) | changes)
        events.put_rule(Name=name, EventPattern=json.dumps(changed))
        self._put_right.callback(events.put_rule, Name=name, EventPattern=before)

    def target(self, logical_id: str, **changes: Any) -> None:
        """Change the one target of a rule; None takes a field away."""
        events, name = self.client("events"), self.resources[logical_id]
        (before,) = events.list_targets_by_rule(Rule=name)["Targets"]
        events.put_targets(Rule=name, Targets=[_without_none(before | changes)])
        self._put_right.callback(events.put_targets, Rule=name, Targets=[before])

    def tracker_log(self, level: str) -> None:
        machines, arn = self.client("stepfunctions"), self.stack.state_machine_arn
        update, log = machines.update_state_machine, {"level": level, "destinations": []}
        update(stateMachineArn=arn, loggingConfiguration=log)
        self._put_right.callback(update, stateMachineArn=arn, loggingConfiguration={})

    def tracker_deleted(self) -> None:
        machines, arn = self.client("stepfunctions"), self.stack.state_machine_arn
        before = machines.describe_state_machine(stateMachineArn=arn)
        machines.delete_state_machine(stateMachineArn=arn)
        names = ("name", "definition", "roleArn", "type", "loggingConfiguration")
        kept = {name: before[name] for name in names}
        self._put_right.callback(machines.create_state_machine, **kept)

    def alarm_deleted(self, logical_id: str) -> None:
        self.alarm(logical_id)
        self.client("cloudwatch").delete_alarms(AlarmNames=[self.resources[logical_id]])

    def alarm(self, logical_id: str, **changes: Any) -> None:
        cloudwatch, name = self.client("cloudwatch"), self.resources[logical_id]
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        settings = cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape
        kept = {key: value for key, value in alarm.items() if key in settings.members}
        cloudwatch.put_metric_alarm(**kept | changes)
        self._put_right.callback(cloudwatch.put_metric_alarm, **kept)

    def alarm_actions_disabled(self, logical_id: str) -> None:
        cloudwatch, names = self.client("cloudwatch"), [self.resources[logical_id]]
        cloudwatch.disable_alarm_actions(AlarmNames=names)
        self._put_right.callback(cloudwatch.enable_alarm_actions, AlarmNames=names)

    def alarm_fires(self, logical_id: str) -> None:
        cloudwatch, name = self.client("cloudwatch"), self.resources[logical_id]
        put = cloudwatch.set_alarm_state
        put(AlarmName=name, StateValue="ALARM", StateReason="seeded")
        self._put_right.callback(put, AlarmName=name, StateValue="OK", StateReason="over")

    def unsubscribed(self) -> None:
        sns, topic = self.client("sns"), self.stack.alerts_topic_arn
        (before,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        sns.unsubscribe(SubscriptionArn=before["SubscriptionArn"])
        kept = {name: before[name] for name in ("Protocol", "Endpoint")}
        self._put_right.callback(sns.subscribe, TopicArn=topic, **kept)

    def key_disabled(self) -> None:
        kms, key = self.client("kms"), self.resources["OperatorAlertsKey"]
        kms.disable_key(KeyId=key)
        self._put_right.callback(kms.enable_key, KeyId=key)

    def reserved(self, concurrency: int) -> None:
        functions, name = self.client("lambda"), self.stack.function_name
        put = functions.put_function_concurrency
        put(FunctionName=name, ReservedConcurrentExecutions=concurrency)
        self._put_right.callback(functions.delete_function_concurrency, FunctionName=name)

    def environment(self, **changes: str) -> None:
        """A version with other settings behind the alias."""
        functions, name = self.client("lambda"), self.stack.function_name
        before = functions.get_function_configuration(FunctionName=name)["Environment"]
        alias = functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
        changed = {"Variables": before["Variables"] | changes}
        functions.update_function_configuration(FunctionName=name, Environment=changed)
        functions.get_waiter("function_updated_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 200}
        )
        version = functions.publish_version(FunctionName=name)["Version"]
        functions.update_alias(FunctionName=name, Name="live", FunctionVersion=version)
        self._put_right.callback(
            functions.update_function_configuration, FunctionName=name, Environment=before
        )
        self._put_right.callback(
            functions.update_alias, FunctionName=name, Name="live", FunctionVersion=alias
        )


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
