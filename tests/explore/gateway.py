"""Alipay+ and its ledger: what it may do with a payment, and what of it reaches us.

Source: protocol.md. A cancel is idempotent; who is cancelled stays cancelled, who was told that the
window is over stays uncancelled. Every other failure may give way to another answer later.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.explore.values import Account

FINAL: Final = {"S": "CANCELLED", "REFUND": "REFUND_REQUIRED", "F": "FAILED"}


def answers(account: Account, *, in_time: bool) -> Iterator[tuple[str, Account]]:
    """Every answer to one call, with the ledger after it."""
    for verdict in ("U", "THROTTLED", "none", "unproven"):
        yield verdict, account
    if account.ledger == "open":
        yield "F", account
    if account.ledger == "open" and in_time:
        # Carried out, and we do not learn of it.
        for verdict in ("U", "none"):
            yield verdict, account._replace(ledger="cancelled")
    yield truth(account, in_time=in_time)


def truth(account: Account, *, in_time: bool) -> tuple[str, Account]:
    """The final answer of a gateway that does its work."""
    if account.ledger == "cancelled" or (account.ledger == "open" and in_time):
        return "S", account._replace(ledger="cancelled")
    return "REFUND", account._replace(ledger="closed")
