# SPDX-License-Identifier: Apache-2.0
"""The right to write one file, held by one thread of one process at a time."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import Final

__all__ = ["Claim"]

_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL})
"""What file systems without locks answer, as Lustre mounted without ``flock``."""


class Claim:
    """A lock file that the system gives back when its process ends, however it ends.

    Its file is removed on release. A taker that has locked a file which is no longer the one of that name tries again,
    so that removing it never lets two in.

    Args:
        path: The lock file; its folder exists.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = path
        self.is_sure = True
        """False where the file system has no locks: the right is then only assumed."""
        self._fd: int | None = None

    def take(self) -> bool:
        """Try once, without waiting.

        Raises:
            OSError: The lock file cannot be made.
        """
        while True:
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
            if not self._lock(fd):
                os.close(fd)
                return False
            if self._is_current(fd):
                self._fd = fd
                return True
            os.close(fd)

    def release(self) -> None:
        """Give it back, if it was taken."""
        fd, self._fd = self._fd, None
        if fd is None:
            return
        if sys.platform != "win32" and self._is_current(fd):
            with contextlib.suppress(OSError):
                os.unlink(self.path)  # noqa: PTH108
        os.close(fd)
        if sys.platform == "win32":  # an open file cannot be removed there, and one that another holds will not be
            with contextlib.suppress(OSError):
                os.unlink(self.path)  # noqa: PTH108

    def _lock(self, fd: int) -> bool:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as err:
            if err.errno in _NO_LOCKS:
                self.is_sure = False
                return True
            if err.errno in {errno.EAGAIN, errno.EACCES, errno.EDEADLK}:
                return False
            os.close(fd)
            raise
        return True

    def _is_current(self, fd: int) -> bool:
        """Whether the locked file still is the one of that name."""
        try:
            named = os.stat(self.path)  # noqa: PTH116
        except FileNotFoundError:
            return False
        return os.path.samestat(named, os.fstat(fd))
