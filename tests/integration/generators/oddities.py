"""What can be odd about an answer, in groups; an answer takes at most one of each group.

An oddity that is more than odd (the answer is not plainly the whole, valid, signed one any more)
says `must = False`; one after which the answer may never seem complete says `whole = False`; one
that may not seem to be an answer at all says `final = False`: what follows it may be read as the
answer, and no client can tell that it is another payment's. `alone = False` says that more came
than one answer, or that the server does not want another request: none may follow on that
connection.
"""

from __future__ import annotations

from tests.integration.generators import framing, heads

HARMLESS: dict[str, dict[str, heads.Oddity]] = {
    "status": {"plain": heads.status},
    "header": {name: heads.special(name) for name in heads.HEADERS},
    "another header": {name: heads.special(name) for name in heads.HEADERS},
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
    "head": {"broken": heads.head, "many headers": heads.many_headers, "newlines": heads.newlines},
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
