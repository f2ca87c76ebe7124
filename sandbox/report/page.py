"""The HTML report of a run, made from its record alone (`sandbox.run.record`).

One file that needs nothing else: its policy lets the browser load nothing and run no script,
whatever a payment's id or an answer's body may hold.
"""

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

HTML = "report.html"
JSON = "report.json"
TEMPLATE = Path(__file__).parent / "template"
OUTCOMES = {
    "CANCELLED": "cancelled",
    "REFUND_REQUIRED": "refund required",
    "FAILED": "failed",
    "UNRESOLVED": "unresolved",
    "DEAD_LETTER": "dead letter",
    "OPEN": "open",
}
KINDS = {
    "success": "success",
    "refund": "refund required",
    "failure": "failure",
    "unknown": "unknown",
    "unproven": "an answer that proves nothing",
    "no-answer": "no answer",
    "open": "under way",
}
_TICK_SECONDS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
_MOST_TICKS = 10


def as_json(record: Mapping[str, Any]) -> str:
    """Write a record; in ASCII, because an id may hold what UTF-8 cannot."""
    return json.dumps(record, indent=2)


def write(record: Mapping[str, Any], directory: Path) -> Path:
    """Write the report and, beside it, the record that it is made from; returns the report."""
    directory.mkdir(parents=True, exist_ok=True)
    _replace(directory / JSON, as_json(record) + "\n")
    _replace(directory / HTML, page(record))
    return directory / HTML


def page(record: Mapping[str, Any]) -> str:
    """Return the report as the text of an HTML file."""
    style = (TEMPLATE / "style.css").read_text()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Whatever is shown comes through here, so that no control character hides or turns text.
        finalize=visible,
    )
    environment.filters |= {"pretty": pretty, "after": after}
    length = _length(record)
    return environment.get_template("page.html").render(
        record=record,
        began=record["beganAt"],
        ticks=_ticks(length),
        at=lambda second: f"{100 * min(max(second, 0), length) / length:.2f}%",
        outcomes=OUTCOMES,
        kinds=KINDS,
        style=style,
        policy=(
            "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
            f"style-src 'sha256-{digest}'"
        ),
    )


def visible(value: object) -> object:
    """Return text with every character that shows nothing, or moves others, written as a code."""
    if isinstance(value, bool):
        return json.dumps(value)
    if not isinstance(value, str) or value.isprintable():
        return value
    kept = (one if one.isprintable() or one in "\n\t" else f"\\u{ord(one):04x}" for one in value)
    return type(value)("".join(kept))


def pretty(value: object) -> str:
    """Return JSON, given as text or as a value, indented; any other text as it is."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return str(value)
    return json.dumps(value, indent=2, ensure_ascii=False)


def after(moment: str, began: str) -> str:
    """Return a moment as seconds since the run began."""
    passed = datetime.fromisoformat(moment) - datetime.fromisoformat(began)
    return f"{passed.total_seconds():.1f} s"


def _length(record: Mapping[str, Any]) -> float:
    """How many seconds the axis has: to the last thing that happened, and a little more."""
    seconds: list[float] = [
        one["endSecond"] or record["seconds"]
        for payment in record["payments"]
        for one in payment["attempts"]
    ]
    return 1.03 * max([1.0, *seconds])


def _ticks(length: float) -> list[int]:
    step = next((one for one in _TICK_SECONDS if length / one <= _MOST_TICKS), 7200)
    return list(range(0, int(length) + 1, step))


def _replace(path: Path, text: str) -> None:
    # Never half a file, for who has the one before open.
    new = path.with_suffix(f".{os.getpid()}")
    new.write_text(text, encoding="utf-8", errors="backslashreplace")
    new.replace(path)
