"""A few seconds of each generator; `make test-generators` runs them for longer."""

from __future__ import annotations

import inspect
import textwrap

import pytest
from cancel_payment.alipay import transport

from tests.integration.generators.__main__ import RUNS
from tests.integration.generators.gateway import Violation
from tests.support.aws import AwsDouble
from tests.support.signer import Signer

SEED = 1


@pytest.mark.parametrize(
    ("name", "batches"),
    [
        ("gateway", range(25)),
        ("gateway", range(106, 131)),  # over TLS
        ("circumstances", range(4)),
    ],
)
def test_nothing_hurts_what_is_beside_it(
    name: str, batches: range, aws: AwsDouble, signer: Signer
) -> None:
    RUNS[name](SEED, batches, aws, signer)


GUARDS = {
    "surplus in the answer's last read": (
        "_exchange",
        ' and wire.trailing_data == (b"", False)',
        "",
    ),
    "an interim answer": ("_exchange", "alone = not interim and ", "alone = "),
    "the answer's end by HTTP": ("_exchange", "whole = wire", "whole = True or wire"),
    "what came between two calls": ("open", " and self._is_silent()", ""),
}
"""What a connection's next use depends on, and how each of it is taken out."""


@pytest.mark.parametrize("guard", GUARDS)
def test_guard_of_the_connection_that_is_missing_is_found(
    guard: str, aws: AwsDouble, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, old, new = GUARDS[guard]
    source = textwrap.dedent(inspect.getsource(getattr(transport.Transport, name)))
    assert source.count(old) == 1
    names: dict[str, object] = dict(vars(transport))
    exec(source.replace(old, new), names)
    monkeypatch.setattr(transport.Transport, name, names[name])
    with pytest.raises(Violation):
        RUNS["gateway"](SEED, range(40), aws, signer)
