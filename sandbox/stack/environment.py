"""The environment of what the sandbox starts: nothing of the person's shell but what
`packaging/clean-environment.sh` lets in, however this process itself was started."""

import functools
import json
import subprocess
import sys
from pathlib import Path

_SCRIPT = Path(__file__).resolve().parents[2] / "packaging" / "clean-environment.sh"
_PRINT = "import json, os; print(json.dumps(dict(os.environ)))"


def for_tools() -> dict[str, str]:
    """For what may have to install something."""
    return dict(_cleaned())


def for_servers() -> dict[str, str]:
    """For what reaches nothing but loopback: no proxy, no authority, no package index."""
    return dict(_cleaned("--offline"))


@functools.cache
def _cleaned(*options: str) -> dict[str, str]:
    command = ["sh", str(_SCRIPT), *options, sys.executable, "-I", "-S", "-c", _PRINT]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
    variables: dict[str, str] = json.loads(done.stdout)
    # That of the terminal on which the error output is; what is started writes to files.
    variables.pop("PYTHONIOENCODING", None)
    return variables
