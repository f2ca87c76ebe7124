"""Mistakes that only somebody else's tool finds, and that no rule of ours repeats.

What `make lint` finds nothing in is the template itself, translated with none and with all of its
options; the state machine's linter has its own test beside the state machine.
"""

from __future__ import annotations

import pytest
from samtranslator.model.exceptions import InvalidDocumentException

from tests.template import deployed, lint, options

# What cfn-lint says, and what somebody would write.
MISTAKES = {
    "E3030 'python3.99' is not one of": ("Runtime: python3.13", "Runtime: python3.99"),
    "E3030 'ReportBatchItemFailure' is not": (
        "[ReportBatchItemFailures]",
        "[ReportBatchItemFailure]",
    ),
    "W4001 'Stage' is not one of": (
        "Parameters: [Architecture,",
        "Parameters: [Stage, Architecture,",
    ),
    "I3011 'DeletionPolicy' is a required": (
        "    DeletionPolicy: RetainExceptOnCreate\n    UpdateReplacePolicy: Retain\n",
        "",
    ),
    "I3013 'MessageRetentionPeriod' is a": (
        "      MessageRetentionPeriod: 1209600 # 14 days\n",
        "",
    ),
}
POLICY_TEMPLATE = """      Policies:
        - SQSSenderPolicy: { QueueName: !GetAtt PaymentTimeoutsQueue.QueueName }
"""


def test_cfn_lint_finds_each_mistake() -> None:
    """All in one template: a run of cfn-lint takes seconds."""
    source = deployed.TEMPLATE.read_text("utf-8")
    for old, new in MISTAKES.values():
        assert old in source
        source = source.replace(old, new, 1)
    found = lint.cfn_lint(source)
    assert [one for one in MISTAKES if not any(text.startswith(one) for text in found)] == []


def test_the_transform_refuses_an_unknown_policy_template() -> None:
    role = "      Role: !GetAtt CancelPaymentRole.Arn\n"
    source = deployed.TEMPLATE.read_text("utf-8")
    assert role in source
    with pytest.raises(InvalidDocumentException):
        deployed.translate(source.replace(role, POLICY_TEMPLATE, 1), options.REQUIRED)
