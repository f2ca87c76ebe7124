"""Where a call goes: the host of the gateway's URL, at its port or its scheme's."""

from __future__ import annotations

import socket
import ssl
from typing import Any, NoReturn
from unittest import mock

import httpx
import pytest
from cancel_payment.alipay.addresses import Addresses
from cancel_payment.clock import Deadline, SystemClock


@pytest.mark.parametrize(
    ("url", "port"),
    [("https://gw.example", 443), ("http://gw.example", 80), ("https://gw.example:8443", 8443)],
)
def test_port_is_that_of_the_url_or_of_its_scheme(url: str, port: int) -> None:
    asked = []

    def unknown(host: str, at: int, **_: Any) -> NoReturn:
        asked.append((host, at))
        raise socket.gaierror

    clock = SystemClock()
    addresses = Addresses(httpx.URL(url), ssl.create_default_context(), clock)
    with mock.patch.object(socket, "getaddrinfo", unknown), pytest.raises(httpx.ConnectError):
        addresses.connect(Deadline(clock, 8))
    assert asked == [("gw.example", port)]
