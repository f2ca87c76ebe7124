"""docs/scale.md, from the results that are kept: the same for the same results."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from benchmarks.prose import item, paragraph
from benchmarks.scale import load
from benchmarks.scale.limits import REGION
from benchmarks.scale.method import (
    assumptions,
    limits_section,
    validation_section,
    what_to_set,
)
from benchmarks.scale.tables import first_limits, near_the_cutoff, outcomes, rates, share

DOCUMENT: Final = Path(__file__).resolve().parents[2] / "docs" / "scale.md"


def document(results: dict[str, Any], validated: dict[str, Any]) -> str:
    runs = results["runs"]
    return "\n".join(
        [
            "# A billion events a month",
            "",
            *paragraph(
                "Written by `make simulate`: the project's own decisions, window and visibility",
                f"timeouts in a simulated stack with the quotas that AWS publishes for {REGION},",
                f"for {load.MEAN:.0f} events a second in the mean. A test holds document and code",
                "together. What the model is worth is [measured](#validated) on the local stack.",
            ),
            *_in_short(runs),
            "## What happens",
            "",
            *outcomes(runs),
            *paragraph(
                "*In time*: cancelled before the cutoff at 00:15 UTC+8, of all payments whose",
                "window closes then. *Oldest*: since the message was sent; a standard queue keeps",
                "no order. *Drained*: from the end of the disturbance until less than two minutes",
                "of mean traffic wait. *Twice*: messages that a tracker put on the queue while the",
                "one before still lay there, because its token had timed out after 45 minutes.",
            ),
            "![Four disturbances at noon](scale-outages.svg)",
            "",
            "![The end of the day](scale-cutoff.svg)",
            "",
            *paragraph(
                "Shaded: the disturbance; dashed: the cutoff; dotted: the events. With ten batches",
                "at a time the backlog leaves the pictures.",
            ),
            *_first_limits(runs),
            *_rates(runs),
            *_near_the_cutoff(runs),
            *what_to_set(runs),
            *limits_section(),
            *validation_section(validated),
            *assumptions(),
        ]
    )


def _in_short(runs: dict[str, Any]) -> list[str]:
    default, sized = runs["ordinary"]["10"], runs["ordinary"]["60"]
    silent, refuses, slow, before = (runs[name] for name in ("silent", "refuses", "slow", "before"))
    return [
        *item(
            "The template's `MaximumConcurrency` of 10 does not carry a billion events a month:",
            f"the first burst leaves a backlog, and {share(1 - default['in_time'], 0)} of the",
            "day's payments miss their cutoff. With 60 an ordinary day meets no limit, and no",
            f"message grows older than {max(sized['oldest'], 1):.0f} minute.",
        ),
        *item(
            f"A three-hour outage at noon costs time alone at 60: {share(silent['60']['in_time'])}",
            "of the payments are cancelled before their cutoff,",
            f"{silent['60']['drained']:.0f} minutes after the gateway is back the backlog of",
            f"{silent['60']['visible'] / 1e6:.1f} million is gone, and the queue keeps Step",
            "Functions far below its quotas.",
        ),
        *item(
            "Where refusals come fast, quotas are met within minutes, with 60 as with 1,000:",
            "SendTaskSuccess first, then messages in flight, StartExecution and open executions.",
            "Nothing is lost: what is throttled comes back, and",
            f"{share(refuses['60']['in_time'])} are still cancelled in time.",
        ),
        *item(
            "More concurrency than the gateway can use does harm: calls wait until they time out,",
            "each timeout is an unknown, and unknowns become executions",
            f"({slow['1,000']['executions']:,.0f} with 1,000 batches at a tenth of the rate,",
            f"{slow['60']['executions']:,.0f} with 60).",
        ),
        *item(
            "An outage that ends half an hour before the cutoff leaves",
            f"{share(1 - before['60']['in_time'], 0)} of the day's payments to refunds and",
            "operators. No setting and no quota helps: the gateway's own rate is the limit.",
        ),
        "",
    ]


def _first_limits(runs: dict[str, Any]) -> list[str]:
    return [
        "## Which limit comes first",
        "",
        *first_limits(runs),
        *paragraph(
            "The clock time of the first time, in UTC+8; noon disturbances begin at 12:00, bursts",
            "at 12:30 and 19:30. What lifts each limit stands in the [table](#limits).",
        ),
    ]


def _rates(runs: dict[str, Any]) -> list[str]:
    return [
        "## Rates against quotas",
        "",
        *rates(runs),
        *paragraph(
            "The most in five minutes, per second; throttled calls are counted each time. What",
            "comes in is counted by SendMessage, together with what the trackers put back.",
        ),
    ]


def _near_the_cutoff(runs: dict[str, Any]) -> list[str]:
    return [
        "## Near the cutoff",
        "",
        *near_the_cutoff(runs),
        *paragraph(
            "Events of the last half hour of the window stand in the one queue behind everything",
            "else, and starve behind an evening's backlog. A queue of their own would save them at",
            "the price of as many others: all payments of a day have the same cutoff, and until it",
            "passes hardly a call goes to payments of the next day. So there is one queue.",
        ),
    ]
