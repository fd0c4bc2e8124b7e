# SPDX-License-Identifier: Apache-2.0
"""Tokens that are signed: JSON Web Tokens by RS256, with a key that is made when first needed."""

from __future__ import annotations

import base64
import functools
import json
import threading
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

__all__ = ["jwks", "read_token", "sign_token"]

_KEY_ID = "sandbox-1"


_one_at_a_time = threading.Lock()


def _key() -> RSAPrivateKey:
    # A cache alone lets two threads make a key each, and what the first has signed is no longer good.
    with _one_at_a_time:
        return _made_key()


@functools.cache
def _made_key() -> RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _number(value: int) -> str:
    return _encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def jwks() -> dict[str, Any]:
    """Give the key that signatures are checked with, as a JSON Web Key Set."""
    public = _key().public_key().public_numbers()
    key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": _KEY_ID, "n": _number(public.n), "e": _number(public.e)}
    return {"keys": [key]}


def sign_token(claims: dict[str, Any]) -> str:
    """Make a token of claims."""
    parts = ({"alg": "RS256", "typ": "JWT", "kid": _KEY_ID}, claims)
    text = ".".join(_encoded(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    return f"{text}.{_encoded(_key().sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def read_token(token: str) -> dict[str, Any] | None:
    """Give a token's claims; None where it was not signed here. Its end is not looked at."""
    text, _, signature = token.rpartition(".")
    try:
        _key().public_key().verify(_decoded(signature), text.encode(), padding.PKCS1v15(), hashes.SHA256())
        claims = json.loads(_decoded(text.partition(".")[2]))
    except (InvalidSignature, ValueError):
        return None
    return claims if isinstance(claims, dict) else None
