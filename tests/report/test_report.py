"""The HTML report in a real browser: complete, alone, deaf to what payments are called."""

from __future__ import annotations

import json
import re
from pathlib import Path

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

# Fetching a browser takes as long as the network does.
pytestmark = pytest.mark.timeout(600)

HOSTILE = "</code><script>window.hacked=1</script><img src=x onerror=window.hacked=1>"
LOADS = (
    "<link rel=stylesheet href=https://example.com/a.css>"
    "<iframe src=https://example.com/frame></iframe><video src=https://example.com/b></video>"
)
SHOWN = "[...document.querySelectorAll('.payment')].filter(p => !p.hidden).map(p => p.id)"
UNKNOWN = ("U", "UNKNOWN_EXCEPTION")
STEP = {
    "at": "2026-11-24T02:00:02.000Z",
    "until": "2026-11-24T02:00:09.500Z",
    "state": "WaitForNextAttempt",
    "told": {"nextAttemptAt": "2026-11-24T02:00:09Z"},
}


def seen():
    """Every case of a run, cancelled by one request, and these besides."""
    found = {one.id: (one, cancelled()) for one in cases(BEGAN)}
    found["UNKNOWN-13-a"] = (
        found["UNKNOWN-13-a"][0],
        Progress(
            sends=[send(1, *UNKNOWN), no_answer(8), send(23, requestHeaders={"x-one": "needle-7"})],
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
            dead_letters=[dead_letter(resultCode="PROCESS_FAIL")],
        ),
    )
    found["FAILS-CANCEL_WINDOW_EXCEED-a"] = (
        found["FAILS-CANCEL_WINDOW_EXCEED-a"][0],
        Progress(outcomes=[outcome("REFUND_REQUIRED")], refunds=['{"refund":"please"}']),
    )
    return found


def hostile():
    """The same text in every place where another could have put it."""
    text = HOSTILE + LOADS + "‮\x00\x1b[31m\ud800"
    headers = {text: text}
    step = STEP | {"state": text, "told": {text: text}}
    progress = Progress(
        sends=[
            send(
                1,
                text,
                text,
                answer=text,
                method=text,
                path=text,
                requestHeaders=headers,
                responseHeaders=headers,
                responseBody=text,
                body=text,
                scenario=text,
                httpStatus=text,
            )
        ],
        notes=[note(1, "CANCELLED", reason=text, furtherAction=text)],
        outcomes=[outcome("FAILED", furtherAction=text, resultCode=text, more={text: text})],
        refunds=[text],
        dead_letters=[{"body": text, "attributes": {"rejectReason": text, text: text}}],
        trackers=[tracker("FAILED", error=text, cause=text, name=text, steps=[step])],
    )
    event = case(text, row=text, event=text)
    return {text: (event, progress), f"{text}?": (None, progress)}


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    return report.write(record(run(seen(), seconds=25)), tmp_path_factory.mktemp("report"))


@pytest.fixture
def opened(page, file):
    page.open(file)
    return page


def messages(page) -> list[str]:
    """What the browser has to complain of, and what the page said to its console."""
    bad = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
    return [json.dumps(event["params"]) for event in page.events if event["method"] in bad]


def asked_for(page) -> set[str]:
    """The addresses that the page wanted something from."""
    sent = [event for event in page.events if event["method"] == "Network.requestWillBeSent"]
    return {event["params"]["request"]["url"] for event in sent}


def test_the_page_loads_nothing_but_itself_and_has_no_complaints(opened, file):
    assert asked_for(opened) <= {file.as_uri(), "data:,"}
    assert messages(opened) == []
    # Not even by a link that somebody follows.
    assert re.findall(r"(?:https?:)?//[\w.]+", file.read_text()) == []


def test_all_payments_are_shown_with_all_their_attempts(opened):
    assert opened.evaluate("document.querySelectorAll('.payment').length") == 35
    text = opened.evaluate("document.body.textContent")
    assert all(one.id in text for one in cases(BEGAN))
    marks = "document.querySelectorAll('#payment-1 .track use').length"
    assert opened.evaluate(marks) == 3
    assert opened.evaluate("document.querySelectorAll('#payment-1 .attempt').length") == 3
    assert opened.evaluate("document.getElementById('count').value") == "35 of 35 shown"


def test_marks_stand_on_the_axis_where_their_seconds_are(opened):
    middle = (
        "[...document.querySelectorAll('{}')].map(one => one.getBoundingClientRect())"
        ".map(box => box.left + box.width / 2)"
    )
    marks = opened.evaluate(middle.format("#payment-1 .track use"))
    ticks = opened.evaluate(middle.format("#payment-1 .track .grid"))
    step = opened.evaluate("Number(document.querySelectorAll('.ticks text')[1].textContent)")
    second = (ticks[1] - ticks[0]) / step
    assert [(mark - ticks[0]) / second for mark in marks] == pytest.approx([1, 8, 23], abs=0.1)


def test_search_finds_what_is_anywhere_in_a_payment(opened):
    opened.press("/", "/")
    for letter in "needle-7":
        opened.press(letter, letter)
    assert opened.evaluate(SHOWN) == ["payment-1"]
    assert opened.evaluate("document.getElementById('count').value") == "1 of 35 shown"
    opened.press("Escape")
    assert len(opened.evaluate(SHOWN)) == 35


