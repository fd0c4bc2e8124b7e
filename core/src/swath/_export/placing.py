# SPDX-License-Identifier: Apache-2.0
"""Files and folders that appear under their name only when they are complete."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from swath.errors import TargetNotWritable

__all__ = ["placed_file", "placed_folder"]


@contextlib.contextmanager
def placed_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write, which replaces `path` when the block ends well, and vanishes when it does not.

    Raises:
        TargetNotWritable: If it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent)
    except (OSError, ValueError) as err:
        raise _refused(path, err) from err
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as err:
        raise _refused(path, err) from err
    finally:
        Path(temporary).unlink(missing_ok=True)


@contextlib.contextmanager
def placed_folder(path: Path) -> Iterator[Path]:
    """Make a folder to fill, which takes the name `path` when the block ends well, and vanishes when it does not.

    Raises:
        TargetNotWritable: If it cannot be written, or something is there already.
    """
    try:
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise TargetNotWritable(
                f"{path} is there already and is not empty", hint="name a new folder, or remove this one first"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent))
    except (OSError, ValueError) as err:
        raise _refused(path, err) from err
    try:
        yield temporary
        temporary.chmod(0o777 & ~_umask())
        if path.exists():
            path.rmdir()
        temporary.replace(path)
    except OSError as err:
        raise _refused(path, err) from err
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _refused(path: Path, err: Exception) -> TargetNotWritable:
    return TargetNotWritable(f"{str(path)!r} cannot be written: {getattr(err, 'strerror', None) or err}")


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask
