# SPDX-License-Identifier: Apache-2.0
"""Ledgers of older versions, made by hand, go on with this one."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import sqlite3

import pytest

from swath._ledger import Ledger
from swath._ledger.schema import VERSION, statements
from swath.errors import LedgerError
from swath.models import Order, OrderRequest, OrderState, new_tag

START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
TAG = "swath-00000000000000aa"
ROWS = [
    (
        (
            "INSERT INTO orders (tag, provider, id, state, native_state, account, profile, fingerprint, grp, intent, claimed,"
            " updated, document, request) VALUES (?, 'planet', 'p1', 'succeeded', 'success', 'acc', 'default', 'f1', NULL, 0,"
            " '2026-02-01T00:00:00.000000+00:00', '2026-02-01T01:00:00.000000+00:00', ?, ?)"
        ),
        (
            TAG,
            (
                '{"$swath":"Order","value":{"provider":"planet","id":"p1","tag":"swath-00000000000000aa",'
                '"state":{"$swath":"OrderState","value":"succeeded"},"native_state":"success"}}'
            ),
            '{"$swath":"OrderRequest","value":{"items":[{"id":"a"}],"tag":"swath-00000000000000aa"}}',
        ),
    ),
    (
        (
            "INSERT INTO history (tag, at, state, native_state, source, note)"
            " VALUES (?, '2026-02-01T00:00:00.000000+00:00', 'ordered', '', 'claim', 'about to be sent')"
        ),
        (TAG,),
    ),
    (
        "INSERT INTO files (tag, path, document) VALUES (?, '/data/a.tif', ?)",
        (
            TAG,
            (
                '{"$swath":"Receipt","value":{"path":"/data/a.tif","size":7,"checksum":"1220ab",'
                '"verified":{"$swath":"Verification","value":"size"},'
                '"asset":{"$swath":"Asset","value":{"href":"https://h/a.tif","name":"a.tif"}}}}'
            ),
        ),
    ),
]
# As swath 0.1 made it.
VERSION_1 = """
    CREATE TABLE orders (n INTEGER PRIMARY KEY AUTOINCREMENT, tag TEXT NOT NULL UNIQUE, provider TEXT NOT NULL,
        id TEXT NOT NULL, state TEXT NOT NULL, native_state TEXT NOT NULL, account TEXT NOT NULL, profile TEXT NOT NULL,
        fingerprint TEXT NOT NULL, grp TEXT, intent INTEGER NOT NULL, claimed TEXT NOT NULL, updated TEXT NOT NULL,
        document TEXT NOT NULL, request TEXT);
    CREATE INDEX orders_fingerprint ON orders (fingerprint);
    CREATE INDEX orders_id ON orders (id);
    CREATE INDEX orders_grp ON orders (grp);
    CREATE TABLE history (n INTEGER PRIMARY KEY AUTOINCREMENT, tag TEXT NOT NULL, at TEXT NOT NULL, state TEXT NOT NULL,
        native_state TEXT NOT NULL, source TEXT NOT NULL, note TEXT NOT NULL);
    CREATE INDEX history_tag ON history (tag);
    CREATE TABLE files (tag TEXT NOT NULL, path TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (tag, path));
"""


class FakeClock:
    def now(self):
        return START


def old_file(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(VERSION_1)
        for statement, values in ROWS:
            db.execute(statement, values)
        db.execute(f"PRAGMA application_id = {0x73776174}")
        db.execute("PRAGMA user_version = 1")
        db.commit()
    return path


def old_database(url):
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute("CREATE SCHEMA swath")
        connection.execute("SET search_path TO swath")
        script = VERSION_1.replace("INTEGER PRIMARY KEY AUTOINCREMENT", "BIGSERIAL PRIMARY KEY")
        connection.execute(script)
        for statement, values in ROWS:
            connection.execute(statement.replace("?", "%s"), values)
        connection.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
        connection.execute("INSERT INTO schema_version VALUES (1)")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request, tmp_path):
    """Give the place of a ledger of version 1 that holds one order, its history and its file."""
    if request.param == "sqlite":
        return old_file(tmp_path / "ledger.sqlite3")
    return old_database(request.getfixturevalue("postgres"))


@pytest.fixture
def ledger(old):
    with contextlib.closing(Ledger(old, clock=FakeClock())) as made:
        yield made


def test_ledger_of_version_1_keeps_all_it_holds(ledger):
    entry = ledger.get("p1")

    assert (entry.order.state, entry.order.native_state) == (OrderState.SUCCEEDED, "success")
    assert entry.order.request == OrderRequest(items=[{"id": "a"}], tag=TAG)
    assert [row.source for row in ledger.history(TAG)] == ["claim"]
    assert [receipt.path for receipt in ledger.files(TAG)] == ["/data/a.tif"]
    assert ledger.live("f1").order.tag == TAG
    assert ledger.set_aside is None


def test_ledger_of_version_1_counts_what_was_received_as_received(ledger):
    assert ledger.get(TAG).received
    assert not ledger.get(TAG).is_open


def test_ledger_of_version_1_takes_what_is_new(ledger, tmp_path):
    ledger.record_folder([TAG], tmp_path / "data")

    entry = ledger.get(TAG)
    assert (entry.folder, entry.received, entry.is_open) == (str(tmp_path / "data"), False, True)
    tag = new_tag()
    assert ledger.claim(Order(provider="planet", tag=tag), fingerprint="f2", account="acc", profile="p") is None


def test_ledger_of_version_1_is_migrated_once(old):
    for _ in range(2):
        with contextlib.closing(Ledger(old, clock=FakeClock())) as ledger:
            assert len(ledger.entries()) == 1


def test_ledger_of_version_1_when_its_migration_fails_is_as_before(tmp_path):
    """A migration happens whole or not at all."""
    path = old_file(tmp_path / "ledger.sqlite3")
    with contextlib.closing(sqlite3.connect(path)) as db:
        # The last column that the migration adds is there already, as no version of ours would leave it.
        db.execute("ALTER TABLE orders ADD COLUMN received INTEGER")
        db.commit()

    with contextlib.closing(Ledger(path, clock=FakeClock())) as ledger, pytest.raises(LedgerError, match="duplicate"):
        ledger.entries()

    with contextlib.closing(sqlite3.connect(path)) as db:
        columns = {row[1] for row in db.execute("PRAGMA table_info(orders)")}
        assert db.execute("PRAGMA user_version").fetchone()[0] == 1
    assert "folder" not in columns


def test_an_older_swath_that_is_open_goes_on_while_the_ledger_is_migrated(tmp_path):
    path = old_file(tmp_path / "ledger.sqlite3")
    with contextlib.closing(sqlite3.connect(path)) as older:
        with contextlib.closing(Ledger(path, clock=FakeClock())) as ledger:
            assert len(ledger.entries()) == 1
        older.execute(ROWS[0][0].replace("'p1'", "'p2'"), ("swath-00000000000000bb", *ROWS[0][1][1:]))
        older.commit()

    with contextlib.closing(Ledger(path, clock=FakeClock())) as ledger:
        assert not ledger.get("p2").received


def test_version_1_is_what_the_first_migration_makes():
    """The first script is frozen: files that it made are out there."""
    first = [line for line in statements(0) if line not in statements(1)]

    def plain(text):
        return re.sub(r"\s+", "", text)

    assert plain("".join(f"{line};" for line in first)) == plain(VERSION_1)
    assert VERSION == 3
