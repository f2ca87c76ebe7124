"""What CloudFormation makes of a translated template once its parameters have values.

By the doctor's evaluator, which a deployment of the same template proves on the local stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from doctor.deployment.template import Template
from doctor.stack import Stack

ACCOUNT: Final = "123456789012"
REGION: Final = "eu-central-1"
STACK: Final = "payments"
_NO_VALUE: Final = {"Ref": "AWS::NoValue"}


def evaluator(
    template: dict[str, Any],
    parameters: Mapping[str, str],
    resources: Mapping[str, str] | None = None,
    stack: str = STACK,
) -> Template:
    """Of a stack of that name; `resources` are physical ids, without them the logical ones."""
    given = {name: str(one.get("Default", "")) for name, one in template["Parameters"].items()}
    return Template(
        Stack(
            name=stack,
            arn=f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{stack}/5b0c-77e1",
            status="CREATE_COMPLETE",
            parameters=given | dict(parameters),
            resources=resources or {name: name for name in template["Resources"]},
            template=template,
        )
    )


def settled(template: dict[str, Any], parameters: Mapping[str, str]) -> dict[str, Any]:
    """The template without what its conditions leave out; all else stays as it is written."""
    holds = evaluator(template, parameters).holds

    def chosen(value: Any) -> Any:
        """With the branch of every `Fn::If` that applies."""
        if isinstance(value, list):
            return [one for one in map(chosen, value) if one != _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if "Fn::If" in value:
            condition, then, otherwise = value["Fn::If"]
            return chosen(then if holds(condition) else otherwise)
        found = {key: chosen(one) for key, one in value.items()}
        return {key: one for key, one in found.items() if one != _NO_VALUE}

    parts = {
        part: {
            name: {key: chosen(one) for key, one in entry.items() if key != "Condition"}
            for name, entry in template[part].items()
            if "Condition" not in entry or holds(entry["Condition"])
        }
        for part in ("Resources", "Outputs")
    }
    return template | parts
