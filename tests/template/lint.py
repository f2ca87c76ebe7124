"""Lint what CloudFormation gets: ``python -m tests.template.lint [security]``.

Without an argument: cfn-lint on the translated template with none and with all of its options.
(cfn-lint on the template itself is a line of `make lint`, the state machine's linter a test.) With
``security``: cfn-lint and checkov with none, each and all of its options, checkov on the template
itself too, less what ``checkov.yaml`` leaves out with its reason; a line there that leaves nothing
out is a finding too. Exit 1 if there are findings.

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
from typing import Any

import yaml

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


def variants(*names: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The translated template with some or, without a name, all choices of its options."""
    for variant, chosen in options.variants().items():
        if names and variant not in names:
            continue
        template = deployed.load(**chosen).template
        del template["Conditions"]
        for name, value in chosen.items():
            # Linters take a parameter to be its default.
            template["Parameters"][name]["Default"] = value
        yield variant, template


def checkov(*files: Path) -> dict[str, list[str]]:
    """What checkov finds: ids of checks with the resources that fail them."""
    settings = dict(yaml.safe_load(SUPPRESSIONS.read_text("utf-8"))) | {"skip-check": []}
    with tempfile.TemporaryDirectory() as directory:
        config = Path(directory) / "checkov.yaml"
        config.write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML
        command = [
            *(sys.executable, "-m", "uv", "tool", "run", "--quiet", "--python", sys.executable),
            *("--from", CHECKOV, "checkov", "--config-file", str(config), "--output", "json"),
            *(part for file in files for part in ("--file", str(file))),
        ]
        environment = {**os.environ, "UV_TOOL_DIR": str(ROOT / ".uv" / "tools")}
        done = subprocess.run(
            command, cwd=directory, env=environment, capture_output=True, text=True, check=False
        )
    if done.returncode not in {0, 1}:
        raise RuntimeError(f"checkov ended with {done.returncode}: {done.stderr[-2000:]}")
    found: dict[str, list[str]] = {}
    report = json.loads(done.stdout)
    for part in report if isinstance(report, list) else [report]:
        for one in part.get("results", {}).get("failed_checks", []):
            found.setdefault(one["check_id"], []).append(
                f"{Path(one['file_path']).name} {one['resource']}: {one['check_name']}"
            )
    return found


def main(arguments: list[str]) -> int:
    """Lint, and say what was found."""
    # It remarks on its own feature flags.
    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)
    findings = security() if arguments == ["security"] else linted(*variants("none", "all"))
    for finding in findings:
        print(finding, file=sys.stderr)
    return 1 if findings else 0


def linted(*templates: tuple[str, dict[str, Any]]) -> list[str]:
    found: list[str] = []
    for name, template in templates:
        own = cfn_lint(json.dumps(template), translated=True)
        print(f"cfn-lint, translated with options {name}: {len(own)} findings")
        found += [f"{name}: {one}" for one in own]
    return found


def security() -> list[str]:
    left_out: list[str] = yaml.safe_load(SUPPRESSIONS.read_text("utf-8"))["skip-check"]
    with tempfile.TemporaryDirectory() as directory:
        # SAM's own form has checks of its own.
        files, every = [TEMPLATE], list(variants())
        found = linted(*every)
        for variant, template in every:
            files.append(Path(directory) / f"{variant.replace(' ', '-')}.json")
            files[-1].write_text(json.dumps(template), encoding="utf-8")
        everything = checkov(*files)
    found += [
        f"{check} {one}"
        for check, places in everything.items()
        if check not in left_out
        for one in places
    ]
    hidden = sum(len(everything.get(check, [])) for check in left_out)
    print(
        f"checkov: {len(found)} findings, {hidden} left out by {len(left_out)} lines with reasons"
    )
    unused = [f"{one}: left out, but finds nothing" for one in left_out if one not in everything]
    return found + unused


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
