"""What the batch leaves for people: one log line an attempt, and the batch's metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from aws_lambda_powertools.metrics import MetricUnit

from cancel_payment.alipay.result import Evidence, Result
from cancel_payment.alipay.result_codes import CONFIGURATION_CODES
from cancel_payment.model import (
    ComeBack,
    Decided,
    Outcome,
    RejectedRecord,
    Requeue,
    Resolve,
    Track,
)
from cancel_payment.observability import logger, metrics
from cancel_payment.window import format_moment

_METRICS = {
    Outcome.CANCELLED: "Cancelled",
    Outcome.REFUND_REQUIRED: "RefundRequired",
    Outcome.FAILED: "Failed",
}


def report(
    decided: Sequence[Decided], rejected: Sequence[RejectedRecord], failed: Collection[str]
) -> None:
    """Log every attempt; count what was done. What has failed is counted when it is done."""
    counts: Counter[str] = Counter(
        {
            "Attempts": 0,
            "Rejected": sum(one.letter.message_id not in failed for one in rejected),
            "EffectsFailed": len(failed),
        }
    )
    for one in decided:
        try:
            _count(one, one.request.message_id in failed, counts)
            _log(one)
        except Exception as error:
            # The effects are done: what is said of one payment must not have the batch come back.
            message_id, reason = one.request.message_id, type(error).__name__
            logger.error("not reported", extra={"messageId": message_id, "reason": reason})
    for name, number in counts.items():
        metrics.add_metric(name, MetricUnit.Count, number)
    metrics.flush_metrics()


def _count(one: Decided, has_failed: bool, counts: Counter[str]) -> None:
    counts.update(_of_attempt(one.attempt.result))
    if not has_failed:
        counts.update(_of_decision(one))
    if one.attempt.latency_ms is not None:
        metrics.add_metric("GatewayLatency", MetricUnit.Milliseconds, one.attempt.latency_ms)
    if isinstance(one.decision, Resolve):
        left = (one.request.cutoff_at - one.attempt.ended_at).total_seconds()
        metrics.add_metric("SecondsToCutoff", MetricUnit.Seconds, left)


def _of_attempt(result: Result) -> Iterator[str]:
    if result.evidence is not Evidence.NOT_SENT:
        yield "Attempts"
        if result.status == "U":
            yield "Unknown"
    if result.evidence is Evidence.UNPROVEN:
        yield "UnprovenAnswers"
    if result.unsigned or result.code in CONFIGURATION_CODES:
        yield "KeysRefused"


def _of_decision(one: Decided) -> Iterator[str]:
    if isinstance(one.decision, Resolve):
        yield _METRICS[one.decision.outcome]
    if isinstance(one.decision, Track) and one.request.tracking is None:
        yield "HandedToTracker"


def _log(one: Decided) -> None:
    attempt, result = one.attempt, one.attempt.result
    proven = result.evidence is Evidence.SIGNED
    log = logger.info if proven and result.status != "F" else logger.warning
    log(
        "cancel attempted" if result.evidence is not Evidence.NOT_SENT else "cancel not sent",
        extra={
            **one.request.payment.parameters,
            "attempt": one.request.attempt,
            "tracked": one.request.tracking is not None,
            "closing": one.request.closing,
            "resultStatus": result.status,
            "resultCode": result.code,
            "evidence": result.evidence,
            "reason": result.reason,
            "latencyMs": None if attempt.latency_ms is None else round(attempt.latency_ms, 1),
            **_next(one),
        },
    )


def _next(one: Decided) -> dict[str, str]:
    match one.decision:
        case Resolve(outcome=outcome, further_action=further_action):
            return {"next": outcome, "furtherAction": further_action}
        case Requeue(visible_at=visible_at):
            return {"next": "RE_QUEUE", "nextAttemptAt": format_moment(visible_at)}
        case Track(next_attempt_at=next_attempt_at):
            return {"next": "TRACKER", "nextAttemptAt": format_moment(next_attempt_at)}
        case ComeBack():
            return {"next": "COMES_BACK"}
