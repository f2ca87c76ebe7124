"""The pictures of a run: those in the documents, and how they are made."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from sandbox.report import page as report
from sandbox.run.cases import cases
from sandbox.run.pictures import drawing
from sandbox.run.progress import Progress
from sandbox.run.record import record
from tests.report.seen import BEGAN, at, cancelled, run

pytestmark = pytest.mark.timeout(600)
DOCS = Path(__file__).parents[2] / "docs"
SMALL = 300_000


@pytest.fixture
def lived():
    """A run of 9 s in which every payment is cancelled in second 5."""
    chosen = [one for one in cases(BEGAN) if one.ends == "CANCELLED" and one.tracker is None]
    before, after = ({one.id: one_of() for one in chosen} for one_of in (Progress, cancelled))
    history = [(at(second), before if second < 5 else after) for second in range(1, 9)]
    return replace(run({one.id: (one, cancelled()) for one in chosen}, seconds=9), history=history)


def test_both_pictures_are_drawn_from_the_run(browser, lived, tmp_path):
    page = report.write(record(lived), tmp_path)
    terminal, photograph = drawing.draw(lived, page, tmp_path / "new")
    said = "".join(ElementTree.parse(terminal).getroot().itertext()).replace("\xa0", " ")
    assert f" 0 of {len(lived.cases)} payments have ended" in said
    assert f" {len(lived.cases)} of {len(lived.cases)} payments have ended" in said
    with Image.open(io.BytesIO(photograph.read_bytes())) as image:
        assert image.width > 1500 and len(image.getcolors() or []) > 50


def test_a_frame_is_taken_every_other_second_and_at_the_end(lived):
    assert len(drawing.frames(lived)) == 5


def test_the_pictures_in_the_documents_are_small_and_ask_no_network_for_anything():
    text = (DOCS / "run.svg").read_text()
    ElementTree.fromstring(text)
    assert set(re.findall(r"""(?:https?:)?//[^\s"'<]+|url\(""", text)) == {
        "http://www.w3.org/2000/svg"
    }
    assert all((DOCS / name).stat().st_size < SMALL for name in ("run.svg", "report.png"))


def test_the_picture_of_the_terminal_shows_the_cases_of_today():
    said = (DOCS / "run.svg").read_text().replace("&#160;", " ")
    assert [one.row for one in cases(BEGAN) if one.row not in said] == []
