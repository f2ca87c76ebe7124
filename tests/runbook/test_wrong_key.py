"""A wrong key is installed for an hour: nobody lists the payments, all end cancelled.

On a stack of its own, since the function keeps keys for up to five minutes: this one has read none
before the wrong one. The hour is represented by what happens in it: payments are refused on the
queue and with their trackers, which ask again after 1 to 2 s here and after 1 to 15 min on AWS.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.gateway import keys
from tests.runbook.conftest import PARAMETERS, Runbook
from tests.support.leaks import Material, scan
from tests.support.stack import World, eventually, started

pytestmark = [pytest.mark.runbook, pytest.mark.timeout(280)]

ON_THE_QUEUE = [f"SUCCEEDS-on-the-queue-{number}" for number in range(6)]
FOLLOWED = [f"SUCCEEDS-followed-{number}" for number in range(3)]


@pytest.fixture
def unused() -> Iterator[World]:
    """A stack whose function has not run yet."""
    with started("runbook-keys", parameters=PARAMETERS) as world:
        yield world


def test_payments_refused_under_a_wrong_key_are_all_cancelled_once_it_is_put_right(
    unused: World, tmp_path: Path
) -> None:
    world, runbook = unused, Runbook(unused)
    right = runbook.run("public-key")
    secret = json.loads(
        world.client("secretsmanager").get_secret_value(SecretId=world.stack.secret_arn)[
            "SecretString"
        ]
    )
    keys.generate(tmp_path / "others")
    others = json.loads((tmp_path / "others" / "secret.json").read_text())
    wrong = secret | {"privateKey": others["privateKey"]}
    (tmp_path / "secret.json").write_text(json.dumps(wrong))
    runbook.run("new-secret", tmp_path)
    world.expire(*ON_THE_QUEUE)
    for scenario in FOLLOWED:
        world.track(scenario, wait=timedelta(seconds=1))
    every = ON_THE_QUEUE + FOLLOWED
    eventually(lambda: all(len(world.sends(one)) >= 2 for one in every), "two refusals of each")
    assert [world.ends(one) for one in every] == [[]] * len(every)
    assert {one["resultCode"] for name in every for one in world.sends(name)} == {
        "INVALID_SIGNATURE"
    }
    seen = runbook.run("secret")
    assert secret["clientId"] in seen and "PRIVATE" not in seen
    assert runbook.run("public-key") != right

    runbook.run("previous-secret")

    assert runbook.run("public-key") == right
    world.cancelled(*every)
    assert [world.ends(one) for one in every] == [["CANCELLED"]] * len(every)
    material = Material.in_directories([world.stack.directory / "keys", tmp_path / "others"])
    assert list(scan(world.stack.directory.glob("*.log"), material)) == []
    assert material.leaks(_printed_by_the_function(world).encode()) == []


def _printed_by_the_function(world: World) -> str:
    pages = (
        world.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName=world.stack.log_group_name)
    )
    text = "\n".join(one["message"] for page in pages for one in page["events"])
    assert "INVALID_SIGNATURE" in text
    return text
