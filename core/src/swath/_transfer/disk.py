# SPDX-License-Identifier: Apache-2.0
"""Room, rights and durability on the local disk."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from swath.errors import DiskFull, TargetNotWritable, TransferError

__all__ = ["disk_error", "make_folders", "require_room", "sync_folder", "unfinished_path", "write_json"]

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
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
    wanted: dict[int, tuple[Path, int]] = {}
    for folder, size in needs:
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


def unfinished_path(path: Path) -> Path:
    """Where `write_json` puts a document until it is whole; what is there later was left by a killed process."""
    return path.with_name(f"{path.name if path.name.startswith('.') else '.' + path.name}.tmp")


def write_json(path: Path, content: Mapping[str, Any], *, durable: bool = True) -> None:
    """Write a JSON document so that it is either the old or the new one, whole.

    Args:
        path: Its final name.
        content: What `json` can write.
        durable: Whether to wait until it is on the disk.

    Raises:
        DiskFull, TargetNotWritable: It cannot be written.
    """
    made = unfinished_path(path)
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
