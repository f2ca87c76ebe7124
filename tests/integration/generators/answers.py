"""Generated answers of a hostile gateway: a valid one, with a few things wrong or odd about it.

Whatever an answer holds, two things are known of it: the only outcome that it can prove, and
whether it has to be read (only what decides nothing is odd about it) or may also be taken for no
answer.

What can be odd lies in groups; an answer takes at most one of each. An oddity that is more than odd
(the answer is not plainly the whole, valid, signed one any more) says `must = False`; one after
which the answer may never seem complete says `whole = False`; one whose signature is not of what is
sent says `proven = False`; one that may not seem to be an answer at all says `final = False`: what
follows it may be read as the answer, and no client can tell that it is another payment's.
`alone = False` says that more came than one answer, or that the server does not want another
request: none may follow on that connection.
"""

from __future__ import annotations

import random

from tests.integration.generators import framing, heads
from tests.integration.generators.draft import Answer, Draft, Situation
from tests.support.gateway import CUT, FIN, RESET, Close, Part, Step
from tests.support.signer import Signer, result

OUTCOMES = {
    ("S", "SUCCESS"): "Payment Cancelled",
    ("F", "CANCEL_WINDOW_EXCEED"): "Payment Refund Required",
    ("F", "PROCESS_FAIL"): "Payment Cancellation Failed",
    ("F", "NEVER_HEARD_OF"): "Payment Cancellation Failed",
    ("U", "UNKNOWN_EXCEPTION"): None,
}


HARMLESS: dict[str, dict[str, heads.Oddity]] = {
    "status": {"plain": heads.status},
    "header": {name: heads.special(name) for name in heads.HEADERS},
    "another header": {name: heads.special(name) for name in heads.HEADERS},
    "head": {"odd header": heads.odd_header},
    "framing": {"chunks": framing.chunks, "until close": framing.until_close},
}
"""What decides nothing: an answer with these has to be read."""

ODDITIES: dict[str, dict[str, heads.Oddity]] = {
    "status": {
        "plain": heads.status,
        "without a body": heads.status_without_body,
        "line": heads.status_line,
    },
    "header": HARMLESS["header"],
    "head": HARMLESS["head"]
    | {
        "long header": heads.long_header,
        "many headers": heads.many_headers,
        "newlines": heads.newlines,
    },
    "before it": {"bytes": heads.before, "1xx": heads.interim, "hints": heads.early_hints},
    "proof": {"wrong": heads.wrong_proof, "of another body": framing.unsigned_body},
    "framing": HARMLESS["framing"]
    | {
        "broken chunks": framing.broken_chunks,
        "wrong length": framing.wrong_length,
        "odd length": framing.odd_length,
        "several": framing.several_framings,
    },
}


def healthy(rng: random.Random, payment: str, signer: Signer) -> Answer:
    """A valid answer in one piece, about half of them S."""
    result, body = _result(rng, payment)
    return Answer([signer.answer(body)], OUTCOMES[result])


def hostile(rng: random.Random, payment: str, situation: Situation) -> Answer:
    """An answer with one to four oddities; all of its randomness comes from `rng`."""
    signer = situation.signer
    proven, body = _result(rng, payment)
    draft = Draft(body, [*signer.fields(body).items()], situation.trap)
    harmless = rng.random() < 0.4
    oddities = HARMLESS if harmless else ODDITIES
    for group in rng.sample(sorted(oddities), rng.choice([1, 1, 2, 2, 3, 4])):
        kind = rng.choice(sorted(oddities[group]))
        oddities[group][kind](rng, draft)
        draft.kinds.append(f"{group}: {kind}")
    wire = draft.wire()
    if not harmless and rng.random() < 0.1:
        wire = wire[: rng.randrange(len(wire) + 1)]
        draft.kinds.append("half of it")
        draft.whole = draft.must = draft.final = False
    surplus = b"" if harmless or rng.random() < 0.6 else _surplus(rng, draft, situation)
    steps = _sent(rng, draft, wire, surplus, situation)
    proves = OUTCOMES[proven] if draft.proven else None
    return Answer(steps, proves, draft.must, draft.kinds, draft.alone)


