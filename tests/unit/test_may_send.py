"""Which attempts are made at all: the very first however late, later ones before the cutoff."""

from __future__ import annotations

import pytest
from cancel_payment.decision import may_send

from tests.unit.cases import CUTOFF, a_request, seconds


@pytest.mark.parametrize(
    ("attempt", "token", "from_cutoff", "sent"),
    [
        (1, None, -3600, True),
        (1, None, 0, True),
        (1, None, 86_400, True),
        (2, None, -0.001, True),
        (2, None, 0, False),
        (2, None, 3600, False),
        (1, "token", -0.001, True),
        (1, "token", 0, False),
        (14, "token", -60, True),
        (14, "token", 0, False),
    ],
)
def test_attempt_is_sent_before_the_cutoff_or_as_the_very_first(
    attempt: int, token: str | None, from_cutoff: float, sent: bool
) -> None:
    request = a_request(attempt=attempt, task_token=token)
    assert may_send(request, CUTOFF + seconds(from_cutoff)) is sent
