# SPDX-License-Identifier: Apache-2.0
"""Tells from a TIFF's own directories whether it is cut short, and where on the earth its pixels lie.

Source: TIFF revision 6.0, sections 2, 8 and 15; the BigTIFF design of libtiff; OGC GeoTIFF 1.1. Read 2026-11.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final

from attrs import frozen

from swath.stac.names import PROJ_CODE, PROJ_SHAPE, PROJ_TRANSFORM

__all__ = ["is_whole_tiff", "place_of_tiff"]

_TYPES: Final = {3: "H", 4: "I", 12: "d", 16: "Q"}
"""Unsigned integers of 2, 4 and 8 bytes, and floating-point numbers."""
_PIECES: Final = {273: 279, 324: 325}
"""Where strips and tiles begin; the tags of how long they are."""
_WIDTH, _HEIGHT = 256, 257
_PIXEL_SCALE, _TIE_POINTS, _MATRIX, _GEO_KEYS = 33550, 33922, 34264, 34735
_RASTER_KIND, _GEOGRAPHIC, _PROJECTED = 1025, 2048, 3072
"""GeoTIFF's keys: whether a place is a pixel's corner or centre, and the codes of the CRS."""
_POINT: Final = 2
_OWN_CRS: Final = 32767
"""A CRS that no code names."""
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

    def numbers(self, at: int, kind: str, count: int) -> tuple[Any, ...]:
        """Read numbers."""
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

    def lists(self, at: int, wanted: Collection[int]) -> dict[int, tuple[Any, ...]]:
        """Read some of a directory's lists of numbers, by tag."""
        entries, first = self.entries(at)
        width = 20 if self.is_big else 12
        found: dict[int, tuple[Any, ...]] = {}
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


def place_of_tiff(path: Path) -> dict[str, Any]:
    """Read where a GeoTIFF's pixels lie, in STAC's words.

    Args:
        path: Local file.

    Returns:
        ``proj:code``, ``proj:shape`` (rows, columns) and ``proj:transform`` (pixel to CRS), as far as the file tells
        them plainly: a CRS without a code and ground control points are left out. Nothing for what is no TIFF.
    """
    try:
        with path.open("rb") as file:
            reader = _reader(file, os.fstat(file.fileno()).st_size)
            wanted = {_WIDTH, _HEIGHT, _PIXEL_SCALE, _TIE_POINTS, _MATRIX, _GEO_KEYS}
            return _place(reader.lists(next(reader.directories()), wanted))
    except (OSError, _CutShort, struct.error):
        return {}


def _place(lists: Mapping[int, tuple[Any, ...]]) -> dict[str, Any]:
    keys = lists.get(_GEO_KEYS, ())
    entries = zip(*(keys[4 + at :: 4] for at in range(4)), strict=False)
    told = {key: value for key, place, _, value in entries if not place}
    code = told.get(_PROJECTED) or told.get(_GEOGRAPHIC)
    scale, ties, matrix = (lists.get(tag, ()) for tag in (_PIXEL_SCALE, _TIE_POINTS, _MATRIX))
    if not code or code == _OWN_CRS or not {_WIDTH, _HEIGHT} <= lists.keys():
        return {}
    if len(matrix) == 16:
        a, b, c, d, e, f = matrix[0], matrix[1], matrix[3], matrix[4], matrix[5], matrix[7]
    elif len(scale) == 3 and len(ties) == 6:
        a, b, d, e = scale[0], 0.0, 0.0, -scale[1]
        c, f = ties[3] - ties[0] * a, ties[4] - ties[1] * e
    else:
        return {}
    if told.get(_RASTER_KIND) == _POINT:
        c, f = c - (a + b) / 2, f - (d + e) / 2
    shape = [lists[_HEIGHT][0], lists[_WIDTH][0]]
    return {PROJ_CODE: f"EPSG:{code}", PROJ_SHAPE: shape, PROJ_TRANSFORM: [a, b, c, d, e, f]}


def _reader(file: IO[bytes], size: int) -> _Reader:
    head = file.read(4)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 4:
        raise _CutShort
    (magic,) = struct.unpack(f"{order}H", head[2:])
    if magic not in {42, 43}:
        raise _CutShort
    return _Reader(file, size, order, magic == 43)


def _is_whole(file: IO[bytes], size: int) -> bool:
    reader = _reader(file, size)
    for at in reader.directories():
        lists = reader.lists(at, {*_PIECES, *_PIECES.values()})
        for begins, lengths in _PIECES.items():
            pieces = zip(lists.get(begins, ()), lists.get(lengths, ()), strict=False)
            if any(begin + length > size for begin, length in pieces):
                return False
    return True
