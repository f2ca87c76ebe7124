"""The schemas of events and outcomes, by ajv beside jsonschema: both read them alike."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

from tests.events.expected import EVENTS, EXPECTED
from tests.node import Packages

pytestmark = pytest.mark.clients

PACKAGES: Final = Packages(Path(__file__).parent)
MISSING: Final = object()
ODD: Final = (MISSING, None, "", 0, True, [], {}, "x" * 300, "2026-13-01T00:00:00Z", "a\x07b")


def ajv(schema: str, instances: list[Any]) -> list[list[str]]:
    """What ajv finds wrong with each of the instances."""
    PACKAGES.install()
    asked = json.dumps({"schema": schema, "instances": instances})
    done = PACKAGES.run(["schemas.mjs"], text=asked)
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout)
    return found


def outcomes() -> list[Any]:
    return [json.loads(one.read_text())["detail"] for one in EVENTS.glob("outcomes/*.json")]


def messages() -> list[Any]:
    """The bodies of all example events; one that is no JSON stands for itself."""
    entries = json.loads((EVENTS / "payment-expired.json").read_text())
    bodies = [json.loads(one["Detail"]) for one in entries]
    for name in EXPECTED:
        for one in json.loads((EVENTS / name).read_text())["Records"]:
            is_json = one["body"].startswith("{")
            bodies.append(json.loads(one["body"]) if is_json else one["body"])
    return bodies


def changed(instance: Any) -> Iterator[Any]:
    """The instance with each of its fields, at every depth, left out or made odd."""
    for name, value in instance.items():
        for odd in ODD:
            other = copy.copy(instance)
            if odd is MISSING:
                del other[name]
            else:
                other[name] = odd
            yield other
        if isinstance(value, dict):
            yield from ({**instance, name: inner} for inner in changed(value))
    yield {**instance, "unknown": 1}


def test_examples_keep_their_schemas() -> None:
    assert ajv("outcome", outcomes()) == [[]] * 4
    malformed = sum(one.malformed for one in EXPECTED.values())
    found = ajv("payment-timeout", messages())
    assert len([faults for faults in found if faults]) == malformed


@pytest.mark.parametrize(
    "schema,examples", [("outcome", outcomes()), ("payment-timeout", messages())]
)
def test_both_validators_judge_every_change_alike(schema: str, examples: list[Any]) -> None:
    instances = [other for one in examples if isinstance(one, dict) for other in changed(one)]
    reference = jsonschema.Draft202012Validator(
        json.loads((EVENTS / f"{schema}.schema.json").read_text()),
        format_checker=jsonschema.FormatChecker(),
    )
    theirs = ajv(schema, instances)
    for instance, faults in zip(instances, theirs, strict=True):
        assert reference.is_valid(instance) == (not faults), (instance, faults)
    assert 0 < sum(map(bool, theirs)) < len(instances)
