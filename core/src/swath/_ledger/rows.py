# SPDX-License-Identifier: Apache-2.0
"""Rows of the ledger's tables as records, and how a key finds them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import evolve

from swath._ledger.codec import decode, encode, plain_text
from swath._ledger.records import Entry
from swath._ledger.stores import Database, Row
from swath.errors import InputError, NotFound
from swath.models import Order, OrderState
from swath.models.ordering import tag_mark

__all__ = [
    "add",
    "entry_of",
    "find_group",
    "find_known",
    "find_live",
    "find_one",
    "merge",
    "note",
    "set_received",
    "text_of",
    "unknown",
    "update",
]

_ENDED = (OrderState.FAILED.value, OrderState.CANCELED.value)
"""States in which an order no longer stands in the way of another one like it."""
_SHORTEST_PREFIX = 4
_STEPS = (OrderState.UNCERTAIN, OrderState.ORDERED, OrderState.PENDING, OrderState.SHIPPING)
"""States that are not final; the one that counts most for a group first."""


def text_of(time: dt.datetime) -> str:
    """Write a time so that texts sort as times do."""
    return time.astimezone(dt.UTC).isoformat(timespec="microseconds")


# --- writing ---------------------------------------------------------------------------------------------------------


def add(
    db: Database,
    order: Order,
    now: str,
    *,
    account: str,
    profile: str,
    fingerprint: str,
    group: str | None,
    intent: bool,
) -> None:
    """Add an order that is not there yet."""
    # The request is large and never changes: apart from the rest, it is written once.
    row = {
        "tag": order.tag,
        "provider": order.provider,
        "id": plain_text(order.id),
        "state": order.state.value,
        "native_state": plain_text(order.native_state),
        "account": account,
        "profile": profile,
        "fingerprint": fingerprint,
        "grp": group,
        "intent": intent,
        "claimed": now,
        "updated": now,
        "document": encode(evolve(order, request=None)),
        "request": None if order.request is None else encode(order.request),
    }
    db.run(
        f"INSERT INTO orders ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",  # noqa: S608 - names are ours
        tuple(row.values()),
    )


def update(db: Database, order: Order, now: str, *, intent: bool) -> None:
    """Replace what is known of an order; the request stays as it was claimed."""
    known = db.run("SELECT request IS NULL AS missing FROM orders WHERE tag = ?", (order.tag,))
    request = encode(order.request) if known[0]["missing"] and order.request is not None else None
    document = encode(evolve(order, request=None))
    db.run(
        "UPDATE orders SET id = ?, state = ?, native_state = ?, document = ?, request = COALESCE(request, ?),"
        " intent = ?, updated = ? WHERE tag = ?",
        (
            plain_text(order.id),
            order.state.value,
            plain_text(order.native_state),
            document,
            request,
            intent,
            now,
            order.tag,
        ),
    )


def note(db: Database, order: Order, now: str, source: str, words: str) -> None:
    """Add a line to an order's history; a poll that shows nothing new adds none."""
    found = db.run("SELECT state, native_state, note FROM history WHERE tag = ? ORDER BY n DESC LIMIT 1", (order.tag,))
    line = (order.state.value, plain_text(order.native_state), plain_text(words))
    if source == "poll" and any((last["state"], last["native_state"], last["note"]) == line for last in found):
        return
    db.run(
        "INSERT INTO history (tag, at, state, native_state, note, source) VALUES (?, ?, ?, ?, ?, ?)",
        (order.tag, now, *line, source),
    )


def merge(known: Order, seen: Order) -> Order:
    """Take what a look has shown, and keep what it cannot show."""
    return evolve(
        seen,
        tag=known.tag,
        id=seen.id or known.id,
        request=seen.request or known.request,
        created=seen.created or known.created,
        quote=seen.quote or known.quote,
    )


# --- reading ---------------------------------------------------------------------------------------------------------


def entry_of(row: Row) -> Entry:
    """Read one row of the orders."""
    order: Order = decode(row["document"])
    request = None if row["request"] is None else decode(row["request"])
    return Entry(
        order=evolve(order, request=request),
        account=row["account"],
        profile=row["profile"],
        fingerprint=row["fingerprint"],
        group=row["grp"],
        intent=bool(row["intent"]),
        claimed=dt.datetime.fromisoformat(row["claimed"]),
        updated=dt.datetime.fromisoformat(row["updated"]),
        folder=row["folder"],
        host=row["host"],
        received=bool(row["received"]),
    )


def find_live(db: Database, fingerprint: str) -> Entry | None:
    """Give the newest order of a fingerprint that neither failed nor was canceled.

    An order that was taken up from the provider's list has no fingerprint here; its tag tells it.
    """
    mark = tag_mark(fingerprint)
    found = db.run(
        "SELECT * FROM orders WHERE (fingerprint = ? OR (fingerprint = '' AND substr(tag, 1, ?) = ?))"
        " AND state NOT IN (?, ?) ORDER BY n DESC LIMIT 1",
        (fingerprint, len(mark), mark, *_ENDED),
    )
    return entry_of(found[0]) if found else None


