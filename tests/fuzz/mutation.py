"""Mutations by the pieces of a text, beside the fuzzer's own by its bytes.

The parsers below the code under test are native: they give the fuzzer no coverage to find its way
through JSON by single bytes, so whole strings, numbers and signs are moved about here.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

type Mutate = Callable[[bytes, int], bytes]

_PIECE = re.compile(rb'"(?:[^"\\]|\\.)*"|[\w.+%-]+|\s+|.', re.DOTALL)


def mutator(tokens: Sequence[str], by_bytes: Mutate) -> Callable[[bytes, int, int], bytes]:
    """A mutation of every other input by its pieces; the rest is the fuzzer's own.

    Parameters
    ----------
    tokens
        What is worth putting in.
    by_bytes
        The fuzzer's own mutation: data and the greatest length.
    """
    worth = [token.encode() for token in tokens]

    def mutate(data: bytes, max_size: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.5:
            return by_bytes(data, max_size)
        pieces = _PIECE.findall(data)
        for _ in range(chance.randint(1, 3)):
            _change(pieces, worth, chance)
        return b"".join(pieces)[:max_size]

    return mutate


def _change(pieces: list[bytes], worth: Sequence[bytes], chance: random.Random) -> None:
    token = chance.choice(worth)
    if not pieces:
        pieces.append(token)
        return
    at = chance.randrange(len(pieces))
    piece = pieces[at]
    match chance.randrange(6):
        case 0:
            pieces[at] = token
        case 1:
            pieces[at] = chance.choice(pieces)
        case 2:
            pieces.insert(at, token)
        case 3:
            del pieces[at]
        case 4:
            pieces[at] = piece * 2
        case _:
            cut = chance.randint(0, len(piece))
            pieces[at] = piece[:cut] + token.strip(b'"') + piece[cut:]
