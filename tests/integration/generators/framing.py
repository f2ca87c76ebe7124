"""What can be odd about an answer's framing and body."""

from __future__ import annotations

import gzip
import random

from tests.integration.generators.draft import Draft, Header


def _chunk(data: bytes, extension: bytes = b"", form: bytes = b"%x") -> bytes:
    return form % len(data) + extension + b"\r\n" + data + b"\r\n"


def _cut(rng: random.Random, body: bytes) -> list[bytes]:
    count = rng.choice([0, 1, 2, 7]) if len(body) > 8 else 0
    cuts = sorted(rng.sample(range(1, len(body)), count)) if count else []
    return [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]


def chunks(rng: random.Random, draft: Draft) -> None:
    form, extension = rng.choice([b"%x", b"%X", b"00%x"]), rng.choice([b"", b"", b";a=b"])
    trailer = rng.choice([b"", b"", b"Signature: x\r\n", b"Content-Length: 5\r\n"])
    draft.framed = b"".join(_chunk(one, extension, form) for one in _cut(rng, draft.body))
    draft.framed += b"0\r\n" + trailer + b"\r\n"
    draft.framing = [("Transfer-Encoding", "chunked")]


def broken_chunks(rng: random.Random, draft: Draft) -> None:
    good = b"".join(_chunk(one) for one in _cut(rng, draft.body))
    sizes = [b"-5", b"0x5", b"+5", b" 5", b"5 ", b"", b"g", b"f" * 16, b"f" * 20, b"1" * 5000]
    sizes += [b"5;" + b"a" * 70_000]
    draft.framed = rng.choice(
        [
            good,
            good + b"0\r\n",
            good + b"0",
            good[:-2] + b"0\r\n\r\n",
            good.replace(b"\r\n", b"\n") + b"0\n\n",
            good + b"0\r\nbroken trailer\r\n\r\n",
            good + b"0\r\n" + b"a: b\r\n" * 20_000 + b"\r\n",
            rng.choice(sizes) + b"\r\n" + draft.body + b"\r\n0\r\n\r\n",
            b"0\r\n\r\n" + good + b"0\r\n\r\n",
        ]
    )
    draft.framing = [("Transfer-Encoding", "chunked")]
    draft.must = draft.whole = False


def wrong_length(rng: random.Random, draft: Draft) -> None:
    true = len(draft.body)
    more = [true + 1, true + 500, 10**6, 2**31, 2**63, 10**30]
    wrong = rng.choice([0, 1, true - 1, true // 2, *more])
    draft.framing = [("Content-Length", str(wrong))]
    draft.must = False
    draft.whole = wrong <= true


def odd_length(rng: random.Random, draft: Draft) -> None:
    true = str(len(draft.body))
    odd = [f"+{true}", f"-{true}", f"{true}, {true}", f"{true}, 5", hex(len(draft.body)), "", "x"]
    odd += [f"{true}.0", "9" * 5000, f"0{true}", f"{true} ", f"{true};q=1", "\u00b2"]
    draft.framing = [("Content-Length", rng.choice(odd))]
    draft.must = draft.whole = False


def several_framings(rng: random.Random, draft: Draft) -> None:
    true, chunks = str(len(draft.body)), b"".join([_chunk(draft.body), b"0\r\n\r\n"])
    length, chunked = ("Content-Length", true), ("Transfer-Encoding", "chunked")
    codings = ["gzip, chunked", "identity", "x", "chunked, identity", " chunked", ""]
    others: list[list[Header]] = [
        [length, chunked],
        [chunked, length],
        [length, length],
        [length, ("Content-Length", "5")],
        [chunked, chunked],
        *([("Transfer-Encoding", coding)] for coding in codings),
    ]
    draft.framing = rng.choice(others)
    draft.framed = rng.choice([draft.body, chunks])
    draft.must = draft.whole = False


def until_close(_: random.Random, draft: Draft) -> None:
    draft.framing, draft.until_close = [], True


def unsigned_body(rng: random.Random, draft: Draft) -> None:
    """Another body under the signature: it proves nothing."""
    others = [b"", b"{}", b"<html><body>502 Bad Gateway</body></html>", b"x" * 70_000]
    others += [draft.body + b" ", draft.body[:-1], gzip.compress(draft.body)]
    draft.body = rng.choice(others)
    draft.framed = draft.framing = None
    draft.must = draft.proven = False
