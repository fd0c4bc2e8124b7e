# SPDX-License-Identifier: Apache-2.0
"""Where swath keeps its own files, private to their user.

Nothing is created by importing or by asking where something would be.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from swath.errors import ConfigurationError

__all__ = ["config_dir", "ensure_private_dir", "read_private", "state_dir", "sync_dir", "tighten", "write_private"]

_LOG = logging.getLogger("swath.home")
_POSIX = os.name == "posix"
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


def state_dir(environ: Mapping[str, str] | None = None) -> Path:
    """Say where the ledger and the tokens are kept: ``SWATH_HOME``, else the platform's folder for state.

    Args:
        environ: Where ``SWATH_HOME`` is looked up; the process's environment if None.
    """
    home = _swath_home(environ)
    if home is not None:
        return home
    import platformdirs

    return Path(platformdirs.user_state_path("swath", appauthor=False))


def config_dir(environ: Mapping[str, str] | None = None) -> Path:
    """Say where the credentials are kept: ``SWATH_HOME``, else the platform's folder for configuration.

    Args:
        environ: Where ``SWATH_HOME`` is looked up; the process's environment if None.
    """
    home = _swath_home(environ)
    if home is not None:
        return home
    import platformdirs

    return Path(platformdirs.user_config_path("swath", appauthor=False))


def _swath_home(environ: Mapping[str, str] | None) -> Path | None:
    value = (os.environ if environ is None else environ).get("SWATH_HOME", "").strip()
    if not value:
        return None
    try:
        return Path(value).expanduser().absolute()
    except RuntimeError as err:
        raise ConfigurationError(
            f"SWATH_HOME={value!r} names a home folder that does not exist", hint="set SWATH_HOME to a full path"
        ) from err


def ensure_private_dir(path: Path) -> Path:
    """Make a folder that only its user may enter (0700), with the parents it needs; an open one is tightened.

    A folder that serves others too (the home folder, the current one, one with the sticky bit, one of another user)
    keeps its mode: the files in it are 0600 all the same.

    Returns:
        The folder.

    Raises:
        ConfigurationError: If it cannot be made, or is no folder.
    """
    missing = []
    at = path
    try:
        while not at.exists() and at != at.parent:
            missing.append(at)
            at = at.parent
        for folder in reversed(missing):
            # mkdir applies the umask: 0700 can only lose bits. Parents are made one by one because makedirs gives
            # them the mode that the umask leaves, which may let others replace what is inside.
            folder.mkdir(mode=0o700, exist_ok=True)
            sync_dir(folder.parent)
        found = path.stat()
    except OSError as err:
        raise _failed("folder", path, "made", err) from err
    if not stat.S_ISDIR(found.st_mode):
        raise ConfigurationError(
            f"{path} should be a folder and is not", hint="move it away, or set SWATH_HOME to another folder"
        )
    if _POSIX and found.st_mode & 0o077 and not _serves_others(path, found):
        with contextlib.suppress(OSError):
            path.chmod(0o700)
            _LOG.warning("%s could be entered by others; its mode is now 0700", path)
    return path


def _serves_others(path: Path, found: os.stat_result) -> bool:
    if found.st_mode & stat.S_ISVTX or found.st_uid != os.geteuid():
        return True
    real = path.resolve()
    shared = {Path.cwd().resolve(), Path(real.anchor)}
    with contextlib.suppress(RuntimeError):
        shared.add(Path.home().resolve())
    return real in shared


def read_private(path: Path) -> bytes | None:
    """Read a file that only its user may see; one that others may read is tightened, and that is said.

    Returns:
        Its bytes; None if there is none, or if it would be in a folder that this user cannot look into, as in a
        container that runs under a number without a home.

    Raises:
        ConfigurationError: For a symbolic link, another user's file, and what is no plain file or cannot be read.
    """
    if not _can_see(path):
        return None
    try:
        number = os.open(path, os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return None
    except OSError as err:
        if err.errno == errno.ELOOP:
            raise _link(path) from err
        raise _failed("file", path, "read", err) from err
    try:
        _check(path, os.fstat(number))
    except ConfigurationError:
        os.close(number)
        raise
    with os.fdopen(number, "rb") as file:
        tighten(path, number)
        try:
            return file.read()
        except OSError as err:
            raise _failed("file", path, "read", err) from err


def _can_see(path: Path) -> bool:
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return False
    except OSError as err:
        raise _failed("file", path, "read", err) from err
    if stat.S_ISLNK(found.st_mode):
        raise _link(path)
    return True


def _check(path: Path, found: os.stat_result) -> None:
    """Refuse what somebody else may have put there."""
    if not stat.S_ISREG(found.st_mode):
        raise ConfigurationError(f"{path} should be a file and is not", hint="move it away, then try again")
    if _POSIX and found.st_uid not in {os.geteuid(), 0} and os.geteuid() != 0:
        raise ConfigurationError(
            f"{path} belongs to another user (uid {found.st_uid})",
            hint="move it away, or set SWATH_HOME to a folder of your own",
        )


def tighten(path: Path, number: int | None = None) -> None:
    """Take a secret file's rights from everyone but its user, and say so if there were any.

    Args:
        path: The file.
        number: Its open file descriptor, where there is one.
    """
    if not _POSIX:
        return
    target: int | Path = path if number is None else number
    mode = stat.S_IMODE(os.stat(target).st_mode)  # noqa: PTH116 - pathlib has no stat of a descriptor
    if not mode & 0o077:
        return
    try:
        os.chmod(target, 0o600)  # noqa: PTH101 - pathlib has no chmod of a descriptor
    except OSError as err:
        _LOG.warning("%s may be read by others (mode %04o) and cannot be tightened: %s", path, mode, err.strerror)
        return
    _LOG.warning("%s could be read by others (mode %04o); its mode is now 0600", path, mode)


def write_private(path: Path, data: bytes) -> None:
    """Replace a file by a new one, 0600 from its first moment, whole or not at all.

    Raises:
        ConfigurationError: If its place is a symbolic link, or it cannot be written.
    """
    ensure_private_dir(path.parent)
    if path.is_symlink():
        raise _link(path)
    temporary = None
    try:
        number, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(number, "wb") as file:
            if _POSIX:
                os.fchmod(number, 0o600)
            file.write(data)
            file.flush()
            os.fsync(number)
        Path(temporary).replace(path)
        temporary = None
    except OSError as err:
        raise _failed("file", path, "written", err) from err
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
    sync_dir(path.parent)


def sync_dir(path: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    if not _POSIX:
        return
    with contextlib.suppress(OSError):
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _link(path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"{path} is a symbolic link, which swath does not follow for secrets",
        hint="put the file itself there, or set SWATH_HOME to the folder that holds it",
    )


def _failed(kind: str, path: Path, verb: str, err: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"the {kind} {path} cannot be {verb}: {err.strerror or err}",
        hint="check its rights and the space on its disk, or set SWATH_HOME to another folder",
    )
