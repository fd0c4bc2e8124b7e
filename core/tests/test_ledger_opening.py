# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

from swath._ledger import Ledger
from swath.errors import LedgerError
from swath.models import Order, OrderRequest, OrderState, new_tag

START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
ASIDE = "ledger.sqlite3.corrupt-20260301T120000Z"


class FakeClock:
    def now(self):
        return START


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sqlite3"


@pytest.fixture
def opened(path):
    """Make ledgers that are closed in the end."""
    with contextlib.ExitStack() as stack:

        def make():
            return stack.enter_context(contextlib.closing(Ledger(path, clock=FakeClock())))

        yield make


def claim(ledger, mark="f1", **changes):
    tag = new_tag()
    order = Order(provider="planet", tag=tag, request=OrderRequest(tag=tag, **changes))
    assert ledger.claim(order, fingerprint=mark, account="acc", profile="default") is None
    return tag


def fill(path, count=200):
    with contextlib.closing(Ledger(path, clock=FakeClock())) as ledger:
        return [claim(ledger, str(number), options={"text": "x" * 500}) for number in range(count)]


def live_copy(path, tmp_path):
    """Copy a ledger with a filled journal, as a killed process leaves it."""
    source = tmp_path / "source" / "ledger.sqlite3"
    with contextlib.closing(Ledger(source, clock=FakeClock())) as ledger:
        for number in range(20):
            claim(ledger, str(number), options={"text": "y" * 500})
        for suffix in ("", "-wal", "-shm"):
            shutil.copy(f"{source}{suffix}", f"{path}{suffix}")


@contextlib.contextmanager
def as_nobody():
    """Drop root's power to write everywhere; an ordinary user has none."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@contextlib.contextmanager
def read_only_folder(prepare=lambda folder: None):
    """Give a folder that may be read and not written, outside pytest's own, which another user cannot enter."""
    folder = Path(tempfile.mkdtemp())
    try:
        prepare(folder)
        for entry in folder.iterdir():
            entry.chmod(0o444)
        folder.chmod(0o555)
        with as_nobody():
            yield folder
    finally:
        folder.chmod(0o700)
        shutil.rmtree(folder)


