# SPDX-License-Identifier: Apache-2.0
"""Tells whether a TIFF is cut short, from its own directories: for files whose size nobody announces.

Source: TIFF revision 6.0, sections 2, 8 and 15; the BigTIFF design of libtiff. Read 2026-11.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from attrs import frozen

__all__ = ["is_whole_tiff"]

_TYPES: Final = {3: "H", 4: "I", 16: "Q"}
"""Unsigned integers of 2, 4 and 8 bytes."""
_PIECES: Final = {273: 279, 324: 325}
"""Where strips and tiles begin; the tags of how long they are."""
_MOST_DIRECTORIES: Final = 512
_MOST_PIECES: Final = 16 * 1024 * 1024


class _CutShort(Exception):
    """Something lies beyond the end, or the file is no TIFF."""


@frozen
class _Reader:
    """A TIFF's numbers, in its own byte order and width."""

    file: IO[bytes]
    size: int
    order: str
    is_big: bool

    def numbers(self, at: int, kind: str, count: int) -> tuple[int, ...]:
        """Read integers."""
        layout = f"{self.order}{count}{kind}"
        length = struct.calcsize(layout)
        if count > _MOST_PIECES or at < 0 or at + length > self.size:
            raise _CutShort
        self.file.seek(at)
        found = self.file.read(length)
        if len(found) < length:
            raise _CutShort
        return struct.unpack(layout, found)

    @property
    def word(self) -> str:
        """Layout of an offset."""
        return "Q" if self.is_big else "I"

    def directories(self) -> Iterator[int]:
        """Yield where each directory begins."""
        (at,) = self.numbers(8 if self.is_big else 4, self.word, 1)
        seen: set[int] = set()
        while at and at not in seen and len(seen) < _MOST_DIRECTORIES:
            seen.add(at)
            yield at
            entries, first = self.entries(at)
            (at,) = self.numbers(first + entries * (20 if self.is_big else 12), self.word, 1)
        if not seen:
            raise _CutShort

    def entries(self, at: int) -> tuple[int, int]:
        """Give how many entries a directory has, and where they begin."""
        (count,) = self.numbers(at, "Q" if self.is_big else "H", 1)
        return count, at + (8 if self.is_big else 2)

    def lists(self, at: int) -> dict[int, tuple[int, ...]]:
        """Read a directory's lists of where pieces are and how long."""
        entries, first = self.entries(at)
        width = 20 if self.is_big else 12
        wanted = {*_PIECES, *_PIECES.values()}
        found: dict[int, tuple[int, ...]] = {}
        for place in range(first, first + entries * width, width):
            tag, kind = self.numbers(place, "H", 2)
            if tag not in wanted or kind not in _TYPES:
                continue
            (count,) = self.numbers(place + 4, self.word, 1)
            values = place + (12 if self.is_big else 8)
            if struct.calcsize(f"={_TYPES[kind]}") * count > (8 if self.is_big else 4):
                (values,) = self.numbers(values, self.word, 1)
            found[tag] = self.numbers(values, _TYPES[kind], count)
        return found


def is_whole_tiff(path: Path) -> bool:
    """Whether a file is a TIFF and everything that its directories name lies within it.

    Args:
        path: Local file; it need not exist. Only directories are read.
    """
    try:
        with path.open("rb") as file:
            return _is_whole(file, os.fstat(file.fileno()).st_size)
    except (OSError, _CutShort, struct.error):
        return False


def _is_whole(file: IO[bytes], size: int) -> bool:
    head = file.read(4)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 4:
        return False
    (magic,) = struct.unpack(f"{order}H", head[2:])
    if magic not in {42, 43}:
        return False
    reader = _Reader(file, size, order, magic == 43)
    for at in reader.directories():
        lists = reader.lists(at)
        for begins, lengths in _PIECES.items():
            pieces = zip(lists.get(begins, ()), lists.get(lengths, ()), strict=False)
            if any(begin + length > size for begin, length in pieces):
                return False
    return True
