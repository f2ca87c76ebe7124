"""What the emulated AWS lacks, done by what it has. Not the real thing; what differs stands here.

`StartMessageMoveTask`: each message is received, sent to the destination and deleted. As on AWS the
moved message is a new one, with a new id and its receives counted from one, and a destination has
to be named for messages that no redrive policy has moved. Unlike on AWS it is over at once.

`RedriveExecution`: a new execution with the same input, named `<old name>-2`, as the payment's next
tracker would be. As on AWS the next step is an attempt, by the same definition. Unlike on AWS the
counter of attempts begins where the first tracker began, the state before the failed one runs once
more, and the ARN is new. An execution that failed in a Fail state would only fail again: nothing is
started for it.
"""

from __future__ import annotations

import os
import sys

from sandbox.stack.cloud import Cloud


def move(cloud: Cloud, source_arn: str, destination_arn: str) -> None:
    """Move all messages of one queue to another."""
    sqs = cloud.client("sqs")
    source, destination = (
        sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
        for arn in (source_arn, destination_arn)
    )
    while messages := sqs.receive_message(
        QueueUrl=source,
        MaxNumberOfMessages=10,
        VisibilityTimeout=60,
        MessageAttributeNames=["All"],
    ).get("Messages"):
        for one in messages:
            sqs.send_message(
                QueueUrl=destination,
                MessageBody=one["Body"],
                MessageAttributes=one.get("MessageAttributes", {}),
            )
            sqs.delete_message(QueueUrl=source, ReceiptHandle=one["ReceiptHandle"])


def redrive(cloud: Cloud, execution_arn: str) -> None:
    """Let an ended execution go on."""
    client = cloud.client("stepfunctions")
    execution = client.describe_execution(executionArn=execution_arn)
    assert execution["status"] in {"FAILED", "ABORTED", "TIMED_OUT"}, "ExecutionNotRedrivable"
    if execution.get("error") != "Unresolved":
        client.start_execution(
            stateMachineArn=execution["stateMachineArn"],
            name=f"{execution['name']}-2",
            input=execution["input"],
        )


def main() -> None:
    """The real CLI has checked the words already."""
    _, command, *words = sys.argv[1:]
    options = dict(zip(words[::2], words[1::2], strict=True))
    cloud = Cloud(os.environ["AWS_ENDPOINT_URL"])
    if command == "start-message-move-task":
        move(cloud, options["--source-arn"], options["--destination-arn"])
    elif command == "redrive-execution":
        redrive(cloud, options["--execution-arn"])


if __name__ == "__main__":
    main()
