# SPDX-License-Identifier: Apache-2.0
"""Hashes a file while it is being written: small ones at once, large ones on a thread that follows the writing."""

from __future__ import annotations

import threading
from typing import Final

from swath._transfer.digest import Digest

__all__ = ["Hashing"]

_INLINE_BYTES: Final = 4 * 1024 * 1024
"""Up to here the thread that writes also hashes: starting another one would cost more than it saves."""
_BLOCK_BYTES: Final = 1024 * 1024


class Hashing:
    """The digest of a file as far as it is there without a gap.

    A large file is read again from where the system keeps what was just written, on a thread of its own: hashing costs
    as much as receiving, and hashlib lets other threads run meanwhile.

    Args:
        path: Where the bytes are being written.
        published: Multihash to compare with, or None.

    Raises:
        InputError: `published` is no multihash of a known algorithm.
    """

    def __init__(self, path: str, published: str | None) -> None:
        self._path = path
        self._digest = Digest(published)
        self._frontier = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._waits = False
        self._ends = False
        self._failure: OSError | None = None

    def advance(self, frontier: int, data: memoryview | None = None) -> None:
        """Take note that the file is there up to `frontier`.

        Args:
            frontier: Bytes without a gap.
            data: The last of them, where the caller has them in memory.
        """
        is_small = self._thread is None and frontier <= _INLINE_BYTES
        if is_small and data is not None and self._digest.size + len(data) == frontier:
            self._digest.update(data)
            self._frontier = frontier
            return
        self._frontier = frontier
        if self._thread is None:
            if frontier <= _INLINE_BYTES:
                return  # `finish` reads it
            self._thread = threading.Thread(target=self._follow, name="swath-hash", daemon=True)
            self._thread.start()
        elif self._waits:
            with self._changed:
                self._changed.notify()

    def finish(self) -> Digest:
        """Hash what is left and give the digest of the whole.

        Raises:
            OSError: The file cannot be read.
        """
        self._end()
        if self._failure is not None:
            raise self._failure
        if self._digest.size < self._frontier:
            self._read(self._digest.size)
        return self._digest

    def drop(self) -> None:
        """End without a result."""
        self._frontier = 0
        self._end()

    def _end(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            with self._changed:
                self._ends = True
                self._changed.notify()
            thread.join()

    def _follow(self) -> None:
        try:
            self._read(self._digest.size)
        except OSError as err:
            self._failure = err

    def _read(self, start: int) -> None:
        """Read from `start` on and hash, until there is no more to come."""
        digest = self._digest
        buffer = memoryview(bytearray(_BLOCK_BYTES))
        with open(self._path, "rb", buffering=0) as file:  # noqa: PTH123
            file.seek(start)
            while self._await():
                count = file.readinto(buffer[: min(_BLOCK_BYTES, self._frontier - digest.size)])
                if not count:
                    msg = f"{self._path} is shorter than what was written to it"
                    raise OSError(msg)
                digest.update(buffer[:count])

    def _await(self) -> bool:
        """Wait for more; give whether there is any."""
        if self._frontier > self._digest.size:
            return True
        if self._thread is None and not self._ends:
            return False
        with self._changed:
            self._waits = True
            while self._frontier <= self._digest.size and not self._ends:
                self._changed.wait(0.1)
            self._waits = False
        return self._frontier > self._digest.size
