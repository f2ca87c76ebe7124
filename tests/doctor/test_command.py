"""The command: which stack, what it prints for whom, its exit status; no secret in any of it."""

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
from doctor.finding import Finding
from sandbox.stack.lifecycle import Stack
from tests.doctor.hand import Hand
from tests.support.leaks import Material

ROOT = Path(__file__).parents[2]
FINDINGS = [
    ("Stack", Finding.ok("stack", "UPDATE_COMPLETE")),
    ("Keys", Finding.wrong("signing key", "it can [not] be used", "enable it")),
    ("Keys", Finding.warning("secret", "word " * 40, "look")),
]
NO_TEMPLATE_OF_OURS = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}

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
def test_without_a_name_it_is_the_stack_of_make_up(
    run: Run, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "LOCAL", stack.name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    status, said = run()
    *lines, verdict = said.splitlines()
    assert status == 0 and {line.split()[0] for line in lines} == {"OK", "INFO"}
    assert verdict.startswith(f"{stack.name}: nothing is wrong")
    monkeypatch.setattr(command, "LOCAL", "no-such-stack")
    status, said = run()
    assert status == 2 and "which stack?" in said


@pytest.mark.stack
def test_what_is_wrong_ends_with_1(run: Run, hand: Hand) -> None:
    hand.mapping(Enabled=False)
    status, said = run(hand.stack.name)
    assert status == 1 and "WRONG   CancelPaymentFunctionPaymentTimeouts State: " in said
    assert " -> aws lambda update-event-source-mapping --uuid " in said
    status, said = run("no-such-stack")
    assert status == 1 and "there is no stack no-such-stack in region us-east-1" in said
    stacks = hand.client("cloudformation")
    stacks.create_stack(StackName="another", TemplateBody=json.dumps(NO_TEMPLATE_OF_OURS))
    stacks.get_waiter("stack_create_complete").wait(
        StackName="another", WaiterConfig={"Delay": 0.1, "MaxAttempts": 100}
    )
    status, said = run("another")
    stacks.delete_stack(StackName="another")
    assert status == 1 and "was not made from this template" in said


@pytest.mark.stack
@pytest.mark.parametrize(
    ("changed", "value", "words"),
    [
        ("AWS_REGION", "", "no region is set"),
        ("AWS_PROFILE", "no-such-profile", "no AWS credentials"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9", "could not be checked"),
    ],
)
def test_aws_that_cannot_be_asked_ends_with_2(
    run: Run, monkeypatch: pytest.MonkeyPatch, changed: str, value: str, words: str
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv(changed, value)
    status, said = run("cancel-payment")
    assert status == 2 and words in said


@pytest.mark.stack
@pytest.mark.parametrize("tolerance", ["1", "0", "-5", "nan", "soon", "1e9"])
def test_tolerance_that_makes_no_sense_ends_with_2(run: Run, tolerance: str) -> None:
    assert run("any", f"--tolerance={tolerance}")[0] == 2


@pytest.mark.stack
def test_no_secret_is_ever_printed(run: Run, hand: Hand) -> None:
    material = Material.in_directories([hand.stack.directory / "keys"])
    right = hand.right_secret
    hand.environment(ALIPAY_PRIVATE_KEY=right["privateKey"])
    for wrong in (
        right,
        right | {"clientId": right["privateKey"]},
        right | {"keyVersion": right["privateKey"]},
        right | {"alipayPublicKeys": {right["privateKey"]: "1"}},
        right | {right["privateKey"]: "1"},
        right | {"privateKey": right["privateKey"][:-60]},
        json.dumps(right)[:-1],
    ):
        hand.secret(wrong)
        _, said = run(hand.stack.name)
        assert "secret" in said and "ALIPAY_PRIVATE_KEY" in said
        assert material.leaks(said.encode()) == []


@pytest.mark.parametrize("terminal", [True, False])
def test_terminal_groups_and_wraps_and_elsewhere_a_line_is_one_finding(terminal: bool) -> None:
    output = StringIO()
    console = Console(file=output, force_terminal=terminal, width=80, no_color=True)
    screen.show(FINDINGS, "cancel-payment", console)
    text, lines = output.getvalue(), output.getvalue().splitlines()
    assert "[not]" in text and "cancel-payment: not fit to run" in text and "1 WRONG" in text
    if terminal:
        assert max(len(line.rstrip()) for line in lines) <= 80 + len("\x1b[1m\x1b[0m") * 3
        assert text.index("Stack") < text.index("✓") < text.index("Keys") < text.index("✗")
        assert "→ enable it" in text
    else:
        assert len(lines) == len(FINDINGS) + 1
        assert lines[1] == "WRONG   signing key: it can [not] be used -> enable it"
