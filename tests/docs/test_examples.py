"""The examples of docs/examples/ keep what docs/integration.md promises of them."""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
import subprocess
import textwrap
from collections.abc import Iterator
from typing import Any, Final

import follow_outcomes
import jsonschema
import make_refunds
import pytest

from tests.docs.documents import DOCUMENTS, ROOT, Block, blocks, named
from tests.docs.proof import proven, public_keys
from tests.docs.refunds import AMOUNT, Client, Ledger

EXAMPLES: Final = ROOT / "docs" / "examples"
BLOCKS: Final = named("docs/integration.md")
PAYMENT: Final = "20261122000000000042"


def outcome(kind: str, resolved_at: str, code: str = "") -> dict[str, Any]:
    return {
        "outcome": kind,
        "outcomeId": f"{kind}:{code}:{PAYMENT}",
        "paymentRequestId": PAYMENT,
        "resolvedAt": resolved_at,
    }


# Late on one day: the tracker writes its moments with Z, the function with +08:00.
FAILED = outcome("FAILED", "2026-11-22T23:46:07.250+08:00", "INVALID_SIGNATURE")
FAILED_AGAIN = outcome("FAILED", "2026-11-22T23:55:00.000+08:00", "PROCESS_FAIL")
UNRESOLVED = outcome("UNRESOLVED", "2026-11-22T16:14:30.512Z")
REFUND = outcome("REFUND_REQUIRED", "2026-11-22T23:50:00.000+08:00")
CANCELLED = outcome("CANCELLED", "2026-11-22T23:46:20.418+08:00")


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.executescript(follow_outcomes.TABLES)
    yield connection
    connection.close()


def stands(database: sqlite3.Connection) -> Any:
    [(detail,)] = database.execute("SELECT detail FROM payment").fetchall()
    return json.loads(detail)


@pytest.mark.parametrize(
    ("published", "stands_at_last"),
    [
        ([FAILED, FAILED_AGAIN], FAILED_AGAIN),
        ([FAILED, FAILED_AGAIN, UNRESOLVED], UNRESOLVED),
        ([FAILED, REFUND, UNRESOLVED], REFUND),
        ([FAILED, CANCELLED, REFUND, UNRESOLVED], CANCELLED),
    ],
)
def test_the_same_outcome_stands_in_whatever_order_they_arrive(
    published: list[dict[str, Any]], stands_at_last: dict[str, Any]
) -> None:
    for order in itertools.permutations(published + published[:1]):
        connection = sqlite3.connect(":memory:")
        connection.executescript(follow_outcomes.TABLES)
        for detail in order:
            follow_outcomes.record(connection, detail)
        assert stands(connection) == stands_at_last
        connection.close()


def test_a_repeat_is_no_news_even_if_it_is_younger(database: sqlite3.Connection) -> None:
    repeat = FAILED | {"resolvedAt": "2026-11-22T23:59:00.000+08:00"}
    news = [follow_outcomes.record(database, one) for one in (FAILED, FAILED_AGAIN, repeat)]
    assert (news, stands(database)) == ([True, True, False], FAILED_AGAIN)


def test_what_fails_in_the_middle_is_taken_in_when_it_comes_again(
    database: sqlite3.Connection,
) -> None:
    database.execute("ALTER TABLE payment RENAME TO gone")
    with pytest.raises(sqlite3.OperationalError):
        follow_outcomes.record(database, CANCELLED)
    database.execute("ALTER TABLE gone RENAME TO payment")
    assert follow_outcomes.record(database, CANCELLED)


def test_an_outcome_of_another_contract_is_refused(database: sqlite3.Connection) -> None:
    with pytest.raises(KeyError):
        follow_outcomes.record(database, CANCELLED | {"outcome": "REVERSED"})
    assert database.execute("SELECT count(*) FROM payment").fetchone() == (0,)


def test_a_payment_known_by_alipays_id_alone_has_a_row(database: sqlite3.Connection) -> None:
    detail = {name: text for name, text in CANCELLED.items() if name != "paymentRequestId"}
    assert follow_outcomes.record(database, detail | {"paymentId": "2026112219"})


