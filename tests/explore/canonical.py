"""Time passes, and what can matter no more is forgotten, so that worlds that differ in it are one.

Nothing is under way then: no invocation holds what it has read.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from functools import cache

from tests.explore.promises import LEAST_INTERVAL
from tests.explore.scenario import CUTOFF, Scenario, request
from tests.explore.values import Execution, Message, Moment, World

_FIRST_ATTEMPT = re.compile(r'("firstAttemptAt": ?)"[^"]*"')
_MOMENT = re.compile(r'(?<=")2026-[0-9-]+T[0-9:.]+Z(?=")')


def later(world: World, moment: Moment, scenario: Scenario) -> World:
    """The world at this moment.

    - The last call of a message matters for 5 s.
    - A message of a tracker counts from that tracker's first attempt, not from its own.
    - The input with which an execution was started matters to one who starts it at that moment;
      later ones ask whose it is.
    - After the cutoff the clock stands still, 5 s past it, and what is to come moves towards it:
      code and promises compare it with now and with the cutoff alone.
    """
    closed = max(0, moment - scenario.window - LEAST_INTERVAL)
    past = moment >= scenario.window + LEAST_INTERVAL
    limit = scenario.window

    def at(when: Moment) -> Moment:
        return max(limit, when - closed) if when > limit else when

    def text(given: str) -> str:
        return _text(given, closed) if past else given

    def message(one: Message) -> Message:
        asked = one.asked_at
        if asked is not None:
            asked = at(asked) if moment - asked < LEAST_INTERVAL else None
        first = 0 if past or request(one.body).tracked else one.first_received
        visible = at(one.visible_at)
        return one._replace(
            asked_at=asked, first_received=first, visible_at=visible, body=text(one.body)
        )

    def execution(one: Execution) -> Execution:
        return one._replace(input=_payment(one.input), data=text(one.data), due=at(one.due))

    return world._replace(
        now=at(moment),
        messages=tuple(map(message, world.messages)),
        ghosts=tuple(map(message, world.ghosts)),
        executions=tuple(map(execution, world.executions)),
        accounts=tuple(one._replace(passing_at=at(one.passing_at)) for one in world.accounts),
    )


@cache
def _payment(text: str) -> str:
    return json.dumps({"payment": json.loads(text)["payment"]})


@cache
def _text(given: str, closed: Moment) -> str:
    def moved(found: re.Match[str]) -> str:
        when = datetime.fromisoformat(found[0])
        if when > CUTOFF:
            when = max(CUTOFF, when - timedelta(milliseconds=closed))
        return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    without = _FIRST_ATTEMPT.sub(r'\1"2026-11-22T04:00:00.000Z"', given)
    return _MOMENT.sub(moved, without)
