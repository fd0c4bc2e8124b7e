# SPDX-License-Identifier: Apache-2.0
"""A file while it is being written: ``.NAME.part``, which gets its name only when it is whole."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from attrs import evolve

from swath._transfer.digest import BLOCK_BYTES, Digest, hash_file
from swath._transfer.disk import disk_error, sync_folder, unfinished_path
from swath._transfer.record import Record, read_record
from swath.errors import TransferError
from swath.models import Asset, Verification

__all__ = ["Part", "lock_path", "part_path", "record_path"]

_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def part_path(path: Path) -> Path:
    """Where the bytes of `path` are until they are whole."""
    return path.with_name(f".{path.name}.part")


def record_path(path: Path) -> Path:
    """Where the progress record of `path` is."""
    return path.with_name(f".{path.name}.part.json")


def lock_path(path: Path) -> Path:
    """Where the lock of `path` is while someone writes it."""
    return path.with_name(f".{path.name}.part.lock")


class Part:
    """The part of one file, hashed as it grows. Hold the file's `Claim` while you use it.

    Only bytes that were on the disk when the record said so are continued from: a power cut may leave a part of the
    right length with zeros in it. So the record moves on after each sync, never before.

    Args:
        path: The final name.
        asset: What is to come.
        checkpoint_bytes: How much may have to be fetched again after the process was killed.

    Raises:
        DiskFull, TargetNotWritable: The part cannot be made.
        InputError: The asset's checksum is no multihash.
    """

    def __init__(self, path: Path, asset: Asset, *, checkpoint_bytes: int) -> None:
        self.path = path
        self._asset = asset
        self._checkpoint_bytes = checkpoint_bytes
        self._digest = Digest(asset.checksum)
        self.record = Record.of(asset)
        self._is_placed = False
        try:
            self._fd = os.open(part_path(path), _FLAGS, 0o666)
            unfinished_path(record_path(path)).unlink(missing_ok=True)
        except OSError as err:
            raise disk_error(err, path) from err

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(TransferError):  # what failed before is the better message
            self.keep()
        self._close()
        if not self._is_placed and (self.record.validator is None or not self.record.safe):
            self.discard()

    @property
    def offset(self) -> int:
        """Bytes that are there."""
        return self._digest.size

    @property
    def is_whole(self) -> bool:
        """Whether all bytes are there, as far as the server told how many there are."""
        return self.record.size is not None and self.offset == self.record.size

    @property
    def matches(self) -> bool | None:
        """Whether the checksum is the published one; None where none was published."""
        return self._digest.matches

    @property
    def checksum(self) -> str:
        """SHA-256 over what is there, as multihash."""
        return self._digest.checksum

    @property
    def found(self) -> str:
        """The checksum over what is there, by the algorithm of the published one."""
        return self._digest.found

    def resume(self) -> None:
        """Take up what an earlier run left, if it is of this very file and can be continued; hash it again.

        Raises:
            TransferError: The part cannot be read.
        """
        known = read_record(record_path(self.path))
        here = os.fstat(self._fd).st_size
        if known is None or known.done or known.validator is None or not known.fits(self._asset):
            return
        length = min(known.safe, here)
        if not length or (known.size is not None and length > known.size):
            return
        try:
            self._digest = hash_file(part_path(self.path), known.checksum, length=length)
            os.ftruncate(self._fd, length)
            os.lseek(self._fd, 0, os.SEEK_END)
        except OSError as err:
            raise disk_error(err, self.path) from err
        self.record = evolve(known, safe=length)

    def restart(self, *, validator: str | None = None, size: int | None = None, checksum: str | None = None) -> None:
        """Begin at the first byte.

        Args:
            validator: Strong validator of the answer whose body follows.
            size: Bytes that will come.
            checksum: Multihash from the answer's headers, used where the asset announces none.

        Raises:
            DiskFull, TargetNotWritable: It cannot be written.
        """
        wanted = self._asset.checksum or checksum
        self._digest = Digest(wanted)
        self.record = evolve(Record.of(self._asset), validator=validator, size=size, checksum=wanted)
        self.record.write(record_path(self.path))
        try:
            os.ftruncate(self._fd, 0)
            os.lseek(self._fd, 0, os.SEEK_SET)
        except OSError as err:
            raise disk_error(err, self.path) from err

    def continued(self, *, size: int | None) -> None:
        """Note what a partial answer says of the whole."""
        if size is not None:
            self.record = evolve(self.record, size=size)

    def write(self, data: bytes) -> None:
        """Append bytes.

        Raises:
            DiskFull, TargetNotWritable: They cannot be written.
        """
        left = memoryview(data)
        try:
            while left:
                block = left[:BLOCK_BYTES]
                written = os.write(self._fd, block)
                self._digest.update(block[:written])
                left = left[written:]
        except OSError as err:
            raise disk_error(err, self.path) from err
        if self.offset - self.record.safe >= self._checkpoint_bytes:
            self.keep()

    def keep(self) -> None:
        """Bring what is there onto the disk and note it, so that a later run continues from here.

        Raises:
            DiskFull, TargetNotWritable: It cannot be written.
        """
        if self.record.validator is None or self.record.done or self.offset == self.record.safe:
            return
        try:
            os.fsync(self._fd)
        except OSError as err:
            raise disk_error(err, self.path) from err
        self.record = evolve(self.record, safe=self.offset)
        self.record.write(record_path(self.path))

    def place(self, verified: Verification, *, journal: bool) -> str:
        """Give the file its name. It must be whole and checked.

        Args:
            verified: How far it was checked.
            journal: Whether the record stays until the item's JSON has taken it over.

        Returns:
            SHA-256 as multihash.

        Raises:
            DiskFull, TargetNotWritable: It cannot be written.
        """
        checksum = self._digest.checksum
        self.record = evolve(
            self.record, done=True, sha256=checksum, verified=verified, size=self.offset, safe=self.offset
        )
        try:
            os.fsync(self._fd)
            if journal:
                self.record.write(record_path(self.path))
            self._close()  # Windows renames no open file
            part_path(self.path).replace(self.path)
            self._is_placed = True
        except OSError as err:
            raise disk_error(err, self.path) from err
        sync_folder(self.path.parent)
        if not journal:
            record_path(self.path).unlink(missing_ok=True)
        return checksum

    def discard(self) -> None:
        """Remove part and record: nothing of it is worth keeping."""
        self.record = evolve(Record.of(self._asset), done=True)
        for left in (record_path(self.path), part_path(self.path)):
            with contextlib.suppress(OSError):
                left.unlink()

    def _close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with contextlib.suppress(OSError):
                os.close(fd)
