"""Frames of a terminal as one SVG that moves, without script and without anything from a network.

What does not change between frames is drawn once. Where nothing may move (a reader who prefers
less motion, a program that knows no animation), the last frame stands.
"""

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from rich.console import Console, RenderableType
from rich.segment import Segment, Segments
from rich.terminal_theme import TerminalTheme

# Rich's own format names fonts of another host. What follows is like a dark terminal.
THEME = TerminalTheme(
    (13, 17, 23),
    (230, 237, 243),
    [
        (48, 54, 61),
        (248, 81, 73),
        (63, 185, 80),
        (210, 153, 34),
        (88, 166, 255),
        (188, 140, 255),
        (57, 197, 207),
        (230, 237, 243),
    ],
    [
        (110, 118, 129),
        (255, 123, 114),
        (86, 211, 100),
        (227, 179, 65),
        (121, 192, 255),
        (210, 168, 255),
        (86, 212, 221),
        (255, 255, 255),
    ],
)
_FORMAT = "{styles}\n\f\n{matrix}"
_TEXT = re.compile(
    r'<text class="[\w-]*?-(r\d+)" x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"'
    r"[^>]*>(.*?)</text>"
)
_CELL_WIDTH, _LINE_HEIGHT, _BASELINE, _MARGIN = 12.2, 24.4, 18.5, 16
_FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"

type _Element = tuple[int, str, str, str, str]
"""Line in its frame, class, x, textLength, text."""


def svg(
    frames: Sequence[RenderableType],
    width: int,
    *,
    seconds_each: float = 0.5,
    seconds_last: float = 5.0,
    description: str = "",
) -> str:
    """Draw frames, one after the other and over again.

    Parameters
    ----------
    frames
        What each prints; one alone makes a still picture.
    width
        Of the terminal, in columns.
    description
        For those who do not see the picture; plain text without markup.
    """
    styles, shown, height = _elements(frames, width)
    total = seconds_each * (len(frames) - 1) + seconds_last
    stops = [100 * seconds_each * number / total for number in range(len(frames))] + [100.0]
    body, moves = [], set()
    for (line, kind, x, length, text), numbers in shown.items():
        for first, after in _runs(numbers):
            always = first == 0 and after == len(frames)
            classes = [kind, *([] if always else [f"f{first}-{after}"])]
            if not always:
                moves.add((first, after))
            y = f"{line * _LINE_HEIGHT + _BASELINE:.1f}"
            place = f'x="{x}" y="{y}" textLength="{length}"'
            body.append(f'<text class="{" ".join(classes)}" {place}>{text}</text>')
    rules = "\n".join(_rules(sorted(moves), stops, total, len(frames)))
    outer_width = width * _CELL_WIDTH + 2 * _MARGIN
    outer_height = height * _LINE_HEIGHT + 2 * _MARGIN
    box = f"0 0 {outer_width:.0f} {outer_height:.0f}"
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" role="img">
<title>{description}</title>
<style>
text {{ font: 20px {_FONT}; white-space: pre; }}
{styles}
{rules}
</style>
<rect width="100%" height="100%" rx="10" fill="{THEME.background_color.hex}"/>
<g transform="translate({_MARGIN} {_MARGIN})">
{chr(10).join(body)}
</g>
</svg>
"""


def _elements(
    frames: Sequence[RenderableType], width: int
) -> tuple[str, dict[_Element, list[int]], int]:
    """The style rules, the frames in which each element is seen, and the lines of a frame."""
    console = Console(
        record=True, width=width, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    drawn = [console.render_lines(frame, pad=False) for frame in frames]
    height = max(len(lines) for lines in drawn)
    for lines in drawn:
        for line in [*lines, *[[]] * (height - len(lines))]:
            console.print(Segments([*line, Segment.line()]), end="", soft_wrap=True)
    exported = console.export_svg(theme=THEME, code_format=_FORMAT, unique_id="t")
    styles, _, matrix = exported.partition("\f")
    shown: dict[_Element, list[int]] = defaultdict(list)
    for kind, x, y, length, text in _TEXT.findall(matrix):
        number, row = divmod(int(float(y) / _LINE_HEIGHT), height)
        shown[row, kind, x, length, text.rstrip()].append(number)
    return styles.replace(".t-", ".").strip(), shown, height


def _runs(numbers: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Runs of consecutive numbers, each as its first and the one after its last."""
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield first, last + 1
            first = number
        last = number
    yield first, last + 1


def _rules(
    moves: Sequence[tuple[int, int]], stops: Sequence[float], total: float, number: int
) -> Iterable[str]:
    for first, after in moves:
        name = f"f{first}-{after}"
        start, end = f"{stops[first]:.2f}%", f"{stops[after]:.2f}%"
        off, on = "{visibility:hidden}", "{visibility:visible}"
        frames = [f"0%{off}" if first else f"0%{on}", f"{start}{on}" if first else ""]
        frames += [f"{end}{off}", f"100%{off}"] if after < number else [f"100%{on}"]
        still = "visible" if after == number else "hidden"
        yield f".{name}{{visibility:{still};animation:{name} {total:.1f}s step-end infinite}}"
        yield f"@keyframes {name}{{{''.join(frames)}}}"
    yield "@media (prefers-reduced-motion:reduce){text{animation:none!important}}"
