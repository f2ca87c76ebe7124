"""One logger and one set of metrics for the package.

Messages are lower-case facts; everything else is a key. Keys, tokens, signatures and message
bodies are never logged. No Tracer: it costs 700 ms of start-up even when disabled, and X-Ray on
the function itself needs none of it.
"""

from __future__ import annotations

import logging
import os
from typing import Final

from aws_lambda_powertools import Logger, Metrics

# The stack's name where it is deployed, so that two stacks share no metric.
_SERVICE: Final = os.environ.get("POWERTOOLS_SERVICE_NAME", "cancel-payment")

logger = Logger(service=_SERVICE)
metrics = Metrics(namespace="CancelPayment", service=_SERVICE)

# Under Lambda's JSON logging the root logger is at INFO, and these would add a line to each call.
for _library in ("httpx", "botocore"):
    logging.getLogger(_library).setLevel(logging.WARNING)
