"""When each alarm fires: minutes of its metrics, and after how many of them it is in ALARM.

The expectations are those of docs/runbook.md, "When they fire", written by hand. Periods are taken
one after the other from minute 0, and a missing point is no trouble (`notBreaching`); CloudWatch's
rules: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pytest

from tests.template.deployed import Deployed

type Series = Mapping[str, list[float]]
"""One value a minute of each metric, by its id in the alarm; of an alarm's only metric, by ""."""

AT_ONCE: Final = (
    *("UnresolvedPaymentsAlarm", "TrackersTimedOutAlarm", "TrackersAbortedAlarm"),
    *("OperatorCasesAlarm", "UndeliveredEventsAlarm", "KeysRefusedAlarm", "FunctionErrorsAlarm"),
    "NewVersionErrorsAlarm",
)
DAY: Final = 1440
ZERO: Final = [0.0] * 2 * DAY
# An alarm, what its metrics are, and after how many minutes it fires; None: never.
CASES: Final[list[tuple[str, Series, int | None]]] = [
    *((name, {"": [1]}, 1) for name in AT_ONCE),
    *(
        ("LostEventsAlarm", {one: [0, 0, 1]}, 3)
        for one in ("payments", "refunds", "cases", "stopped")
    ),
    *((name, {"": [1]}, 5) for name in ("RejectedRequestsAlarm", "UnprovenAnswersAlarm")),
    # What keeps failing comes back every three minutes; what failed once has come back by then.
    ("EffectsFailedAlarm", {"": [0, 0, 1, 0, 0] * 2}, 10),
    ("EffectsFailedAlarm", {"": [9] * 5}, None),
    ("FunctionThrottlesAlarm", {"": [1, 0, 1, 0, 1]}, 5),
    ("FunctionThrottlesAlarm", {"": [1, 1, 1]}, 3),
    ("FunctionThrottlesAlarm", {"": [1, 1, 0, 0, 0, 1, 1]}, None),
    # More requests wait than are taken in five minutes, three minutes in a row.
    ("RequestsWaitingAlarm", {"waiting": [11] * 3, "taken": [2] * 3}, 3),
    ("RequestsWaitingAlarm", {"waiting": [11, 11, 0] * 3, "taken": [2] * 9}, None),
    ("RequestsWaitingAlarm", {"waiting": [10] * 9, "taken": [2] * 9}, None),
    # A day in which fewer refunds were taken than waited all the time.
    ("RefundsWaitingAlarm", {"waiting": [3] * DAY, "taken": [1, 1] + [0] * (DAY - 2)}, DAY),
    ("RefundsWaitingAlarm", {"waiting": [3] * DAY, "taken": [1, 2] + [0] * (DAY - 2)}, None),
    ("RefundsWaitingAlarm", {"waiting": [3] * (DAY - 1) + [0], "taken": [0] * DAY}, None),
    # Ten minutes in which more than half of at least ten attempts were unknown.
    ("UnknownRateAlarm", {"attempts": [2] * 10, "unknown": [2, 1, 1, 1, 1] * 2}, 10),
    ("UnknownRateAlarm", {"attempts": [200] * 10, "unknown": [101] * 10}, 10),
    ("UnknownRateAlarm", {"attempts": [2] * 10, "unknown": [1] * 10}, None),
    ("UnknownRateAlarm", {"attempts": [2] * 10, "unknown": [2] * 5}, None),
    ("UnknownRateAlarm", {"attempts": [1.8] * 10, "unknown": [1.8] * 10}, None),
    ("UnknownRateAlarm", {"attempts": [2] * 10}, None),
    # Whenever the queue grows; neither while what lies there stays, nor when a person looks at it.
    *(
        (name, {"visible": visible, "hidden": hidden}, after)
        for name in ("DeadLettersAlarm", "RefundDeadLettersAlarm")
        for visible, hidden, after in (
            ([0, 0, 1], [0, 0, 0], 3),
            ([5, 5, 6], [], 3),
            ([0, 0], [0, 1], 2),
            ([5] * 9, [0] * 9, None),
            ([1, 0, 1], [0, 1, 0], None),
            ([2, 1, 0], [0, 0, 0], None),
        )
    ),
]
_WORSE: Final = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
}
_STATISTICS: Final[Mapping[str, Any]] = {"Sum": np.sum, "Maximum": np.max, "Minimum": np.min}


