"""Runs selected tests against a copy of the package, once for each line that comes in.

A process of its own that has imported all that is slow and nothing that is judged; it forks for
each line, so that a run costs half a second and every run begins afresh. In: the directory that
holds the copy, a file of tests, a ``-k`` expression, as a JSON list. Out: pytest's exit code and
what it printed, as a JSON list.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SLOW_TO_IMPORT = [
    "aws_lambda_powertools.metrics",
    "boto3",
    "botocore.exceptions",
    "cryptography.hazmat.primitives.serialization",
    "httpx",
    "hypothesis.stateful",
    "hypothesis.strategies",
]
PLUGINS = ["pytest_timeout", "_hypothesis_pytestplugin"]


def judge(directory: str, file: str, selection: str) -> tuple[int, str]:
    """The exit code of pytest, and what it printed."""
    with tempfile.TemporaryFile("w+") as output:
        if (child := os.fork()) == 0:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            arguments = ["-q", "-x", "--tb=line", "-p", "no:cacheprovider", "-k", selection]
            arguments += [argument for plugin in PLUGINS for argument in ("-p", plugin)]
            arguments += ["-o", f"pythonpath={directory} {ROOT}", f"tests/rules/{file}"]
            code = int(pytest.main(arguments))
            sys.stdout.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        output.seek(0)
        return os.waitstatus_to_exitcode(status), output.read()


def main() -> None:
    os.chdir(ROOT)
    # The same examples each time, none kept, none made smaller.
    os.environ |= {"RULES_PROFILE": "rules-planted", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    sys.dont_write_bytecode = True
    for name in SLOW_TO_IMPORT:
        importlib.import_module(name)
    for line in sys.stdin:
        print(json.dumps(judge(*json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