def test_words_that_are_nowhere_say_so(opened):
    opened.press("/", "/")
    for letter in "needle-7 x-two":
        opened.press(letter, letter)
    assert opened.evaluate(SHOWN) == []
    assert opened.evaluate("!document.getElementById('nothing').hidden")


@pytest.mark.parametrize(("value", "number"), [("FAILED", 1), ("REFUND_REQUIRED", 1), ("", 35)])
def test_an_outcome_is_chosen(opened, value, number):
    opened.evaluate(f"document.querySelector('input[value=\"{value}\"]').click()")
    assert len(opened.evaluate(SHOWN)) == number


def test_what_is_not_as_it_should_can_be_chosen_alone(opened):
    opened.evaluate("document.querySelector('input[value=WRONG]').click()")
    wrong = opened.evaluate(SHOWN)
    assert 0 < len(wrong) < 35
    faults = f"{len(wrong)} of 35 payments did not end as they should"
    assert faults in opened.evaluate("document.querySelector('.verdict').textContent")


def test_the_keyboard_walks_and_opens(opened):
    opened.evaluate("document.querySelector('#payment-1 > summary').focus()")
    opened.press("ArrowDown")
    opened.press("ArrowDown")
    opened.press("ArrowUp")
    opened.press("Enter")
    assert opened.evaluate("document.querySelector('.payment[open]').id") == "payment-2"


def test_an_opened_payment_shows_requests_answers_steps_and_outcome(opened):
    opened.evaluate("document.getElementById('toggle').click()")
    visible = opened.evaluate("document.getElementById('payment-1').innerText")
    for part in ("needle-7", "UNKNOWN_EXCEPTION", "no answer", "WaitForNextAttempt", "7.5 s"):
        assert part in visible
    assert '"outcome": "CANCELLED"' in visible and "RE_QUEUE" in visible
    failed = "[...document.querySelectorAll('.payment')].find(p => p.dataset.outcome === 'FAILED')"
    dead = opened.evaluate(f"{failed}.innerText")
    assert "In the dead-letter queue" in dead and "paymentCreateTime is missing" in dead
    assert '"refund": "please"' in opened.evaluate("document.body.innerText")
    assert not opened.evaluate("document.querySelectorAll('details:not([open])').length")


def test_a_link_to_a_payment_opens_it(page, file):
    page.open(file, "#payment-5")
    assert page.evaluate("document.querySelector('.payment[open]').id") == "payment-5"


def test_what_is_printed_is_open(opened):
    closed = "document.querySelectorAll('details:not([open])').length"
    before = opened.evaluate(closed)
    opened.evaluate(f"window.addEventListener('beforeprint', () => window.left = {closed})")
    assert opened.pdf().startswith(b"%PDF")
    assert opened.evaluate("window.left") == 0
    assert opened.evaluate(closed) == before > 0


@pytest.mark.parametrize("dark", [False, True])
def test_text_is_readable_in_both_schemes(page, file, dark):
    page.resize(1280, 900, dark=dark)
    page.open(file)
    style = "getComputedStyle(document.querySelector('{}')).{}"
    background = luminance(page.evaluate(style.format("body", "backgroundColor")))
    assert (background < 0.5) is dark
    for selector in ("body", ".why", "b.CANCELLED", "b.FAILED", "b.REFUND_REQUIRED", ".bad"):
        light, low = sorted(
            (luminance(page.evaluate(style.format(selector, "color"))), background), reverse=True
        )
        assert (light + 0.05) / (low + 0.05) >= 4.5, selector  # WCAG 2.2, AA


def luminance(colour: str) -> float:
    """Relative luminance of `rgb(…)`, by WCAG."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("width", [400, 800, 1280])
@pytest.mark.parametrize("payments", [seen, hostile])
def test_nothing_runs_over_the_side(page, tmp_path, width, payments):
    page.resize(width, 900)
    page.open(report.write(record(run(payments())), tmp_path))
    page.evaluate("document.getElementById('toggle').click()")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.resize(1280, 900)


def test_no_script_and_no_address_of_others_gets_into_the_page(page, tmp_path):
    file = report.write(record(run(hostile())), tmp_path)
    page.open(file)
    page.evaluate("document.getElementById('toggle').click()")
    assert page.evaluate("typeof window.hacked") == "undefined"
    assert page.evaluate("document.scripts.length") == 1
    assert (
        page.evaluate("document.querySelectorAll('img, iframe, link[rel=stylesheet]').length") == 0
    )
    assert asked_for(page) <= {file.as_uri(), "data:,"}
    assert messages(page) == []
    text = page.evaluate("document.body.innerText")
    assert HOSTILE in text
    assert "\\u202e" in text and not set("‮\x00\x1b") & set(text)


def test_the_policy_stops_what_would_get_in_all_the_same(page, file, tmp_path):
    broken = tmp_path / "broken.html"
    broken.write_text(file.read_text().replace("<main>", f"<main>{HOSTILE}{LOADS}", 1))
    page.open(broken)
    assert page.evaluate("typeof window.hacked") == "undefined"
    refused = [text for text in messages(page) if "Content Security Policy" in text]
    for what in ("script", "a.css", "Framing", "example.com/b"):
        assert any(what in text for text in refused), what


def test_the_record_lies_beside_the_report(file):
    document = json.loads((file.parent / report.JSON).read_text())
    assert document == json.loads(json.dumps(record(run(seen(), seconds=25))))
    assert sorted(path.name for path in file.parent.iterdir()) == ["report.html", "report.json"]