def find_known(db: Database, order: Order) -> Entry | None:
    """Give the entry of an order by its tag, else by its provider and id."""
    found: Sequence[Row] = ()
    if order.tag:
        found = db.run("SELECT * FROM orders WHERE tag = ?", (order.tag,))
    if not found and order.id:
        query = "SELECT * FROM orders WHERE provider = ? AND id = ? ORDER BY n DESC LIMIT 1"
        found = db.run(query, (order.provider, order.id))
    return entry_of(found[0]) if found else None


def find_one(db: Database, key: str) -> Entry:
    """Give the order, or the group as one order, that a key names or begins.

    Raises:
        NotFound: If there is none.
        InputError: If there are several.
    """
    for column in ("tag", "id") if key else ():
        # The column is one of ours; the key goes through a parameter.
        exact = db.run(f"SELECT * FROM orders WHERE {column} = ?", (key,))  # noqa: S608
        if len(exact) == 1:
            return entry_of(exact[0])
        if exact:
            raise _ambiguous(key, [f"{row['tag']} ({row['provider']}, {row['profile']})" for row in exact])
    members = db.run("SELECT * FROM orders WHERE grp = ? ORDER BY n", (key,))
    if members:
        return _group_entry([entry_of(row) for row in members])
    groups, rows = _groups_beginning(db, key), _rows_beginning(db, key)
    if len(groups) + len(rows) > 1:
        raise _ambiguous(key, [*groups, *(f"{row['tag']} ({row['provider']} {row['id']})" for row in rows)])
    if rows:
        return entry_of(rows[0])
    if groups:
        return _group_entry(find_group(db, groups[0]))
    raise unknown(key)


def find_group(db: Database, key: str) -> list[Entry]:
    """Give the orders of the group that a key names or alone begins; none if it is no group's, or an order's too."""
    query = "SELECT * FROM orders WHERE grp = ? ORDER BY n"
    rows = db.run(query, (key,))
    if not rows:
        groups = _groups_beginning(db, key)
        if len(groups) == 1 and not _rows_beginning(db, key):
            rows = db.run(query, (groups[0],))
    return [entry_of(row) for row in rows]


def unknown(key: str) -> NotFound:
    """Say that the ledger does not know an order."""
    short = f"; a beginning needs {_SHORTEST_PREFIX} characters or more" if len(key) < _SHORTEST_PREFIX else ""
    return NotFound(
        f"the ledger has no order {key!r}", hint=f"list the orders it has with: swath orders{short}", step="orders"
    )


def _groups_beginning(db: Database, key: str) -> list[str]:
    if len(key) < _SHORTEST_PREFIX:
        return []
    query = "SELECT DISTINCT grp FROM orders WHERE substr(grp, 1, ?) = ? ORDER BY grp"
    return [row["grp"] for row in db.run(query, (len(key), key))]


def _rows_beginning(db: Database, key: str) -> Sequence[Row]:
    """Give the rows whose tag, with or without what all tags begin with, or id begins so."""
    if len(key) < _SHORTEST_PREFIX:
        return []
    with_mark = f"swath-{key}"
    query = (
        "SELECT * FROM orders WHERE substr(tag, 1, ?) = ? OR substr(tag, 1, ?) = ? OR substr(id, 1, ?) = ? ORDER BY n"
    )
    values = (len(key), key, len(with_mark), with_mark, len(key), key)
    return db.run(query, values)


def set_received(db: Database, tag: str, *, received: bool, folder: str | None = None, host: str | None = None) -> None:
    """Write down where an order's files go, or that they are all there."""
    db.run(
        "UPDATE orders SET received = ?, folder = COALESCE(?, folder), host = COALESCE(?, host) WHERE tag = ?",
        (received, None if folder is None else plain_text(folder), host, tag),
    )


def _ambiguous(key: str, candidates: Sequence[str]) -> InputError:
    shown = ", ".join(candidates[:10]) + (f" and {len(candidates) - 10} more" if len(candidates) > 10 else "")
    return InputError(
        f"{key!r} may be any of {len(candidates)} orders: {shown}",
        hint="give more of the id, or the whole tag",
        details={"candidates": list(candidates)},
    )


def _group_entry(entries: Sequence[Entry]) -> Entry:
    """Present a group as one order; alone in its group, an order stands for itself."""
    first = entries[0]
    if len(entries) == 1:
        return first
    states = [entry.order.state for entry in entries]
    open_states = [state for state in states if not state.is_final]
    if open_states:
        state = min(open_states, key=_STEPS.index)
    else:
        state = states[0] if len(set(states)) == 1 else OrderState.PARTIAL
    order = Order(
        provider=first.order.provider,
        id=first.group or "",
        tag=first.group or "",
        kind="group",
        state=state,
        created=first.order.created,
        failed_items={name: why for entry in entries for name, why in entry.order.failed_items.items()},
        parts=[entry.order for entry in entries],
    )
    return evolve(
        first,
        order=order,
        fingerprint="",
        intent=any(entry.intent for entry in entries),
        claimed=min(entry.claimed for entry in entries),
        updated=max(entry.updated for entry in entries),
        received=all(entry.received for entry in entries),
    )
