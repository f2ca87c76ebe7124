"""One day of the real template with the template's own intervals, recorded once for all tests.

    00:00:00  Two payments are initiated, and expire at once. The gateway says unknown to one; to
              the other first that there is too much traffic, then unknown.
    20:00:00  It recovers for the second.
    23:50:00  A third payment is initiated, and stays unknown.
    00:15:00  The cutoff of all three, on the next day; those still unknown are asked once more. 26
              hours in which nothing else happens.

All times are UTC+8, and the date is tomorrow's.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from sandbox.stack.directory import STACKS
from tests.day.clock import Clock, NoFaketime
from tests.day.day import Day
from tests.day.picture import draw
from tests.day.recorded_day import ALL_DAY, LATE, PAYMENTS, RECOVERS, RecordedDay
from tests.support.stack import World, event, started

UTC8 = timezone(timedelta(hours=8))
PICTURE = STACKS / "virtual-day.png"
WARM_UP = [f"SUCCEEDS-before-{number}" for number in range(20)]

# Everything else is as the template has it, the intervals above all.
PARAMETERS = {"MaximumConcurrency": "2", "ClosingCallSeconds": "900"}
# A worker that is not used for five minutes would end, and five minutes are a jump here.
ENVIRONMENT = {"LAMBDA_WARM_TTL_SECONDS": "1000000"}


@pytest.fixture(scope="session")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordedDay]:
    tomorrow = datetime.now(UTC8).date() + timedelta(days=1)
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=UTC8)
    try:
        # An hour early, since starting the stack takes its time.
        clock = Clock(tmp_path_factory.mktemp("clock"), midnight - timedelta(hours=1))
    except NoFaketime as missing:
        # Not a skip: who asks for this day must not take its absence for a success.
        pytest.fail(str(missing), pytrace=False)
    environment = {**ENVIRONMENT, **clock.environment}
    with started("day", parameters=PARAMETERS, environment=environment) as world:
        recorded = _record(world, clock, midnight)
        rows = {name: recorded.attempts(payment) for payment, (_, name) in PAYMENTS.items()}
        draw(rows, Path(os.environ.get("PICTURE") or PICTURE))
        yield recorded


def _record(world: World, clock: Clock, midnight: datetime) -> RecordedDay:
    set_mode = world.stand_in.set_mode
    recorded = RecordedDay(world, midnight, clock.now())
    # Start the function's workers, which takes seconds that belong to no schedule.
    for first in (0, 10):
        world.expire(*WARM_UP[first : first + 10])
    world.cancelled(*WARM_UP)
    day = Day(world.stack, clock)

    def begin(payment: str) -> None:
        day.begin(event(payment, recorded.initiated(payment)))

    day.at(midnight, lambda: begin(ALL_DAY))
    begin(RECOVERS)
    set_mode("unknown")
    day.at(recorded.recovery, lambda: set_mode("normal"))
    day.at(recorded.initiated(LATE), lambda: begin(LATE))
    # Stops at which anything that still lies somewhere would be sent.
    for hours in (0, 0.1, 1, 26):
        day.at(recorded.cutoff + timedelta(hours=hours), lambda: time.sleep(1))
    return replace(recorded, ended_at=clock.now())
