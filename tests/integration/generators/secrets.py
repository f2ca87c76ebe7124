"""Generated secrets: what people paste into them, and what can never be a key.

A secret is judged by what the function does with it in a fresh environment: one that has to be read
cancels a payment with a signature that our public key verifies; any other is refused by a sentence
in the log that names the field and what stands in it, and shows nothing of it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import strategies as st
from trustme import CA

from tests.support.aws import AwsDouble
from tests.support.function import environment
from tests.support.gateway import Gateway, Request
from tests.support.keys import KeyPair, bare, make_pair, secret_of
from tests.support.records import message, record
from tests.support.signer import PATH, Signer, success

type Draw = Callable[[st.SearchStrategy[Any]], Any]


@dataclass(frozen=True)
class Case:
    """A secret's text. If it is to be refused: the field to be named, and a pattern for what it is.

    `unusable` are the key versions that an error has to name although the secret is read.
    """

    kind: str
    text: str
    field: str = ""
    what: str = ""
    unusable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Material:
    """The keys of a run."""

    ours: KeyPair
    theirs: KeyPair

    @property
    def secret(self) -> dict[str, Any]:
        return secret_of(self.ours, self.theirs)

    @cached_property
    def no_private_keys(self) -> dict[str, tuple[object, str]]:
        """What cannot be the private key, and a pattern for what a sentence has to say of it."""
        pkcs8, locked = PrivateFormat.PKCS8, BestAvailableEncryption(b"password")
        curve = KeyPair(ec.generate_private_key(ec.SECP256R1()))
        edwards = ed25519.Ed25519PrivateKey.generate()
        weak, whole = make_pair(1024), self.ours.pkcs8
        lines = whole.splitlines()
        ssh = self._pem(PrivateFormat.OpenSSH, NoEncryption())
        return {
            "encrypted": (self._pem(pkcs8, locked), "encrypt"),
            "encrypted, PKCS #1": (self._pem(PrivateFormat.TraditionalOpenSSL, locked), "encrypt"),
            "of an elliptic curve": (curve.pkcs8, "EC|elliptic"),
            "of an elliptic curve, SEC 1": (curve.pkcs1, "EC|elliptic"),
            "of an elliptic curve, bare": (bare(curve.pkcs8), "EC|elliptic"),
            "Ed25519": (
                edwards.private_bytes(Encoding.PEM, pkcs8, NoEncryption()).decode(),
                "RSA|Ed25519",
            ),
            "1024 bits": (weak.pkcs8, "2048"),
            "1024 bits, bare": (bare(weak.pkcs1), "2048"),
            "a public key": (self.ours.spki, "public"),
            "a public key, bare": (bare(self.ours.spki), "public"),
            "a certificate": (CA().cert_pem.bytes().decode(), "certificate"),
            "for OpenSSH": (ssh, "OpenSSH|openssh"),
            "without its end": (whole[: len(whole) // 2], "cut|short|end|incomplete|whole"),
            "bare, without its end": (bare(whole)[:800], "cut|short|incomplete|whole"),
            "without lines": ("\n".join(lines[:6] + lines[9:]), ""),
            "without a letter": (bare(whole)[1:], ""),
            "of two keys": (self._of_two_keys(), ""),
            "words": ("correct horse battery staple", ""),
            "a placeholder": ("<PASTE YOUR KEY HERE>", ""),
            "a path": ("/home/somebody/private.pem", ""),
            "an empty text": ("", "missing|empty"),
            "null": (None, "missing|string|null"),
            "a number": (5, "string|number|text"),
            "an object": ({"kty": "RSA"}, "string|object|text"),
        }

    @cached_property
    def no_public_keys(self) -> dict[str, tuple[object, str]]:
        """What cannot be a public key of Alipay+'s."""
        curve = KeyPair(ec.generate_private_key(ec.SECP256R1()))
        return {
            "a private key": (self.ours.pkcs8, "private"),
            "a private key, bare": (bare(self.ours.pkcs1), "private"),
            "of an elliptic curve": (curve.spki, "EC|elliptic"),
            "1024 bits": (make_pair(1024).spki, "2048"),
            "a certificate": (CA().cert_pem.bytes().decode(), "certificate"),
            "without its end": (self.theirs.spki[:200], "cut|short|end|incomplete|whole"),
            "words": ("no key at all", ""),
            "an empty text": ("", ""),
            "null": (None, ""),
            "a number": (1, ""),
            "a list": ([self.theirs.spki], ""),
        }

    @cached_property
    def hidden(self) -> set[str]:
        """Parts of what must never be shown: eight letters in a row."""
        texts = [bare(self.ours.pkcs8), bare(self.theirs.spki), self.secret["agentToken"]]
        tables = (self.no_private_keys, self.no_public_keys)
        values = [value for table in tables for value, _ in table.values()]
        texts += [bare(one) for one in values if isinstance(one, str) and len(one) > 12]
        return {text[at : at + 8] for text in texts for at in range(len(text) - 7)}

    def _pem(self, form: PrivateFormat, encryption: Any) -> str:
        pem: bytes = self.ours.private.private_bytes(Encoding.PEM, form, encryption)
        return pem.decode()

    def _of_two_keys(self) -> str:
        mine, other = self.ours.private.private_numbers(), self.theirs.private.private_numbers()
        return KeyPair(
            rsa.RSAPrivateNumbers(
                mine.p, mine.q, other.d, other.dmp1, other.dmq1, mine.iqmp, mine.public_numbers
            ).private_key(unsafe_skip_rsa_key_validation=True)
        ).pkcs8


