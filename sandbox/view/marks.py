"""How each kind of attempt and each outcome looks in a terminal; a mark of its own as well as a
colour, for those who see no colours or have switched them off (NO_COLOR)."""

from rich.text import Text

from sandbox.attempt import Kind

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
_LEGEND = {
    Kind.SUCCESS: "success",
    Kind.REFUND: "refund",
    Kind.FAILURE: "failure",
    Kind.UNKNOWN: "unknown",
    Kind.UNPROVEN: "unproven",
    Kind.NO_ANSWER: "no answer",
    Kind.OPEN: "under way",
}


def legend() -> Text:
    """What each mark means."""
    parts = [
        Text.assemble((MARKS[kind], KIND_STYLES[kind]), (f" {word}", "dim"))
        for kind, word in _LEGEND.items()
    ]
    return Text("  ", no_wrap=True, overflow="crop").join(parts)
