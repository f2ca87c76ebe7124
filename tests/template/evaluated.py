"""What CloudFormation makes of a translated template once its parameters have values.

References to resources stay as they are, as only a deployment knows what they are worth, unless
they are given a value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

type Template = dict[str, Any]

_NOTHING: Final = object()
_NO_VALUE: Final = {"Ref": "AWS::NoValue"}
PSEUDO: Final = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/payments/5b0c-77e1",
    "AWS::StackName": "payments",
    "AWS::URLSuffix": "amazonaws.com",
}
_IN_SUB: Final = re.compile(r"\$\{([^!}]+)\}")


def settled(template: Template, parameters: Mapping[str, str]) -> Template:
    """The template without what its conditions leave out; all else stays as it is written."""
    values = _Values(template, parameters, {})
    parts = {
        part: {
            name: values.chosen({key: one for key, one in entry.items() if key != "Condition"})
            for name, entry in template[part].items()
            if values.holds(entry.get("Condition"))
        }
        for part in ("Resources", "Outputs")
    }
    return template | parts


def resolved(
    value: Any,
    template: Template,
    parameters: Mapping[str, str],
    resources: Mapping[str, str] | None = None,
) -> Any:
    """A value of the template with every intrinsic function of parameters worked out.

    Parameters
    ----------
    resources
        What references to resources are worth: by `Name` for a Ref, `Name.Attribute` for a GetAtt.
    """
    return _Values(template, parameters, resources or {}).of(value)


class _Values:
    def __init__(
        self, template: Template, parameters: Mapping[str, str], resources: Mapping[str, str]
    ) -> None:
        self._template = template
        pseudo = {name: parameters.get(name, value) for name, value in PSEUDO.items()}
        self._known: dict[str, Any] = {**pseudo, **resources}
        for name, parameter in template["Parameters"].items():
            text = str(parameters.get(name, parameter.get("Default", "")))
            is_list = parameter["Type"] == "CommaDelimitedList"
            self._known[name] = text.split(",") if is_list else text

    def holds(self, condition: str | None) -> bool:
        return condition is None or bool(self.of(self._template["Conditions"][condition]))

    def chosen(self, value: Any) -> Any:
        """With the branch of every `Fn::If` that applies."""
        if isinstance(value, list):
            found = [self.chosen(one) for one in value]
            return [one for one in found if one is not _NOTHING]
        if not isinstance(value, dict):
            return value
        if "Fn::If" in value:
            condition, then, otherwise = value["Fn::If"]
            return self.chosen(then if self.holds(condition) else otherwise)
        if value == _NO_VALUE:
            return _NOTHING
        found = {key: self.chosen(one) for key, one in value.items()}
        return {key: one for key, one in found.items() if one is not _NOTHING}

    def of(self, value: Any) -> Any:
        value = self.chosen(value)
        if isinstance(value, list):
            return [self.of(one) for one in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(function, argument)] = value.items()
            if function == "Ref":
                return self._known.get(argument, value)
            if function == "Fn::GetAtt":
                return self._known.get(".".join(argument), value)
            if function == "Fn::Sub":
                return self._sub(argument)
            if function in _FUNCTIONS:
                return _FUNCTIONS[function](*self.of(argument))
        return {key: self.of(one) for key, one in value.items()}

    def _sub(self, argument: Any) -> Any:
        text, own = argument if isinstance(argument, list) else (argument, {})
        names = {name: self.of(one) for name, one in own.items()}

        def worth(match: re.Match[str]) -> str:
            return str({**self._known, **names}.get(match[1], match[0]))

        return _IN_SUB.sub(worth, text)


_FUNCTIONS: Final[Mapping[str, Any]] = {
    "Fn::Equals": lambda one, other: str(one) == str(other),
    "Fn::Not": lambda one: not one,
    "Fn::Join": lambda between, parts: between.join(map(str, parts)),
    "Fn::Split": lambda at, text: text.split(at),
    "Fn::Select": lambda index, parts: parts[int(index)],
}
