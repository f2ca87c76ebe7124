"""All that changes while a stand-in runs: keys, mode, ledger, log. No HTTP.

The gateway and the routes that steer it both hold this one object.
"""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from sandbox.gateway.behaviour import Behaviour
from sandbox.gateway.ledger import Ledger, Payment
from sandbox.gateway.request_log import RequestLog
from sandbox.gateway.scenarios import MODES, SCENARIOS, SUCCEEDS, find
from sandbox.gateway.wire import Keys


class GatewayState:
    """The state of one stand-in.

    Parameters
    ----------
    config
        `gateway.json` of `sandbox.gateway.keys`.
    latency_ms
        How long each answer is on its way; a mode may set another for its time.
    clock_skew
        How far Request-Time may be from the stand-in's clock.
    """

    def __init__(self, config: Path, latency_ms: int, clock_skew: timedelta) -> None:
        self._config = config
        self.keys = Keys.load(config)
        self.usual_latency_ms = self.latency_ms = latency_ms
        self.clock_skew = clock_skew
        self.mode = "normal"
        self.rejected: Counter[str] = Counter()
        self.ledger = Ledger()
        self.log = RequestLog()

    def reload(self) -> None:
        """Read the keys again; if that fails, the old ones stay."""
        self.keys = Keys.load(self._config)

    def clear(self) -> None:
        """Forget all payments, requests and refusals; keys and mode stay."""
        self.ledger = Ledger()
        self.log.clear()
        self.rejected.clear()

    def decide(self, payment: Payment, asked_id: str, at: datetime) -> tuple[str, Behaviour]:
        """Say what happens to an attempt, and by which rule.

        An outage hits every payment. Otherwise, however slowly, a cancelled payment stays cancelled
        and one whose window has closed cannot be; only then its id chooses. Source:
        docs.alipayplus.com/alipayplus/alipayplus/api_acq (cancelPayment, idempotency, window).
        """
        mode_name = f"MODE_{self.mode.upper()}"
        if self.mode not in ("normal", "slow"):
            return mode_name, MODES[self.mode]
        if payment.cancelled_at is not None:
            return "ALREADY_CANCELLED", SUCCEEDS
        if payment.window_closed(at):
            return "WINDOW_CLOSED", SCENARIOS["FAILS-CANCEL_WINDOW_EXCEED"]
        if self.mode == "slow":
            return mode_name, MODES[self.mode]
        return find(asked_id, payment.attempts)
