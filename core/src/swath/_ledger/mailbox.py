# SPDX-License-Identifier: Apache-2.0
"""Webhook deliveries as the ledger keeps them: each once, where every process that waits can see it."""

from __future__ import annotations

import datetime as dt

from swath._clock import Clock
from swath._ledger.rows import text_of
from swath._ledger.stores import Database, Store

__all__ = ["Mailbox", "Watcher"]

_ALIVE_FOR = dt.timedelta(seconds=90)
"""How long a listener counts as there after it last said so."""
_KEPT_FOR = dt.timedelta(days=30)
"""How long a delivery is remembered, so that a late duplicate is known as one."""


class Mailbox:
    """What came by webhook.

    Args:
        store: The ledger's.
        clock: What times are taken from.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def put(self, provider: str, order_id: str, digest: str) -> bool:
        """Write a delivery down.

        Args:
            provider: Entry-point name.
            order_id: The provider's id of the order that it speaks of.
            digest: Hash of its body, which makes it the same delivery.

        Returns:
            Whether it is new; false for one that came before.
        """
        now = self._clock.now()

        def work(db: Database) -> bool:
            if db.run("SELECT 1 AS known FROM events WHERE provider = ? AND digest = ?", (provider, digest)):
                return False
            db.run(
                "INSERT INTO events (provider, digest, id, at) VALUES (?, ?, ?, ?)",
                (provider, digest, order_id, text_of(now)),
            )
            db.run("DELETE FROM events WHERE at < ?", (text_of(now - _KEPT_FOR),))
            return True

        return self._store.write(work)

    def newest(self) -> int:
        """Give the number of the newest delivery; 0 where there is none."""
        return int(self._store.read(lambda db: db.run("SELECT MAX(n) AS n FROM events"))[0]["n"] or 0)

    def since(self, number: int, provider: str) -> list[tuple[int, str]]:
        """Give the deliveries after one: number and order id, oldest first."""
        query = "SELECT n, id FROM events WHERE n > ? AND provider = ? ORDER BY n"
        found = self._store.read(lambda db: db.run(query, (number, provider)))
        return [(int(row["n"]), str(row["id"])) for row in found]

    def is_listened(self) -> bool:
        """Whether some process takes deliveries in now."""
        now = text_of(self._clock.now())
        return bool(self._store.read(lambda db: db.run("SELECT 1 AS one FROM listeners WHERE until > ?", (now,))))

    def listen(self, name: str) -> None:
        """Say that a process takes deliveries in; to be said again every minute."""
        until = text_of(self._clock.now() + _ALIVE_FOR)

        def work(db: Database) -> None:
            db.run("DELETE FROM listeners WHERE name = ? OR until < ?", (name, text_of(self._clock.now())))
            db.run("INSERT INTO listeners (name, until) VALUES (?, ?)", (name, until))

        self._store.write(work)

    def leave(self, name: str) -> None:
        """Say that a process takes none in any more."""
        self._store.write(lambda db: db.run("DELETE FROM listeners WHERE name = ?", (name,)))


class Watcher:
    """Tells of deliveries that came since it last was asked.

    Args:
        mailbox: Where they are.
        provider: Whose.
    """

    def __init__(self, mailbox: Mailbox, provider: str) -> None:
        self._mailbox = mailbox
        self._provider = provider
        self._seen: int | None = None

    def is_live(self) -> bool:
        """Whether deliveries can come at all; from the first time on, what comes is seen."""
        if not self._mailbox.is_listened():
            return False
        if self._seen is None:
            self._seen = self._mailbox.newest()
        return True

    def ids(self) -> set[str]:
        """Give the ids of the orders that deliveries spoke of."""
        found = self._mailbox.since(self._seen or 0, self._provider)
        if found:
            self._seen = found[-1][0]
        return {order_id for _, order_id in found}
