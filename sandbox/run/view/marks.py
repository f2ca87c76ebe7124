"""How each kind of attempt and each outcome looks in a terminal; a mark of its own as well as a
colour, for those who see no colours or have switched them off (NO_COLOR)."""

import codecs

from rich.text import Text

from sandbox.run.attempt import Kind

MARKS = {
    Kind.SUCCESS: "●",
    Kind.REFUND: "◆",
    Kind.FAILURE: "■",
    Kind.UNKNOWN: "○",
    Kind.UNPROVEN: "◌",
    Kind.NO_ANSWER: "✕",
    Kind.OPEN: "◐",
}
KIND_STYLES = {
    Kind.SUCCESS: "bold green",
    Kind.REFUND: "bold yellow",
    Kind.FAILURE: "bold red",
    Kind.UNKNOWN: "bold cyan",
    Kind.UNPROVEN: "bold magenta",
    Kind.NO_ANSWER: "bold bright_blue",
    Kind.OPEN: "bold white",
}
OUTCOME_STYLES = {
    "CANCELLED": "green",
    "REFUND_REQUIRED": "yellow",
    "FAILED": "red",
    "UNRESOLVED": "red",
    "DEAD_LETTER": "magenta",
}
# For a terminal whose character set has no such marks.
_PLAIN = dict(zip("●◆■○◌✕◐─━┊┬▼…", "SRFUPX?-=:+v.", strict=True))
_LEGEND = {
    Kind.SUCCESS: "success",
    Kind.REFUND: "refund",
    Kind.FAILURE: "failure",
    Kind.UNKNOWN: "unknown",
    Kind.UNPROVEN: "unproven",
    Kind.NO_ANSWER: "no answer",
    Kind.OPEN: "under way",
}


def plain(error: UnicodeError) -> tuple[str, int]:
    """An error handler of `codecs`, named ``plain``: marks as letters of the same width."""
    assert isinstance(error, UnicodeEncodeError)
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN.get(one, "?") for one in lacking), error.end


codecs.register_error("plain", plain)


def legend() -> Text:
    """What each mark means."""
    parts = [
        Text.assemble((MARKS[kind], KIND_STYLES[kind]), (f" {word}", "dim"))
        for kind, word in _LEGEND.items()
    ]
    return Text("  ", no_wrap=True, overflow="crop").join(parts)
