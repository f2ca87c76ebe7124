"""The commands of the local stack when part of it has died, and the set-up of a moved clone."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.run import stack_report
from sandbox.stack import __main__ as commands
from sandbox.stack import directory, processes
from sandbox.stack.cloud import Cloud
from sandbox.stack.lifecycle import Stack
from sandbox.stack.processes import Process

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Process]]:
    """Two processes in the file of a stack, at whose endpoint nobody listens."""
    for module in (directory, commands):
        monkeypatch.setattr(module, "STACKS", tmp_path)
    home = directory.make(directory.DEFAULT)
    command = [sys.executable, "-c", "import time; time.sleep(99)"]
    started = [
        processes.start(command, environment={}, directory=home, log=home / f"{number}.log")
        for number in range(2)
    ]
    fields = dict.fromkeys(Stack.__dataclass_fields__, "any")
    cloud = Cloud(f"http://127.0.0.1:{processes.free_port()}")
    directory.write(home, fields | {"cloud": cloud, "stand_in": None, "processes": started})
    yield started
    for one in started:
        one.stop()


@pytest.mark.parametrize(
    ("command", "alive"),
    [("status", 1), ("report", 1), ("send", 2)],  # 2: all alive, and nobody listens
)
def test_a_stack_of_which_part_has_died_is_called_that(
    command: str,
    alive: int,
    servers: list[Process],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for one in servers[alive:]:
        one.stop()
    monkeypatch.setattr(sys, "argv", ["", command, *(["UNKNOWN-2-a"] if command == "send" else [])])
    assert (stack_report if command == "report" else commands).main() == 1
    said = capsys.readouterr()
    assert said == ("", "part of the local stack has died: make down, then make up\n")


@pytest.mark.parametrize("command", [None, ["down"], ["down", "--all"]])
def test_nothing_of_a_half_dead_stack_survives_the_next_start_or_stop(
    command: list[str] | None, servers: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    servers[0].stop()
    if command is None:
        directory.make(directory.DEFAULT)
    else:
        monkeypatch.setattr(sys, "argv", ["", *command])
        assert commands.main() == 0
    assert not servers[1].alive


# What a shell may have set for something else.
HOSTILE = (
    "AWS_PROFILE=missing AWS_REGION=nowhere-1 AWS_SESSION_TOKEN=somebody "
    "AWS_CA_BUNDLE=/nonexistent AWS_ENDPOINT_URL=http://127.0.0.1:9 "
    "SAM_TEMPLATE_FILE=/nonexistent.yaml SAM_CONFIG_ENV=prod SAM_DEBUG=1 "
    "SAM_STACK_NAME=somebody-elses SAM_CLI_BETA_FEATURES=1 "
    "PYTHONOPTIMIZE=1 PYTHONPYCACHEPREFIX=/elsewhere PYTHONWARNINGS=error "
    "PYTHONSAFEPATH=1 PYTHONHOME=/nonexistent PYTHONPATH=/elsewhere PYTHONINSPECT=1 "
    "PYTHONIOENCODING=ascii "
    "UV_PROJECT_ENVIRONMENT=/elsewhere UV_NO_DEV=1 UV_PYTHON=3.9 UV_NO_BINARY=1 "
    "UV_CONFIG_FILE=/nonexistent.toml UV_TARGET=/elsewhere UV_OFFLINE=1 VIRTUAL_ENV=/elsewhere "
    "CONDA_PREFIX=/elsewhere "
    "PIP_TARGET=/elsewhere PIP_NO_INDEX=1 PIP_REQUIRE_VIRTUALENV=1 PIP_PREFIX=/elsewhere "
    "LC_ALL=en_US.ISO-8859-1 LANG=tr_TR.ISO-8859-9 "
    "JSON=1 SIGNING=kms PICTURE=/nonexistent VENV=/elsewhere GATEWAY_URL=https://somebody.example "
    "CDPATH=. ENV=/nonexistent BASH_ENV=/nonexistent"
)


@pytest.mark.parametrize(
    "command",
    ["sh packaging/clean-environment.sh printenv", "make -n build run", "make -n up send ID=X"],
)
def test_nothing_of_a_persons_shell_is_let_in_or_taken_for_an_option(command: str) -> None:
    plain = {"PATH": os.environ["PATH"], "HOME": str(ROOT)}
    hostile = plain | dict(pair.split("=", 1) for pair in HOSTILE.split())
    said = [
        subprocess.check_output(command.split(), cwd=ROOT, env=shell, text=True)
        for shell in (plain, hostile)
    ]
    assert said[0] == said[1]
    assert str(ROOT) in said[0] or command.startswith("make")


def test_a_clone_that_was_moved_is_set_up_again(tmp_path: Path) -> None:
    clone, moved = tmp_path / "a clone", tmp_path / "für's, (1)"
    for name in ("Makefile", "packaging/clean-environment.sh", ".python-version"):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    for name in ("uv.lock", "pyproject.toml"):
        (clone / name).touch()
    (clone / "sandbox").mkdir()
    fake = "import pathlib; path = pathlib.Path('.venv/bin/python'); print('set up')\n"
    fake += "path.parent.mkdir(parents=True); path.touch()\n"
    (clone / "sandbox" / "bootstrap.py").write_text(fake)

    def set_up(place: Path) -> bool:
        made = subprocess.run(["make", "setup"], cwd=place, check=True, capture_output=True)
        return b"\nset up\n" in made.stdout

    assert [set_up(clone), set_up(clone)] == [True, False]
    clone.rename(moved)
    assert [set_up(moved), set_up(moved)] == [True, False]
