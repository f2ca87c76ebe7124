"""With all that a company may ask for, the stack deploys and cancels as without it."""

from __future__ import annotations

import pytest

from sandbox.run.session import PARAMETERS
from tests.support.stack import started
from tests.template.options import OPTIONS

pytestmark = pytest.mark.stack

# Those whose types the embedded AWS knows. That it enforces none of them is another matter: the
# policies are judged by the IAM simulator, and docs/going-live.md says what only an account shows.
KNOWN = ("key of the secret", "VPC", "permissions boundary", "key of the data", "code signing")
KNOWN += ("e-mail", "name of the queue")


def test_a_payment_is_cancelled_with_all_options_that_the_embedded_aws_knows() -> None:
    chosen = {name: value for option in KNOWN for name, value in OPTIONS[option].items()}
    with started("test-options", parameters=PARAMETERS | chosen) as world:
        world.expire("SUCCEEDS", "THROTTLED-1-a")
        world.cancelled("SUCCEEDS", "THROTTLED-1-a")
        assert world.execution("THROTTLED-1-a")["status"] == "SUCCEEDED"
