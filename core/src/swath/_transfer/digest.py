# SPDX-License-Identifier: Apache-2.0
"""Hashes bytes on their way, and files at rest."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from swath.stac.hashes import multihash, parse_multihash

__all__ = ["BLOCK_BYTES", "Digest", "announced_checksum", "hash_file"]

BLOCK_BYTES: Final = 128 * 1024
"""How much of a file is in memory at once."""
_NAMES: Final = ("repr-digest", "digest", "x-goog-hash", "content-md5")
_FIELDS: Final = {"sha-256": "sha256", "sha256": "sha256", "sha-512": "sha512", "sha512": "sha512", "md5": "md5"}


class Digest:
    """SHA-256 of what passes, and beside it the algorithm of a published checksum.

    Args:
        published: Multihash in hexadecimal to compare with at the end, or None.

    Raises:
        InputError: `published` is no multihash of a known algorithm.
    """

    def __init__(self, published: str | None = None) -> None:
        self.size = 0
        """Bytes so far."""
        self._sha256 = hashlib.sha256(usedforsecurity=False)
        self._algorithm, self._wanted = parse_multihash(published) if published else ("sha256", "")
        same = self._algorithm == "sha256"
        self._other = self._sha256 if same else hashlib.new(self._algorithm, usedforsecurity=False)

    def update(self, data: bytes | memoryview) -> None:
        """Take the next bytes."""
        self.size += len(data)
        self._sha256.update(data)
        if self._other is not self._sha256:
            self._other.update(data)

    @property
    def checksum(self) -> str:
        """SHA-256 as multihash."""
        return multihash("sha256", self._sha256.hexdigest())

    @property
    def found(self) -> str:
        """The published checksum's algorithm over what came, as multihash."""
        return multihash(self._algorithm, self._other.hexdigest())

    @property
    def matches(self) -> bool | None:
        """Whether it is what was published; None where nothing was."""
        return self._other.hexdigest() == self._wanted if self._wanted else None


def hash_file(
    path: Path, published: str | None = None, *, length: int | None = None, stop: threading.Event | None = None
) -> Digest:
    """Hash a file, or its first `length` bytes.

    Args:
        path: Local file.
        published: Multihash to compare with, or None.
        length: Bytes; None for all.
        stop: Ends it early when set; the digest is then of less.

    Raises:
        OSError: It cannot be read.
        InputError: `published` is no multihash.
    """
    digest = Digest(published)
    left = length
    with path.open("rb", buffering=0) as file:
        while (left is None or left > 0) and not (stop is not None and stop.is_set()):
            block = file.read(BLOCK_BYTES if left is None else min(BLOCK_BYTES, left))
            if not block:
                break
            digest.update(block)
            left = None if left is None else left - len(block)
    return digest


def announced_checksum(headers: Mapping[str, Any]) -> str | None:
    """Find the checksum of a whole body in its answer's headers.

    Args:
        headers: Of an answer of status 200 whose body is not encoded, names in lower case.

    Returns:
        Multihash of the strongest that is there, or None.

    Source:
        RFC 9530 (``Repr-Digest``), RFC 3230 (``Digest``), RFC 1864 (``Content-MD5``),
        https://cloud.google.com/storage/docs/xml-api/reference-headers (``x-goog-hash``), read 2026-11.
    """
    if not any(name in headers for name in _NAMES):
        return None
    said: dict[str, str] = {}
    for name in _NAMES[:-1]:
        for algorithm, value in re.findall(r"([A-Za-z0-9-]+)=:?([A-Za-z0-9+/]+=*):?", str(headers.get(name) or "")):
            said.setdefault(_FIELDS.get(algorithm.lower(), ""), value)
    said.setdefault("md5", str(headers.get("content-md5") or ""))
    for algorithm in ("sha512", "sha256", "md5"):
        try:
            raw = base64.b64decode(said.get(algorithm, ""), validate=True)
        except binascii.Error:
            continue
        if len(raw) == hashlib.new(algorithm, usedforsecurity=False).digest_size:
            return multihash(algorithm, raw.hex())
    return None
