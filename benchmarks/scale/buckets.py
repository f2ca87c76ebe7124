"""Request quotas of the account as token buckets, scaled."""

from __future__ import annotations


class Bucket:
    """Refills steadily and never holds more than its size.

    Parameters
    ----------
    size, refill
        Full-size: tokens, and tokens a second.
    scale
        How many calls one call of the simulation stands for.
    clump
        Calls that the sample makes at one moment, where the many batches that they stand for make
        them one after the other: held on top of the size.
    """

    def __init__(self, size: float, refill: float, scale: float, clump: float) -> None:
        self._size = size / scale + clump
        self._refill = refill / scale
        self._tokens = self._size
        self._at = 0.0

    def take(self, now: float) -> bool:
        """Whether the call goes through; a throttled one costs nothing."""
        self._fill(now)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def delay(self, now: float, number: float) -> float:
        """Seconds by which that many are late where they wait instead of failing."""
        self._fill(now)
        self._tokens -= number
        return max(0.0, -self._tokens / self._refill)

    def _fill(self, now: float) -> None:
        self._tokens = min(self._size, self._tokens + (now - self._at) * self._refill)
        self._at = now
