# SPDX-License-Identifier: Apache-2.0
"""Checksums as ``file:checksum`` writes them: multihashes in hexadecimal."""

from __future__ import annotations

import re
from typing import Final

from swath.errors import InputError

__all__ = ["multihash", "parse_multihash"]

_PREFIXES: Final = {
    "md5": ("d50110", 32),
    "sha1": ("1114", 40),
    "sha256": ("1220", 64),
    "sha384": ("2030", 96),
    "sha512": ("1340", 128),
}
"""Code and length bytes, and the digest's length in hexadecimal digits, by `hashlib`'s name.

Source: https://github.com/multiformats/multicodec table.csv, read 2026-11.
"""
_HINT = f"the algorithms known are: {', '.join(_PREFIXES)}"


def multihash(algorithm: str, hexdigest: str) -> str:
    """Write a checksum as multihash.

    Args:
        algorithm: `hashlib`'s name in any case, with or without hyphen: ``"md5"``, ``"SHA-256"``.
        hexdigest: The digest in hexadecimal, any case.

    Returns:
        Lower-case hexadecimal: ``"d50110"`` + MD5, ``"1114"`` + SHA-1, ``"1220"`` + SHA-256, ``"1340"`` + SHA-512.

    Raises:
        InputError: The algorithm is not known, or the digest is not of its length.
    """
    name = algorithm.lower().replace("-", "").replace("_", "")
    name = {"sha2256": "sha256", "sha2384": "sha384", "sha2512": "sha512"}.get(name, name)
    if name not in _PREFIXES:
        raise InputError(f"checksum algorithm {algorithm!r} is not known", hint=_HINT)
    prefix, length = _PREFIXES[name]
    digest = hexdigest.strip().lower()
    if not re.fullmatch(rf"[0-9a-f]{{{length}}}", digest):
        raise InputError(
            f"{hexdigest!r} is no {name} digest: that has {length} hexadecimal digits",
            hint="pass the digest in hexadecimal; decode a base64 digest first",
        )
    return prefix + digest


def parse_multihash(text: str) -> tuple[str, str]:
    """Read a multihash.

    Args:
        text: As in ``file:checksum``.

    Returns:
        `hashlib`'s name of the algorithm, and the digest in lower-case hexadecimal.

    Raises:
        InputError: It is no multihash, or of an algorithm that is not known.
    """
    value = text.strip().lower()
    for name, (prefix, length) in _PREFIXES.items():
        if value.startswith(prefix) and re.fullmatch(rf"[0-9a-f]{{{length}}}", value[len(prefix) :]):
            return name, value[len(prefix) :]
    raise InputError(f"{text!r} is no multihash in hexadecimal of a known algorithm", hint=_HINT)
