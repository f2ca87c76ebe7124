"""The HTML report: complete, alone, and deaf to what payments are called."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from sandbox.report import page as report
from sandbox.run.cases import cases
from sandbox.run.progress import Progress
from sandbox.run.record import record
from tests.report.seen import (
    BEGAN,
    cancelled,
    case,
    dead_letter,
    no_answer,
    note,
    outcome,
    run,
    send,
    tracker,
)

HOSTILE = (
    "</code></style></title>'\"><script>hacked()</script><img src=x onerror=hacked()>"
    "<link rel=stylesheet href=https://example.com/a.css><iframe src=https://example.com>"
)
NOT_SHOWN = "‮\x00\x1b[31m\ud800"
STEP = {
    "at": "2026-11-24T02:00:02.000Z",
    "until": "2026-11-24T02:00:09.500Z",
    "state": "WaitForNextAttempt",
    "data": {"nextAttemptAt": "2026-11-24T02:00:09Z"},
}


class Page(HTMLParser):
    """What a browser makes of a page: its elements with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def of_class(self, name: str) -> list[dict[str, str | None]]:
        return [one for _, one in self.elements if name in (one.get("class") or "").split()]


def seen():
    """Every case of a run, cancelled by one request, and two of them otherwise."""
    found = {one.id: (one, cancelled()) for one in cases(BEGAN)}
    found["UNKNOWN-13-a"] = (
        found["UNKNOWN-13-a"][0],
        Progress(
            sends=[
                send(1, "U", "UNKNOWN_EXCEPTION"),
                no_answer(8),
                send(23, requestHeaders={"x-one": "needle-7"}),
            ],
            notes=[note(1, "RE_QUEUE", next_second=8)],
            outcomes=[outcome("CANCELLED", attempts=3)],
            trackers=[tracker(steps=[STEP])],
        ),
    )
    found["FAILS-PROCESS_FAIL-a"] = (
        found["FAILS-PROCESS_FAIL-a"][0],
        Progress(
            sends=[send(1, "F", "PROCESS_FAIL")],
            outcomes=[outcome("FAILED", resultStatus="F", resultCode="PROCESS_FAIL")],
            refunds=['{"refund":"please"}'],
            dead_letters=[dead_letter(resultCode="PROCESS_FAIL")],
        ),
    )
    return found


def hostile(text):
    """The same text in every place where another could have put it."""
    texts = {text: text}
    entry = dict.fromkeys(("method", "path", "responseBody", "body", "scenario"), text)
    headers = {"requestHeaders": texts, "responseHeaders": texts, "httpStatus": text}
    step = STEP | {"state": text, "data": texts}
    progress = Progress(
        sends=[send(1, text, text, answer=text, **entry, **headers)],
        notes=[note(1, "CANCELLED", reason=text, furtherAction=text)],
        outcomes=[outcome("FAILED", furtherAction=text, resultCode=text, more=texts)],
        refunds=[text],
        dead_letters=[{"body": text, "attributes": texts | {"rejectReason": text}}],
        trackers=[tracker("FAILED", error=text, cause=text, name=text, steps=[step])],
    )
    return {text: (case(text, row=text, event=text), progress), f"{text}?": (None, progress)}


@pytest.fixture(scope="module")
def document():
    return record(run(seen(), seconds=25))


@pytest.fixture(scope="module")
def page(document) -> Page:
    return Page(report.page(document))


def test_all_payments_and_attempts_are_shown_with_what_was_said(page):
    assert len(page.of_class("payment")) == 35
    assert len(page.of_class("attempt")) == 37
    assert all(one.id in page.text for one in cases(BEGAN))
    for part in (
        *("needle-7", "UNKNOWN_EXCEPTION", "no answer", "WaitForNextAttempt", "7.5 s", "RE_QUEUE"),
        *('"outcome": "CANCELLED"', "In the dead-letter queue", "paymentCreateTime is missing"),
        *('"refund": "please"', "of 35 payments did not end as they should"),
    ):
        assert part in page.text


def test_marks_stand_on_the_axis_where_their_seconds_are(page):
    marks = [one["x"] for tag, one in page.elements if tag == "use" and "%" in (one["x"] or "")]
    axis = 1.03 * 23.02  # to the last thing that happened, and a little more
    at = [100 * second / axis for second in (1, 8, 23)]
    assert [float(str(one).rstrip("%")) for one in marks[:3]] == pytest.approx(at, abs=0.01)


def test_every_outcome_can_be_chosen_without_a_script(page):
    chosen = {str(one["value"]) for tag, one in page.elements if one.get("type") == "radio"}
    assert chosen == {"", "CANCELLED", "FAILED", "WRONG"}
    style = (report.TEMPLATE / "style.css").read_text()
    for name in [*report.OUTCOMES, "WRONG"]:
        assert f"body:has([value={name}]:checked) .payment:not(" in style


def test_nothing_that_another_wrote_becomes_part_of_the_page(page):
    text = HOSTILE + NOT_SHOWN
    broken = Page(report.page(record(run(hostile(text)))))
    assert {tag for tag, _ in broken.elements} == {tag for tag, _ in page.elements}
    assert "script" not in {tag for tag, _ in page.elements}
    names = {name for _, one in broken.elements for name in one}
    assert not {name for name in names if name.startswith("on") or name == "src"}
    addresses = {str(one["href"]) for _, one in broken.elements if "href" in one}
    assert {one for one in addresses if not one.startswith("#")} == {"data:,"}
    assert HOSTILE in broken.text
    assert "\\u202e" in broken.text and not set(NOT_SHOWN) - set("[31m") & set(broken.text)


def test_the_policy_lets_the_browser_load_nothing_and_run_nothing(page, document):
    [policy] = [one["content"] for _, one in page.elements if "http-equiv" in one]
    rules = dict(rule.split(" ", 1) for rule in str(policy).split("; "))
    html = report.page(document)
    style = html.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert rules == {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "img-src": "data:",
        "style-src": f"'sha256-{digest}'",
    }
    assert re.findall(r"(?:https?:)?//[\w.]+", html) == []


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_is_readable_in_both_schemes(scheme):
    style = (report.TEMPLATE / "style.css").read_text()
    root = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--(\w+): #(\w+);", root))
    page = luminance(colours["page"])
    for name in ("text", "soft", "green", "yellow", "red", "cyan", "purple", "blue"):
        low, light = sorted((luminance(colours[name]), page))
        assert (light + 0.05) / (low + 0.05) >= 4.5, name  # WCAG 2.2, AA


def luminance(colour: str) -> float:
    """Relative luminance of `rgb` or `rrggbb`, by WCAG."""
    digits = colour if len(colour) == 6 else "".join(one * 2 for one in colour)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_record_lies_beside_the_report(document, tmp_path):
    file = report.write(document, tmp_path)
    assert json.loads((tmp_path / report.JSON).read_text()) == json.loads(json.dumps(document))
    assert sorted(path.name for path in tmp_path.iterdir()) == [file.name, "report.json"]
