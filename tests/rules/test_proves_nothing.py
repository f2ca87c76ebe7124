"""Whatever is broken about an answer, the payment is unknown: never S, never F, never forgotten."""

from __future__ import annotations

import pytest

from tests.rules.alipay import Alipay
from tests.rules.batch import Expected, differences
from tests.rules.broken import BROKEN, ENDLESS, READABLE
from tests.rules.codes import UNKNOWN
from tests.rules.line import Line
from tests.rules.situations import SITUATIONS, Situation

SENT = [one for one in SITUATIONS if one.sent]


@pytest.mark.parametrize("situation", SENT[::2], ids=str)
def test_a_broken_answer_is_unknown(situation: Situation, line: Line, alipay: Alipay) -> None:
    expected = {name: Expected(UNKNOWN, READABLE.get(name)) for name in BROKEN}

    assert differences(line, alipay, situation, BROKEN, expected) == {}


@pytest.mark.parametrize("situation", SENT[::4], ids=str)
def test_an_answer_that_never_ends_is_unknown_when_the_timeout_ends_it(
    situation: Situation, impatient_line: Line, alipay: Alipay
) -> None:
    expected = dict.fromkeys(ENDLESS, Expected(UNKNOWN, None))

    assert differences(impatient_line, alipay, situation, ENDLESS, expected) == {}
