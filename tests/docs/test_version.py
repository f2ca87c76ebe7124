"""The version stands in four places, and they agree."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from typing import Any

from tests.docs.documents import ROOT

CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
_RELEASE = re.compile(r"^## (\d+\.\d+\.\d+) - (\d{4}-\d{2}-\d{2})$", re.MULTILINE)


def test_the_changelog_begins_with_the_version_of_the_project() -> None:
    releases = _RELEASE.findall(CHANGELOG)
    assert releases[0][0] == PROJECT["version"]
    days = [date.fromisoformat(day) for _, day in releases]
    assert days == sorted(days, reverse=True)
    assert CHANGELOG.index("## Unreleased") < CHANGELOG.index(f"## {releases[0][0]}")


def test_the_lock_file_has_the_version_of_the_project() -> None:
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    [ours] = [one for one in packages if one["name"] == PROJECT["name"]]
    assert ours["version"] == PROJECT["version"]


def test_the_template_shows_the_version_where_the_console_shows_the_stack() -> None:
    [description] = re.findall(
        "^Description: (.*)$", (ROOT / "template.yaml").read_text(), re.MULTILINE
    )
    assert description.endswith(f"({PROJECT['version']}).")


def test_the_licence_is_the_one_that_the_project_names() -> None:
    assert (ROOT / "LICENSE").read_text().startswith("MIT License\n")
    assert (PROJECT["license"], PROJECT["license-files"]) == ("MIT", ["LICENSE"])
