"""No message blocks its batch, costs more than one gateway call, or gets lost unexplained."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import batched
from typing import Any

import pytest

from tests.abuse.handpicked import CANCELLED, REJECTED
from tests.abuse.variants import variants
from tests.conftest import StandIn
from tests.handler.aws_double import AwsDouble
from tests.handler.conftest import DLQ, Function
from tests.handler.records import Record, message, record

SEED = int(os.environ.get("SEED", "4"))
VARIANTS = int(os.environ.get("VARIANTS", "1000"))  # `make test-faults` takes 10,000

type Unique = Callable[[str], str]


class Batches:
    """Runs batches and settles, for each, where every single message went."""

    def __init__(self, function: Function, aws: AwsDouble, stand_in: StandIn) -> None:
        self._function, self._aws, self._stand_in = function, aws, stand_in
        earlier = stand_in.requests_by(since="0")
        self._seen = earlier[-1]["index"] + 1 if earlier else 0
        self.rejected: Counter[str] = Counter()

    def run(self, records: Sequence[Record]) -> list[dict[str, Any]]:
        """The outcomes of one batch, when all that must hold for any batch does."""
        self._aws.calls.clear()
        kept = self._function(*records)

        calls = self._stand_in.requests_by(since=str(self._seen))
        self._seen += len(calls)
        outcomes = [detail for _, detail in self._aws.outcomes]
        sent = self._aws.of("SendMessage")
        put_aside = [one for one in sent if "resultCode" not in one["MessageAttributes"]]
        for one in sent:
            _is_explained(one)
        assert kept == []
        # A tracked one whose window has closed is not sent: its tracker is told so.
        late = [output for _, output in self._aws.told if output["disposition"] == "RETRY"]
        assert len(put_aside) + len(outcomes) + len(late) == len(records)
        assert len(calls) == len(outcomes)
        # Aside means unchanged, and only what came in.
        assert not Counter(one["MessageBody"] for one in sent) - Counter(
            one["body"] for one in records
        )
        self.rejected.update(one["MessageBody"] for one in put_aside)
        return outcomes


def _is_explained(sent: dict[str, Any]) -> None:
    attributes = {name: one["StringValue"] for name, one in sent["MessageAttributes"].items()}
    assert sent["QueueUrl"] == DLQ
    assert attributes["rejectReason"].strip() and attributes["furtherAction"].strip()
    # A reason is read in a terminal and in a mail: it quotes nothing hostile.
    assert attributes["rejectReason"].isascii() and attributes["rejectReason"].isprintable()
    assert len(attributes["rejectReason"]) < 200


@pytest.fixture
def batches(function: Function, aws: AwsDouble, stand_in: StandIn) -> Batches:
    return Batches(function, aws, stand_in)


@pytest.mark.timeout(600)
def test_generated_variants_in_batches_of_ten_beside_one_good_message(
    batches: Batches, unique: Unique
) -> None:
    good = 0
    for number, bodies in enumerate(batched(variants(SEED, VARIANTS), 9, strict=False)):
        name = unique("SUCCEEDS")
        records = [record(body) for body in bodies]
        records.insert(number % 10, record(message(name)))
        outcomes = batches.run(records)
        good += [one["outcome"] for one in outcomes if one.get("paymentRequestId") == name] == [
            "CANCELLED"
        ]
    assert good == -(-VARIANTS // 9)
    # Both kinds are there in numbers, or the generator has lost its edge.
    assert VARIANTS // 10 < batches.rejected.total() < VARIANTS * 9 // 10
    print(f"seed {SEED}: {VARIANTS} variants, {batches.rejected.total()} put aside")


@pytest.mark.parametrize("kind", REJECTED)
def test_message_that_can_never_work_is_put_aside_beside_nine_good_ones(
    batches: Batches, unique: Unique, kind: str
) -> None:
    good = [record(message(unique("SUCCEEDS"))) for _ in range(9)]
    outcomes = batches.run([*good[:4], record(REJECTED[kind]), *good[4:]])
    assert [one["outcome"] for one in outcomes] == ["CANCELLED"] * 9
    assert batches.rejected[REJECTED[kind]] == 1


@pytest.mark.parametrize("kind", CANCELLED)
def test_odd_but_readable_message_is_cancelled_by_one_call(batches: Batches, kind: str) -> None:
    (outcome,) = batches.run([record(CANCELLED[kind])])
    sent = json.loads(CANCELLED[kind])
    assert outcome["outcome"] == "CANCELLED"
    assert outcome["paymentRequestId"] == sent["paymentRequestId"]
    assert not batches.rejected


def test_batch_of_ten_of_the_largest_messages_is_put_aside_whole(batches: Batches) -> None:
    kind = "as large as the queue allows, and no JSON"
    assert batches.run([record(REJECTED[kind]) for _ in range(10)]) == []
    assert batches.rejected[REJECTED[kind]] == 10