def minutes_until_it_fires(alarm: Mapping[str, Any], series: Series) -> int | None:
    """Until the end of the period with which enough of the latest ones are in trouble."""
    if "Metrics" in alarm:
        stats = {one["Id"]: one["MetricStat"] for one in alarm["Metrics"] if "MetricStat" in one}
        [period] = {one["Period"] // 60 for one in stats.values()}
        values = _expression(
            next(one["Expression"] for one in alarm["Metrics"] if one.get("ReturnData")),
            {id: _by_period(series.get(id, []), period, one["Stat"]) for id, one in stats.items()},
        )
    else:
        period = alarm["Period"] // 60
        values = _by_period(series[""], period, alarm["Statistic"])
    # A comparison with what is missing is false.
    worse = _WORSE[alarm["ComparisonOperator"]](values, alarm["Threshold"])
    latest = alarm["EvaluationPeriods"]
    needed = alarm.get("DatapointsToAlarm", latest)
    for end in range(1, len(worse) + 1):
        if sum(worse[max(0, end - latest) : end]) >= needed:
            return end * period
    return None


def _by_period(values: list[float], minutes: int, statistic: str) -> Any:
    """The statistic of each period of two days; not a number where there is none."""
    found = np.full(2 * DAY // minutes, np.nan)
    for number, first in enumerate(range(0, len(values), minutes)):
        found[number] = _STATISTICS[statistic](values[first : first + minutes])
    return found


def _expression(text: str, metrics: Mapping[str, Any]) -> Any:
    """As much of CloudWatch's metric math as the template uses."""
    functions: dict[str, Any] = {
        "IF": np.where,
        "FILL": lambda values, with_: np.where(np.isnan(values), with_, values),
        "DIFF": lambda values: np.diff(values, prepend=np.nan),
        "METRICS": lambda: list(metrics.values()),
        "SUM": lambda several: np.nansum(several, axis=0),
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        return eval(text, functions | dict(metrics))


@pytest.mark.parametrize(("name", "series", "after"), CASES)
def test_an_alarm_fires_in_time_and_not_before(
    template: Deployed, name: str, series: Series, after: int | None
) -> None:
    assert minutes_until_it_fires(template.properties(name), series) == after


def test_every_alarm_has_its_case_and_is_silent_while_all_is_well(template: Deployed) -> None:
    alarms = dict(template.of_type("CloudWatch::Alarm"))
    assert {name for name, _, after in CASES if after} == alarms.keys()
    for name, alarm in alarms.items():
        ids = [one["Id"] for one in alarm.get("Metrics", [])] or [""]
        for quiet in (ZERO, []):
            assert minutes_until_it_fires(alarm, dict.fromkeys(ids, quiet)) is None, name


@pytest.mark.parametrize(
    "change", ["Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold"]
)
def test_a_case_notices_every_change_of_what_decides_when(template: Deployed, change: str) -> None:
    for name, alarm in template.of_type("CloudWatch::Alarm"):
        now = {"DatapointsToAlarm": alarm["EvaluationPeriods"]} | alarm
        other = _longer_periods(alarm) if change == "Period" else {change: now[change] + 1}
        mine = [(series, after) for one, series, after in CASES if one == name]
        assert any(minutes_until_it_fires(alarm | other, one) != after for one, after in mine), name


def _longer_periods(alarm: Any) -> Any:
    """With periods of twice the length, and nothing else changed."""
    if isinstance(alarm, list):
        return [_longer_periods(one) for one in alarm]
    if not isinstance(alarm, dict):
        return alarm
    return {key: 2 * one if key == "Period" else _longer_periods(one) for key, one in alarm.items()}
