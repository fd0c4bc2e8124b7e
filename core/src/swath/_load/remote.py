# SPDX-License-Identifier: Apache-2.0
"""Files that are read where the provider keeps them, piece by piece, without being downloaded."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from typing import Any, Final, Protocol

from attrs import field, frozen

from swath.errors import LoadError

BLOCK: Final = 256 * 1024
"""Bytes that are asked for at once, at least."""
_KEPT: Final = 64 * 2**20
"""Bytes of blocks that are kept of one load: headers, above all, are looked at again and again."""


@frozen
class Piece:
    """Some bytes of a file."""

    data: bytes = field(repr=False)
    start: int
    size: int
    """Of the whole file."""


class Ranges(Protocol):
    """Where pieces come from. It pickles without any secret or link, for workers in other processes."""

    @property
    def blocks(self) -> Blocks:
        """What is at hand already."""

    def fetch(self, file: RemoteFile, start: int, end: int) -> Piece:
        """Fetch some bytes, through a link that is good right then.

        Args:
            file: Which file.
            start: First byte.
            end: Byte after the last; beyond the end of the file, less comes.

        Returns:
            From `start` on; of a server that gives no parts, the whole file.

        Raises:
            LoadError: They cannot be had; it names the item.
        """


@frozen(kw_only=True)
class RemoteFile:
    """One file of an order, by its place in the order and not by any link."""

    ranges: Ranges = field(repr=False, eq=False)
    href: str
    """Stands for the file in items and errors: ``swath://provider/order/item/name``. It holds no secret."""
    item: str | None
    name: str
    size: int | None = None
    """Bytes, where the provider says so."""
    checksum: str | None = None

    def read(self) -> bytes:
        """Read the whole file.

        Raises:
            LoadError: It cannot be had.
        """
        reader = RangeReader(self)
        data = reader.readall()
        if reader.failure is not None:
            raise reader.failure
        return data

    @property
    def identity(self) -> tuple[Any, ...]:
        """Tells this state of the file from others."""
        return (self.href, self.size, self.checksum)


class Blocks:
    """Blocks of files, the latest used of them, shared by the threads of one load."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._bytes = 0
        self._sizes: dict[str, int] = {}

    def size(self, href: str) -> int | None:
        """Give a file's size, where a piece of it has come."""
        return self._sizes.get(href)

    def get(self, href: str, number: int) -> bytes | None:
        """Give a block that is here."""
        with self._lock:
            found = self._kept.get((href, number))
            if found is not None:
                self._kept.move_to_end((href, number))
            return found

    def put(self, href: str, piece: Piece) -> None:
        """Take in a piece that begins at a block's first byte."""
        with self._lock:
            self._sizes[href] = piece.size
            for begun in range(0, len(piece.data), BLOCK):
                key = (href, (piece.start + begun) // BLOCK)
                data = piece.data[begun : begun + BLOCK]
                self._bytes += len(data) - len(self._kept.pop(key, b""))
                self._kept[key] = data
            while self._bytes > _KEPT and len(self._kept) > 1:
                self._bytes -= len(self._kept.popitem(last=False)[1])


class RangeReader(io.RawIOBase):
    """A remote file as Python has files. Used by one thread at a time.

    Args:
        file: What to read.
    """

    def __init__(self, file: RemoteFile) -> None:
        super().__init__()
        self._file = file
        self._at = 0
        self.failure: LoadError | None = None
        """Why bytes could not be had: GDAL takes no exceptions, so it is told that the file ends."""

    @property
    def name(self) -> str:
        """Of the file, as its order lists it."""
        return self._file.name

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
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at}.get(whence)
        try:
            self._at = max(0, (self._size() if base is None else base) + offset)
        except LoadError as err:
            self.failure = err
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
        """Read so many bytes, or the rest; nothing where they cannot be had, see `failure`."""
        try:
            return self._read(size)
        except LoadError as err:
            self.failure = err
            return b""

    def _read(self, size: int | None) -> bytes:
        whole = self._size()
        end = whole if size is None or size < 0 else min(self._at + size, whole)
        if end <= self._at:
            return b""
        first, last = self._at // BLOCK, (end - 1) // BLOCK
        data = b"".join(self._blocks(first, last))
        begun = self._at - first * BLOCK
        found = data[begun : begun + end - self._at]
        self._at += len(found)
        return found

    def _size(self) -> int:
        """Give the size of the file, as the server has it."""
        href, ranges = self._file.href, self._file.ranges
        known = ranges.blocks.size(href)
        if known is None:
            piece = ranges.fetch(self._file, 0, BLOCK)
            ranges.blocks.put(href, piece)
            known = piece.size
        return known

    def _blocks(self, first: int, last: int) -> list[bytes]:
        """Give blocks in a row, those that are missing by one request."""
        href, ranges = self._file.href, self._file.ranges
        found = {number: ranges.blocks.get(href, number) for number in range(first, last + 1)}
        missing = [number for number, data in found.items() if data is None]
        if missing:
            piece = ranges.fetch(self._file, missing[0] * BLOCK, (missing[-1] + 1) * BLOCK)
            ranges.blocks.put(href, piece)
            for number in range(missing[0], missing[-1] + 1):
                begun = number * BLOCK - piece.start
                found[number] = piece.data[begun : begun + BLOCK]
        return [data or b"" for data in found.values()]