def foreign(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE recipes (name TEXT)")
        db.commit()


def foreign_with_id(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA application_id = 1234")
        db.execute("CREATE TABLE recipes (name TEXT)")
        db.commit()


def truncated(path):
    fill(path)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def cut_in_a_page(path):
    fill(path)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2 + 100)


def scribbled(path):
    fill(path)
    data = bytearray(path.read_bytes())
    data[8192:40960] = b"\xa5" * 32768
    path.write_bytes(data)


BROKEN = {
    "garbage": lambda path: path.write_bytes(bytes(range(256)) * 64),
    "short garbage": lambda path: path.write_bytes(b"oops"),
    "text": lambda path: path.write_text("this is my shopping list\n" * 100),
    "zeros": lambda path: path.write_bytes(bytes(16384)),
    "head only": lambda path: path.write_bytes(b"SQLite format 3\0"),
    "truncated": truncated,
    "cut in a page": cut_in_a_page,
    "scribbled": scribbled,
    "foreign": foreign,
    "foreign with id": foreign_with_id,
}


@pytest.mark.parametrize("case", BROKEN)
def test_ledger_when_broken_is_set_aside_untouched_and_a_new_one_begun(path, opened, case, caplog):
    BROKEN[case](path)
    before = path.read_bytes()
    ledger = opened()

    with caplog.at_level(logging.WARNING, logger="swath.ledger"):
        tag = claim(ledger)

    assert ledger.set_aside == path.with_name(ASIDE)
    assert ledger.set_aside.read_bytes() == before
    assert ledger.get(tag).order.tag == tag
    assert len(caplog.records) == 1
    assert str(ledger.set_aside) in caplog.text
    again = opened()
    assert again.get(tag).order.tag == tag
    assert again.set_aside is None


def test_ledger_when_broken_keeps_its_journal_beside_it(path, opened, tmp_path):
    live_copy(path, tmp_path)
    path.write_bytes(b"not a database" * 400)
    before = {suffix: Path(f"{path}{suffix}").read_bytes() for suffix in ("", "-wal")}
    ledger = opened()

    claim(ledger)

    assert {suffix: Path(f"{ledger.set_aside}{suffix}").read_bytes() for suffix in before} == before
    assert Path(f"{ledger.set_aside}-shm").exists()
    assert len(ledger.entries()) == 1


def test_ledger_when_emptied_keeps_its_journal(path, opened, tmp_path):
    live_copy(path, tmp_path)
    path.write_bytes(b"")
    journal = Path(f"{path}-wal").read_bytes()
    ledger = opened()

    claim(ledger)

    assert journal
    assert Path(f"{ledger.set_aside}-wal").read_bytes() == journal


def test_ledger_when_left_by_a_killed_process_is_whole(path, opened, tmp_path):
    live_copy(path, tmp_path)
    ledger = opened()

    assert len(ledger.entries()) == 20
    assert ledger.set_aside is None


@pytest.mark.parametrize("prepare", [Path.touch, lambda path: sqlite3.connect(path).close()])
def test_ledger_when_empty_is_a_new_one(path, opened, prepare):
    prepare(path)
    ledger = opened()

    claim(ledger)

    assert ledger.set_aside is None


def test_ledger_when_its_making_was_cut_short_is_made_again(path, opened):
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
    assert path.stat().st_size > 0
    ledger = opened()

    claim(ledger)

    assert ledger.set_aside is None


def test_ledger_when_its_making_was_killed_within_a_transaction_is_made_again(path, opened, tmp_path):
    """A new file becomes one with a write-ahead log by a transaction of the other kind, whose journal is left."""
    with contextlib.closing(sqlite3.connect(tmp_path / "begun", isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 1")  # so that pages are written before the end
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE t (x)")
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 4000,)] * 50)
        shutil.copy(tmp_path / "begun", path)
        shutil.copy(tmp_path / "begun-journal", f"{path}-journal")
    assert path.stat().st_size > 0

    ledger = opened()
    tag = claim(ledger)

    assert [entry.order.tag for entry in ledger.entries()] == [tag]
    assert ledger.set_aside is None
    assert not path.with_name(f"{path.name}-journal").exists()


def test_ledger_when_broken_twice_in_a_second_keeps_both(path, opened):
    path.write_bytes(b"first" * 1000)
    claim(opened())
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    path.write_bytes(b"second" * 1000)
    ledger = opened()
    claim(ledger)

    assert ledger.set_aside.name == f"{ASIDE}-2"
    assert path.with_name(ASIDE).read_bytes().startswith(b"first")
    assert ledger.set_aside.read_bytes().startswith(b"second")


def test_ledger_when_damaged_while_open_is_set_aside(path, opened, caplog):
    tags = fill(path, 2000)
    ledger = opened()
    assert ledger.get(tags[0]).intent
    data = path.read_bytes()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (len(data) - 4096))
    damaged = path.read_bytes()

    tag = claim(ledger, "other")

    assert ledger.set_aside == path.with_name(ASIDE)
    assert ledger.set_aside.read_bytes() == damaged
    assert [entry.order.tag for entry in ledger.entries()] == [tag]
    assert "damaged" in caplog.text


def test_ledger_when_another_has_set_it_aside_writes_to_the_new_one(path, opened):
    one, two = opened(), opened()
    claim(one, "before")
    path.rename(path.with_name("elsewhere"))
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").rename(path.with_name(f"elsewhere{suffix}"))

    tag = claim(two, "new")
    assert [entry.order.tag for entry in one.entries()] == [tag]
    other = claim(one, "newer")

    assert [entry.order.tag for entry in two.entries()] == [other, tag]
    assert one.get(tag).order.tag == tag
    two.record(two.get(tag).order.seen(OrderState.FAILED), source="send")
    assert one.get(tag).order.state is OrderState.FAILED


def test_ledger_when_it_is_replaced_between_look_and_transaction_writes_to_the_new_one(path):
    ledger = Ledger(path, clock=FakeClock())
    claim(ledger, "before")
    identity = path.stat().st_ino
    ledger._store._opened()

    def meddle(statement):
        if statement.startswith("BEGIN") and path.stat().st_ino == identity:
            for suffix in ("-wal", "-shm", ""):
                Path(f"{path}{suffix}").rename(path.with_name(f"elsewhere{suffix}"))

    ledger._store._connection.set_trace_callback(meddle)
    tag = claim(ledger, "after")

    assert [entry.order.tag for entry in ledger.entries()] == [tag]
    ledger.close()


