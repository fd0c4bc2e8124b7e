# SPDX-License-Identifier: Apache-2.0
"""The ledger: which orders were meant, sent, seen and delivered."""

from __future__ import annotations

import datetime as dt
import platform
from collections.abc import Iterable
from pathlib import Path

from attrs import evolve

from swath._clock import Clock
from swath._ledger import rows
from swath._ledger.codec import decode, encode, plain_text
from swath._ledger.mailbox import Mailbox
from swath._ledger.postgres import PostgresStore, is_shared
from swath._ledger.records import Entry, HistoryRow
from swath._ledger.sqlite import SqliteStore
from swath._ledger.stores import Database, Store
from swath.errors import InputError
from swath.models import Order, OrderState, Receipt

__all__ = ["Ledger"]


class Ledger:
    """Orders on disk, shared by all threads and processes of a user, or by a team.

    Nothing is opened before it is used. Each change is one transaction that is on the disk when the call returns.
    Each call may raise `LedgerError`: the ledger cannot be read or written.

    Args:
        place: The SQLite file, or the ``postgresql://`` address of a database.
        clock: What times are taken from.

    Raises:
        ConfigurationError: For an address that cannot be used.
    """

    def __init__(self, place: Path | str, *, clock: Clock) -> None:
        text = str(place)
        self._store: Store = PostgresStore(text) if is_shared(text) else SqliteStore(Path(place), clock=clock)
        self._clock = clock
        self.mailbox = Mailbox(self._store, clock)
        """What came by webhook."""

    @property
    def where(self) -> str:
        """Its place, without any secret."""
        return self._store.where

    @property
    def path(self) -> Path | None:
        """Its file; None for a database."""
        return self._store.path

    @property
    def shared(self) -> bool:
        """Whether other machines use it too."""
        return self._store.shared

    @property
    def set_aside(self) -> Path | None:
        """Where a broken ledger was put when this one was opened."""
        return self._store.set_aside

    # --- writing --------------------------------------------------------------------------------------------------

    def claim(
        self,
        order: Order,
        *,
        fingerprint: str,
        account: str,
        profile: str,
        group: str | None = None,
        again: bool = False,
    ) -> Entry | None:
        """Write down the intent to send an order, unless one like it stands.

        Of any number of callers that claim one fingerprint at once, one gets None.

        Args:
            order: With tag and request, before it is sent.
            fingerprint: From `swath._ledger.fingerprint`.
            account: Which account sends it.
            profile: Its profile.
            group: Id that the orders of one call share.
            again: Whether to order although one like it stands.

        Returns:
            The order that stands, and nothing was written; or None: the intent is on the disk and may be sent.

        Raises:
            InputError: If the order has no tag, the tag is taken, or something in it cannot be written.
        """
        if not order.tag:
            raise InputError("an order cannot be claimed without a tag", hint="make one with swath.models.new_tag()")

        def work(db: Database) -> Entry | None:
            standing = None if again else rows.find_live(db, fingerprint)
            if standing is not None:
                return standing
            if db.run("SELECT 1 AS taken FROM orders WHERE tag = ?", (order.tag,)):
                raise InputError(
                    f"the tag {order.tag!r} is in the ledger already", hint="make one with swath.models.new_tag()"
                )
            now = self._now()
            rows.add(
                db, order, now, account=account, profile=profile, fingerprint=fingerprint, group=group, intent=True
            )
            rows.note(db, order, now, "claim", "about to be sent")
            return None

        return self._store.write(work)

    def record(
        self,
        order: Order,
        *,
        source: str,
        note: str = "",
        account: str = "",
        profile: str = "",
        group: str | None = None,
    ) -> Order:
        """Write down what was learnt of an order.

        What a look does not show (id, request, time of creation) stays as it was. A poll that shows nothing new adds no
        line to the history. An order that the ledger does not know, such as one made elsewhere, is added.

        Args:
            order: As seen now.
            source: ``"send"``, ``"poll"``, ``"list"``, ``"user"`` or ``"webhook"``.
            note: Further words for the history.
            account: For an order that is new here: whose it is.
            profile: For an order that is new here: its profile.
            group: For an order that is new here: its group.

        Returns:
            The order as the ledger now has it.

        Raises:
            InputError: If the order has neither tag nor id, or something in it cannot be written.
        """
        if not order.tag and not order.id:
            raise InputError("an order with neither tag nor id cannot be recorded", hint="pass one that was sent")

        def work(db: Database) -> Order:
            known = rows.find_known(db, order)
            now = self._now()
            if known is None:
                whole = evolve(order, tag=order.tag or f"{order.provider}/{order.id}")
                rows.add(db, whole, now, account=account, profile=profile, fingerprint="", group=group, intent=False)
            else:
                whole = rows.merge(known.order, order)
                is_answer = source == "send" or whole.id or whole.state.is_final or whole.state is OrderState.UNCERTAIN
                rows.update(db, whole, now, intent=known.intent and not is_answer)
            rows.note(db, whole, now, source, note)
            return whole

        return self._store.write(work)

    def confirm(self, tag: str) -> bool:
        """Say that an order is being sent now, unless another process has settled it meanwhile.

        Returns:
            Whether it still may be sent.
        """

        def work(db: Database) -> bool:
            found = db.run("SELECT intent, state FROM orders WHERE tag = ?", (tag,))
            if not found or not found[0]["intent"] or OrderState(found[0]["state"]).is_final:
                return False
            db.run("UPDATE orders SET updated = ? WHERE tag = ?", (self._now(), tag))
            return True

        return self._store.write(work)

    def settle(self, order: Order, *, unless_changed_since: Entry, note: str) -> bool:
        """Write down that an order in doubt does not exist, if nothing else was learnt since it was looked for.

        Args:
            order: In its final state.
            unless_changed_since: As it was before the provider was asked.
            note: Further words for the history.

        Returns:
            Whether it was written.
        """

        def work(db: Database) -> bool:
            known = rows.find_known(db, order)
            if known is None or known.updated != unless_changed_since.updated:
                return False
            now = self._now()
            whole = rows.merge(known.order, order)
            rows.update(db, whole, now, intent=False)
            rows.note(db, whole, now, "list", note)
            return True

        return self._store.write(work)

    def record_folder(self, tags: Iterable[str], folder: Path) -> None:
        """Write down where the files of orders will go, before the first of them comes.

        Tags that the ledger does not know, of what was never ordered, are passed over.
        """
        wanted = sorted({tag for tag in tags if tag})
        host = platform.node()

        def work(db: Database) -> None:
            for tag in wanted:
                rows.set_received(db, tag, received=False, folder=str(folder.absolute()), host=host)

        if wanted:
            self._store.write(work)

    def record_files(self, tag: str, receipts: Iterable[Receipt], *, complete: bool = False) -> None:
        """Write down which files of an order are in place; a path that is there already is replaced.

        Args:
            tag: Of the order.
            receipts: Its files.
            complete: Whether these are all that it delivers.

        Raises:
            NotFound: If the ledger does not know the order.
        """
        found = [(tag, plain_text(receipt.path), encode(receipt)) for receipt in receipts]

        def work(db: Database) -> None:
            if not db.run("SELECT 1 AS known FROM orders WHERE tag = ? OR grp = ?", (tag, tag)):
                raise rows.unknown(tag)
            for values in found:
                db.run(
                    "INSERT INTO files (tag, path, document) VALUES (?, ?, ?)"
                    " ON CONFLICT (tag, path) DO UPDATE SET document = excluded.document",
                    values,
                )
            if complete:
                rows.set_received(db, tag, received=True)

        self._store.write(work)

    # --- reading --------------------------------------------------------------------------------------------------

    def live(self, fingerprint: str) -> Entry | None:
        """Give the order of a fingerprint that stands (neither failed nor canceled), the newest of several."""
        return self._store.read(lambda db: rows.find_live(db, fingerprint))

    def get(self, key: str) -> Entry:
        """Give one order.

        Args:
            key: Tag, provider's id, group id, or the beginning of one of them, 4 characters or more; ``swath-`` may be
                left out.

        Returns:
            The order; of a group with several, one of kind ``"group"`` with its parts.

        Raises:
            NotFound: If there is none.
            InputError: If several begin so; they are listed.
        """
        return self._store.read(lambda db: rows.find_one(db, key))

    def group(self, key: str) -> list[Entry]:
        """Give the orders of a group by its id, or its beginning, in the order they were made.

        Returns:
            The orders; none if it is no group's id.
        """
        return self._store.read(lambda db: rows.find_group(db, key))

    def entries(
        self,
        provider: str | None = None,
        states: Iterable[OrderState | str] | None = None,
        since: dt.datetime | None = None,
        profile: str | None = None,
    ) -> list[Entry]:
        """List orders, newest first.

        Args:
            provider: Only this provider's.
            states: Only in one of these states.
            since: Only those written at or after this, aware.
            profile: Only this profile's.
        """
        clauses, values = ["1 = 1"], []
        if provider is not None:
            clauses.append("provider = ?")
            values.append(provider)
        if profile is not None:
            clauses.append("profile = ?")
            values.append(profile)
        if since is not None:
            clauses.append("claimed >= ?")
            values.append(rows.text_of(since))
        if states is not None:
            wanted = [OrderState(state).value for state in states]
            if not wanted:
                return []
            clauses.append(f"state IN ({', '.join('?' * len(wanted))})")
            values.extend(wanted)
        # The clauses are ours; what a caller gives goes through parameters.
        query = f"SELECT * FROM orders WHERE {' AND '.join(clauses)} ORDER BY n DESC"  # noqa: S608
        return self._store.read(lambda db: [rows.entry_of(row) for row in db.run(query, values)])

    def history(self, tag: str) -> list[HistoryRow]:
        """Give all that was learnt of an order, oldest first."""
        query = "SELECT * FROM history WHERE tag = ? ORDER BY n"
        return [
            HistoryRow(
                at=dt.datetime.fromisoformat(row["at"]),
                **{name: row[name] for name in ("state", "native_state", "source", "note")},
            )
            for row in self._store.read(lambda db: db.run(query, (tag,)))
        ]

    def files(self, tag: str) -> list[Receipt]:
        """Give the files of an order, or of all orders of a group, by path."""
        query = (
            "SELECT document FROM files WHERE tag = ? OR tag IN (SELECT tag FROM orders WHERE grp = ?) ORDER BY path"
        )
        found = self._store.read(lambda db: db.run(query, (tag, tag)))
        return [decode(row["document"]) for row in found]

    def is_here(self, entry: Entry) -> bool:
        """Whether the folder of an order is one of this machine's."""
        return not self.shared or entry.host in {None, platform.node()}

    def close(self) -> None:
        """Let go of file or database; a later call opens it again."""
        self._store.close()

    def _now(self) -> str:
        return rows.text_of(self._clock.now())
