"""Every result code, with every status, signed in every way, in every situation.

The expected column stands in `codes` (what an answer means), `answers` (which answers prove
anything) and `situations` (what follows from an unknown), each by hand from protocol.md and
design.md. Here they are only multiplied: 14 codes x 4 statuses x 7 ways of signing x 31 situations.
"""

from __future__ import annotations

import pytest

from tests.rules.alipay import Alipay
from tests.rules.answers import NO_PROOF, PROOF, Reply, result
from tests.rules.batch import Expected, differences
from tests.rules.codes import CODES, DIAGNOSES, STATUSES, UNKNOWN, meaning
from tests.rules.line import Line
from tests.rules.situations import SITUATIONS, Situation

CELLS = {f"{status} {code}": (status, code) for code in CODES for status in STATUSES}


@pytest.mark.parametrize("situation", SITUATIONS, ids=str)
def test_a_proven_answer_means_what_its_status_says_and_then_its_code(
    situation: Situation, line: Line, alipay: Alipay
) -> None:
    answers, expected = {}, {}
    for name, (status, code) in CELLS.items():
        answers[name] = Reply(PROOF["signed"](result(status, code)))
        expected[name] = Expected(
            meaning(status, code), code, status, CODES[code][4] if status == "F" else ""
        )

    assert differences(line, alipay, situation, answers, expected) == {}


@pytest.mark.parametrize("situation", SITUATIONS, ids=str)
@pytest.mark.parametrize("signing", NO_PROOF)
def test_an_answer_without_proof_is_unknown_whatever_it_says(
    situation: Situation, signing: str, line: Line, alipay: Alipay
) -> None:
    answers, expected = {}, {}
    for name, (status, code) in CELLS.items():
        answers[name] = Reply(NO_PROOF[signing](result(status, code)))
        expected[name] = Expected(UNKNOWN, code if code in DIAGNOSES else None)

    assert differences(line, alipay, situation, answers, expected) == {}
