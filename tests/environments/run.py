"""`make run` in checkouts not made for it: ``python -m tests.environments.run``.

Each environment gets a clone of this commit. In it, `make build` has to leave a whole artifact, and
`make run` to end every payment as it should; nothing may be written outside of the clone. With
names as arguments, only those. Prints a table.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.stack import processes
from sandbox.stack.build import ROOT

SECONDS = 600
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A shell or a checkout.

    Attributes
    ----------
    variables
        What the shell has set, `NAME=VALUE …`; ``{victim}`` is a directory of somebody else's.
    path
        Where the clone is, below a directory of its own.
    clone
        Options of `git clone`.
    before
        What is done around the clone before it is made, given the directory.
    installed
        Whether the set-up was made in another shell, as it needs a network.
    uv
        Whether the person has uv; it is fetched otherwise, which takes longer.
    """

    variables: str = ""
    path: str = "clone"
    clone: tuple[str, ...] = ()
    before: Callable[[Path], None] = lambda directory: None
    installed: bool = False
    uv: bool = True


def _workspace(directory: Path) -> None:
    (directory / "pyproject.toml").write_text(
        '[project]\nname = "outer"\nversion = "1"\n[tool.uv.workspace]\nmembers = ["*"]\n'
    )


# These have to reach what installs something, and nothing else.
_LET_IN = " ".join(
    [
        "NO_PROXY=example.com",
        *(f"{name}={NOWHERE}" for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY")),
        *(f"{name}=/nonexistent" for name in ("SSL_CERT_FILE", "SSL_CERT_DIR")),
        *(f"{name}=/nonexistent" for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")),
    ]
)
ENVIRONMENTS = {
    "network": Environment(variables=_LET_IN, installed=True),
    "no uv": Environment(uv=False),
    "HOME": Environment(variables="HOME=/nonexistent TMPDIR=/nonexistent"),
    "path": Environment(path="Zahlungen, für's Ä & 支付/clone (1)"),
    "CRLF": Environment(clone=("-c", "core.autocrlf=true", "-c", "core.eol=crlf")),
    "workspace": Environment(before=_workspace),
}
_OF_MAKE = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *ENVIRONMENTS])
    names = parser.parse_args().names or list(ENVIRONMENTS)
    processes.raise_on_signals()
    wrong = 0
    print(f"{'environment':<14}{'make build':<12}{'s':>4}   {'make run':<10}{'s':>4}", flush=True)
    for name in names:
        row, faults = tried(ENVIRONMENTS[name])
        print(f"{name:<14}{row}", flush=True)
        print("".join(f"  {fault}\n" for fault in faults), end="", flush=True)
        wrong += bool(faults)
    return 1 if wrong else 0


def tried(one: Environment) -> tuple[str, list[str]]:
    """Clone, build, run; the row of the table, and what was not as it should be."""
    with tempfile.TemporaryDirectory() as temporary:
        directory, victim = Path(temporary) / "around", Path(temporary) / "victim"
        victim.mkdir()
        (scratch := Path(temporary) / "scratch").mkdir()
        (victim / "kept").touch()
        clone = directory / one.path
        clone.parent.mkdir(parents=True)
        one.before(directory)
        command = ["git", "clone", "--quiet", *one.clone, str(ROOT), str(clone)]
        subprocess.run(command, check=True)
        around = _files(directory, clone)
        # As a person's shell is, not inside of make.
        plain = {name: value for name, value in os.environ.items() if name not in _OF_MAKE}
        plain["TMPDIR"] = str(scratch)
        if one.uv:
            (Path(temporary) / "uv").symlink_to(ROOT / ".venv" / "bin" / "uv")
            plain["PATH"] = f"{temporary}{os.pathsep}{plain['PATH']}"
        pairs = one.variables.replace("{victim}", str(victim)).split()
        hostile = plain | dict(pair.split("=", 1) for pair in pairs)
        row, faults = "", []
        for target in ("build", "run"):
            shell = plain if one.installed and target == "build" else hostile
            code, seconds, said = _made(target, clone, shell)
            row += f"{'exit':<5}{code:<7}{seconds:>4.0f}   "
            faults += [f"make {target}: {line}" for line in said[-15:] if code]
        artifact = clone / ".sandbox" / "build" / "CancelPaymentFunction"
        modules = list(artifact.rglob("*.py"))
        compiled = list(artifact.rglob("__pycache__/*.cpython-313.pyc"))
        wrong = {
            f"{len(compiled)} of {len(modules)} modules have bytecode": (
                not modules or len(modules) != len(compiled)
            ),
            "somebody else's directory was written to": (
                [path.name for path in victim.iterdir()] != ["kept"]
            ),
            "something was written beside the clone": _files(directory, clone) != around,
            # uv keeps its locks there.
            "a folder was left in TMPDIR": any(path.is_dir() for path in scratch.iterdir()),
            "something was written to .aws-sam": (clone / ".aws-sam").exists(),
        }
    return row, faults + [fault for fault, there in wrong.items() if there]


def _made(target: str, clone: Path, shell: dict[str, str]) -> tuple[int, float, list[str]]:
    """The exit status of a target, how long it took, and what it said."""
    began = time.monotonic()
    done = subprocess.run(
        ["make", target],
        cwd=clone,
        env=shell,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
        check=False,
    )
    said = done.stdout.decode("utf-8", "replace").splitlines()
    return done.returncode, time.monotonic() - began, said


def _files(directory: Path, clone: Path) -> set[Path]:
    return {path for path in directory.rglob("*") if not path.is_relative_to(clone)}


if __name__ == "__main__":
    raise SystemExit(main())
