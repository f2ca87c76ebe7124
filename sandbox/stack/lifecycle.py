"""The local stack: embedded AWS, stand-in for Alipay+ (or another gateway), the real template.

As a library, for tests and `make run`:

    with Stack.start("name") as stack:
        stack.cloud.client("sqs").receive_message(QueueUrl=stack.outcome_tap_url)

As commands, for `make up`, `make send`, `make down`: `python -m sandbox.stack --help`.

Several stacks run side by side; each keeps everything in a directory of its own below `.sandbox/`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sandbox.gateway import keys
from sandbox.stack import cloud as embedded
from sandbox.stack import deploy, stand_in
from sandbox.stack import directory as stack_directory
from sandbox.stack.build import ARCHITECTURE, TEMPLATE
from sandbox.stack.cloud import Cloud
from sandbox.stack.processes import Process
from sandbox.stack.stand_in import StandIn

# The function's workers are processes here: more of them than cores get in each other's way.
LOCAL_PARAMETERS = {
    "Architecture": ARCHITECTURE,
    "MaximumConcurrency": "2",
    # Of the cutoff's quarter of an hour, seconds, to be seen.
    "ClosingCallSeconds": "3",
    # The embedded AWS knows neither saved log queries nor alarms on metric math.
    "Monitoring": "Basic",
}


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A running stack and where everything in it is."""

    name: str
    directory: Path
    cloud: Cloud
    stand_in: StandIn | None
    """None where another gateway is used."""
    gateway_url: str
    processes: tuple[Process, ...]
    secret_arn: str
    payment_source: str
    payment_bus: str
    outcome_bus: str
    queue_url: str
    dead_letter_queue_url: str
    refund_queue_url: str
    operator_cases_queue_url: str
    undelivered_events_queue_url: str
    outcome_tap_url: str
    alerts_topic_arn: str
    state_machine_arn: str
    function_name: str
    log_group_name: str

    @classmethod
    def start(
        cls,
        name: str,
        *,
        parameters: Mapping[str, str] | None = None,
        gateway_url: str | None = None,
        credentials: Path | None = None,
        template: Path = TEMPLATE,
        environment: Mapping[str, str] | None = None,
        kms: bool = False,
    ) -> Self:
        """Start a stack below `.sandbox/<name>`; whatever lay there is removed.

        Parameters
        ----------
        name
            Its directory and its CloudFormation stack: letters, digits, hyphens.
        parameters
            Of the template, over those that the local stack sets.
        gateway_url, credentials
            Another gateway and the file with the secret for it, instead of the stand-in.
        template
            What `sam build` has built for this host.
        environment
            More of it for the servers and the function's workers, such as a clock of their own.
        kms
            Sign with a key in KMS, of which the stand-in knows the public half; the secret has no
            private key then.

        Raises
        ------
        ProcessFailed, DeployFailed
            It did not come up; nothing of it is left but its logs.
        """
        directory = stack_directory.make(name)
        started: list[Process] = []
        try:
            cloud, process = embedded.start(directory, environment)
            started.append(process)
            embedded.wait_until_ready(cloud, process, directory / "cloud.log")
            key = deploy.create_signing_key(cloud) if kms else None
            local = None
            if gateway_url is None:
                keys.generate(directory / "keys", key.public if key else None)
                log = directory / "gateway.log"
                started.append(
                    stand_in.start(directory / "keys", log, more_environment=environment)
                )
                local = stand_in.wait_until_ready(started[1], log)
            secret_arn = deploy.put_secret(cloud, credentials or directory / "keys" / "secret.json")
            url = local.url if local else str(gateway_url)
            chosen = {
                **LOCAL_PARAMETERS,
                "GatewayUrl": url,
                "CredentialsSecretArn": secret_arn,
                **({"SigningKeyArn": key.arn} if key else {}),
                **(parameters or {}),
            }
            outputs = deploy.deploy(cloud, template, name, chosen, directory)
            stack = cls(
                name=name,
                directory=directory,
                cloud=cloud,
                stand_in=local,
                gateway_url=url,
                processes=tuple(started),
                secret_arn=secret_arn,
                payment_source=chosen.get("PaymentEventSource", "acquirer.payments"),
                payment_bus=outputs["PaymentEventBusName"],
                outcome_bus=outputs["OutcomeBusName"],
                queue_url=outputs["PaymentTimeoutsQueueUrl"],
                dead_letter_queue_url=outputs["PaymentTimeoutsDeadLetterQueueUrl"],
                refund_queue_url=outputs["RefundQueueUrl"],
                # Version 1.0.0, from which an upgrade is tested, has none.
                operator_cases_queue_url=outputs.get("OperatorCasesQueueUrl", ""),
                undelivered_events_queue_url=outputs["UndeliveredEventsQueueUrl"],
                outcome_tap_url=deploy.tap_outcomes(cloud, outputs["OutcomeBusName"]),
                alerts_topic_arn=outputs["OperatorAlertsTopicArn"],
                state_machine_arn=outputs["StateMachineArn"],
                function_name=outputs["FunctionName"],
                log_group_name=outputs["LogGroupName"],
            )
            stack_directory.write(directory, vars(stack))
        except BaseException:
            stack_directory.take_down(directory, started)
            raise
        return stack

    @classmethod
    def load(cls, name: str) -> Self:
        """The stack of that name as its file tells.

        Raises
        ------
        FileNotFoundError
            There is none.
        """
        return cls(**stack_directory.read(name))

    def with_process(self, process: Process) -> Self:
        """The same stack with one more process, which it stops too."""
        stack = replace(self, processes=(*self.processes, process))
        stack_directory.write(stack.directory, vars(stack))
        return stack

    @property
    def alive(self) -> bool:
        return all(process.alive for process in self.processes)

    def stop(self) -> None:
        """Take everything down; only the logs stay."""
        stack_directory.take_down(self.directory, self.processes)

    def put_event(self, payment: Mapping[str, Any], detail_type: str = "Payment Expired") -> None:
        """Put one payment's event on the bus, as the acquirer's payment system would."""
        self.put_events([payment], detail_type)

    def put_events(
        self, payments: list[Mapping[str, Any]], detail_type: str = "Payment Expired"
    ) -> None:
        """Put the events of at most ten payments on the bus, in one call.

        The stand-in does not learn of them: a payment's window it has from `StandIn.register`.
        """
        answer = self.cloud.client("events").put_events(
            Entries=[
                {
                    "EventBusName": self.payment_bus,
                    "Source": self.payment_source,
                    "DetailType": detail_type,
                    "Detail": json.dumps(payment),
                }
                for payment in payments
            ]
        )
        if answer["FailedEntryCount"]:
            raise RuntimeError(f"events refused by the bus: {answer['Entries']}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
