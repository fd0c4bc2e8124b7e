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
    right length with zeros in it. So the record moves on after each sync, never before. Syncs run beside the writing.

    Args:
        path: The final name.
        asset: What is to come.
        checkpoint_bytes: How much may have to be fetched again after the process was killed: twice this at most.

    Raises:
        DiskFull, TargetNotWritable: The part cannot be made.
        InputError: The asset's checksum is no multihash.
    """

    def __init__(self, path: Path, asset: Asset, *, checkpoint_bytes: int) -> None:
        self.path = path
        self._asset = asset
        self._checkpoint_bytes = checkpoint_bytes
        self._here = part_path(path)
        self._hashing = Hashing(self._here, asset.checksum)
        self._digest: Digest | None = None
        self._spans = Spans()
        self._lock = threading.Lock()
        """Of the spans; several threads write one file."""
        self._keeping = threading.Lock()
        self._keeper: threading.Thread | None = None
        self._unkept: OSError | TransferError | None = None
        self.record = Record.of(asset)
        self._is_sealed = False
        try:
            self._fd = os.open(self._here, _FLAGS, 0o666)
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
        self._hashing.drop()
        self._close()
        if not self._is_sealed and (self.record.validator is None or not self.record.has_bytes):
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
            TransferError: The part cannot be read.
        """
        known = read_record(record_path(self.path))
        here = os.fstat(self._fd).st_size
        if known is None or known.done or known.validator is None or not known.fits(self._asset):
            return
        spans = Spans([(0, known.safe), *known.beyond]).within(here)
        if not spans.total or (known.size is not None and spans.total > spans.within(known.size).total):
            return
        try:
            os.ftruncate(self._fd, max(end for _, end in spans))
        except OSError as err:
            raise disk_error(err, self.path) from err
        self._hashing = Hashing(self._here, known.checksum)
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
        self._hashing, self._digest = Hashing(self._here, wanted), None
        self._spans = Spans()
        self.record = evolve(Record.of(self._asset), validator=validator, size=size, checksum=wanted)
        try:
            record_path(self.path).unlink(missing_ok=True)  # it speaks of other bytes
            os.ftruncate(self._fd, 0)
        except OSError as err:
            raise disk_error(err, self.path) from err

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
            if record.validator is None or record.done or total == record.kept_bytes or self._fd < 0:
                return
            os.fsync(self._fd)
            with self._lock:
                self.record = record = evolve(self.record, safe=safe, beyond=beyond)
            record.write(record_path(self.path))

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
        self._join_keeper()
        checksum, size = self.digest.checksum, self.offset
        self.record = evolve(
            self.record, done=True, sha256=checksum, verified=verified, size=size, safe=size, beyond=()
        )
        self._is_sealed = True
        self._close()  # Windows renames no open file
        return checksum

    def name(self, *, journal: bool) -> None:
        """Give the sealed file its name; its bytes are on the disk.

        Args:
            journal: Whether the record stays until the item's JSON has taken it over.

        Raises:
            DiskFull, TargetNotWritable: It cannot be written.
        """
        if journal:
            with contextlib.suppress(DiskFull):  # of the record; the file itself is whole and on the disk
                self.record.write(record_path(self.path))
        try:
            os.replace(self._here, self.path)  # noqa: PTH105  `Path.replace` makes another path
            if not journal:
                record_path(self.path).unlink(missing_ok=True)
        except OSError as err:
            raise disk_error(err, self.path) from err

    def discard(self) -> None:
        """Remove part and record: nothing of it is worth keeping."""
        self._join_keeper()
        self.record = evolve(Record.of(self._asset), done=True)
        for left in (record_path(self.path), self._here):
            with contextlib.suppress(OSError):
                left.unlink()

    def _close(self) -> None:
        self._join_keeper()
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with contextlib.suppress(OSError):
                os.close(fd)


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
