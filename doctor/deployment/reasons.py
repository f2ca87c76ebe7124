"""Why a difference matters: what follows for payments, and the next step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DEPLOY: Final = "somebody changed it, or it never arrived: deploy the template again"


@dataclass(frozen=True, slots=True)
class Reason:
    """What follows from a difference.

    Attributes
    ----------
    next_step
        `{id}` in it is the resource's physical id.
    wrong
        Whether payments are lost, late or unseen by it; False if it only needs a look.
    """

    why: str
    next_step: str = DEPLOY
    wrong: bool = True


OTHER: Final = Reason("the next deployment sets it back", wrong=False)

_NOT_ENCRYPTED = Reason("its messages are not encrypted as was chosen")
# By kind and property, or for all other properties of a kind.
_REASONS: Final = {
    "Function": Reason("the version in use is not what the stack says, and may not run"),
    "Function.State": Reason("Lambda does not invoke it, or not yet", "read its StateReason"),
    "Function.ReservedConcurrentExecutions": Reason(
        "at 0 somebody switched the function off; with more, SQS receives messages only to be "
        "throttled, and each counts as a receive",
        "once the reason is gone: aws lambda delete-function-concurrency --function-name {id}; "
        "limit the traffic by MaximumConcurrency",
    ),
    "Function.RecursiveLoop": Reason(
        "Lambda stops the loop through the queue after about sixteen rounds, and the payment ends "
        "in the dead-letter queue"
    ),
    "Function.LoggingConfig": Reason(
        "metrics are log lines of INFO, and the runbook looks in that log group: alarms may stay "
        "silent"
    ),
    "Alias.FunctionVersion": Reason(
        "somebody moved it, as in a rollback",
        "deploy the commit that is to run, so that the template says the same",
        wrong=False,
    ),
    "Alias.RoutingConfig": Reason(
        "traffic is shared between two versions",
        "wait for the gradual deployment, or end it as the runbook says of a broken deployment",
        wrong=False,
    ),
    "EventSourceMapping.State": Reason(
        "no payment is taken from the queue",
        "aws lambda update-event-source-mapping --uuid {id} --enabled",
    ),
    "EventSourceMapping.FunctionResponseTypes": Reason(
        "what is to be asked again is deleted with its batch: the payment is lost"
    ),
    "EventSourceMapping.MaximumBatchingWindowInSeconds": Reason(
        "requests wait for others, and between two attempts lie 5 to 10 s", wrong=False
    ),
    "EventSourceMapping.BatchSize": Reason("one call for a batch's effects holds ten"),
    "EventSourceMapping.ScalingConfig": Reason("it is the one limit of the traffic to Alipay+"),
    "EventSourceMapping.FunctionName": Reason("it invokes another version than was deployed"),
    "EventSourceMapping.EventSourceArn": Reason("no payment is taken from the queue"),
    "Queue.VisibilityTimeout": Reason(
        "below six times the function's timeout a payment may be sent twice at once; above, "
        "retries wait"
    ),
    "Queue.MessageRetentionPeriod": Reason(
        "a payment may be forgotten before anybody looks; a dead-letter queue has to keep it "
        "longer than its source, since a moved message keeps its first time stamp"
    ),
    "Queue.RedrivePolicy": Reason(
        "what is received too often does not go to its dead-letter queue, or too soon: the first "
        "minute of an unknown payment uses up to 13 receives"
    ),
    "Queue.RedriveAllowPolicy": Reason("its source may not use it, or other queues may"),
    "Queue.SqsManagedSseEnabled": _NOT_ENCRYPTED,
    "Queue.KmsMasterKeyId": _NOT_ENCRYPTED,
    "Queue.MaximumMessageSize": Reason("what it takes may not fit into its dead-letter queue"),
    "QueuePolicy.PolicyDocument": Reason(
        "a rule may not deliver to it, or others may, or without TLS"
    ),
    "Rule.State": Reason(
        "while it is disabled its events are gone for good, they wait nowhere",
        "aws events enable-rule --name {id}; then publish again what was missed",
    ),
    "Rule.EventPattern": Reason(
        "payments pass it by, or a replay of an archive makes a second refund or case"
    ),
    "Rule.Targets": Reason(
        "events do not reach their queue in the form it needs, or those it cannot deliver are lost"
    ),
    "StateMachine.Status": Reason("no tracker can be started"),
    "StateMachine.StateMachineType": Reason("an express workflow ends after five minutes"),
    "StateMachine.LoggingConfiguration": Reason("a broken execution does not log its errors"),
    "StateMachine.RoleArn": Reason("it may not be allowed what it has to do"),
    "Alarm": Reason("what it watches may happen, and nobody hears"),
    "Alarm.ActionsEnabled": Reason(
        "it fires and nobody hears",
        "aws cloudwatch enable-alarm-actions --alarm-names {id}",
    ),
    "Key.KeyState": Reason(
        "nothing can be published on the alert topic: no alarm is heard",
        "enable it in KMS (cancel its deletion first, where it is pending)",
    ),
}


PROPERTIES: Final = frozenset(name for name in _REASONS if "." in name)


def reason(kind: str, name: str) -> Reason:
    """Why it matters that this property of a resource of this kind differs."""
    short = kind.rpartition(":")[2]
    return _REASONS.get(f"{short}.{name}") or _REASONS.get(short, OTHER)
