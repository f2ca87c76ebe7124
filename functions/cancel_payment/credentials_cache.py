"""The secret: read, kept for a while, and read afresh when it is distrusted."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import datetime, timedelta
from threading import Thread
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from cancel_payment.alipay.credentials import Credentials, CredentialsError, parse_secret, unusable
from cancel_payment.alipay.signing import Signer
from cancel_payment.aws import Clients, error_code, within
from cancel_payment.clock import Clock, Deadline
from cancel_payment.observability import logger

MAX_AGE: Final = timedelta(minutes=5)
MIN_BETWEEN_FORCED_READS: Final = timedelta(minutes=1)
# A repeat of the read begins no later than this after the first try; calls and effects need the
# rest of the invocation.
_REPEAT_SECONDS: Final = 5.0
_READ_SECONDS: Final = 8.0
# A read that goes on for longer is given up, and another one begun.
_GIVE_UP_AFTER: Final = timedelta(minutes=1)


class CredentialsCache:
    """The credentials in use: at most five minutes old, read afresh when they are distrusted.

    A rotation needs no deployment: an answer that does not verify distrusts the keys, and the
    next attempt reads the secret again, at most once a minute so that a forger cannot make us
    flood Secrets Manager. A forced read that fails leaves the old keys until they are too old.

    Parameters
    ----------
    signer
        Signs instead of the secret's private key.
    """

    def __init__(self, clients: Clients, arn: str, clock: Clock, signer: Signer | None) -> None:
        self._clients = clients
        self._arn = arn
        # The wall clock: a frozen execution environment's monotonic clock may stand still.
        self._clock = clock
        self._signer = signer
        self._held: tuple[Credentials, datetime] | None = None
        self._forced_at: datetime | None = None
        self._distrusted = False
        self._reading: tuple[Future[str], datetime] | None = None

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
        now = self._clock.now()
        if self._held is not None and now - self._held[1] < MAX_AGE:
            return self._reread(self._held[0], now) if self._must_force(now) else self._held[0]
        self._held = None
        self._held = (self._read(), now)
        self._distrusted = False
        return self._held[0]

    def _must_force(self, now: datetime) -> bool:
        return self._distrusted and (
            self._forced_at is None or now - self._forced_at >= MIN_BETWEEN_FORCED_READS
        )

    def _reread(self, held: Credentials, now: datetime) -> Credentials:
        self._forced_at, self._distrusted = now, False
        try:
            credentials = self._read()
        except CredentialsError as error:
            logger.warning(
                "forced read of the secret failed, old keys kept", extra={"reason": str(error)}
            )
            return held
        self._held = (credentials, now)
        return credentials

    def _read(self) -> Credentials:
        credentials = parse_secret(self._text(), self._signer)
        for reason in credentials.unusable_public_keys:
            logger.error(
                "a public key of Alipay+ cannot be used, answers under its version prove nothing",
                extra={"reason": reason},
            )
        return credentials

    def _text(self) -> str:
        """The secret's text, in time however slowly Secrets Manager answers: a read that drips has
        no timeout of its own, so a thread of its own waits for it, and the others for that."""
        now = self._clock.now()
        if self._reading is None or self._reading[0].done() or self._too_old(self._reading[1], now):
            self._reading = (Future(), now)
            Thread(target=self._fetch, args=[self._reading[0]], daemon=True).start()
        try:
            return self._reading[0].result(_READ_SECONDS)
        except TimeoutError:
            raise unusable("Secrets Manager did not answer in time") from None
        except (BotoCoreError, ClientError) as error:
            raise unusable(f"Secrets Manager says: {error_code(error)}") from error

    def _too_old(self, began: datetime, now: datetime) -> bool:
        return not timedelta() <= now - began < _GIVE_UP_AFTER

    def _fetch(self, text: Future[str]) -> None:
        try:
            with within(Deadline(self._clock, _REPEAT_SECONDS)):
                answer = self._clients.secretsmanager.get_secret_value(SecretId=self._arn)
            if not isinstance(answer.get("SecretString"), str):
                raise unusable("it is binary, not text")
            text.set_result(answer["SecretString"])
        except BaseException as error:
            text.set_exception(error)
