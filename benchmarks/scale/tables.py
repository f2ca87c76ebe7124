"""The tables of docs/scale.md, each from the results or from the table of limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.scale.limits import LIMITS, Limit
from benchmarks.scale.scenarios import SCENARIOS

type Runs = Mapping[str, Mapping[str, Any]]

_NAMES = {
    "maximum_concurrency": "`MaximumConcurrency`",
    "pollers_per_minute": "growth of the event source",
    "pollers_most": "event source, most",
    "lambda_concurrency": "Lambda concurrency",
    "in_flight": "messages in flight",
    "start_refill": "StartExecution",
    "tell_refill": "SendTaskSuccess",
    "transition_refill": "StateTransition",
    "open_executions": "open executions",
    "put_events": "PutEvents",
}
_RATES = {
    "SendMessage": "SendMessage",
    "ChangeMessageVisibilityBatch": "ChangeMessage-VisibilityBatch",
    "PutEvents": "PutEvents",
    "StartExecution": "StartExecution",
    "SendTask": "SendTask-Success",
    "StateTransition": "State-Transition",
}
_QUOTAS = {
    "SendMessage": "sqs_calls",
    "ChangeMessageVisibilityBatch": "sqs_calls",
    "PutEvents": "put_events",
    "StartExecution": "start_refill",
    "SendTask": "tell_refill",
    "StateTransition": "transition_refill",
}


def _table(head: list[str], right: int, body: Iterator[list[str]]) -> list[str]:
    """Markdown; the last `right` columns to the right."""
    bars = ["---"] * (len(head) - right) + ["---:"] * right
    rows = [head, bars, *body]
    return [*(f"| {' | '.join(row)} |" for row in rows), ""]


def _runs(runs: Runs, *only: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each run under its title, which stands at the first of its rows only."""
    for scenario in SCENARIOS:
        if only and scenario.name not in only:
            continue
        for place, (setup, run) in enumerate(runs[scenario.name].items()):
            yield scenario.title if place == 0 else "", setup, run


def outcomes(runs: Runs) -> list[str]:
    head = ["", "`MaximumConcurrency`", "in time", "refund", "unresolved", "waiting"]
    head += ["oldest", "drained", "executions", "calls/s", "twice"]
    body = (
        [
            title,
            setup,
            *(share(run[name]) for name in ("in_time", "refund", "unresolved")),
            _count(run["visible"]),
            _time(run["oldest"]),
            _time(run["drained"]),
            _count(run["executions"]),
            f"{run['peaks']['calls']:,.0f}",
            _count(run["doubled"]),
        ]
        for title, setup, run in _runs(runs)
    )
    return _table(head, 9, body)


def first_limits(runs: Runs) -> list[str]:
    def body() -> Iterator[list[str]]:
        for title, setup, run in _runs(runs):
            hits = [f"{_NAMES[name]} {at}" for name, at in run["hits"] if name in _NAMES]
            yield [title, setup, hits[0] if hits else "none", "; ".join(hits[1:])]

    return _table(["", "`MaximumConcurrency`", "first", "then"], 0, body())


def rates(runs: Runs) -> list[str]:
    def body() -> Iterator[list[str]]:
        published = [f"{LIMITS[name].value:,.0f}".replace("inf", "-") for name in _QUOTAS.values()]
        most = [LIMITS[name].value for name in ("in_flight", "lambda_concurrency")]
        yield ["published", "", *published, _count(most[0]), f"{most[1]:,.0f}"]
        for title, setup, run in _runs(runs):
            peaks = [f"{run['peaks'][name]:,.0f}" for name in _RATES]
            yield [title, setup, *peaks, _count(run["in_flight"]), f"{run['concurrency']:,.0f}"]

    head = ["", "`MaximumConcurrency`", *_RATES.values(), "in flight", "Lambda at a time"]
    return _table(head, 8, body())


def near_the_cutoff(runs: Runs) -> list[str]:
    def body() -> Iterator[list[str]]:
        for title, setup, run in _runs(runs, "ordinary", "before"):
            shares = ("in_time", "late_asked", "late_in_time", "to_others")
            yield [title, setup, *(share(run[name]) for name in shares)]

    head = ["", "`MaximumConcurrency`", "the day's payments cancelled in time"]
    head += ["events after 23:45 asked in time", "… and cancelled"]
    head += ["calls from 00:00 to 00:15 for the next day"]
    return _table(head, 4, body())


def limits(table: Mapping[str, Limit]) -> list[str]:
    body = (
        [
            limit.name,
            f"{limit.value:,.0f}".replace("inf", "-"),
            limit.elsewhere,
            limit.unit,
            limit.raised_by,
            limit.source,
            "yes" if limit.confirmed else "no",
        ]
        for limit in table.values()
    )
    head = ["", "default", "smallest", "unit", "what lifts it", "source", "read there"]
    return _table(head, 0, body)


def share(value: float, digits: int = 1) -> str:
    return f"{value * 100:.{digits}f} %"


def _count(value: float) -> str:
    return f"{value / 1e6:.1f} M" if value >= 1e6 else f"{value:,.0f}"


def _time(minutes: float) -> str:
    return f"{minutes / 60:.1f} h" if minutes >= 100 else f"{minutes:.0f} min"
