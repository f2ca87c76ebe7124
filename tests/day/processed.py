"""How many messages the function has come to the end with, by the log of the embedded AWS.

Until it has, the clock must not jump: a message that is received, but not yet deleted or put back,
would become visible again under the function's hands.
"""

from __future__ import annotations

import re
from pathlib import Path

# ministack 1.5.33, after it has deleted what succeeded. If a later one says it in other words, the
# day stands still and says so.
_LINE = re.compile(rb" processed (\d+) SQS messages from \S+(?: \((\d+) partial failures\))?\n")


class Processed:
    """Reads the log on from where it has read before."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._read = 0
        self._messages = 0

    def messages(self) -> int:
        with self._log.open("rb") as log:
            log.seek(self._read)
            new = log.read()
        lines = new[: new.rfind(b"\n") + 1]
        self._read += len(lines)
        for one in _LINE.finditer(lines):
            self._messages += int(one[1]) + int(one[2] or 0)
        return self._messages