def _result(rng: random.Random, payment: str) -> tuple[tuple[str, str], bytes]:
    chosen = rng.choice([*OUTCOMES, ("S", "SUCCESS"), ("S", "SUCCESS")])
    status, code = chosen
    body = result(status, code, pspId=payment)
    named = body.replace(b'"resultCode"', b'"resultMessage": "%s", "resultCode"' % payment.encode())
    return chosen, named


def _sent(
    rng: random.Random, draft: Draft, wire: bytes, surplus: bytes, situation: Situation
) -> list[Step]:
    """The steps that send `wire`, the surplus, and the end.

    What closes or is surplus leaves with the last piece of the answer: one that came later could
    meet the next request on that connection, and nobody could tell then whose it is. Later is only
    safe once every request of the batch has come.
    """
    steps: list[Step] = []
    if rng.random() < 0.2:
        steps.append(rng.uniform(0, 0.05))
        draft.kinds.append("pause before it")
    pieces = _pieces(rng, wire) if rng.random() < 0.4 else [wire]
    if len(pieces) > 1:
        draft.kinds.append("in pieces")
    pauses = rng.random() < 0.5
    for piece in pieces[:-1]:
        steps.append(piece)
        if pauses:
            steps.append(rng.uniform(0, 0.004))
    end = _end(rng, draft, situation)
    if draft.until_close:
        surplus = b""
    if surplus:
        draft.must = draft.alone = False
        mode = rng.choice(["in its segment", "in its record", "part of a record", "later"])
        draft.kinds.append(f"surplus {mode}")
        if mode == "in its segment":
            steps.append((pieces[-1], surplus, *end))
        elif mode == "part of a record":
            steps.append((pieces[-1], Part(surplus, rng.choice([1, 4, 5, 6, 40, -1])), *end))
        elif mode == "in its record":
            steps.append((pieces[-1] + surplus, *end))
        else:
            steps += [pieces[-1], situation.all_asked, rng.uniform(0, 0.01), (surplus, *end)]
    elif end == (RESET,) and draft.whole:
        steps += [pieces[-1], situation.all_asked, RESET]
    else:
        steps.append((pieces[-1], *end))
    return steps


def _end(rng: random.Random, draft: Draft, situation: Situation) -> tuple[Close, ...]:
    """How the connection ends; an answer without an end would stall until the call's timeout."""
    closes = draft.until_close or (not draft.whole and not situation.stalls)
    if not closes and rng.random() < 0.7:
        return ()
    how = rng.choice([FIN, FIN, CUT] if draft.until_close else [FIN, FIN, CUT, RESET])
    draft.kinds.append(f"end: {how.name}")
    if how is RESET or (how is CUT and draft.until_close):
        # What was not yet read is lost; over TLS nobody can tell whether that was all.
        draft.must = False
    return (how,)


def _pieces(rng: random.Random, wire: bytes) -> list[bytes]:
    count = min(len(wire) - 1, rng.choice([1, 1, 2, 3, 5, 8, 30]))
    cuts = sorted(rng.sample(range(1, len(wire)), count)) if count > 0 else []
    return [wire[start:end] for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True)]


def _surplus(rng: random.Random, draft: Draft, situation: Situation) -> bytes:
    """What follows an answer: above all whole, signed answers of other payments."""
    signer = situation.signer
    _, body = _result(rng, rng.choice(situation.strangers))
    other = signer.answer(body)
    signed = [other, other * rng.randrange(2, 12), other * 40]
    signed += [b"HTTP/1.1 100 Continue\r\n\r\n" + other]
    rest = [
        other[: rng.randrange(1, len(other) - len(body))],
        other[rng.randrange(1, len(other)) :],
        rng.randbytes(rng.randrange(1, 40)),
        b"\r\n",
        b"\0",
        b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"0\r\n\r\n",
    ]
    return rng.choice(signed + rest if draft.final else rest)
