"""The terminal view at the end of a run as an SVG, for the README:
`make run PICTURE=docs/run.svg`.
"""

import io
import re
from pathlib import Path

from rich.console import Console

from sandbox.run.record import Run
from sandbox.run.view.frame import frame

WIDTH = 110


def draw(run: Run, path: Path) -> None:
    """Draw it, without anything that a browser would have to fetch."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    moment, timeout = run.ended, run.timeout_seconds
    seen = frame(run.cases, run.progress, run.began, moment, timeout, width=WIDTH)
    console.print(seen)
    svg = console.export_svg(title="make run", unique_id="run")
    # Rich's own fonts are on another host; the next in its list is the reader's own.
    alone = re.sub(r"@font-face \{.*?\}|<!--.*?-->", "", svg, flags=re.DOTALL)
    lines = (line.strip() for line in alone.splitlines())
    path.write_text("\n".join(filter(None, lines)) + "\n", encoding="utf-8")
