"""Whether a payment ended as its case says: pure, from the case and what was seen."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sandbox.run.cases import FOR_OPERATORS, Case
from sandbox.run.progress import Fields, Progress

FAST_PHASE = timedelta(seconds=60)
LEAST, MOST = timedelta(seconds=5), timedelta(seconds=10)
# With less than this left, an unknown waits for the closing call.
CLOSING = timedelta(seconds=35)
_MOMENTS = ("firstAttemptAt", "cutoffAt")
_THROTTLED = "REQUEST_TRAFFIC_EXCEED_LIMIT"


def ended(case: Case, progress: Progress) -> bool:
    """Whether everything that the case waits for is there, right or wrong."""
    if case.dead_letter and not progress.dead_letters:
        return False
    if case.ends != "DEAD_LETTER" and not progress.outcomes:
        return False
    if _for_operators(progress) and not progress.operator_cases:
        return False
    tracker = progress.tracker
    if tracker is None:
        return case.tracker is None
    return tracker.status != "RUNNING"


def faults(case: Case, progress: Progress) -> list[str]:
    """Everything that is not as the case says; empty if all is well."""
    return [
        *_outcome_faults(case, progress),
        *_send_faults(case, progress),
        *_dead_letter_faults(case, progress),
        *_operators_faults(case, progress),
        *_tracker_faults(case, progress),
    ]


def _outcome_faults(case: Case, progress: Progress) -> Iterator[str]:
    wanted = set() if case.ends == "DEAD_LETTER" else {case.ends}
    seen = {outcome["outcome"] for outcome in progress.details}
    if seen != wanted:
        yield f"outcomes {_list(seen)} instead of {_list(wanted)}"
    for outcome in progress.details:
        if case.code and outcome.get("resultCode") != case.code:
            yield f"result code {outcome.get('resultCode')} instead of {case.code}"
        if not outcome.get("furtherAction"):
            yield "the outcome does not say what to do"
        if outcome.get("attempts") != case.sends:
            yield f"the outcome tells of {outcome.get('attempts')} attempts"
    # Delivery is at least once: a repeat is no fault as long as it shows.
    if len({outcome["outcomeId"] for outcome in progress.details}) > 1:
        yield "one outcome under several ids"


def _send_faults(case: Case, progress: Progress) -> Iterator[str]:
    if len(progress.sends) != case.sends:
        yield f"{len(progress.sends)} requests instead of {case.sends}"
    if not progress.outcomes:
        return
    outcome = progress.details[0]
    first, cutoff = (datetime.fromisoformat(outcome[name]) for name in _MOMENTS)
    fast_until = min(first + FAST_PHASE, cutoff - CLOSING)
    for gap, previous in _gaps(progress.sends):
        fast = _ended_at(previous) < fast_until and previous["resultCode"] != _THROTTLED
        if fast and not LEAST <= gap <= MOST:
            yield f"{gap.total_seconds():.1f} s between two requests instead of 5 to 10"


def _dead_letter_faults(case: Case, progress: Progress) -> Iterator[str]:
    if bool(progress.dead_letters) != case.dead_letter:
        yield (
            "in the dead-letter queue" if progress.dead_letters else "not in the dead-letter queue"
        )
    for letter in progress.dead_letters:
        for name in ("rejectReason", "furtherAction"):
            if not letter["attributes"].get(name):
                yield f"in the dead-letter queue without {name}"


def _operators_faults(case: Case, progress: Progress) -> Iterator[str]:
    if bool(progress.operator_cases) != (case.ends in FOR_OPERATORS):
        yield "a case for the operators" if progress.operator_cases else "no case for the operators"


def _tracker_faults(case: Case, progress: Progress) -> Iterator[str]:
    status = progress.tracker.status if progress.tracker else None
    error = progress.tracker.error if progress.tracker else None
    if status != case.tracker:
        yield f"tracker {status or 'not used'} instead of {case.tracker or 'not used'}"
    if error != case.error:
        yield f"tracker's error {error} instead of {case.error}"


def _for_operators(progress: Progress) -> bool:
    return any(detail["outcome"] in FOR_OPERATORS for detail in progress.details)


def _gaps(sends: Sequence[Fields]) -> Iterator[tuple[timedelta, Fields]]:
    """From the end of each attempt to the next one."""
    for previous, following in pairwise(sends):
        yield datetime.fromisoformat(following["receivedAt"]) - _ended_at(previous), previous


def _ended_at(send: Fields) -> datetime:
    return datetime.fromisoformat(send["endedAt"] or send["answeredAt"] or send["receivedAt"])


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"
