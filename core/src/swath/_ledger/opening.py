# SPDX-License-Identifier: Apache-2.0
"""Opens the ledger's SQLite file, makes a new one, and sets a broken one aside."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from swath._home import ensure_private_dir, sync_dir, tighten
from swath._ledger.schema import VERSION, statements
from swath.errors import LedgerError, SwathError

__all__ = ["failed", "identity_of", "is_broken", "open_file", "retire"]

_LOG = logging.getLogger("swath.ledger")
_BUSY_S = 30.0
"""Seconds that another process may hold the ledger before we give up."""
_APPLICATION_ID = 0x73776174
"""``swat`` in ASCII, by which the file is known for ours."""
_CHECKED_BYTES = 64 * 2**20
"""Up to this size a ledger is checked whole when opened (some 2 ms a MiB); a larger one shows damage when read."""


class _NotALedgerError(Exception):
    """The file is damaged, or is something else."""


def open_file(path: Path, now: dt.datetime) -> tuple[sqlite3.Connection, Path | None]:
    """Open the ledger, ready for use.

    Args:
        path: Where it is, or shall be.
        now: The time, for the name of a broken file.

    Returns:
        The connection, and where a broken file was put, if there was one.

    Raises:
        LedgerError: If it cannot be opened or made, or a newer swath wrote it.
    """
    try:
        ensure_private_dir(path.parent)
    except SwathError as err:
        raise LedgerError(f"the ledger of orders {path} cannot be opened: {err.message}") from err
    # Two processes that open at once must not both make the file, nor both set it aside.
    with _locked(path):
        aside = None
        try:
            _check(path)
        except _NotALedgerError as err:
            aside = _set_aside(path, now, str(err))
        except (sqlite3.Error, OSError) as err:
            raise failed(path, "opened", err) from err
        try:
            return _connect(path), aside
        except (sqlite3.Error, OSError) as err:
            raise failed(path, "opened", err) from err


def is_broken(err: sqlite3.Error) -> bool:
    """Say whether an error means that the file itself is damaged."""
    code = getattr(err, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def failed(path: Path, verb: str, err: sqlite3.Error | OSError) -> LedgerError:
    """Say that the ledger cannot be used, and what to do about it."""
    code = (getattr(err, "sqlite_errorcode", None) or 0) & 0xFF
    why = err.strerror or str(err) if isinstance(err, OSError) else str(err)
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        why = f"another process has held it for {_BUSY_S:g} s"
    hint = {
        sqlite3.SQLITE_FULL: "free some space on its disk, or set SWATH_HOME to a folder on another one",
        sqlite3.SQLITE_READONLY: "make it writable, or set SWATH_HOME to a folder that is",
        sqlite3.SQLITE_BUSY: "end the other swath process, then try again",
        sqlite3.SQLITE_LOCKED: "end the other swath process, then try again",
    }.get(code)
    return LedgerError(f"the ledger of orders {path} cannot be {verb}: {why}", hint=hint)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    import filelock

    lock = filelock.FileLock(f"{path}.lock", timeout=_BUSY_S, mode=0o600)
    try:
        lock.acquire()
    except filelock.Timeout as err:
        raise LedgerError(
            f"the ledger of orders {path} cannot be opened: another process has been opening it for {_BUSY_S:g} s",
            hint="end the other swath process, then try again",
        ) from err
    except OSError as err:
        raise failed(path, "opened", err) from err
    try:
        yield
    finally:
        lock.release()


def _check(path: Path) -> None:
    """Find damage without changing a byte, but for what SQLite itself has to undo first.

    Raises:
        _NotALedgerError: If the file is damaged, or is no ledger.
    """
    if not _has_pages(path):
        return
    try:
        _read_check(path)
    except sqlite3.OperationalError as err:
        if err.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
            raise
        # A process died in its first milliseconds, while the new file became one with a write-ahead log: what it had
        # begun is undone, which is a writer's work.
        with contextlib.closing(sqlite3.connect(path, timeout=_BUSY_S)) as writer:
            writer.execute("PRAGMA application_id").fetchone()
        if _has_pages(path):
            _read_check(path)


def _has_pages(path: Path) -> bool:
    """Say whether there is something in the file; without that it is a new one.

    Raises:
        _NotALedgerError: If there is nothing in it, but something in its journal.
    """
    journal = path.with_name(f"{path.name}-wal")
    try:
        size_bytes = path.stat().st_size
    except FileNotFoundError:
        size_bytes = 0
    if not size_bytes and journal.exists() and journal.stat().st_size:
        # SQLite would delete the journal beside an empty file, and with it what is left of the orders.
        raise _NotALedgerError("it is empty, and its journal is not")
    return size_bytes > 0


def _read_check(path: Path) -> None:
    """Look into a file that has pages, by a connection that cannot write."""
    # Never opened by other means than SQLite: closing such a file would drop the locks that another connection of
    # this process holds. And read only: closing a connection that may write would empty the journal into the file.
    with contextlib.closing(
        sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_S)
    ) as reader:
        try:
            application_id = reader.execute("PRAGMA application_id").fetchone()[0]
            if application_id != _APPLICATION_ID:
                if reader.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] or application_id:
                    raise _NotALedgerError("it is another program's SQLite file")
                return  # a process that was making it has died before it had written anything
            if path.stat().st_size > _CHECKED_BYTES:
                return
            answer = reader.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError as err:
            if is_broken(err):
                raise _NotALedgerError(str(err)) from err
            raise
    if answer is None or answer[0] != "ok":
        raise _NotALedgerError(str(answer[0] if answer else "it cannot be checked"))


def _connect(path: Path) -> sqlite3.Connection:
    is_new = not path.exists() or path.stat().st_size == 0
    if is_new:
        # SQLite makes its files with the umask's mode, and gives its journals that of the main file.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    tighten(path)
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL: a commit is on the disk when it returns. Without it the last ones before a power cut would be lost.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")
        _migrate(path, connection)
        if is_new:
            # Brings the application id from the journal into the file itself.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            sync_dir(path.parent)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(path: Path, connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise LedgerError(
            f"the ledger of orders {path} has version {version}, and this swath knows {VERSION}",
            hint="upgrade swath, or set SWATH_HOME to another folder for this one",
        )
    if version == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements(version):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def identity_of(path: Path) -> tuple[int, int] | None:
    """Say which file has the name now; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def retire(path: Path, identity: tuple[int, int] | None, now: dt.datetime, why: str) -> Path | None:
    """Set a ledger aside that was found broken while open, unless another process has done so meanwhile.

    Returns:
        Its new name, if it was this call that gave it.
    """
    with _locked(path):
        return _set_aside(path, now, why) if identity_of(path) == identity else None


def _set_aside(path: Path, now: dt.datetime, why: str) -> Path:
    """Give a broken ledger another name, with its journal and index, and say so. Nothing is deleted.

    Returns:
        Its new name.

    Raises:
        LedgerError: If it cannot be renamed.
    """
    stem = f"{path.name}.corrupt-{now:%Y%m%dT%H%M%SZ}"
    target, count = path.with_name(stem), 1
    while target.exists():
        count += 1
        target = path.with_name(f"{stem}-{count}")
    try:
        # The journal first: beside a new file of the old name, SQLite would play it into that one.
        for suffix in ("-wal", "-shm", ""):
            with contextlib.suppress(FileNotFoundError):
                path.with_name(f"{path.name}{suffix}").rename(target.with_name(f"{target.name}{suffix}"))
    except OSError as err:
        raise failed(path, "set aside", err) from err
    sync_dir(path.parent)
    _LOG.warning(
        "the ledger of orders %s is damaged (%s); it was kept as %s and a new one begun. Orders that stood in it are "
        "still at their providers: take them up again with swath reconcile before ordering the same again",
        path,
        why,
        target,
    )
    return target
