"""The example that publishes a file of payments again: checked first, and none of them lost."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import publish_again
import pytest

TIME = "2026-11-22T23:41:07+08:00"


class Bus:
    """Refuses what `refuse` says of the number of the call; breaks off at call `break_at`."""

    def __init__(
        self, refuse: Any = lambda call, index: False, break_at: int | None = None
    ) -> None:
        self.taken: list[str] = []
        self._refuse, self._break_at, self._calls = refuse, break_at, 0

    def put_events(self, Entries: list[dict[str, str]]) -> dict[str, Any]:
        self._calls += 1
        if self._calls == self._break_at:
            raise KeyboardInterrupt
        assert len(Entries) <= 10
        answers = []
        for index, entry in enumerate(Entries):
            assert (entry["DetailType"], entry["Source"]) == ("Payment Expired", "my.source")
            refused = self._refuse(self._calls, index)
            answers.append({"ErrorCode": "InternalFailure"} if refused else {"EventId": "1"})
            if not refused:
                self.taken.append(json.loads(entry["Detail"])["paymentRequestId"])
        return {"FailedEntryCount": 0, "Entries": answers}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)


def payments(count: int) -> list[str]:
    fields = ({"paymentRequestId": f"P-{at}", "paymentCreateTime": TIME} for at in range(count))
    return [json.dumps(one) for one in fields]


def run(path: Path, lines: list[str], bus: Bus, *more: str) -> int:
    path.write_text("\n".join(lines))
    return publish_again.main([str(path), "--source", "my.source", *more], bus)


def test_every_payment_is_published_once_in_tens(tmp_path: Path) -> None:
    bus = Bus()
    assert run(tmp_path / "lost.jsonl", payments(25), bus) == 0
    assert bus.taken == [f"P-{number}" for number in range(25)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ({"paymentCreateTime": TIME}, "neither"),
        ({"paymentRequestId": "P"}, "paymentCreateTime"),
        ({"paymentRequestId": "P", "paymentCreateTime": TIME[:19]}, "offset"),
        ({"paymentRequestId": 5, "paymentCreateTime": TIME}, "not a string"),
        ({"paymentId": "9" * 65, "paymentCreateTime": TIME}, "64"),
        ({"paymentId": "2", "paymentCreateTime": TIME, "tracking": {}}, "tracking"),
    ],
)
def test_a_bad_line_is_named_and_left_out(
    line: Any, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bus, good = Bus(), payments(2)
    line = line if isinstance(line, str) else json.dumps(line)
    assert run(tmp_path / "lost.jsonl", [good[0], "", line, good[1]], bus) == 1
    assert bus.taken == ["P-0", "P-1"]
    [complaint] = capsys.readouterr().err.splitlines()
    assert complaint.startswith("line 3: ") and words in complaint


def test_the_check_publishes_nothing_and_counts_those_past_their_cutoff(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bus = Bus()
    future = '{"paymentRequestId": "P", "paymentCreateTime": "2099-11-22T23:41:07+08:00"}'
    assert run(tmp_path / "lost.jsonl", [*payments(3), future], bus, "--check") == 0
    assert bus.taken == []
    assert "4 payments to publish, 0 lines" in (said := capsys.readouterr().out)
    assert "3 of them are past their cutoff" in said


def test_what_the_bus_refuses_is_tried_again(tmp_path: Path) -> None:
    bus = Bus(refuse=lambda call, index: call == 1 and index % 2 == 0)
    assert run(tmp_path / "lost.jsonl", payments(10), bus) == 0
    assert sorted(bus.taken) == [f"P-{number}" for number in range(10)]


@pytest.mark.parametrize("stopped", [Bus(break_at=3), Bus(refuse=lambda call, index: call > 2)])
def test_it_goes_on_where_it_was_stopped(stopped: Bus, tmp_path: Path) -> None:
    path, lines = tmp_path / "lost.jsonl", payments(45)
    with contextlib.suppress(KeyboardInterrupt):
        assert run(path, lines, stopped) == 1
    assert len(stopped.taken) == 20
    bus = Bus()
    assert run(path, lines, bus) == 0
    assert stopped.taken + bus.taken == [f"P-{number}" for number in range(45)]
