# SPDX-License-Identifier: Apache-2.0
"""Objects of a bucket as files that are read piece by piece, each piece with credentials that are good right then."""

from __future__ import annotations

import io
from typing import Any, Final

from swath_cecil._api.storage import Store, Stored

__all__ = ["RangeFile"]

_BLOCK: Final = 256 * 1024
"""Bytes that are asked for at once, at least; smaller files come whole."""
_KEPT: Final = 64
"""Blocks that are kept."""


class RangeFile(io.RawIOBase):
    """One object, for reading. Used by one thread at a time.

    Args:
        store: The bucket.
        stored: The object, whose size is known.
    """

    def __init__(self, store: Store[Any], stored: Stored) -> None:
        super().__init__()
        self._store = store
        self._stored = stored
        self._at = 0
        self._blocks: dict[int, bytes] = {}

    @property
    def name(self) -> str:
        """Of the object."""
        return self._stored.key.rpartition("/")[2]

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Give the position."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._stored.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Read what fits."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        """Read the rest."""
        return self.read(-1)

    def read(self, size: int | None = -1) -> bytes:
        """Read so many bytes, or the rest."""
        end = self._stored.size if size is None or size < 0 else min(self._at + size, self._stored.size)
        if end <= self._at:
            return b""
        first, last = self._at // _BLOCK, (end - 1) // _BLOCK
        self._fetch(first, last)
        data = b"".join(self._blocks[one] for one in range(first, last + 1))
        begun = self._at - first * _BLOCK
        found = data[begun : begun + end - self._at]
        self._at += len(found)
        return found

    def _fetch(self, first: int, last: int) -> None:
        """Have blocks at hand, those that are missing by one request."""
        missing = [one for one in range(first, last + 1) if one not in self._blocks]
        if not missing:
            return
        if len(self._blocks) + len(missing) > _KEPT:
            self._blocks = {at: held for at, held in self._blocks.items() if first <= at <= last}
        start, end = missing[0] * _BLOCK, min((missing[-1] + 1) * _BLOCK, self._stored.size)
        whole = start == 0 and end == self._stored.size
        data = self._store.read(self._stored.key) if whole else self._store.read(self._stored.key, start, end)
        if len(data) != end - start:
            raise OSError(f"{self.name}: {len(data)} bytes came instead of {end - start}")
        for at in range(missing[0], missing[-1] + 1):
            begun = at * _BLOCK - start
            self._blocks[at] = data[begun : begun + _BLOCK]
