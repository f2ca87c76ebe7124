"""The doctor only reads, says which right it lacks, and the runbook lists just these rights."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from doctor.aws import Aws
from doctor.examination import examine
from doctor.finding import Finding, Status, exit_status
from sandbox.stack.lifecycle import Stack
from tests.doctor.conftest import KeptClients

pytestmark = pytest.mark.stack

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"
CODES = ("AccessDenied", "AccessDeniedException", "AuthorizationError")


class Guarded(KeptClients):
    """Notes every call by its IAM action, and refuses those that are denied; asks each only once,
    since twenty examinations take long."""

    def __init__(self) -> None:
        super().__init__()
        self.made: set[str] = set()
        self.denied: set[str] = set()
        self.error = {"Code": CODES[0], "Message": "not authorized"}
        self._answers: dict[str, Any] = {}
        self._asked = ""
        self.events.register("before-call", self._before)
        self.events.register("after-call", self._after)

    def _before(self, model: Any, params: dict[str, Any], **_: Any) -> Any:
        # IAM's names of services are those of their signatures, but for one.
        service = model.service_model.signing_name.replace("monitoring", "cloudwatch")
        action = f"{service}:{model.name}"
        self.made.add(action)
        if action in self.denied:
            return SimpleNamespace(status_code=403), {"Error": self.error, "ResponseMetadata": {}}
        self._asked = f"{action} {params['url']} {params['body']}"
        answer = self._answers.get(self._asked)
        return answer and (answer[0], copy.deepcopy(answer[1]))

    def _after(self, http_response: Any, parsed: Any, **_: Any) -> None:
        if http_response.status_code == 200:
            self._answers[self._asked] = http_response, copy.deepcopy(parsed)


@pytest.fixture(scope="module")
def guarded() -> Guarded:
    return Guarded()


@pytest.fixture
def session(guarded: Guarded) -> Iterator[Guarded]:
    yield guarded
    guarded.denied = set()


def examined(stack: Stack, session: Guarded) -> list[Finding]:
    aws = Aws(session, stack.cloud.endpoint_url)
    return [one for _, one in examine(aws, stack.name, timedelta(seconds=30))]


@pytest.fixture
def actions(stack: Stack, session: Guarded) -> set[str]:
    """What a whole examination calls."""
    examined(stack, session)
    return set(session.made)


def test_every_call_is_a_read_and_no_other_is_made(session: Guarded, actions: set[str]) -> None:
    assert len(actions) > 15
    assert {one for one in actions if not re.search(r":(Get|List|Describe)", one)} == set()
    with pytest.raises(ValueError, match="not a read"):
        Aws(session).read("sqs", "purge_queue", QueueUrl="https://example.com/queue")


def test_each_right_that_is_missing_is_named_and_nothing_else_is_called_wrong(
    stack: Stack, session: Guarded, actions: set[str]
) -> None:
    for number, action in enumerate(sorted(actions)):
        session.denied, session.error["Code"] = {action}, CODES[number % len(CODES)]
        found = examined(stack, session)
        assert exit_status(found) == 2, action
        unknown = [one for one in found if one.status is Status.UNKNOWN]
        assert unknown and all(f"{action} is not allowed" in one.fact for one in unknown)
        # Which gateway it is stands in the stack's parameters, too.
        whole = not action.startswith("cloudformation:")
        assert whole == any(one.subject == "gateway" for one in found)


def test_denied_kms_key_of_the_secret_is_named_too(stack: Stack, session: Guarded) -> None:
    session.denied = {"secretsmanager:GetSecretValue"}
    session.error = {"Code": CODES[1], "Message": "Access to KMS is not allowed"}
    (finding,) = [one for one in examined(stack, session) if one.subject == "secret"]
    assert "kms:Decrypt" in finding.fact


def test_runbook_lists_exactly_the_rights_that_are_used(actions: set[str]) -> None:
    section = RUNBOOK.read_text().partition("\n# Doctor\n")[2].partition("\n# ")[0]
    (policy,) = re.findall(r"```json\n(.*?)```", section, re.DOTALL)
    listed = {one for statement in json.loads(policy)["Statement"] for one in statement["Action"]}
    # With a key of KMS: of the secret, and one that signs.
    assert listed == actions | {"kms:Decrypt", "kms:GetKeyPolicy", "kms:GetPublicKey"}
