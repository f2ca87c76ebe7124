"""AWS, read only: every call is a Get, a List or a Describe, and is made once."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from doctor.failures import read_errors

_READS: Final = ("get_", "list_", "describe_")


class Aws:
    """One account and region, as the session's credentials see it.

    Attributes
    ----------
    ahead
        Seconds by which AWS's clock is ahead of this machine's, by the first answer; None before.
    """

    def __init__(self, session: boto3.session.Session, endpoint_url: str | None = None) -> None:
        self._session = session
        self._endpoint_url = endpoint_url
        self._clients: dict[str, Any] = {}
        self._answers: dict[tuple[str, ...], Any] = {}
        self.ahead: float | None = None

    def read(self, service: str, operation: str, **parameters: Any) -> Any:
        """What one call answers; asked again, the same answer.

        Parameters
        ----------
        operation
            As boto3 names it.

        Raises
        ------
        ReadError, Unusable
        """

        def call(client: Any) -> Any:
            began = time.time()
            answer = getattr(client, operation)(**parameters)
            self._set_clock(answer["ResponseMetadata"]["HTTPHeaders"], began)
            return answer

        return self._once(service, operation, parameters, call)

    def read_all(self, service: str, operation: str, field: str, **parameters: Any) -> list[Any]:
        """All entries of one field, over all pages; asked again, the same."""

        def call(client: Any) -> list[Any]:
            pages = client.get_paginator(operation).paginate(**parameters)
            return [entry for page in pages for entry in page[field]]

        found: list[Any] = self._once(service, operation, parameters, call)
        return found

    def _once(
        self, service: str, operation: str, parameters: dict[str, Any], call: Callable[[Any], Any]
    ) -> Any:
        if not operation.startswith(_READS):
            raise ValueError(f"{operation} is not a read")
        key = (service, operation, repr(sorted(parameters.items())))
        if key not in self._answers:
            with read_errors(service, operation):
                self._answers[key] = call(self._client(service))
        return self._answers[key]

    @property
    def region(self) -> str:
        """Where the stack is looked for."""
        with read_errors("cloudformation", "describe_stacks"):
            return str(self._client("cloudformation").meta.region_name)

    @property
    def emulated(self) -> bool:
        """Whether an emulation on this machine answers in place of AWS."""
        with read_errors("cloudformation", "describe_stacks"):
            url = self._client("cloudformation").meta.endpoint_url
        return is_loopback(urlsplit(url).hostname or "")

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            config = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 3})
            # The typed forms of this call want the service's name to be known.
            make: Any = self._session.client
            made = make(service, endpoint_url=self._endpoint_url, config=config)
            self._clients[service] = made
        return self._clients[service]

    def _set_clock(self, headers: dict[str, str], began: float) -> None:
        if self.ahead is None and "date" in headers:
            said = parsedate_to_datetime(headers["date"]).timestamp()
            # A date is cut off to the second: on average half a second is missing.
            self.ahead = said + 0.5 - (began + time.time()) / 2


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
