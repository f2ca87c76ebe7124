"""What the template says of each resource, with the stack's parameters and resources put in.

The intrinsic functions that our template uses, as CloudFormation documents them:
docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from doctor.stack import Stack

_PLACE = re.compile(r"\$\{([^!}][^}]*)\}")
# What is no ARN by itself: the ARN of a resource whose physical id is its name or its URL.
_ARNS: Final = {
    "AWS::SQS::Queue": "sqs:{region}:{account}:{name}",
    "AWS::Events::Rule": "events:{region}:{account}:rule/{name}",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::KMS::Key": "kms:{region}:{account}:key/{name}",
    "AWS::CloudWatch::Alarm": "cloudwatch:{region}:{account}:alarm:{name}",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{name}:*",
}


class _Unknown:
    """A value that only AWS knows, and every text of which it is a part."""

    def __repr__(self) -> str:
        return "what only AWS knows"


UNKNOWN: Final = _Unknown()


class Template:
    """The template of one stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._sections = stack.template
        self._pseudo = {
            "AWS::Partition": stack.partition,
            "AWS::Region": stack.region,
            "AWS::AccountId": stack.account,
            "AWS::StackName": stack.name,
            "AWS::StackId": stack.arn,
            "AWS::URLSuffix": "amazonaws.com.cn"
            if stack.partition == "aws-cn"
            else "amazonaws.com",
            "AWS::NoValue": None,
        }

    def resources(self) -> Iterator[tuple[str, str]]:
        """Logical id and type of each resource whose condition holds."""
        for logical_id, one in self._sections.get("Resources", {}).items():
            if "Condition" not in one or self.holds(one["Condition"]):
                yield logical_id, one["Type"]

    def properties(self, logical_id: str) -> dict[str, Any]:
        """Its properties; None for what is left out by `AWS::NoValue`, or `UNKNOWN`."""
        given: dict[str, Any] = self._sections["Resources"][logical_id].get("Properties", {})
        return {name: self.value(one) for name, one in given.items()}

    def holds(self, condition: str) -> bool:
        return bool(self.value(self._sections["Conditions"][condition]))

    def value(self, value: Any) -> Any:
        """What a part of the template is worth; `UNKNOWN` where only AWS knows."""
        if isinstance(value, list):
            values = [(self.value(one), one) for one in value]
            # A null that the template itself has, as a rule's pattern may, stays.
            return [new for new, one in values if new is not None or one is None]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name in {"Ref", "Condition"} or name.startswith("Fn::"):
                return self._call(name, argument)
        return {name: self.value(one) for name, one in value.items()}

    def _call(self, name: str, argument: Any) -> Any:
        match name, argument:
            case "Ref", str():
                return self._reference(argument)
            case "Condition", str():
                return self.holds(argument)
            case "Fn::GetAtt", str():
                return self._attribute(*argument.split(".", 1))
            case "Fn::GetAtt", [logical_id, attribute]:
                return self._attribute(logical_id, attribute)
            case "Fn::If", [condition, then, otherwise]:
                return self.value(then if self.holds(condition) else otherwise)
            case "Fn::Sub", str():
                return self._substituted(argument, {})
            case "Fn::Sub", [text, names]:
                return self._substituted(text, self.value(names))
        arguments = self.value(argument)
        members = [
            one for each in arguments for one in (each if isinstance(each, list) else [each])
        ]
        if UNKNOWN in members:
            return UNKNOWN
        match name, arguments:
            case "Fn::Join", [separator, parts]:
                return separator.join(map(str, parts))
            case "Fn::Split", [separator, text]:
                return text.split(separator)
            case "Fn::Select", [index, parts]:
                return parts[int(index)]
            case "Fn::FindInMap", [mapping, first, second]:
                return self._sections["Mappings"][mapping][first][second]
            case "Fn::Equals", [one, other]:
                return str(one) == str(other)
            case "Fn::Not", [one]:
                return not one
            case "Fn::Or", _:
                return any(arguments)
            case "Fn::And", _:
                return all(arguments)
        return UNKNOWN

    def _reference(self, name: str) -> Any:
        if name in self._pseudo:
            return self._pseudo[name]
        if name in self._stack.parameters:
            value = self._stack.parameters[name]
            listed = self._sections["Parameters"][name]["Type"].startswith(("Comma", "List"))
            return value.split(",") if listed else value
        return self._stack.resources.get(name, UNKNOWN)

    def _attribute(self, logical_id: str, attribute: str) -> Any:
        physical = self._stack.resources.get(logical_id)
        if physical is not None and attribute == "Arn":
            return physical if physical.startswith("arn:") else self._arn(logical_id, physical)
        if physical is not None and attribute in {"QueueName", "Name", "Version"}:
            return re.split("[:/]", physical)[-1]
        return UNKNOWN

    def _arn(self, logical_id: str, physical: str) -> Any:
        kind = self._sections["Resources"][logical_id]["Type"]
        if kind not in _ARNS:
            return UNKNOWN
        # A queue's id is its URL; that of a rule on another bus than the default one is "bus|rule".
        name = physical.rpartition("/")[2] if kind == "AWS::SQS::Queue" else physical
        parts = {"region": self._stack.region, "account": self._stack.account}
        rest = _ARNS[kind].format(name=name.replace("|", "/"), **parts)
        return f"arn:{self._stack.partition}:{rest}"

    def _substituted(self, text: str, names: Mapping[str, Any]) -> Any:
        def value(place: str) -> Any:
            if place in names:
                return names[place]
            return self._attribute(*place.split(".", 1)) if "." in place else self._reference(place)

        values = {place: value(place) for place in _PLACE.findall(text)}
        if UNKNOWN in values.values():
            return UNKNOWN
        return _PLACE.sub(lambda found: str(values[found[1]]), text).replace("${!", "${")
