"""`make run` in shells and checkouts not made for it: ``python -m tests.environments.run``.

Each environment gets a clone of this commit. In it, `make build` has to leave a whole artifact, and
`make run` to end every payment as it should; nothing may be written outside of the clone. With
names as arguments, only those; ``--build`` leaves out `make run`. Prints a table.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
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
        What the shell has set; ``{victim}`` is a directory of somebody else's.
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

    variables: dict[str, str] = field(default_factory=dict)
    path: str = "clone"
    clone: tuple[str, ...] = ()
    before: Callable[[Path], None] = lambda directory: None
    installed: bool = False
    uv: bool = True


def _workspace(directory: Path) -> None:
    (directory / "pyproject.toml").write_text(
        '[project]\nname = "outer"\nversion = "1"\n[tool.uv.workspace]\nmembers = ["*"]\n'
    )


ENVIRONMENTS = {
    "AWS": Environment(
        variables={
            "AWS_PROFILE": "missing",
            "AWS_REGION": "nowhere-1",
            "AWS_ENDPOINT_URL": NOWHERE,
            "AWS_CA_BUNDLE": "/nonexistent",
            "AWS_SESSION_TOKEN": "somebody",
        }
    ),
    "SAM": Environment(
        variables={
            "SAM_TEMPLATE_FILE": "/nonexistent.yaml",
            "SAM_CONFIG_ENV": "prod",
            "SAM_STACK_NAME": "somebody-elses",
            "SAM_CLI_BETA_FEATURES": "1",
            "SAM_DEBUG": "1",
        }
    ),
    "Python": Environment(
        variables={
            "PYTHONOPTIMIZE": "1",
            "PYTHONPYCACHEPREFIX": "{victim}",
            "PYTHONWARNINGS": "error",
            "PYTHONSAFEPATH": "1",
            "PYTHONHOME": "/nonexistent",
            "PYTHONPATH": "{victim}",
            "PYTHONINSPECT": "1",
            "PYTHONIOENCODING": "ascii",
        }
    ),
    "uv": Environment(
        variables={
            "UV_PROJECT_ENVIRONMENT": "{victim}",
            "UV_NO_DEV": "1",
            "UV_PYTHON": "3.9",
            "UV_CONFIG_FILE": "/nonexistent.toml",
            "UV_NO_BINARY": "1",
            "UV_TARGET": "{victim}",
            "UV_OFFLINE": "1",
            "VIRTUAL_ENV": "{victim}",
            "CONDA_PREFIX": "{victim}",
        }
    ),
    "pip": Environment(
        variables={
            "PIP_TARGET": "{victim}",
            "PIP_NO_INDEX": "1",
            "PIP_REQUIRE_VIRTUALENV": "1",
            "PIP_PREFIX": "{victim}",
        },
        uv=False,
    ),
    "TLS": Environment(
        variables={
            name: "/nonexistent"
            for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
        },
        installed=True,
    ),
    "locale": Environment(variables={"LC_ALL": "en_US.ISO-8859-1", "LANG": "tr_TR.ISO-8859-9"}),
    "proxies": Environment(
        variables={
            name: NOWHERE for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY")
        }
        | {"NO_PROXY": "example.com"},
        installed=True,
    ),
    "make": Environment(
        variables={
            "JSON": "1",
            "SIGNING": "kms",
            "PICTURE": "/nonexistent",
            "GATEWAY_URL": "https://somebody.example",
            "VENV": "{victim}",
        }
    ),
    "HOME": Environment(variables={"HOME": "/nonexistent", "TMPDIR": "/nonexistent"}),
    "path": Environment(path="Zahlungen, für's Ä & 支付/clone (1)"),
    "CRLF": Environment(clone=("-c", "core.autocrlf=true", "-c", "core.eol=crlf")),
    "workspace": Environment(before=_workspace),
}
ENVIRONMENTS["all variables"] = Environment(
    variables={
        name: value
        for one in ENVIRONMENTS.values()
        if "HTTP_PROXY" not in one.variables and "HOME" not in one.variables
        for name, value in one.variables.items()
    },
    installed=True,
)
_OF_MAKE = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"}


def main() -> int:
    options = _arguments()
    processes.raise_on_signals()
    wrong = 0
    print(f"{'environment':<14}{'make build':<12}{'s':>4}   {'make run':<10}{'s':>4}", flush=True)
    for name in options.names or ENVIRONMENTS:
        row, faults = tried(ENVIRONMENTS[name], run=not options.build)
        print(f"{name:<14}{row}", flush=True)
        print("".join(f"  {fault}\n" for fault in faults), end="", flush=True)
        wrong += bool(faults)
    return 1 if wrong else 0


def tried(one: Environment, *, run: bool) -> tuple[str, list[str]]:
    """Clone, build, run; the row of the table, and what was not as it should be."""
    with tempfile.TemporaryDirectory() as temporary:
        directory, victim = Path(temporary) / "around", Path(temporary) / "victim"
        victim.mkdir()
        (victim / "kept").touch()
        clone = directory / one.path
        clone.parent.mkdir(parents=True)
        one.before(directory)
        command = ["git", "clone", "--quiet", *one.clone, str(ROOT), str(clone)]
        subprocess.run(command, check=True)
        around = _files(directory, clone)
        # As a person's shell is, not inside of make.
        plain = {name: value for name, value in os.environ.items() if name not in _OF_MAKE}
        if one.uv:
            (Path(temporary) / "uv").symlink_to(ROOT / ".venv" / "bin" / "uv")
            plain["PATH"] = f"{temporary}{os.pathsep}{plain['PATH']}"
        hostile = plain | {
            key: value.replace("{victim}", str(victim)) for key, value in one.variables.items()
        }
        row, faults = "", []
        for target in ("build", "run") if run else ("build",):
            shell = plain if one.installed and target == "build" else hostile
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
            seconds = time.monotonic() - began
            row += f"{'exit':<5}{done.returncode:<7}{seconds:>4.0f}   "
            if done.returncode:
                said = done.stdout.decode("utf-8", "replace").splitlines()
                faults += [f"make {target}: {line}" for line in said[-15:]]
        faults += _lacking(clone)
        if [path.name for path in victim.iterdir()] != ["kept"]:
            faults.append("somebody else's directory was written to")
        if _files(directory, clone) != around:
            faults.append("something was written beside the clone")
        if (clone / ".aws-sam").exists():
            faults.append("something was written to .aws-sam")
    return row, faults


def _files(directory: Path, clone: Path) -> set[Path]:
    return {path for path in directory.rglob("*") if not path.is_relative_to(clone)}


def _lacking(clone: Path) -> list[str]:
    artifact = clone / ".sandbox" / "build" / "CancelPaymentFunction"
    modules = list(artifact.rglob("*.py"))
    compiled = list(artifact.rglob("__pycache__/*.cpython-313.pyc"))
    if modules and len(modules) == len(compiled):
        return []
    return [f"{len(compiled)} of {len(modules)} modules have bytecode"]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *ENVIRONMENTS])
    parser.add_argument("--build", action="store_true", help="without make run")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