BEFORE = ["", "", "# from the developer centre\n", "\n\n", "subject=/CN=x\nissuer=/CN=y\n"]
BEFORE += ["Bag Attributes\n    friendlyName: alipay\nKey Attributes: <No Attributes>\n"]
LINE_BREAKS = ["\n", "\n", "\r\n", "\r", "", " ", "\\n", "\\r\\n", "\n\n", " \n"]
AROUND = [("", ""), ("", ""), ('"', '"'), ("'", "'"), ("\ufeff", ""), ("  ", " \n"), ("\n", "")]
AROUND += [
    ("\u201c", "\u201d"),
    ("\u201e", "\u201c"),
    ("\u2018", "\u2019"),
    ("\xab\xa0", "\xa0\xbb"),
]
AROUND += [("\u200b", "\u200b"), ("\u2060\u200d", "\u200c\n")]


def _pasted(draw: Draw, pair: KeyPair, private: bool) -> str:
    """A good key as somebody may have pasted it."""
    forms = [pair.pkcs8, pair.pkcs1] if private else [pair.spki, pair.pkcs1_public]
    if private:
        forms.append(pair.pkcs8.replace(" PRIVATE", " RSA PRIVATE"))
    text = draw(st.sampled_from(forms))
    if draw(st.booleans()):
        lines = text.splitlines()[1:-1]
        text = "\n".join(lines) if draw(st.booleans()) else "".join(lines)
    else:
        text = draw(st.sampled_from(BEFORE)) + text
    text = text.replace("\n", draw(st.sampled_from(LINE_BREAKS)))
    first, last = draw(st.sampled_from(AROUND))
    return f"{first}{text}{last}"


def _written(draw: Draw, fields: dict[str, Any]) -> str:
    """The secret's JSON as somebody may have written it."""
    if draw(st.booleans()):
        fields |= {"comment": "rotated in May", "privateKeyPassword": None}
    indent = draw(st.sampled_from([None, 2]))
    text = json.dumps(fields, indent=indent, ensure_ascii=draw(st.booleans()))
    return draw(st.sampled_from(["", "", "\ufeff", "\n"])) + text  # type: ignore[no-any-return]


def _with_a_stranger(draw: Draw, text: str) -> str:
    """The key with a character inside that no key has: a letter of another script, for one."""
    stranger = draw(st.characters(min_codepoint=0xA1, exclude_categories=["Cs", "Z"]))
    lines = text.splitlines(keepends=True)
    place = len(lines[0]) + draw(st.integers(1, 100)) if len(lines) > 1 else len(text) // 2
    return text[:place] + stranger + text[place:]


