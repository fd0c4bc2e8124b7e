# SPDX-License-Identifier: Apache-2.0
"""What the ledger asks of a database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

__all__ = ["Database", "Row", "Store"]

_T = TypeVar("_T")


class Row(Protocol):
    """One row, by column name."""

    def __getitem__(self, column: str, /) -> Any:
        """Give a column's value."""


class Database(Protocol):
    """A database within one transaction."""

    def run(self, statement: str, values: Sequence[Any] = ()) -> Sequence[Row]:
        """Run one statement, with ``?`` for each value, and give the rows that it answers."""


class Store(Protocol):
    """Where the ledger's tables are. Threads may share it; nothing is opened before it is used."""

    where: str
    """Its place, for messages; holds no secret."""
    path: Path | None
    """Its file, if it is one."""
    shared: bool
    """Whether other machines use it too."""
    set_aside: Path | None
    """Where a broken ledger was put when this one was opened."""

    def read(self, work: Callable[[Database], _T]) -> _T:
        """Run what changes nothing.

        Raises:
            LedgerError: If it cannot be read.
        """

    def write(self, work: Callable[[Database], _T]) -> _T:
        """Run a transaction: alone among all writers everywhere, whole or not at all, on the disk when this returns.

        Raises:
            LedgerError: If it cannot be written.
        """

    def close(self) -> None:
        """Let go of it; a later call opens it again."""
