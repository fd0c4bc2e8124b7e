# SPDX-License-Identifier: Apache-2.0
"""A file while it is being written: ``.NAME.part``, which gets its name only when it is whole."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from attrs import evolve

from swath._transfer.digest import Digest
from swath._transfer.disk import disk_error, sync_folder, unfinished_path
from swath._transfer.hashing import Hashing
from swath._transfer.record import Record, read_record
from swath._transfer.spans import Spans
from swath.errors import DiskFull, TransferError
from swath.models import Asset, Verification

__all__ = ["Part", "beside", "part_path", "record_path"]

_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def part_path(path: Path) -> Path:
    """Where the bytes of `path` are until they are whole."""
    return Path(beside(path, ".part"))


def record_path(path: Path) -> Path:
    """Where the progress record of `path` is."""
    return Path(beside(path, ".part.json"))


def beside(path: Path, suffix: str) -> str:
    """Name a hidden neighbour of a file: ``.part``, ``.part.json`` or, the lock of who writes it, ``.part.lock``.

    As text: thousands of small files are fetched, and a `Path` costs as much as opening the file.
    """
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}{suffix}")  # noqa: PTH118


class Part:
    """The part of one file, hashed as it grows. Hold the file's `Claim` while you use it.

    Only bytes that were on the disk when the record said so are continued from: a power cut may leave a part of the
    right length with zeros in it. So the record moves on after each sync, never before. Syncs run beside the writing.

    Args:
        path: The final name.
        asset: What is to come.
        checkpoint_bytes: How much may have to be fetched again after the process was killed: twice this at most.

    Raises:
        InputError: The asset's checksum is no multihash.
    """

    def __init__(self, path: Path, asset: Asset, *, checkpoint_bytes: int) -> None:
        self.path = path
        self._asset = asset
        self._checkpoint_bytes = checkpoint_bytes
        self.here, self._there = beside(path, ".part"), beside(path, ".part.json")
        self._hashing = Hashing(self.here, asset.checksum)
        self._digest: Digest | None = None
        self._spans = Spans()
        self._lock = threading.Lock()
        """Of the spans; several threads write one file."""
        self._keeping = threading.Lock()
        self._keeper: threading.Thread | None = None
        self._unkept: OSError | TransferError | None = None
        self.record = Record.of(asset)
        self._verified: Verification | None = None
        """Once it is sealed."""
        self._fd = -1
        self._has_record = os.path.lexists(self._there)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(TransferError):  # what failed before is the better message
            self.keep()
        self._hashing.drop()
        self._close()
        if self._verified is None and (self.record.validator is None or not self.record.has_bytes):
            self.discard()

    @property
    def offset(self) -> int:
        """Bytes that are there from the first on, without a gap."""
        return self._spans.prefix

    @property
    def total(self) -> int:
        """Bytes that are there."""
        return self._spans.total

    @property
    def is_whole(self) -> bool:
        """Whether all bytes are there, as far as the server told how many there are."""
        return self.record.size is not None and self.offset == self.record.size

    def gaps(self) -> list[tuple[int, int]]:
        """Give what is missing, as ``[start, end)``; the size must be known."""
        with self._lock:
            return self._spans.gaps(self.record.size or 0)

    @property
    def digest(self) -> Digest:
        """The digest over what is there; ends the hashing, so nothing can be written after.

        Raises:
            OSError: What was written cannot be read.
        """
        if self._digest is None:
            self._digest = self._hashing.finish()
        return self._digest

    def resume(self) -> None:
        """Take up what an earlier run left, if it is of this very file and can be continued.

        Raises:
            TransferError: The part cannot be made or read.
        """
        try:
            _remove(unfinished_path(self._there))
            known = read_record(self._there) if self._has_record else None
            if known is None or known.done or known.validator is None or not known.fits(self._asset):
                return
            fd = self._open()
            spans = Spans([(0, known.safe), *known.beyond]).within(os.fstat(fd).st_size)
            if not spans.total or (known.size is not None and spans.total > spans.within(known.size).total):
                return
            os.ftruncate(fd, max(end for _, end in spans))
        except OSError as err:
            raise disk_error(err, self.path) from err
        self._hashing = Hashing(self.here, known.checksum)
        self._spans = spans
        self._hashing.advance(spans.prefix)
        self.record = evolve(known, safe=spans.prefix, beyond=spans.beyond)

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
        self._join_keeper()
        self._hashing.drop()
        self._hashing, self._digest = Hashing(self.here, wanted), None
        self._spans = Spans()
        self.record = Record.of(self._asset, validator=validator, size=size, checksum=wanted)
        try:
            self._forget_record()  # it speaks of other bytes
            if self._fd < 0:
                self._open(os.O_TRUNC)
            else:
                os.ftruncate(self._fd, 0)
        except OSError as err:
            raise disk_error(err, self.path) from err

    def _open(self, more: int = 0) -> int:
        if self._fd < 0:
            self._fd = os.open(self.here, _FLAGS | more, 0o666)
        return self._fd

    def _forget_record(self) -> None:
        if self._has_record:
            _remove(self._there)
            self._has_record = False

    def continued(self, *, size: int | None) -> None:
        """Note what a partial answer says of the whole."""
        if size is not None:
            with self._lock:
                self.record = evolve(self.record, size=size)

    def write(self, data: bytes | memoryview, at: int | None = None) -> None:
        """Write bytes.

        Args:
            data: Taken before this returns.
            at: Where; behind what is there without a gap if None.

        Raises:
            DiskFull, TargetNotWritable: They cannot be written.
        """
        view = memoryview(data)
        start = self._spans.prefix if at is None else at
        try:
            if self._unkept is not None:
                raise self._unkept
            _write_at(self._fd, view, start, self._lock)
        except OSError as err:
            raise disk_error(err, self.path) from err
        with self._lock:
            before = self._spans.prefix
            self._spans.add(start, start + len(view))
            if self._spans.prefix != before:
                self._hashing.advance(self._spans.prefix, view if start == before else None)
            if self._keeper is None and self.record.validator is not None and self._is_due:
                self._keeper = threading.Thread(target=self._keep_beside, name="swath-sync", daemon=True)
                self._keeper.start()

    @property
    def _is_due(self) -> bool:
        return self._unkept is None and self._spans.total - self.record.kept_bytes >= self._checkpoint_bytes

    def _keep_beside(self) -> None:
        while True:
            try:
                self._keep()
            except (OSError, TransferError) as err:
                self._unkept = err
            with self._lock:
                if not self._is_due:
                    self._keeper = None
                    return

    def _join_keeper(self) -> None:
        keeper = self._keeper
        if keeper is not None:
            keeper.join()

    def keep(self) -> None:
        """Bring what is there onto the disk and note it, so that a later run continues from here.

        Raises:
            DiskFull, TargetNotWritable: It cannot be written.
        """
        self._join_keeper()
        try:
            self._keep()
        except OSError as err:
            raise disk_error(err, self.path) from err

    def _keep(self) -> None:
        with self._keeping:
            with self._lock:
                record = self.record
                safe, beyond, total = self._spans.prefix, self._spans.beyond, self._spans.total
            if record.validator is None or self._fd < 0 or total == record.kept_bytes:
                return
            os.fsync(self._fd)
            with self._lock:
                self.record = record = evolve(self.record, safe=safe, beyond=beyond)
            self._has_record = True
            record.write(Path(self._there))

    def place(self, verified: Verification, *, journal: bool) -> str:
        """Bring the file onto the disk and give it its name. It must be whole and checked.

        Args:
            verified: How far it was checked.
            journal: Whether the record stays until the item's JSON has taken it over.

        Returns:
            SHA-256 as multihash.

        Raises:
            DiskFull, TargetNotWritable: It cannot be written.
        """
        self._join_keeper()
        try:
            os.fsync(self._fd)
        except OSError as err:
            raise disk_error(err, self.path) from err
        checksum = self.seal(verified)
        self.name(journal=journal)
        sync_folder(self.path.parent)
        return checksum

    def seal(self, verified: Verification) -> str:
        """End the writing: it is whole and checked. What is left is to bring it onto the disk and to name it.

        Returns:
            SHA-256 as multihash.
        """
        checksum = self.digest.checksum
        self._close()  # Windows renames no open file
        self._verified = verified
        return checksum

    def name(self, *, journal: bool) -> None:
        """Give the sealed file its name; its bytes are on the disk.

        Args:
            journal: Whether the record stays until the item's JSON has taken it over.

        Raises:
            DiskFull, TargetNotWritable: It cannot be written.
        """
        if journal:
            size = self.offset
            self.record = evolve(
                self.record,
                done=True,
                sha256=self.digest.checksum,
                verified=self._verified or Verification.UNVERIFIED,
                size=size,
                safe=size,
                beyond=(),
            )
            self._has_record = True
            with contextlib.suppress(DiskFull):  # of the record; the file itself is whole and on the disk
                self.record.write(Path(self._there))
        try:
            os.replace(self.here, self.path)  # noqa: PTH105  `Path.replace` makes another path
            if not journal:
                self._forget_record()
        except OSError as err:
            raise disk_error(err, self.path) from err

    def discard(self) -> None:
        """Remove part and record: nothing of it is worth keeping."""
        self._join_keeper()
        self.record = Record.of(self._asset)
        with contextlib.suppress(OSError):
            self._forget_record()
        with contextlib.suppress(OSError):
            _remove(self.here)

    def _close(self) -> None:
        self._join_keeper()
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with contextlib.suppress(OSError):
                os.close(fd)


def _remove(path: str | Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108


def _write_at(fd: int, data: memoryview, at: int, lock: threading.Lock) -> None:
    if hasattr(os, "pwrite"):
        while data:
            written = os.pwrite(fd, data, at)
            data, at = data[written:], at + written
        return
    with lock:  # Windows
        os.lseek(fd, at, os.SEEK_SET)
        while data:
            data = data[os.write(fd, data) :]
