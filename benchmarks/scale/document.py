"""docs/scale.md, from the results that are kept: the same for the same results."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.prose import item, paragraph, table
from benchmarks.scale import load
from benchmarks.scale.gateway import Kind
from benchmarks.scale.limits import AS_OF, LIMITS, REGION
from benchmarks.scale.scenarios import GATEWAY_RATE, HERD, RAISED, SCALE, SCENARIOS
from benchmarks.scale.setup import Setup

DOCUMENT: Final = Path(__file__).resolve().parents[2] / "docs" / "scale.md"

type Results = dict[str, Any]

_MET = {"open_executions": "open executions", "Sign": "KMS", "in flight": "messages in flight"}


def document(results: Results) -> str:
    runs = results["runs"]
    return "\n".join(
        [
            "# A billion events a month",
            "",
            *paragraph(
                "Written by `make simulate`: the function's own decisions and window in a model of",
                f"the stack with the quotas that AWS publishes for {REGION}, for {load.MEAN:.0f}",
                "events a second in the mean. A test holds document and code together;",
                "[what is assumed](#how-and-what-is-assumed) stands at the end.",
            ),
            *_in_short(runs, results["herd"]),
            "## What happens",
            "",
            *_outcomes(runs, [name for name in SCENARIOS if not name.startswith("back")]),
            *_columns(),
            "![Messages waiting and open executions](scale.png)",
            "",
            "## When the gateway comes back",
            "",
            *paragraph("Three hours without an answer that end around the cutoff at 00:15 UTC+8:"),
            *_outcomes(runs, [name for name in SCENARIOS if name.startswith("back")]),
            *_herd(results["herd"]),
            "## Quotas",
            "",
            *_quotas(runs),
            *_what_to_set(runs),
            *_limits(),
            *_assumptions(),
        ]
    )


def _in_short(runs: Results, herd: Results) -> list[str]:
    silent, back = runs["silent"], runs["back 30"]
    noon = silent["60"]
    most = max(one["unresolved"] for one in back.values())
    kms = silent["60, KMS signs"]
    return [
        *item(
            "The template's `MaximumConcurrency` of 10 does not carry a billion events a month:",
            f"the first burst leaves a backlog, and {share(1 - runs['ordinary']['10']['in_time'])}",
            "of the day's payments miss their cutoff. With 60 an ordinary day meets no limit.",
        ),
        *item(
            "A three-hour outage at noon costs time alone: with 60,",
            f"{share(noon['in_time'])} are cancelled before their cutoff, and",
            f"{noon['drained']:.0f} minutes after the gateway is back the backlog of",
            f"{noon['waiting'] / 1e6:.1f} million is gone.",
        ),
        *item(
            "An outage that ends half an hour before the cutoff leaves",
            f"{share(back['60']['refund'])} of the day's payments to be refunded with 60: what the",
            "gateway's own rate cannot cancel in time is **known to be too late**, and",
            f"{share(most)} stay unresolved, whatever the setting.",
        ),
        *item(
            f"{HERD:,} payments that all wait in trackers, ten batches at a time: with the gateway",
            f"back 5 minutes before the cutoff {share(herd['5']['in_time'])} are cancelled in time",
            f"and {share(herd['5']['unresolved'])} stay unresolved.",
        ),
        *item(
            "Where refusals come fast, or with 1,000 batches at a time, Step Functions' quotas are",
            "met within minutes. Nothing is lost: what is throttled comes back, ever later.",
        ),
        *item(
            "More calls than the gateway or **KMS** can serve do harm, since every call that is",
            "not served is an unknown: where KMS signs, 60 batches at a time meet its",
            f"{LIMITS['sign'].value:,.0f} signatures a second, and after three hours of outage",
            f"{share(1 - kms['in_time'])} of the day's payments miss their cutoff. With 25 it is",
            f"{share(1 - silent['25, KMS signs']['in_time'])}.",
        ),
        "",
    ]


def _outcomes(runs: Results, names: list[str]) -> list[str]:
    head = ["", "`MaximumConcurrency`", "in time", "refund", "unresolved", "for a while", "waiting"]
    head += ["longest wait", "drained", "executions", "calls/s", "closing calls/s"]

    def body() -> Iterator[list[str]]:
        for name in names:
            for place, (setup, run) in enumerate(runs[name].items()):
                yield [
                    "" if place else SCENARIOS[name].title,
                    setup,
                    *(share(run[one]) for one in ("in_time", "refund", "unresolved")),
                    share(max(0.0, run["reported"] - run["unresolved"])),
                    _count(run["waiting"]),
                    _time(run["longest_wait"]),
                    _time(run["drained"]),
                    _count(run["executions"]),
                    *(f"{run['peaks'][one]:,.0f}" for one in ("calls", "closing calls")),
                ]

    return table(head, 10, body())


def _columns() -> list[str]:
    return paragraph(
        "*In time*: cancelled before the cutoff, of all payments whose window closes in that",
        "night; *refund*: the gateway said that it was too late. *For a while*: `UNRESOLVED` was",
        "published because the closing call lay on the queue for longer than its token lives",
        "(45 minutes), and a later outcome superseded it. *Longest wait*: of one message; a",
        "standard queue keeps no order. *Drained*: from the end of the disturbance (on an ordinary",
        "day: in all) until less than two minutes of mean traffic wait. Calls: the most in five",
        "minutes, per second.",
    )


def _herd(herd: Results) -> list[str]:
    head = ["gateway back", "in time", "refund", "unresolved", "unresolved without a closing call"]

    def body() -> Iterator[list[str]]:
        for minutes, run in herd.items():
            when = "before" if float(minutes) > 0 else "after"
            yield [
                f"{abs(float(minutes)):g} min {when} the cutoff",
                *(share(run[one]) for one in ("in_time", "refund", "unresolved", "without")),
            ]

    return [
        *paragraph(
            f"{HERD:,} payments whose connections were refused all evening, all in trackers, with",
            "ten batches at a time and no limit to the gateway's rate:",
        ),
        *table(head, 4, body()),
        *paragraph(
            "A payment stays unresolved only where its closing call, one to fifteen minutes after",
            "the cutoff, finds the gateway still away.",
        ),
    ]


def _quotas(runs: Results) -> list[str]:
    names = {
        "StartExecution": "start_refill",
        "SendTask": "tell_refill",
        "StateTransition": "transition_refill",
        "Sign": "sign",
    }
    head = ["", "`MaximumConcurrency`", "StartExecution", "SendTask-Success", "State-Transition"]
    head += ["KMS Sign", "in flight", "effects failed", "met, by clock time"]

    def body() -> Iterator[list[str]]:
        published = [f"{LIMITS[one].value:,.0f}" for one in names.values()]
        yield ["published", "", *published, _count(LIMITS["in_flight"].value), "", ""]
        for name in SCENARIOS:
            for setup, run in runs[name].items():
                met = [f"{_MET.get(one, one)} {at}" for one, at in run["met"].items()]
                if not met:
                    continue
                yield [
                    SCENARIOS[name].title,
                    setup,
                    *(f"{run['peaks'][one]:,.0f}" for one in names),
                    _count(run["in_flight"]),
                    _count(run["effects_failed"]),
                    "; ".join(met),
                ]

    return [
        *table(head, 7, body()),
        *paragraph(
            "The runs that met a quota; the others met none. The most in five minutes, per second,",
            "throttled calls counted each time. *Effects failed*: records that come back by the",
            "queue because Step Functions refused them.",
        ),
    ]


def _what_to_set(runs: Results) -> list[str]:
    return [
        "## What to set, and what to ask for",
        "",
        *item(
            "`MaximumConcurrency`: the events a second of the worst burst, times the seconds of a",
            "batch (0.27 at a median latency of 0.1 s), by ten, and a third more: here 60. When a",
            "backlog drains, the gateway gets up to 60 times 10 by 0.27 calls a second: ask",
            "Alipay+ whether it takes them, and stay below if not.",
        ),
        *item(
            "Where `SigningKeyArn` is set, each attempt is one KMS request. The quota of",
            f"{LIMITS['sign'].value:,.0f} RSA operations a second (500 in older copies of the",
            "page) is shared by every RSA key of account and region, whoever uses it. Keep",
            "`MaximumConcurrency` below quota by ten times 0.27 s (here 27), or ask for the",
            "gateway's own rate first. At the template's 10 there is no danger.",
        ),
        *item(
            "No other quota is needed for payments to end as they should. To ride out refusals",
            f"without throttling, ask for StartExecution {RAISED.start_refill:,.0f} a second,",
            f"SendTaskSuccess {RAISED.tell_refill:,.0f}, StateTransition",
            f"{RAISED.transition_refill:,.0f}, {RAISED.open_executions / 1e6:.0f} million open",
            f"executions and {RAISED.in_flight:,.0f} messages in flight; a longer",
            "`SlowRetryMaxSeconds` needs less of the second and the third.",
        ),
        *item(
            "In a region with the smaller quotas of the table Step Functions is met at half the",
            "traffic, and so is PutEvents, one call a batch, in a burst.",
        ),
        *item(
            "A backlog of more than 45 minutes makes it worse by itself: the trackers' tokens time",
            "out and each puts its payment on the queue again (with 10 batches at a time",
            f"{_count(runs['refuses']['10']['timed_out'])} calls more). The calls are idempotent;",
            "what helps is a concurrency that drains the queue.",
        ),
        "",
    ]


def _limits() -> list[str]:
    return [
        "## Limits",
        "",
        *table(
            ["", "default", "smallest", "unit", "what lifts it", "source"],
            0,
            (
                [
                    limit.name,
                    f"{limit.value:,.0f}",
                    limit.elsewhere,
                    limit.unit,
                    limit.raised_by,
                    limit.source,
                ]
                for limit in LIMITS.values()
            ),
        ),
        *paragraph(
            f"As of {AS_OF}, {REGION}; *smallest*: the regions with least, or older copies of the",
            "page. Read in stored copies of the pages, none live: look at the Service Quotas",
            "console before relying on them.",
        ),
    ]


def _assumptions() -> list[str]:
    setup = Setup()
    return [
        "## How, and what is assumed",
        "",
        *item(
            f"One payment stands for {SCALE:,}; rates, concurrency and quotas are divided by it,",
            "and a test shows that the figures do not depend on it. Each payment, attempt, round",
            "and token is simulated on its own; arrivals are spread evenly along the curve.",
        ),
        *item(
            f"The day: {load.SWING * 100:.0f} % above the mean at {load.PEAK_HOUR:.0f}:00 and as",
            f"much below at 08:00, two bursts of {load.BURST_SECONDS // 60} minutes at",
            f"{load.BURST_TIMES:.0f} times the mean, at 12:30 and 19:30. An event comes one to ten",
            f"minutes after its payment. {load.UNKNOWN_SHARE * 100:.0f} % are unknown at first:",
            f"nine in ten for {load.BRIEF_SECONDS:.0f} s in the mean, one in ten for an hour.",
        ),
        *item(
            f"The gateway: {GATEWAY_RATE:,.0f} calls a second, a latency of 0.1 s (median,",
            f"log-normal with sigma 0.5). Alipay+ publishes no rate. *{Kind.SILENT}*:",
            f"{setup.gateway_timeout:.0f} s a call.",
        ),
        *item(
            "The event source has all its batches at once (AWS adds 300 a minute to the first",
            "five: three minutes to 1,000). A backlog fills them; a batch takes as long as the",
            f"slowest of ten answers, and {setup.effects:g} s for its effects.",
        ),
        *item(
            "Not simulated: cold starts, PutEvents (ten events a call, far below its quota), calls",
            "that the gateway carried out and whose answer was lost, a second stack in the",
            "account.",
        ),
        "",
    ]


def share(value: float) -> str:
    return f"{value * 100:.1f} %"


def _count(value: float) -> str:
    return f"{value / 1e6:.1f} M" if value >= 1e6 else f"{value:,.0f}"


def _time(minutes: float) -> str:
    return f"{minutes / 60:.1f} h" if minutes >= 100 else f"{minutes:.0f} min"
