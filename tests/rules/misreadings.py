"""Misreadings of the protocol and the design, each as one exact change of the source.

A reader who takes a sentence wrongly would write these lines. `red` selects the tests that must
notice: a file of this directory and a ``-k`` expression.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Misreading:
    """`old` stands exactly once in `file`; `new` is what the misreading makes of it."""

    name: str
    file: str
    old: str
    new: str
    red: tuple[str, str]

    def __str__(self) -> str:
        return self.name


PROVEN = "proven_answer"
NO_PROOF = "without_proof and third"

MISREADINGS = [
    # The window.
    Misreading(
        "T by UTC instead of UTC+8",
        "window.py",
        "t = create_time.astimezone(UTC_PLUS_8).date()",
        "t = create_time.astimezone(timezone.utc).date()",
        ("test_window.py", "quarter_past_midnight_in_shanghai"),
    ),
    Misreading(
        "00:30, the wallets' time",
        "window.py",
        "time(0, 15)",
        "time(0, 30)",
        ("test_window.py", "quarter_past_midnight_in_shanghai"),
    ),
    Misreading(
        "<= at the cutoff",
        "decision.py",
        "now < request.cutoff_at",
        "now <= request.cutoff_at",
        ("test_whole_table.py", f"{PROVEN} and second"),
    ),
    Misreading(
        "the first attempt, too, only before the cutoff",
        "decision.py",
        "return request.is_first_attempt or now",
        "return now",
        ("test_whole_table.py", f"{PROVEN} and first and after"),
    ),
    # The result.
    Misreading(
        "code before status",
        "decision.py",
        '    if result.status == "S":\n',
        "    if result.code == CANCEL_WINDOW_EXCEED:\n"
        "        return Resolve(Outcome.REFUND_REQUIRED, further_action(result.code))\n"
        '    if result.status == "S":\n',
        ("test_whole_table.py", f"{PROVEN} and third"),
    ),
    Misreading(
        "a status that nobody knows is a failure",
        "result.py",
        'known.get(status, "U")',
        'known.get(status, "F")',
        ("test_whole_table.py", f"{PROVEN} and third"),
    ),
    Misreading(
        "unknown becomes failed by a timeout of ours",
        "decision.py",
        "    throttled = result.code",
        "    if now >= request.cutoff_at:\n"
        '        return Resolve(Outcome.FAILED, further_action(""))\n'
        "    throttled = result.code",
        ("test_day.py", "late_first_attempt"),
    ),
    # The proof.
    Misreading(
        "unsigned accepted",
        "proof.py",
        'return refuse("the answer is not signed")',
        "return result.read_signed(answer)",
        ("test_whole_table.py", f"{NO_PROOF} and unsigned"),
    ),
    Misreading(
        "a signature that fails is only logged",
        "proof.py",
        'return result.distrusting(refuse("the signature does not verify"))',
        "return result.read_signed(answer)",
        ("test_whole_table.py", f"{NO_PROOF} and forger"),
    ),
    Misreading(
        "an answer for another client accepted",
        "proof.py",
        "if client_id != credentials.client_id:",
        "if not client_id:",
        ("test_whole_table.py", f"{NO_PROOF} and client"),
    ),
    Misreading(
        "only HTTP 200 proves anything",
        "proof.py",
        "    if header is None or client_id is None",
        "    if status != 200 or header is None or client_id is None",
        ("test_proves_something.py", "http_status"),
    ),
    Misreading(
        "+ decoded to a space",
        "signing.py",
        "unquote_to_bytes(text)",
        'unquote_to_bytes(text.replace("+", " "))',
        ("test_proves_something.py", "lawful_encoding"),
    ),
    Misreading(
        "base64 read leniently",
        "signing.py",
        "unquote_to_bytes(text).translate",
        're.sub(rb"[^A-Za-z0-9+/=_-]", b"", unquote_to_bytes(text)).translate',
        ("test_signing.py", "no_base64"),
    ),
    # The schedule.
    Misreading(
        "jitter below 5 s",
        "decision.py",
        "FAST_INTERVAL_MIN: Final = timedelta(seconds=5)",
        "FAST_INTERVAL_MIN: Final = timedelta(seconds=4)",
        ("test_day.py", "first_60_s_the_next"),
    ),
    Misreading(
        "jitter above 10 s",
        "decision.py",
        "FAST_INTERVAL_AIM: Final = timedelta(seconds=7, milliseconds=500)",
        "FAST_INTERVAL_AIM: Final = timedelta(seconds=12)",
        ("test_day.py", "first_60_s_the_next"),
    ),
    Misreading(
        "60 s inclusive",
        "decision.py",
        ">= FAST_PHASE",
        "> FAST_PHASE",
        ("test_whole_table.py", f"{PROVEN} and millisecond and not left"),
    ),
    Misreading(
        "throttling taken as any other unknown",
        "decision.py",
        "request.tracked or throttled or",
        "request.tracked or",
        ("test_whole_table.py", f"{PROVEN} and third"),
    ),
    Misreading(
        "the margin of the last attempt dropped",
        "decision.py",
        "LAST_ATTEMPT_BEFORE_CUTOFF: Final = timedelta(seconds=30)",
        "LAST_ATTEMPT_BEFORE_CUTOFF: Final = timedelta(0)",
        ("test_day.py", "at_or_after_the_cutoff"),
    ),
    Misreading(
        "a delay past the last moment not cut to it",
        "decision.py",
        "return min(now + jitter(delay / 2, delay), last_attempt)",
        "planned = now + jitter(delay / 2, delay)\n"
        "    return planned if planned <= last_attempt else request.cutoff_at",
        ("test_day.py", "bound_is_reached"),
    ),
    Misreading(
        "a backoff that does not grow",
        "decision.py",
        "max(now - request.first_attempt_at, slow.initial)",
        "slow.initial",
        ("test_whole_table.py", f"{PROVEN} and tracked"),
    ),
    # The effects.
    Misreading(
        "ExecutionAlreadyExists taken as done, even for a tracker that has ended",
        "tracker.py",
        'return execution["status"] == "RUNNING" and tracked.get(id_name) == value',
        "return True",
        ("test_histories.py", "has_ended"),
    ),
    Misreading(
        "the tracker of another payment taken for this one's",
        "tracker.py",
        'return execution["status"] == "RUNNING" and tracked.get(id_name) == value',
        'return execution["status"] == "RUNNING"',
        ("test_histories.py", "called_what"),
    ),
    Misreading(
        "an outcome that was not published taken as published",
        "effects.py",
        "failed = self.outcomes.publish(resolved)\n",
        "failed = self.outcomes.publish(resolved) and set()\n",
        ("test_histories.py", "fault_of_one"),
    ),
    Misreading(
        "a late token that brings its message back for ever",
        "tracker.py",
        '"reason": error_code(error)},\n        )\n        return True\n',
        '"reason": error_code(error)},\n        )\n        return False\n',
        ("test_nothing_forgotten.py", "forgotten"),
    ),
]
