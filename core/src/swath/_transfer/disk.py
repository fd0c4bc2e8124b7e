# SPDX-License-Identifier: Apache-2.0
"""Room, rights and durability on the local disk."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from swath.errors import DiskFull, TargetNotWritable, TransferError

__all__ = ["disk_error", "make_folders", "require_room", "sync_files", "sync_folder", "unfinished_path", "write_json"]

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_MANY: Final = 8
"""Files from which one flush of the file system costs less than one for each."""
_RESERVE_BYTES: Final = 1024 * 1024
"""Left free for receipts and progress records."""


def disk_error(err: OSError, path: Path) -> TransferError:
    """Say what a failed write means to the user.

    Args:
        err: What the system answered.
        path: What was written.

    Returns:
        `DiskFull` for a full disk, a used-up quota or a file system that takes no file so large.
    """
    if err.errno in _FULL:
        return DiskFull(f"no room for {path}: {err.strerror}")
    return TargetNotWritable(f"{path} cannot be written: {err.strerror or err}")


def make_folders(folders: Iterable[Path]) -> None:
    """Make folders and prove that files can be made in them.

    Raises:
        TargetNotWritable: Naming the folder and the system's reason.
        DiskFull: There is no room even for a folder.
    """
    for folder in dict.fromkeys(folders):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            fd, probe = tempfile.mkstemp(prefix=".swath-", dir=folder)
        except OSError as err:
            raise disk_error(err, folder) from err
        os.close(fd)
        Path(probe).unlink()


def require_room(needs: Iterable[tuple[Path, int]]) -> None:
    """Check the free space of each file system before anything is fetched.

    Args:
        needs: Existing folders, each with the bytes that will be written to it.

    Raises:
        DiskFull: Naming what is needed and what is there, bytes.
    """
    folders: dict[Path, int] = {}
    for folder, size in needs:
        folders[folder] = folders.get(folder, 0) + size
    wanted: dict[int, tuple[Path, int]] = {}
    for folder, size in folders.items():
        device = folder.stat().st_dev
        wanted[device] = (folder, wanted.get(device, (folder, 0))[1] + size)
    for folder, need in wanted.values():
        have = shutil.disk_usage(folder).free
        if need and need + _RESERVE_BYTES > have:
            raise DiskFull(
                f"the files need {need:,} bytes and the disk of {folder} has {have:,} free",
                details={"need": need, "have": have},
            )


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder durable, where the system can."""
    with contextlib.suppress(OSError):  # Windows opens no folders; some network file systems sync none
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def sync_files(paths: Sequence[str]) -> None:
    """Bring closed files onto the disk, and the names of their folders with them.

    Many at once cost one flush of their file system where the system has it (Linux), not one for each.

    Raises:
        OSError: They are not on the disk.
    """
    if len(paths) >= _MANY and sys.platform == "linux":
        devices = {folder.stat().st_dev: folder for folder in _folders(paths)}
        if all(_sync_device(folder) for folder in devices.values()):
            return
    for path in paths:
        fd = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
    for folder in _folders(paths):
        sync_folder(folder)


def _folders(paths: Sequence[str]) -> set[Path]:
    return {Path(folder) for folder in {os.path.dirname(path) for path in paths}}  # noqa: PTH120


def _sync_device(folder: Path) -> bool:
    """Flush the file system of a folder; False where there is no such call.

    Raises:
        OSError: The flush failed.
    """
    import ctypes

    call = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if call is None:
        return False
    fd = os.open(folder, os.O_RDONLY)
    try:
        if call(fd):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
    finally:
        os.close(fd)
    return True


def unfinished_path(path: str | Path) -> str:
    """Where `write_json` puts a document until it is whole; what is there later was left by a killed process."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f"{name if name.startswith('.') else '.' + name}.tmp")  # noqa: PTH118


def write_json(path: Path, content: Mapping[str, Any], *, durable: bool = True) -> None:
    """Write a JSON document so that it is either the old or the new one, whole.

    Args:
        path: Its final name.
        content: What `json` can write.
        durable: Whether to wait until it is on the disk.

    Raises:
        DiskFull, TargetNotWritable: It cannot be written.
    """
    made = Path(unfinished_path(path))
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    try:
        with made.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text + "\n")
            if durable:
                file.flush()
                os.fsync(file.fileno())
        made.replace(path)
    except OSError as err:
        raise disk_error(err, path) from err
    if durable:
        sync_folder(path.parent)
