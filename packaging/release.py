"""Make a release of what is checked out: ``make release VERSION=2.0.0``.

Writes the version into the four places in which it stands (`pyproject.toml`, `uv.lock`, the
description of the template, the top of the changelog, with today's date in UTC), sees by their test
that they agree, commits, and tags. It pushes nothing, and changes nothing where it refuses.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
UNRELEASED = "## Unreleased\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make release", description=__doc__)
    parser.add_argument("version", type=_version)
    version = parser.parse_args().version
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    old = _said(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text("utf-8"))
    notes = changelog.partition(UNRELEASED)[2].partition("\n## ")[0].strip()
    if said := _refusal(version, old, notes):
        print(f"no release: {said}", file=sys.stderr)
        return 1
    today = datetime.now(UTC).date()
    heading = f"{UNRELEASED}\n## {version} - {today}\n"
    _replace("CHANGELOG.md", UNRELEASED, heading)
    _replace("pyproject.toml", f'\nversion = "{old}"\n', f'\nversion = "{version}"\n')
    _replace("template.yaml", f" ({old}).\n", f" ({version}).\n")
    _run(".venv/bin/uv", "lock", "--quiet")
    _run(".venv/bin/python", "-m", "pytest", "-q", "tests/docs/test_version.py")
    _run("git", "commit", "--quiet", "--all", "--message", f"Release {version}")
    _run("git", "tag", "--annotate", f"v{version}", "--message", f"Version {version}\n\n{notes}")
    print(f"v{version} is committed and tagged; git push --follow-tags publishes it")
    return 0


def _version(text: str) -> str:
    if not re.fullmatch(r"\d+\.\d+\.\d+", text):
        raise argparse.ArgumentTypeError("three numbers, as in 2.0.0")
    return text


def _refusal(version: str, old: str, notes: str) -> str:
    """Why there can be no release of that version now; empty if there can."""
    if _output("git", "status", "--porcelain"):
        return "there are changes that are not committed"
    if _output("git", "tag", "--list", f"v{version}"):
        return f"v{version} is tagged already"
    if [int(part) for part in version.split(".")] <= [int(part) for part in old.split(".")]:
        return f"the version is {old} already"
    return "" if notes else "the changelog says nothing under Unreleased"


def _said(pattern: str, text: str) -> str:
    [found] = re.findall(pattern, text, re.MULTILINE)
    return str(found)


def _replace(name: str, old: str, new: str) -> None:
    path = ROOT / name
    text = path.read_text("utf-8")
    if text.count(old) != 1:
        raise SystemExit(f"{name}: {old.strip()!r} stands there {text.count(old)} times")
    path.write_text(text.replace(old, new), "utf-8")


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def _run(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=True)


if __name__ == "__main__":
    sys.exit(main())
