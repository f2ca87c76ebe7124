"""docs/going-live.md, as far as a machine can go: the keys, the secret, the alerts."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from awscli.clidriver import create_clidriver
from cancel_payment.alipay.credentials import parse_secret
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

from sandbox.stack.cloud import Cloud
from tests.conftest import KeyPair, bare
from tests.docs.documents import ROOT, blocks, named, of_a_real_account
from tests.docs.shell import Shell, account, typed
from tests.template import deployed, options

BLOCKS: Final = named("docs/going-live.md")
DOCUMENT: Final = ROOT / "docs" / "going-live.md"
HOSTS: Final = {
    f"open-{region}.alipayplus.com" for region in ("na", "na-global", "sea", "sea-global")
}


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Where the commands are typed, with a fresh key pair in it."""
    typed(BLOCKS["make-keys"], tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with account(tmp_path_factory.mktemp("account") / "aws") as cloud:
        yield cloud


def test_the_key_pair_is_one_that_alipay_takes_and_nobody_else_reads(desk: Path) -> None:
    public = load_pem_public_key((desk / "public.pem").read_bytes())
    assert isinstance(public, RSAPublicKey) and public.key_size == 2048
    assert (desk / "private.pem").stat().st_mode & 0o077 == 0
    line = typed(BLOCKS["public-key-in-one-line"], desk)
    assert "\n" not in line
    assert load_der_public_key(base64.b64decode(line, validate=True)) == public


@pytest.mark.parametrize("framed", [True, False])
def test_the_function_reads_the_secret_and_signs_with_the_key(
    desk: Path, theirs: KeyPair, framed: bool
) -> None:
    (desk / "alipay.txt").write_text((theirs.spki if framed else bare(theirs.spki)) + "\n")
    numbers = {"CLIENT_ID": "SANDBOX_0001", "KEY_VERSION": "1", "ALIPAY_KEY_VERSION": "2"}
    typed(BLOCKS["write-the-secret"], desk, **numbers)
    assert (desk / "secret.json").stat().st_mode & 0o077 == 0

    credentials = parse_secret((desk / "secret.json").read_text())

    assert (credentials.client_id, credentials.key_version) == ("SANDBOX_0001", "1")
    assert credentials.public_keys["2"] == theirs.private.public_key()
    public: Any = load_pem_public_key((desk / "public.pem").read_bytes())
    scheme = padding.PKCS1v15(), hashes.SHA256()
    public.verify(credentials.signer.sign(b"content"), b"content", *scheme)


def test_the_secret_is_put_and_the_files_are_gone(desk: Path, cloud: Cloud) -> None:
    (desk / "secret.json").write_text('{"clientId": "SANDBOX_0001"}')
    arn = Shell(cloud).run(BLOCKS["put-the-secret"], desk).strip()
    kept = cloud.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    assert json.loads(kept) == {"clientId": "SANDBOX_0001"}
    assert [(desk / name).exists() for name in ("private.pem", "secret.json")] == [False, False]


def test_a_key_in_kms_is_made_and_exchanged(cloud: Cloud) -> None:
    role = "arn:aws:iam::000000000000:role/function"
    shell = Shell(cloud)
    key = shell.run(BLOCKS["make-the-kms-key"]).strip()
    line = shell.run(BLOCKS["public-key-of-kms"], KEY=key).strip()
    secret = cloud.client("secretsmanager").create_secret(Name="old", SecretString="{}")["ARN"]
    old = {"OLD_KEY": key, "OLD_SECRET": secret}
    said = shell.run(BLOCKS["keep-the-old-key-in-use"], ROLE=role, **old)
    shell.run(BLOCKS["keep-the-old-secret-readable"], ROLE=role, SECRETS_KEY=key, **old)
    granted = cloud.client("kms").list_grants(KeyId=key)["Grants"]
    shell.run(BLOCKS["retire-the-old-key"], GRANT=said.split()[0], **old)
    state = cloud.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    public = load_der_public_key(base64.b64decode(line, validate=True))
    assert isinstance(public, RSAPublicKey) and public.key_size == 2048
    assert [one["Operations"] for one in granted] == [["Sign"], ["Decrypt"]]
    assert granted[1]["Constraints"] == {"EncryptionContextSubset": {"SecretARN": secret}}
    assert state == "Disabled"


def test_roles_go_on_using_the_old_data_key(cloud: Cloud) -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}}
    roles = dict.fromkeys(("CancelPaymentRole", "CancelUntilCutoffRole"), role)
    cloud.client("cloudformation").create_stack(
        StackName="cancel-payment", TemplateBody=json.dumps({"Resources": roles})
    )
    kms = cloud.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    block = BLOCKS["keep-the-old-data-key"]
    Shell(cloud).run(block, STACK="cancel-payment", OLD_KEY=key)
    granted = kms.list_grants(KeyId=key)["Grants"]
    assert [one["Operations"] for one in granted] == [["Decrypt", "GenerateDataKey"]] * 2
    assert len({one["GranteePrincipal"] for one in granted}) == 2


def test_the_commands_for_a_real_account_are_ones_that_the_cli_has(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The CLI reads their options and asks AWS nothing; in one process, since it starts slowly."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    cli = create_clidriver()
    commands = [*of_a_real_account(), "aws sqs receive-message --queue-uri none"]
    asked = [[*shlex.split(one)[1:], "--generate-cli-skeleton", "input"] for one in commands]
    failed = [one for one, words in zip(commands, asked, strict=True) if cli.main(words)]
    assert failed == commands[-1:], capsys.readouterr().err


def test_whoever_deploys_may_make_every_kind_of_resource() -> None:
    [text] = [one.text for one in blocks(DOCUMENT) if '"iam:PassRole"' in one.text]
    actions = set(re.findall(r'"([a-z]+):\w*\*?"', text))
    services = {"Events": "events", "StepFunctions": "states"}
    kinds = {
        one["Type"].split("::")[1]
        for one in deployed.load(**options.variants()["all"]).template["Resources"].values()
    }
    assert {services.get(one, one.lower()) for one in kinds} <= actions


def test_the_hosts_are_those_of_the_regions() -> None:
    assert set(re.findall("`https://([^`]+)`", DOCUMENT.read_text())) == HOSTS
