"""Judge calls by a simulator of IAM that is not ours: @cloud-copilot/iam-simulate.

Where it and AWS are known to differ:

- `states:SendTaskSuccess` and `SendTaskFailure`: the service reference, and so the simulator, knows
  no resource for them. AWS's own denials name the state machine; they are judged on that.
- `kms:EncryptionContext:…`: it knows a key with a name of the caller's in it only by the form of
  the service reference. The ARN of a function's alias it takes for a version's, too.
  `simulate.mjs` says how both are judged nevertheless.
- Global condition keys: it takes every one for every call, whether or not the service sends it.
- Not in the template, and so not judged: boundaries and service control policies, policies of VPC
  endpoints, and those of keys and topics that the stack is given. Such a key has the policy that
  KMS gives it by default.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.node import Packages
from tests.template.policies.account import Account, Place, Statement
from tests.template.policies.calls import ACCOUNT, Call

ALLOWED: Final = "Allowed"
# A key's own policy decides whether policies of roles count at all.
_DEFAULT_KEY_POLICY: Final = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
_EVERYTHING: Final = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_PACKAGES = Packages(Path(__file__).resolve().parent)


def judge(cases: Sequence[tuple[Account, Call]]) -> list[str]:
    """The verdict on each call in its account: `Allowed`, `ImplicitlyDenied`, `ExplicitlyDenied`.

    Raises
    ------
    RuntimeError
        A call or a policy is one that AWS does not know: no such action, key or resource type.
    """
    _PACKAGES.install()
    documents: dict[str, int] = {}
    asked = [json.dumps(_request(account, call, documents)) for account, call in cases]
    # Most policies are the same in many accounts.
    distinct = list(dict.fromkeys(asked))
    content = {
        "documents": [json.loads(one) for one in documents],
        "calls": [json.loads(one) for one in distinct],
    }
    done = _PACKAGES.run(["simulate.mjs"], text=json.dumps(content), seconds=110)
    if done.returncode:
        raise RuntimeError(done.stderr)
    verdicts: dict[str, str] = dict(zip(distinct, json.loads(done.stdout), strict=True))
    if invalid := [f"{call}: {verdict}" for call, verdict in verdicts.items() if ":" in verdict]:
        raise RuntimeError("\n".join(invalid))
    return [verdicts[one] for one in asked]


def _request(account: Account, call: Call, documents: dict[str, int]) -> dict[str, Any]:
    """A call as the simulator takes it; each policy is sent once."""
    resource = account.arns.get(call.on, call.on)
    principal, identity = call.by, account.statements.get(Place("identity", call.by), [])
    if role := account.arns.get(call.by):
        name = role.rpartition("/")[2]
        principal = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/session"
    elif call.by.startswith("arn:"):
        identity = [_EVERYTHING]  # as far as their own account goes
    own = account.statements.get(Place("resource", call.on), [])
    if not own and resource.startswith("arn:aws:kms:"):
        own = [_DEFAULT_KEY_POLICY]
    keys = {name: _worth(account, value) for name, value in call.keys.items() if value != ()}
    return {
        "principal": principal,
        "action": call.action,
        "resource": resource,
        "account": resource.split(":")[4] if resource.startswith("arn:") else ACCOUNT,
        "identity": [_add(documents, identity)] if identity else [],
        "resourcePolicy": _add(documents, own) if own else None,
        "keys": {"aws:SecureTransport": "true", **keys},
    }


def _worth(account: Account, value: str | tuple[str, ...]) -> str | list[str]:
    if isinstance(value, tuple):
        return list(value)
    return account.arns.get(value, value)


def _add(documents: dict[str, int], statements: list[Statement]) -> int:
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, sort_keys=True)
    return documents.setdefault(text, len(documents))
