"""The official SDK's signing and verifying, as a process: a JSON line in, a JSON line out.

It runs in an environment of its own, since the SDK pins libraries that nothing else here needs.
"""

from __future__ import annotations

import json
import sys

from com.alipay.ams.api.default_alipay_client import DefaultAlipayClient
from com.alipay.ams.api.exception.exception import AlipayApiException
from com.alipay.ams.api.tools import signature_tool


def verify(path: str, headers: list[tuple[str, str]], body: str, public_key: str) -> str:
    """What the SDK's client says of a message with these headers (of an answer, by their names).

    Empty if the signature verifies.
    """
    client = DefaultAlipayClient("", "SANDBOX_", "", public_key)
    read, judge = (
        "_DefaultAlipayClient__parse_header",
        "_DefaultAlipayClient__assert_response_verified",
    )
    try:
        signature, time, client_id = getattr(client, read)(headers)
        getattr(client, judge)("POST", path, client_id, time, body, signature)
    except AlipayApiException as error:
        return str(error)
    return ""


def sign(path: str, client_id: str, time: str, body: str, private_key: str) -> str:
    """The value of a Signature header, composed as the SDK's client composes it."""
    signature = signature_tool.sign("POST", path, client_id, time, body, private_key)
    return f"algorithm=RSA256,keyVersion=1,signature={signature}"


def main() -> None:
    for line in sys.stdin:
        name, arguments = json.loads(line)
        print(json.dumps({"verify": verify, "sign": sign}[name](*arguments)), flush=True)


if __name__ == "__main__":
    main()
