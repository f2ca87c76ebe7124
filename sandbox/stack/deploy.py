"""The real template on the embedded AWS, by `sam deploy`, and what only the sandbox adds to it:
the secret, and a tap on the outcome bus that tests and the live view read."""

import base64
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.stack.cloud import Cloud

OUTCOME_SOURCE = "alipayplus.cancelPayment"
_BUCKET = "sandbox-artifacts"


class DeployFailed(Exception):
    """`sam deploy` did not succeed; the text ends with what it said last."""


def put_secret(cloud: Cloud, credentials: Path) -> str:
    """Keep the text of a file as a secret; returns its ARN."""
    text = credentials.read_text()
    answer = cloud.client("secretsmanager").create_secret(
        Name="alipayplus-credentials", SecretString=text
    )
    arn: str = answer["ARN"]
    return arn


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An asymmetric key in KMS; `public` is PEM."""

    arn: str
    public: str


def create_signing_key(cloud: Cloud) -> SigningKey:
    """Create a key as docs/going-live.md says."""
    kms = cloud.client("kms")
    arn = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    der = kms.get_public_key(KeyId=arn)["PublicKey"]
    text = base64.encodebytes(der).decode()
    return SigningKey(arn, f"-----BEGIN PUBLIC KEY-----\n{text}-----END PUBLIC KEY-----\n")


def deploy(
    cloud: Cloud, template: Path, name: str, parameters: Mapping[str, str], directory: Path
) -> dict[str, str]:
    """Deploy what `sam build` has built; returns the stack's outputs.

    Parameters
    ----------
    template
        The built template, whose artifact lies beside it.
    directory
        Gets the log, and SAM's own files, which otherwise go to the person's home.

    Raises
    ------
    DeployFailed
        SAM or CloudFormation refuses.
    """
    # Its own bucket: --resolve-s3 would deploy a second stack first, only to make one.
    cloud.client("s3").create_bucket(Bucket=_BUCKET)
    command = [
        *(sys.executable, "-m", "samcli", "deploy", "--no-progressbar", "--no-confirm-changeset"),
        *("--template-file", str(template), "--stack-name", name, "--s3-bucket", _BUCKET),
        *("--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--parameter-overrides"),
        *(f"{key}={value}" for key, value in parameters.items()),
    ]
    temporary = directory / "sam" / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    environment = {
        **cloud.environment,
        # It leaves an empty folder there each time.
        "TMPDIR": str(temporary),
        "__SAM_CLI_APP_DIR": str(directory / "sam"),
        "SAM_CLI_POLL_DELAY": "0.2",
        "PYTHONUNBUFFERED": "1",
    }
    log = directory / "deploy.log"
    with log.open("wb") as output:
        # A directory without a samconfig.toml: its settings are for AWS.
        code = subprocess.run(
            command,
            env=environment,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if code != 0:
        said = "\n".join(log.read_text(errors="replace").splitlines()[-30:])
        raise DeployFailed(f"sam deploy ended with {code}; it said last:\n{said}")
    stacks = cloud.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    _make_concurrency_a_number(cloud, int(parameters["MaximumConcurrency"]))
    return {one["OutputKey"]: one["OutputValue"] for one in stacks[0]["Outputs"]}


def _make_concurrency_a_number(cloud: Cloud, maximum: int) -> None:
    # The embedded AWS (ministack 1.5.33) keeps a template parameter as text, here too, and then
    # cannot compare it with the number of running batches: it would never poll the queue.
    functions = cloud.client("lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        functions.update_event_source_mapping(
            UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": maximum}
        )


def tap_outcomes(cloud: Cloud, bus: str) -> str:
    """Subscribe a queue to every outcome event; returns its URL."""
    sqs, events = cloud.client("sqs"), cloud.client("events")
    url: str = sqs.create_queue(QueueName="sandbox-outcome-tap")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    events.put_rule(
        Name="sandbox-outcome-tap",
        EventBusName=bus,
        EventPattern=json.dumps({"source": [OUTCOME_SOURCE]}),
    )
    events.put_targets(
        Rule="sandbox-outcome-tap",
        EventBusName=bus,
        Targets=[{"Id": "tap", "Arn": arn["QueueArn"]}],
    )
    return url
