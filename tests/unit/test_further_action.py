"""What the ACQP does next, by code: the reference's table."""

from __future__ import annotations

import pytest
from cancel_payment.result_codes import further_action

SUPPORT = "connect_support@service.alipay.com"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("CANCEL_WINDOW_EXCEED", ["refund"]),
        ("PROCESS_FAIL", ["Do not retry", SUPPORT]),
        ("ACCESS_DENIED", [SUPPORT]),
        ("INVALID_CLIENT", [SUPPORT]),
        ("KEY_NOT_FOUND", [SUPPORT]),
        ("INVALID_SIGNATURE", ["key", "signed message", "signature algorithm"]),
        ("MEDIA_TYPE_NOT_ACCEPTABLE", ["media type"]),
        ("METHOD_NOT_SUPPORTED", ["POST"]),
        ("NO_INTERFACE_DEF", ["URL"]),
        ("PARAM_ILLEGAL", ["header", "body", "parameters"]),
        ("ORDER_STATUS_INVALID", [SUPPORT]),
        ("", [SUPPORT]),
    ],
)
def test_failure_names_the_next_step_of_the_reference(code: str, words: list[str]) -> None:
    assert all(word in further_action(code) for word in words)


def test_refund_asks_for_the_payments_result_first() -> None:
    action = further_action("CANCEL_WINDOW_EXCEED")
    assert action.lower().index("inquire") < action.lower().index("refund")
