"""Lint what CloudFormation gets: ``python -m tests.template.lint [security]``.

cfn-lint on the translated template with none and with all of its options. (cfn-lint on the template
itself is a line of `make lint`, the state machine's linter a test.) With ``security``: checkov on
those and on the template itself, less what ``checkov.yaml`` leaves out with its reason; a line
there that leaves nothing out is a finding too. Exit 1 if there are findings.

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


def checkov(*files: Path) -> dict[str, list[str]]:
    """What checkov finds: ids of checks with the resources that fail them."""
    settings: dict[str, Any] = yaml.safe_load(SUPPRESSIONS.read_text("utf-8")) | {"skip-check": []}
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
            place = f"{Path(one['file_path']).name} {one['resource']}: {one['check_name']}"
            found.setdefault(one["check_id"], []).append(place)
    return found


def security() -> list[str]:
    """What checkov finds and no line leaves out, and lines that leave nothing out."""
    left_out: list[str] = yaml.safe_load(SUPPRESSIONS.read_text("utf-8"))["skip-check"]
    with tempfile.TemporaryDirectory() as directory:
        files = [TEMPLATE]  # SAM's own form has checks of its own
        for variant, text in variants():
            files.append(Path(directory) / f"{variant.replace(' ', '-')}.json")
            files[-1].write_text(text, encoding="utf-8")
        found = checkov(*files)
    unused = [f"{one}: left out, but finds nothing" for one in left_out if one not in found]
    places = [f"{check} {one}" for check in found.keys() - left_out for one in found[check]]
    return sorted(places) + unused


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
    findings = security() if sys.argv[1:] == ["security"] else linted()
    print("\n".join(findings), end="\n" if findings else "", file=sys.stderr)
    raise SystemExit(bool(findings))
