"""How each kind of attempt and each outcome looks in a terminal; a mark of its own as well as a
colour, for those who see no colours or have switched them off (NO_COLOR)."""

from typing import NamedTuple

from rich.text import Text

from sandbox.run.attempt import Kind


class Look(NamedTuple):
    """Of an attempt: its sign on the time axis, rich's style for it, and its word in the legend."""

    mark: str
    style: str
    word: str


LOOKS = {
    Kind.SUCCESS: Look("●", "bold green", "success"),
    Kind.REFUND: Look("◆", "bold yellow", "refund"),
    Kind.FAILURE: Look("■", "bold red", "failure"),
    Kind.UNKNOWN: Look("○", "bold cyan", "unknown"),
    Kind.UNPROVEN: Look("◌", "bold magenta", "unproven"),
    Kind.NO_ANSWER: Look("✕", "bold bright_blue", "no answer"),
    Kind.OPEN: Look("◐", "bold white", "under way"),
}
OUTCOME_STYLES = {
    "CANCELLED": "green",
    "REFUND_REQUIRED": "yellow",
    "FAILED": "red",
    "UNRESOLVED": "red",
    "DEAD_LETTER": "magenta",
}


def legend() -> Text:
    """What each mark means."""
    parts = [
        Text.assemble((look.mark, look.style), (f" {look.word}", "dim")) for look in LOOKS.values()
    ]
    return Text("  ", no_wrap=True, overflow="crop").join(parts)
