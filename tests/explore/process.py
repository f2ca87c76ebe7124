"""The real handler as a process: given what it was answered so far, what does it do next?

It can be run again from its beginning with the same answers and stopped at its next step; between
two steps the world may do whatever it likes. What has been run once is remembered.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from cancel_payment import app
from cancel_payment.clock import Deadline
from cancel_payment.settings import Settings

from tests.explore.seams import (
    DEAD_LETTERS,
    QUEUE,
    STATE_MACHINE,
    Action,
    Answered,
    Clients,
    Credentials,
    Gateway,
    Inline,
    Responses,
    Script,
    Stopped,
    guessed,
)
from tests.explore.values import BrokenPromiseError, Message, Moment, Worker

INVOCATION_SECONDS = 30.0
_SETTINGS = {
    "ALIPAY_GATEWAY_URL": "https://gateway.example",
    "ALIPAY_CREDENTIALS_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:111122223333:secret:keys",
    "PAYMENT_TIMEOUTS_QUEUE_URL": QUEUE,
    "PAYMENT_TIMEOUTS_DLQ_URL": DEAD_LETTERS,
    "TRACKER_STATE_MACHINE_ARN": STATE_MACHINE,
    "OUTCOME_BUS_NAME": "outcomes",
}


class Process:
    """Runs the handler.

    Parameters
    ----------
    start
        The moment that the world counts from.
    random
        The jitter, always: 0 is the least, 1 the most.
    """

    def __init__(self, start: datetime, random: float) -> None:
        self._start, self._random = start, random
        self._known: dict[Any, Action] = {}
        self._settings = Settings.from_environment(_SETTINGS)

    def next(self, records: tuple[Message, ...], began: Moment, responses: Responses) -> Action:
        """The step that follows, for an invocation with these records that began at this moment."""
        key = (records, began, responses)
        if key not in self._known:
            self._run(records, began, responses)
        return self._known[key]

    def outlook(self, worker: Worker, answered: Answered, now: Moment) -> tuple[Action, ...]:
        """What the handler does after this answer if nothing fails, without texts."""
        responses = (*worker.responses, (answered, now))
        actions = []
        while True:
            action = self.next(worker.records, worker.began, responses)
            actions.append(_without_texts(action))
            guess = guessed(action.kind)
            if action.kind == "return" or guess is None:
                return tuple(actions)
            responses = (*responses, (guess, now))

    def _run(self, records: tuple[Message, ...], began: Moment, responses: Responses) -> None:
        script = Script(self._start, began, responses)
        try:
            with _nothing_for_people():
                kept = self._cancellation(script).of_batch(
                    [_record(one, self._start) for one in records],
                    Deadline(script, INVOCATION_SECONDS),
                )
            script.actions.append(Action("return", tuple(sorted(kept))))
        except Stopped:
            pass
        except Exception as error:
            raise BrokenPromiseError(f"the handler raises {error!r}") from error
        for steps in range(len(responses), len(script.actions)):
            key = (records, began, tuple(script.given[:steps]))
            self._known[key] = script.actions[steps]

    def _cancellation(self, script: Script) -> Any:
        clients: Any = Clients(script)
        gateway: Any = Gateway(script)
        credentials: Any = Credentials(script)

        def jitter(least: timedelta, most: timedelta) -> timedelta:
            return least + (most - least) * self._random

        return app.assemble(self._settings, clients, gateway, script, jitter, Inline(), credentials)


@contextmanager
def _nothing_for_people() -> Iterator[None]:
    """No log lines and no metrics: nothing reads them here, and they take most of the time."""
    logging.disable(logging.CRITICAL)
    try:
        with patch.object(app, "report", lambda *_: None):
            yield
    finally:
        logging.disable(logging.NOTSET)


def _without_texts(action: Action) -> Action:
    match action.kind, action.entries:
        case "heard", (named, _):
            return Action("heard", (named,))
        case "send_task_success", ({"taskToken": token, "output": text},):
            output = {k: v for k, v in json.loads(text).items() if k != "resultCode"}
            return Action("send_task_success", (token, output))
    return action


def _record(message: Message, start: datetime) -> dict[str, Any]:
    first = start + timedelta(milliseconds=message.first_received) - datetime.fromtimestamp(0, UTC)
    return {
        "messageId": message.id,
        "receiptHandle": message.id,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.receives),
            "ApproximateFirstReceiveTimestamp": str(first // timedelta(milliseconds=1)),
        },
    }
