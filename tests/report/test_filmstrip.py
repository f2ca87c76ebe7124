"""The picture that moves: whole, alone, and at each moment what that frame shows."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from rich.text import Text

from sandbox.run.pictures.filmstrip import svg

pytestmark = pytest.mark.timeout(600)
SHOWN = """[...document.querySelectorAll('text')]
    .filter(one => getComputedStyle(one).visibility === 'visible')
    .map(one => one.textContent.replaceAll('\\u00a0', ' ')).sort()"""
FRAMES = [Text("title\nfirst"), Text("title\nsecond"), Text("title\nfirst <b>&")]


def texts(picture: str) -> list[str]:
    root = ElementTree.fromstring(picture)
    return ["".join(one.itertext()).replace("\xa0", " ") for one in root.findall(".//{*}text")]


def test_what_stays_is_drawn_once():
    assert sorted(texts(svg(FRAMES, 40))) == ["first", "first <b>&", "second", "title"]


def test_it_asks_no_network_for_anything():
    addresses = re.findall(r"""(?:https?:)?//[^\s"'<]+|url\([^)]*\)""", svg(FRAMES, 40))
    assert addresses == ["http://www.w3.org/2000/svg"]  # a name, which nobody opens


def test_one_frame_is_a_still_picture():
    assert "@keyframes" not in svg(FRAMES[:1], 40)


def test_each_frame_is_seen_in_its_time(page, tmp_path):
    path = tmp_path / "strip.svg"
    path.write_text(svg(FRAMES, 40, seconds_each=1000, seconds_last=1000))
    page.open(path)
    seek = "document.getAnimations().forEach(one => { one.pause(); one.currentTime = %d; })"
    for second, shown in ((500, "first"), (1500, "second"), (2500, "first <b>&"), (3500, "first")):
        page.evaluate(seek % (1000 * second))
        assert page.evaluate(SHOWN) == sorted(["title", shown]), second


def test_who_prefers_less_motion_sees_the_last_frame(page, tmp_path):
    path = tmp_path / "strip.svg"
    path.write_text(svg(FRAMES, 40))
    calm = {"name": "prefers-reduced-motion", "value": "reduce"}
    page.call("Emulation.setEmulatedMedia", features=[calm])
    page.open(path)
    assert page.evaluate(SHOWN) == ["first <b>&", "title"]
    page.call("Emulation.setEmulatedMedia", features=[])