@st.composite
def readable(draw: Draw, material: Material) -> Case:
    """A secret that has to be read, some with an unusable public key beside the good one."""
    fields = material.secret
    fields["privateKey"] = _pasted(draw, material.ours, True)
    keys: dict[str, object] = {"1": _pasted(draw, material.theirs, False)}
    bad = draw(st.lists(st.sampled_from(sorted(material.no_public_keys)), max_size=2))
    for number, kind in enumerate(bad):
        keys[f"470{number}"] = material.no_public_keys[kind][0]
    if draw(st.booleans()):
        bad.append("with a stranger")
        form = draw(st.sampled_from([material.theirs.spki, bare(material.theirs.spki)]))
        keys[f"470{len(bad) - 1}"] = _with_a_stranger(draw, form)
    fields["alipayPublicKeys"] = keys if draw(st.booleans()) else dict(reversed(keys.items()))
    fields["keyVersion"] = draw(st.sampled_from(["1", 1, 17, "2026-05"]))
    token = draw(st.sampled_from([None, "", "keep", "absent"]))
    if token == "absent":
        del fields["agentToken"]
    elif token != "keep":
        fields["agentToken"] = token
    unusable = tuple(f"470{number}" for number in range(len(bad)))
    return Case(f"read, beside {bad}", _written(draw, fields), unusable=unusable)


@st.composite
def refused(draw: Draw, material: Material) -> Case:
    """A secret that cannot be used, for one reason."""
    fields = material.secret
    place = draw(st.sampled_from(["privateKey", "privateKey", "alipayPublicKeys", "text", "whole"]))
    if place == "privateKey":
        kind = draw(st.sampled_from([*sorted(material.no_private_keys), "with a stranger"]))
        form = draw(st.sampled_from([material.ours.pkcs8, bare(material.ours.pkcs8)]))
        stranger = (_with_a_stranger(draw, form), "")
        fields[place], what = material.no_private_keys.get(kind, stranger)
    elif place == "alipayPublicKeys":
        kind = draw(
            st.sampled_from([*sorted(material.no_public_keys), "empty", "no map", "absent"])
        )
        odd = {"empty": ({}, ""), "no map": (material.theirs.spki, ""), "absent": (None, "")}
        value, what = odd.get(kind) or material.no_public_keys[kind]
        fields[place] = value if kind in odd else {"4711": value}
    elif place == "text":
        place = draw(st.sampled_from(["clientId", "keyVersion", "agentToken"]))
        what, kind = "", draw(st.sampled_from(["a\r\nX: 1", "\u652f\u4ed8", "\x00", "a b", [], {}]))
        fields[place] = kind
    else:
        text = json.dumps(fields)
        broken = [text[:-1], f"[{text}]", json.dumps(text), "", "null", "[" * 50_000, text * 2]
        return Case("no JSON object", draw(st.sampled_from(broken)), "JSON")
    return Case(f"{place}: {kind!r}", _written(draw, fields), place, what)


def cases(material: Material) -> st.SearchStrategy[Case]:
    return readable(material) | refused(material)


def judge(case: Case, aws: AwsDouble, material: Material) -> None:
    """Give the function this secret; raises AssertionError."""
    signer = Signer(material.theirs.private, material.secret["clientId"])
    aws.calls.clear()
    aws.secret = case.text
    with (
        Gateway(lambda request: [signer.answer(success(request.payment))]) as gateway,
        environment(aws, gateway.url) as function,
    ):
        kept = function(record(message("P")))
    errors = [json.dumps(line) for line in function.logs if line["level"] in ("ERROR", "CRITICAL")]
    printed = "".join(errors)
    assert not any(part in printed for part in material.hidden), f"{case.kind}: a value is shown"
    if case.field:
        assert (len(kept), gateway.asked, aws.outcomes) == (1, [], []), case.kind
        named = [line for line in errors if case.field in line]
        assert named, f"{case.kind}: no error names {case.field}: {errors}"
        said = any(re.search(case.what, line) for line in named)
        assert said, f"{case.kind}: no error says what it is ({case.what}): {named}"
    else:
        assert kept == [], f"{case.kind}: {errors}"
        assert [detail["pspId"] for _, detail in aws.outcomes] == ["P"], case.kind
        _check_signature(gateway.requests[0], material)
        for version in case.unusable:
            assert any(version in line for line in errors), f"{case.kind}: {version}: {errors}"


def _check_signature(request: Request, material: Material) -> None:
    """Raises InvalidSignature unless the request is signed with our key, as protocol.md says."""
    (header,), (client,), (time,) = map(request.values, ("signature", "client-id", "request-time"))
    pairs = dict(pair.split("=", 1) for pair in header.split(","))
    content = f"POST {PATH}\n{client}.{time}.".encode() + request.body
    signature = base64.b64decode(unquote(pairs["signature"]), validate=True)
    public = material.ours.private.public_key()
    public.verify(signature, content, PKCS1v15(), SHA256())
