"""Lint what CloudFormation gets: ``python -m tests.template.lint [security]``.

cfn-lint on the translated template with none and with all of its options. (cfn-lint on the template
itself is a line of `make lint`, the state machine's linter a test.) With ``security``: checkov on
those and on the template itself, less what ``checkov.yaml`` leaves out with its reason. Exit 1 if
there are findings.

checkov pins its own boto3 and so cannot live in this environment: uv runs it in one of its own.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.template import deployed, options
from tests.template.deployed import ROOT, TEMPLATE

CHECKOV = "checkov==3.3.30"
SUPPRESSIONS = Path(__file__).parent / "checkov.yaml"
# Parameters and mappings that the transform or the choice of a variant has used up.
_USED_UP = ["W2001", "W7001"]


def cfn_lint(source: str, *, translated: bool = False) -> list[str]:
    """What cfn-lint finds in the text of a template."""
    from cfnlint.api import ManualArgs, lint

    arguments = ManualArgs(
        regions=["ap-southeast-1"],
        include_checks=["I"],  # information too: it knows what holds data
        ignore_checks=_USED_UP if translated else [],
    )
    return [f"{one.rule.id} {one.message}" for one in lint(source, config=arguments)]


def variants() -> Iterator[tuple[str, str]]:
    """Those of the options, and the text of the translated template."""
    # Each option alone is in `all`, but for the two that exclude others.
    for name in ("none", "existing topic", "basic monitoring", "all"):
        chosen = options.variants()[name]
        template = deployed.load(**chosen).template
        del template["Conditions"]
        for parameter, value in chosen.items():
            # Linters take a parameter to be its default.
            template["Parameters"][parameter]["Default"] = value
        yield name, json.dumps(template)


def security() -> int:
    """Run checkov, which prints what it finds; its exit status."""
    with tempfile.TemporaryDirectory() as directory:
        files = [TEMPLATE]  # SAM's own form has checks of its own
        for variant, text in variants():
            files.append(Path(directory) / f"{variant.replace(' ', '-')}.json")
            files[-1].write_text(text, encoding="utf-8")
        command = [
            *(sys.executable, "-m", "uv", "tool", "run", "--quiet", "--python", sys.executable),
            *("--from", CHECKOV, "checkov", "--config-file", str(SUPPRESSIONS)),
            *(part for file in files for part in ("--file", str(file))),
        ]
        environment = {**os.environ, "UV_TOOL_DIR": str(ROOT / ".uv" / "tools")}
        return subprocess.run(command, cwd=directory, env=environment, check=False).returncode


def linted() -> list[str]:
    return [
        f"{name}: {one}"
        for name, text in variants()
        if name in ("none", "all")
        for one in cfn_lint(text, translated=True)
    ]


if __name__ == "__main__":
    # It remarks on its own feature flags.
    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)
    if sys.argv[1:] == ["security"]:
        raise SystemExit(security())
    findings = linted()
    print("\n".join(findings), end="\n" if findings else "", file=sys.stderr)
    raise SystemExit(bool(findings))
