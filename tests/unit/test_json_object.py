"""One JSON object: what nobody reads decides nothing, however deep; what is broken is none."""

from __future__ import annotations

import pytest
from cancel_payment.alipay.json_object import read_object

DEPTH = 30_000
BRACKETS = [("[", "]"), ('{"a":', "}"), ('[{"a\\"}]":', "}]"), ("[0, ", ", {}]")]


def nested(opening: str, closing: str) -> str:
    return opening * DEPTH + "1" + closing * DEPTH


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(("opening", "closing"), BRACKETS)
def test_field_that_nobody_reads_may_be_nested_as_deep_as_it_likes(
    opening: str, closing: str, strict: bool
) -> None:
    deep = nested(opening, closing)
    for text in (f'{{"id": "[P", "x": {deep}}}', f'{{"x": {deep}, "id": "[P"}}'):
        read = read_object(text, strict=strict)
        assert read is not None and (read["id"], sorted(read)) == ("[P", ["id", "x"])


BROKEN = [('{"a":', -1, ""), ('{"a":', -1, "}"), ('{"a":', 1, "}"), ('{"a":', 0, "")]
BROKEN += [('{"a":', 0, ",}"), ('{"a":', 0, "} x"), ('{"a', 0, "}"), ("", 0, "")]


@pytest.mark.parametrize("strict", [True, False])
def test_text_with_deep_brackets_that_is_no_object_is_none(strict: bool) -> None:
    texts = [a + "[" * DEPTH + "]" * (DEPTH + more) + z for a, more, z in BROKEN]
    for text in (f'{{"a":{"[" * DEPTH}', *texts):
        assert read_object(text, strict=strict) is None
