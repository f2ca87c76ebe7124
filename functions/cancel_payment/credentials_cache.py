"""How long keys may be used, and when the secret is read afresh."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from cancel_payment.credentials import Credentials, CredentialsError, parse_secret
from cancel_payment.observability import logger

MAX_AGE = timedelta(minutes=5)
MIN_BETWEEN_FORCED_READS = timedelta(minutes=1)


class CredentialsCache:
    """The credentials in use: at most five minutes old, read afresh when they are distrusted.

    A rotation needs no deployment: an answer that does not verify distrusts the keys, and the
    next attempt reads the secret again, at most once a minute so that a forger cannot make us
    flood Secrets Manager. A forced read that fails leaves the old keys until they are too old.

    Parameters
    ----------
    read_secret
        Returns the secret's text, or raises `CredentialsError`.
    clock
        The wall clock: a frozen execution environment's monotonic clock may stand still.
    """

    def __init__(self, read_secret: Callable[[], str], clock: Callable[[], datetime]) -> None:
        self._read_secret = read_secret
        self._clock = clock
        self._held: tuple[Credentials, datetime] | None = None
        self._forced_at: datetime | None = None
        self._distrusted = False

    def distrust(self) -> None:
        """An answer suggests that a key is not the right one."""
        self._distrusted = True

    def current(self) -> Credentials:
        """The keys to use now.

        Raises
        ------
        CredentialsError
            The secret cannot be read or used, and no keys young enough are held.
        """
        now = self._clock()
        if self._held is not None and now - self._held[1] < MAX_AGE:
            return self._reread(self._held[0], now) if self._must_force(now) else self._held[0]
        self._held = None
        self._held = (parse_secret(self._read_secret()), now)
        self._distrusted = False
        return self._held[0]

    def _must_force(self, now: datetime) -> bool:
        return self._distrusted and (
            self._forced_at is None or now - self._forced_at >= MIN_BETWEEN_FORCED_READS
        )

    def _reread(self, held: Credentials, now: datetime) -> Credentials:
        self._forced_at, self._distrusted = now, False
        try:
            credentials = parse_secret(self._read_secret())
        except CredentialsError as error:
            logger.warning(
                "forced read of the secret failed, old keys kept", extra={"reason": str(error)}
            )
            return held
        self._held = (credentials, now)
        return credentials
