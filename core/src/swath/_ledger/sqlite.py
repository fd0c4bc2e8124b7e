# SPDX-License-Identifier: Apache-2.0
"""The ledger in a SQLite file, shared by all threads and processes of a user."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from swath._clock import Clock
from swath._ledger.opening import failed, identity_of, is_broken, open_file, retire
from swath._ledger.stores import Database

__all__ = ["SqliteStore"]

_T = TypeVar("_T")
_MOST_ATTEMPTS = 3


class _ReplacedError(Exception):
    """Another process has put a new file in the place of the one that is open."""


class _Rows:
    """A connection as a `Database`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, statement: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        return self._connection.execute(statement, values).fetchall()


class SqliteStore:
    """Implements `swath._ledger.stores.Store`.

    Args:
        path: The file.
        clock: What times are taken from.
    """

    shared = False

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self.path: Path | None = path
        self.where = str(path)
        self.set_aside: Path | None = None
        self._at = path
        self._clock = clock
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        _STORES.add(self)

    def read(self, work: Callable[[Database], _T]) -> _T:
        """Run what changes nothing."""
        return self._guarded(lambda connection: work(_Rows(connection)), "read")

    def write(self, work: Callable[[Database], _T]) -> _T:
        """Run a transaction."""

        def transaction(connection: sqlite3.Connection) -> _T:
            # IMMEDIATE takes the write lock before reading: two that read first and write then would both go wrong.
            connection.execute("BEGIN IMMEDIATE")
            try:
                self._require_same_file()
                result = work(_Rows(connection))
                connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
            return result

        return self._guarded(transaction, "written")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._drop()

    def _guarded(self, work: Callable[[sqlite3.Connection], _T], verb: str) -> _T:
        with self._lock:
            attempts = 0
            while True:
                attempts += 1
                try:
                    return work(self._opened())
                except _ReplacedError as err:
                    self._drop()
                    if attempts > _MOST_ATTEMPTS:
                        raise failed(self._at, verb, OSError("it is replaced again and again")) from err
                except sqlite3.Error as err:
                    if not is_broken(err) or attempts > _MOST_ATTEMPTS:
                        raise failed(self._at, verb, err) from err
                    # Renamed before it is closed: SQLite then leaves the damaged file and its journal as they are.
                    aside = retire(self._at, self._file, self._clock.now(), str(err))
                    self.set_aside = aside or self.set_aside
                    self._drop()

    def _require_same_file(self) -> None:
        if self._file != identity_of(self._at):
            raise _ReplacedError

    def _opened(self) -> sqlite3.Connection:
        """Give the connection; a new one where another process has set the file aside since."""
        if self._connection is not None and self._file != identity_of(self._at):
            self._drop()
        if self._connection is None:
            self._connection, aside = open_file(self._at, self._clock.now())
            self._file = identity_of(self._at)
            self.set_aside = aside or self.set_aside
        return self._connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _before_fork(self) -> None:
        self._lock.acquire()
        self._drop()

    def _after_fork(self) -> None:
        self._lock.release()


_STORES: weakref.WeakSet[SqliteStore] = weakref.WeakSet()
"""All of this process. SQLite allows no connection to cross a fork, not even to be closed in the child."""
_held: list[SqliteStore] = []


def _hold_all() -> None:
    _held[:] = list(_STORES)
    for store in _held:
        store._before_fork()  # noqa: SLF001 - same module


def _release_all() -> None:
    for store in _held:
        store._after_fork()  # noqa: SLF001 - same module
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_hold_all, after_in_parent=_release_all, after_in_child=_release_all)
