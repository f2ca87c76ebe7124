"""Pictures of a run for the documents: `make run PICTURES=docs`.

`run.svg` is the terminal view as it went on, `report.png` the HTML report in a real browser.
"""

import io
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from PIL import Image
from rich.console import RenderableType

from sandbox.run.pictures import chromium, headless
from sandbox.run.pictures.filmstrip import svg
from sandbox.run.record import Run
from sandbox.run.view.frame import frame

WIDTH, HEIGHT = 110, 24
_FRAME_SECONDS = 2.0
_WINDOW = (1180, 1320)


def draw(run: Run, report: Path, directory: Path) -> list[Path]:
    """Draw both; returns their paths.

    Raises
    ------
    chromium.NoBrowser
        The report cannot be drawn; the terminal view has been.
    """
    directory.mkdir(parents=True, exist_ok=True)
    terminal, page = directory / "run.svg", directory / "report.png"
    description = "The terminal view of make run: the attempts of each payment on a time axis"
    terminal.write_text(svg(frames(run), WIDTH, description=description), encoding="utf-8")
    page.write_bytes(photograph(report, "#payment-10"))
    return [terminal, page]


def frames(run: Run, width: int = WIDTH, height: int = HEIGHT) -> Sequence[RenderableType]:
    """The terminal view every few seconds, and at the end."""
    chosen, due = [], run.began
    for moment, progress in run.history:
        if moment >= due:
            chosen.append((moment, progress))
            due = moment + timedelta(seconds=_FRAME_SECONDS)
    chosen.append((run.ended, run.progress))
    return [
        frame(
            run.cases, progress, run.began, moment, run.timeout_seconds, width=width, height=height
        )
        for moment, progress in chosen
    ]


def photograph(report: Path, fragment: str, *, dark: bool = False) -> bytes:
    """The report in a browser, with one payment and its first attempt open, as PNG."""
    with headless.page(chromium.find()) as page:
        page.resize(*_WINDOW, dark=dark, scale=1.5)
        page.open(report, fragment)
        page.evaluate("scrollTo(0, 0)")
        page.evaluate("document.querySelector(':target .attempt').open = true")
        image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    small = io.BytesIO()
    # Median cut would take the colour from the few points that have one.
    palette = image.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    palette.save(small, "PNG", optimize=True)
    return small.getvalue()
