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
    STEP,
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
            sends=[send(1, "U", "UNKNOWN_EXCEPTION"), no_answer(8), send(23, body="needle-7")],
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
def html() -> str:
    return report.page(record(run(seen(), seconds=25)))


def test_all_payments_and_attempts_are_shown_with_what_was_said(html):
    page = Page(html)
    assert (len(page.of_class("payment")), len(page.of_class("attempt"))) == (35, 37)
    said = ("needle-7", "UNKNOWN_EXCEPTION", "no answer", "WaitForNextAttempt", "RE_QUEUE")
    said += ('"outcome": "CANCELLED"', "In the dead-letter queue", "paymentCreateTime is missing")
    said += ('"refund": "please"', "of 35 payments did not end as they should")
    assert [part for part in (*said, *seen()) if part not in page.text] == []


def test_nothing_that_another_wrote_becomes_part_of_the_page(html):
    broken = Page(report.page(record(run(hostile(HOSTILE + NOT_SHOWN)))))
    known = {tag for tag, _ in Page(html).elements}
    assert {tag for tag, _ in broken.elements} == known and "script" not in known
    names = {name for _, one in broken.elements for name in one}
    assert not {name for name in names if name.startswith("on") or name == "src"}
    addresses = {str(one["href"]) for _, one in broken.elements if "href" in one}
    assert {one for one in addresses if not one.startswith("#")} == {"data:,"}
    assert HOSTILE in broken.text
    assert "\\u202e" in broken.text and not set(NOT_SHOWN) - set("[31m") & set(broken.text)


def test_the_policy_lets_the_browser_load_nothing_and_run_nothing(html):
    [policy] = [one["content"] for _, one in Page(html).elements if "http-equiv" in one]
    style = html.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert dict(rule.split(" ", 1) for rule in str(policy).split("; ")) == {
        **dict.fromkeys(("default-src", "base-uri", "form-action"), "'none'"),
        **{"img-src": "data:", "style-src": f"'sha256-{digest}'"},
    }
    assert re.findall(r"(?:https?:)?//[\w.]+", html) == []


def test_the_record_lies_beside_the_report(tmp_path):
    document = record(run(seen()))
    file = report.write(document, tmp_path)
    assert json.loads((tmp_path / report.JSON).read_text()) == json.loads(json.dumps(document))
    assert sorted(path.name for path in tmp_path.iterdir()) == [file.name, "report.json"]
