"""The command: what it prints for whom, its exit status; no secret in any of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from doctor import __main__ as command
from doctor import screen
from doctor.alipay import secret
from doctor.finding import Finding, exit_status
from sandbox.stack import running
from sandbox.stack.lifecycle import Stack
from tests.doctor.conftest import Told
from tests.doctor.faults import of_mapping, of_secret, of_setting
from tests.support.leaks import Material

ROOT = Path(__file__).parents[2]

type Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command against the local stack's endpoint: its exit status and all it printed."""
    for name, value in stack.cloud.variables.items():
        monkeypatch.setenv(name, value)

    def command_line(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["doctor", *arguments])
        try:
            status = command.main()
        except SystemExit as ended:
            status = int(ended.code or 0)
        said = capsys.readouterr()
        return status, said.out + said.err

    return command_line


@pytest.mark.stack
def test_make_doctor_of_a_healthy_stack_ends_well(stack: Stack) -> None:
    done = subprocess.run(
        ["make", "-s", "doctor", f"STACK={stack.name}", "TOLERANCE=60", "JSON=1"],
        cwd=ROOT,
        env=stack.cloud.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    document = json.loads(done.stdout)
    assert (document["stack"], document["exitStatus"]) == (stack.name, 0)
    assert {one["status"] for one in document["findings"]} == {"OK", "INFO"}
    assert {"group", "status", "subject", "fact", "action"} == set(document["findings"][0])
    assert any("within 60 s" in one["fact"] for one in document["findings"])


@pytest.mark.stack
def test_what_is_wrong_ends_with_1(
    run: Run, stack: Stack, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boto3.session.Session", lambda **_: told)
    told.changes = [of_mapping("State", "Disabled")]
    status, said = run(stack.name)
    assert status == 1 and "WRONG   CancelPaymentFunctionPaymentTimeouts State: " in said
    assert " -> aws lambda update-event-source-mapping --uuid " in said
    status, said = run("no-such-stack")
    assert status == 1 and "there is no stack no-such-stack in region us-east-1" in said


@pytest.mark.stack
@pytest.mark.parametrize(
    ("changed", "value", "arguments", "words"),
    [
        ("AWS_REGION", "", ["any"], "no region is set"),
        ("AWS_PROFILE", "no-such-profile", ["any"], "no AWS credentials"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9", ["any"], "could not be checked"),
        ("AWS_REGION", "us-east-1", [""], "which stack?"),
        *(
            ("AWS_REGION", "us-east-1", ["any", f"--tolerance={one}"], "tolerance")
            for one in ("1", "nan", "soon")
        ),
    ],
)
def test_what_cannot_be_asked_or_is_not_understood_ends_with_2(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    changed: str,
    value: str,
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.setattr(running, "DEFAULT", "no-such-stack")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv(changed, value)
    status, said = run(*arguments)
    assert status == 2 and words in said


@pytest.mark.stack
def test_no_secret_is_ever_printed(
    run: Run, stack: Stack, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even of a key that was pasted in the wrong place."""
    monkeypatch.setattr("boto3.session.Session", lambda **_: told)
    material = Material.in_directories([stack.directory / "keys"])
    right = json.loads((stack.directory / "keys" / "secret.json").read_text())
    key = right["privateKey"]
    pasted = of_secret(json.dumps(right | {"clientId": key, key: key}))
    told.changes = [of_setting("ALIPAY_PRIVATE_KEY", key), pasted]
    _, said = run(stack.name)
    assert "secret clientId" in said and "ALIPAY_PRIVATE_KEY" in said
    assert material.leaks(said.encode()) == []
    for wrong in (
        *(right | {name: key} for name in ("keyVersion", "agentToken")),
        right | {"alipayPublicKeys": {key: "1"}},
        right | {"privateKey": key[:-60]},
        json.dumps(right)[:-1],
    ):
        text = wrong if isinstance(wrong, str) else json.dumps(wrong)
        found = [*secret.judge(text, stack.gateway_url)]
        assert found
        assert material.leaks(str(found).encode()) == []


def test_outside_a_terminal_a_line_is_one_finding() -> None:
    output = StringIO()
    findings = [
        ("Stack", Finding.ok("stack", "UPDATE_COMPLETE")),
        ("Keys", Finding.wrong("signing key", "it can [not] be used", "enable it")),
        ("Keys", Finding.warning("secret", "word " * 40, "look")),
    ]
    screen.show(findings, "cancel-payment", Console(file=output, width=80, no_color=True))
    lines = output.getvalue().splitlines()
    assert len(lines) == 4 and "cancel-payment: not fit to run" in lines[3]
    assert lines[1] == "WRONG   signing key: it can [not] be used -> enable it"


def test_exit_status_is_of_what_is_wrong_before_what_is_unknown() -> None:
    ok, unknown = Finding.ok("a", "b"), Finding.unknown("a", "b", "c")
    wrong, warning = Finding.wrong("a", "b", "c"), Finding.warning("a", "b", "c")
    assert exit_status([ok, warning]) == 0
    assert exit_status([ok, unknown]) == 2
    assert exit_status([unknown, wrong, ok]) == 1
