"""What a queue's policy lets in and keeps out. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any


def is_tls_only(policy: str | None) -> bool:
    """Whether it denies everybody everything that does not come by TLS."""
    return any(
        one["Effect"] == "Deny"
        and one.get("Principal") in ("*", {"AWS": "*"})
        and {"sqs:*", "SQS:*", "*"} & set(_listed(one.get("Action")))
        and _equals(one, "Bool", "aws:SecureTransport") == ["false"]
        for one in _statements(policy)
    )


def lets_in(policy: str | None, service: str, source_arn: str) -> bool:
    """Whether it lets a service send for one source: a rule, a topic."""
    return any(
        one["Effect"] == "Allow"
        and isinstance(one.get("Principal"), dict)
        and service in _listed(one["Principal"].get("Service"))
        and {"sqs:SendMessage", "SQS:SendMessage", "sqs:*"} & set(_listed(one.get("Action")))
        and (not one.get("Condition") or source_arn in _sources(one))
        for one in _statements(policy)
    )


def _sources(statement: Mapping[str, Any]) -> list[str]:
    conditions = ("ArnEquals", "ArnLike", "StringEquals")
    return [arn for one in conditions for arn in _equals(statement, one, "aws:SourceArn")]


def _equals(statement: Mapping[str, Any], operator: str, key: str) -> list[str]:
    conditions = statement.get("Condition", {}).get(operator, {})
    # Keys of conditions are read in either case.
    return [
        str(value).lower() if operator == "Bool" else value
        for name, values in conditions.items()
        if name.lower() == key.lower()
        for value in _listed(values)
    ]


def _statements(policy: str | None) -> Iterator[Mapping[str, Any]]:
    if policy:
        yield from _listed(json.loads(policy)["Statement"])


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
