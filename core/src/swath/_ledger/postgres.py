# SPDX-License-Identifier: Apache-2.0
"""The ledger in a PostgreSQL database, shared by the people and machines of a team: the extra ``swath[postgres]``."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit

from swath._ledger.schema import VERSION, statements
from swath._ledger.stores import Database, Row
from swath.errors import ConfigurationError, LedgerError, MissingExtra

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["PostgresStore", "is_shared"]

_T = TypeVar("_T")
_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
_SCHEMA = "swath"
"""PostgreSQL schema of the tables: the database may serve others too."""
_WRITER = 0x73776174
"""Number of the advisory lock (``swat`` in ASCII) that every writer holds until its transaction ends."""
_CONNECT_S = 10
_SESSION = (
    f"SELECT set_config('search_path', '{_SCHEMA}', true), set_config('lock_timeout', '30s', true),"
    " set_config('statement_timeout', '60s', true), set_config('idle_in_transaction_session_timeout', '60s', true),"
    # A commit is on the server's disk when it returns, whatever the server is set to.
    " set_config('synchronous_commit', 'on', true)"
)


def is_shared(place: str) -> bool:
    """Whether a place is a database's address."""
    return "://" in place


class _Rows:
    """A connection as a `Database`."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def run(self, statement: str, values: Sequence[Any] = ()) -> Sequence[Row]:
        import sqlalchemy as sa

        pieces = statement.split("?")
        named = pieces[0] + "".join(f":v{at}{piece}" for at, piece in enumerate(pieces[1:]))
        bound = {f"v{at}": int(value) if isinstance(value, bool) else value for at, value in enumerate(values)}
        result = self._connection.execute(sa.text(named), bound)
        return result.mappings().all() if result.returns_rows else []


class PostgresStore:
    """Implements `swath._ledger.stores.Store`.

    Args:
        url: ``postgresql://user:password@host/database``, with libpq's parameters in its query.

    Raises:
        ConfigurationError: If the address cannot be used.
    """

    shared = True

    def __init__(self, url: str) -> None:
        self.path: Path | None = None
        self.set_aside: Path | None = None
        try:
            parts = urlsplit(url)
            port = f":{parts.port}" if parts.port else ""
        except ValueError as err:
            raise _unusable("its address cannot be read") from err
        if parts.scheme not in _SCHEMES:
            raise _unusable(f"it begins with {parts.scheme}://")
        self.where = f"postgresql://{parts.hostname or ''}{port}{parts.path}"
        self._url = url
        self._secret = unquote(parts.password or "")
        self._lock = threading.Lock()
        self._engine: sa.Engine | None = None
        self._process = 0

    def read(self, work: Callable[[Database], _T]) -> _T:
        """Run what changes nothing."""
        with self._guarded("read") as engine, engine.begin() as connection:
            database = _Rows(connection)
            database.run(_SESSION)
            return work(database)

    def write(self, work: Callable[[Database], _T]) -> _T:
        """Run a transaction."""
        with self._guarded("written") as engine, engine.begin() as connection:
            database = _Rows(connection)
            self._begin(database)
            return work(database)

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            engine, self._engine = self._engine, None
            if engine is not None:
                # Connections that came through a fork belong to the parent.
                engine.dispose(close=self._process == os.getpid())

    @staticmethod
    def _begin(database: Database) -> None:
        database.run(_SESSION)
        # One writer at a time, everywhere, as SQLite has it: claims are looked up and written in one piece. What is
        # read after it is what the writer before has committed, for each statement sees the newest (READ COMMITTED).
        database.run("SELECT pg_advisory_xact_lock(?)", (_WRITER,))

    @contextlib.contextmanager
    def _guarded(self, verb: str) -> Iterator[sa.Engine]:
        try:
            import psycopg  # noqa: F401 - asked for here, to name the extra
            from sqlalchemy.exc import SQLAlchemyError
        except ModuleNotFoundError as err:
            raise MissingExtra(
                f"a shared ledger (SWATH_LEDGER) needs the package {err.name}, which is not installed",
                hint='install it with: pip install "swath[postgres]"',
            ) from err
        try:
            yield self._opened()
        except SQLAlchemyError as err:
            raise self._failed(verb, err) from None

    def _opened(self) -> sa.Engine:
        import sqlalchemy as sa

        with self._lock:
            if self._engine is not None and self._process != os.getpid():
                self._engine.dispose(close=False)
                self._engine = None
            if self._engine is None:
                _, _, rest = self._url.partition("://")
                # Not the server's default level: a snapshot taken before the writers' lock was given would be old.
                engine = sa.create_engine(
                    f"postgresql+psycopg://{rest}",
                    isolation_level="READ COMMITTED",
                    pool_pre_ping=True,
                    pool_size=1,
                    hide_parameters=True,
                    connect_args={"connect_timeout": _CONNECT_S, "application_name": "swath"},
                )
                try:
                    self._prepare(engine)
                except BaseException:
                    engine.dispose()
                    raise
                self._engine, self._process = engine, os.getpid()
            return self._engine

    def _prepare(self, engine: sa.Engine) -> None:
        """Make the tables, or bring them to this version."""
        with engine.begin() as connection:
            database = _Rows(connection)
            database.run(_SESSION)
            if self._version(database) == VERSION:
                return
        with engine.begin() as connection:
            database = _Rows(connection)
            self._begin(database)
            if database.run("SELECT to_regnamespace(?) IS NULL AS absent", (_SCHEMA,))[0]["absent"]:
                database.run(f"CREATE SCHEMA {_SCHEMA}")
            if database.run("SELECT to_regclass(?) IS NULL AS absent", (f"{_SCHEMA}.schema_version",))[0]["absent"]:
                database.run("CREATE TABLE schema_version (version INTEGER NOT NULL)")
                database.run("INSERT INTO schema_version (version) VALUES (0)")
            for statement in statements(self._version(database), dialect="postgresql"):
                database.run(statement)
            database.run("UPDATE schema_version SET version = ?", (VERSION,))

    def _version(self, database: Database) -> int:
        if database.run("SELECT to_regclass(?) IS NULL AS absent", (f"{_SCHEMA}.schema_version",))[0]["absent"]:
            return 0
        version = int(database.run("SELECT version FROM schema_version")[0]["version"])
        if version > VERSION:
            raise LedgerError(
                f"the shared ledger {self.where} has version {version}, and this swath knows {VERSION}",
                hint="upgrade swath on this machine",
            )
        return version

    def _failed(self, verb: str, err: Exception) -> LedgerError:
        """Say that the ledger cannot be used. The driver's own error is not chained: it may show the address."""
        said = str(getattr(err, "orig", None) or err).strip().splitlines()
        why = said[0] if said else type(err).__name__
        if self._secret:
            why = why.replace(self._secret, "<redacted>")
        return LedgerError(
            f"the shared ledger {self.where} cannot be {verb}: {why}",
            hint="check the address in SWATH_LEDGER, that its server runs, and what its user may do there; unset "
            "SWATH_LEDGER to use this machine's own ledger, which does not know what others have ordered",
        )


def _unusable(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"SWATH_LEDGER names no ledger: {why}",
        hint="write SWATH_LEDGER=postgresql://user:password@host/database, or unset it",
    )
