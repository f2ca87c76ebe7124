"""The version stands in four places, and they agree."""

from __future__ import annotations

import re
import tomllib
from datetime import date

from tests.docs.documents import ROOT

CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
_RELEASE = re.compile(r"^## (\d+\.\d+\.\d+) - (\d{4}-\d{2}-\d{2})$", re.MULTILINE)
_DESCRIPTION = re.compile(r"^Description: .*\((.*)\)\.$", re.MULTILINE)


def test_the_version_is_the_same_everywhere() -> None:
    """In the change log, the lock file, and where the console shows the stack."""
    releases = _RELEASE.findall(CHANGELOG)
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    [locked] = [one["version"] for one in packages if one["name"] == PROJECT["name"]]
    [described] = _DESCRIPTION.findall((ROOT / "template.yaml").read_text())
    assert {releases[0][0], locked, described} == {PROJECT["version"]}
    days = [date.fromisoformat(day) for _, day in releases]
    assert days == sorted(days, reverse=True)
    assert CHANGELOG.index("## Unreleased") < CHANGELOG.index(f"## {releases[0][0]}")
