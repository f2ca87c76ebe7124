"""What CloudFormation gets: the template after the SAM transform, and the state machine in it.

Conditions are worked out: what is not deployed with the chosen parameters is not there.

A rule is a function of it that returns findings, one sentence each, none if all is well. Nothing
of the code under test is imported here.
"""

from __future__ import annotations

import copy
import functools
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from unittest import mock

from tests.template.evaluated import settled

ROOT: Final = Path(__file__).resolve().parents[2]
TEMPLATE: Final = ROOT / "template.yaml"
FUNCTION: Final = "CancelPaymentFunction"
STATE_MACHINE: Final = "CancelUntilCutoffStateMachine"

type Properties = dict[str, Any]
type Rule = Callable[["Deployed"], list[str]]


@dataclass(frozen=True)
class Deployed:
    """One translated template, with the parameters that it was translated with.

    `source` is its text, for rules about comments.
    """

    template: dict[str, Any]
    definition: dict[str, Any]
    source: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    def of_type(self, *types: str) -> Iterator[tuple[str, Properties]]:
        """Logical id and properties of the resources of these types (`SQS::Queue`)."""
        for name, resource in self.template["Resources"].items():
            if resource["Type"].removeprefix("AWS::") in types:
                yield name, resource.get("Properties", {})

    def properties(self, name: str) -> Properties:
        found: Properties = self.template["Resources"][name]["Properties"]
        return found

    def copied(self) -> Deployed:
        """A copy to seed mistakes into."""
        return replace(
            self,
            template=copy.deepcopy(self.template),
            definition=copy.deepcopy(self.definition),
        )


def load(**parameters: str) -> Deployed:
    """The template of this working tree, translated with these parameters."""
    source = TEMPLATE.read_text("utf-8")
    template = settled(translate(source, parameters), parameters)
    return Deployed(template, _definition(source), source, parameters)


def translate(source: str, parameters: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Run the SAM transform as CloudFormation does, local paths standing for uploads.

    Raises
    ------
    samtranslator.model.exceptions.InvalidDocumentException
        The transform refuses the template.
    """
    # Slow to import, and only some tests need it.
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    template = parse(source)
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if "CodeUri" in properties:
            properties["CodeUri"] = "s3://artifacts/key"
        if "DefinitionS3Location" in properties:
            properties["DefinitionS3Location"] = {"Bucket": "artifacts", "Key": "key"}
    with mock.patch.dict(os.environ, AWS_DEFAULT_REGION="eu-central-1"):
        translated: dict[str, Any] = Translator({}, Parser()).translate(
            template, dict(parameters or {})
        )
    return translated


def parse(source: str) -> dict[str, Any]:
    """The text as a template with long-form intrinsic functions."""
    return copy.deepcopy(_parsed(source))


@functools.cache
def _parsed(source: str) -> dict[str, Any]:
    from samcli.yamlhelper import yaml_parse

    parsed: dict[str, Any] = json.loads(json.dumps(yaml_parse(source)))
    return parsed


def _definition(source: str) -> dict[str, Any]:
    uri = parse(source)["Resources"][STATE_MACHINE]["Properties"]["DefinitionS3Location"]
    definition: dict[str, Any] = json.loads((ROOT / uri).read_text("utf-8"))
    return definition