def test_ledger_when_a_newer_swath_wrote_it_is_left_alone(path, opened):
    fill(path, 1)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    ledger = opened()

    with pytest.raises(LedgerError, match="has version 99, and this swath knows 3") as caught:
        ledger.entries()

    assert "upgrade swath" in caught.value.hint
    assert ledger.set_aside is None
    assert path.read_bytes() == before


def test_ledger_when_a_record_cannot_be_understood_says_so(path, opened):
    [tag] = fill(path, 1)
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE orders SET document = ?", ('{"$swath":"Order","value":{"state":"?"}}',))
        db.commit()

    with pytest.raises(LedgerError, match="cannot be understood"):
        opened().get(tag)


def test_ledger_when_its_folder_is_a_file_says_so(tmp_path):
    (tmp_path / "home").write_text("a file")
    ledger = Ledger(tmp_path / "home" / "ledger.sqlite3", clock=FakeClock())

    with pytest.raises(LedgerError, match=r"home should be a folder and is not") as caught:
        ledger.entries()

    assert "SWATH_HOME" in caught.value.hint


def test_ledger_when_it_is_a_folder_says_so(path, opened):
    path.mkdir()

    with pytest.raises(LedgerError, match=f"{path} cannot be opened"):
        opened().entries()

    assert path.is_dir()


@pytest.mark.skipif(os.name != "posix", reason="rights are POSIX's")
def test_ledger_when_the_folder_may_not_be_written_says_so():
    with read_only_folder() as folder:
        ledger = Ledger(folder / "ledger.sqlite3", clock=FakeClock())

        with pytest.raises(LedgerError, match="cannot be opened: Permission denied") as caught:
            claim(ledger)

    assert "SWATH_HOME" in caught.value.hint


@pytest.mark.skipif(os.name != "posix", reason="rights are POSIX's")
def test_ledger_when_the_file_may_not_be_written_says_so():
    def prepare(folder):
        fill(folder / "ledger.sqlite3", 1)

    with read_only_folder(prepare) as folder:
        ledger = Ledger(folder / "ledger.sqlite3", clock=FakeClock())

        with pytest.raises(LedgerError, match=r"ledger\.sqlite3 cannot be opened"):
            claim(ledger)

        assert ledger.set_aside is None
        assert [entry.name for entry in folder.glob("*corrupt*")] == []


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files")
def test_ledger_when_the_disk_is_full_says_so_and_keeps_what_it_has(path, opened):
    [tag] = fill(path, 1)
    script = textwrap.dedent(
        """
        import resource, signal, sys
        from pathlib import Path
        from swath._clock import SystemClock
        from swath._ledger import Ledger
        from swath.errors import LedgerError
        from swath.models import Order, OrderRequest

        ledger = Ledger(Path(sys.argv[1]), clock=SystemClock())
        ledger.entries()
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        request = OrderRequest(options={"text": "x" * 1_000_000})
        order = Order(provider="planet", tag="swath-full", request=request)
        try:
            ledger.claim(order, fingerprint="full", account="acc", profile="default")
        except LedgerError as err:
            print(err)
        small = Order(provider="planet", tag="swath-small")
        print(ledger.claim(small, fingerprint="small", account="acc", profile="default"), ledger.set_aside)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, check=False, text=True, timeout=120
    )

    said, after = done.stdout.splitlines()
    assert said.startswith(f"the ledger of orders {path} cannot be written: "), done.stderr
    assert after == "None None"
    assert [entry.order.tag for entry in opened().entries()] == ["swath-small", tag]


def test_ledger_when_full_by_sqlites_own_word_hints_at_space(path, opened):
    ledger = opened()
    claim(ledger)
    pages = ledger._store._connection.execute("PRAGMA page_count").fetchone()[0]
    ledger._store._connection.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(LedgerError, match="cannot be written: database or disk is full") as caught:
        claim(ledger, "large", options={"text": "x" * 100_000})

    assert "free some space" in caught.value.hint
    assert len(ledger.entries()) == 1