def refund(client: Client, **ids: str) -> str:
    ledger = Ledger({PAYMENT}, {"2026112219": PAYMENT})
    detail = proven("F", "CANCEL_WINDOW_EXCEED", **ids or {"paymentRequestId": PAYMENT})
    return make_refunds.settle(detail, ledger, client, public_keys())


def test_nothing_is_asked_without_a_proof() -> None:
    client = Client()
    for detail in (
        {"paymentRequestId": PAYMENT},
        proven("F", "CANCEL_WINDOW_EXCEED", paymentRequestId="another")
        | {"paymentRequestId": PAYMENT},
    ):
        with pytest.raises(make_refunds.Unsettled):
            make_refunds.settle(detail, Ledger({PAYMENT}), client, public_keys())
    assert client.calls == []


def test_a_refund_has_the_amount_of_the_record() -> None:
    client = Client()
    refund(client)
    [asked] = client.refunds.values()
    assert (asked["refundAmount"], asked["paymentRequestId"]) == (AMOUNT, PAYMENT)
    assert 0 < len(asked["refundRequestId"]) <= 64


@pytest.mark.parametrize(
    ("client", "done"),
    [
        (Client(), "refunded"),
        *((Client(payment="F"), "nothing"), (Client(inquiry="F ORDER_NOT_EXIST"), "nothing")),
        *((Client(inquiry="F ORDER_IS_CLOSED"), "nothing"), (Client(inquiry="U"), "")),
        *((Client(inquiry="F"), ""), (Client(payment="U"), "")),
    ],
)
def test_only_what_was_paid_is_refunded_once_that_is_known(client: Client, done: str) -> None:
    if done:
        assert refund(client).startswith(done)
    else:
        with pytest.raises(make_refunds.Unsettled):
            refund(client)
    assert len(client.refunds) == (done == "refunded")


@pytest.mark.parametrize("status", ["U", "F"])
def test_a_refund_that_is_not_proven_is_asked_for_again_as_the_same_one(status: str) -> None:
    client = Client(refund=(status, "S"))
    with pytest.raises(make_refunds.Unsettled):
        refund(client)
    assert refund(client, paymentId="2026112219") == "refunded"
    assert len(client.refunds) == 1


def test_a_payment_that_nobody_knows_is_not_refunded() -> None:
    client = Client()
    with pytest.raises(LookupError):
        refund(client, paymentRequestId="invented")
    assert client.calls == []


CODE: Final = [
    block
    for path in DOCUMENTS
    for block in blocks(path)
    if block.language in {"python", "yaml", "json"}
]


@pytest.mark.parametrize("block", CODE, ids=lambda one: f"{one.document} {one.text[:30]}")
def test_code_in_a_document_stands_in_a_file_that_is_run(block: Block) -> None:
    if block.language in {"python", "yaml"}:
        files = [path.read_text() for path in EXAMPLES.iterdir() if path.suffix in {".py", ".yaml"}]
        indented = [textwrap.indent(block.text, " " * width) for width in (0, 4, 8, 12)]
        assert any(text in file for text in indented for file in files)
    if block.language == "json" and "paymentCreateTime" in (read := json.loads(block.text)):
        schema = json.loads((ROOT / "events" / "payment-timeout.schema.json").read_text())
        jsonschema.validate(read, schema, format_checker=jsonschema.FormatChecker())


def test_there_is_code_to_hold() -> None:
    languages = [block.language for block in CODE]
    assert languages.count("python") + languages.count("yaml") >= 3 and "json" in languages


def test_a_proof_is_verified_as_the_document_says() -> None:
    path = os.pathsep.join([str(ROOT / ".venv" / "bin"), os.environ["PATH"]])
    said = subprocess.run(
        ["sh", "-ec", BLOCKS["verify-a-proof"]],
        cwd=ROOT,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "S SUCCESS" in said and "Verified OK" in said
