"""The definition as it is deployed; read here, judged elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
FILE: Final = ROOT / "statemachine" / "cancel_until_cutoff.asl.json"

type State = dict[str, Any]


def load(closing_call_seconds: int = 900, file: Path = FILE) -> dict[str, Any]:
    """The definition with its placeholders filled in, as the deployment does.

    Raises
    ------
    KeyError
        The definition has a placeholder that is not known here.
    """
    values = {
        "PaymentTimeoutsQueueUrl": "queue-url",
        "OutcomeBusName": "outcome-bus",
        "Partition": "aws",
        "ClosingCallSeconds": str(closing_call_seconds),
    }
    text = re.sub(r"\$\{(\w+)\}", lambda found: values[found[1]], file.read_text("utf-8"))
    definition: dict[str, Any] = json.loads(text)
    return definition
