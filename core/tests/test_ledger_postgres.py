# SPDX-License-Identifier: Apache-2.0
"""What only a shared ledger has to get right; `test_ledger_store` runs over it too."""

from __future__ import annotations

import contextlib
import datetime as dt
import subprocess
import sys

import pytest

from swath._ledger import Ledger, open_ledger
from swath.errors import ConfigurationError, LedgerError
from swath.models import Order, OrderState, new_tag

CANARY = "CANARY-5ecret-0815"


class FakeClock:
    def now(self):
        return dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def make(postgres):
    """Make ledgers on one database, as several machines do."""
    with contextlib.ExitStack() as stack:
        yield lambda url=postgres: stack.enter_context(contextlib.closing(Ledger(url, clock=FakeClock())))


def claim(ledger, mark="f1"):
    order = Order(provider="planet", tag=new_tag())
    return order, ledger.claim(order, fingerprint=mark, account="acc", profile="default")


def test_p01_two_machines_cannot_buy_the_same(make):
    first, second = make(), make()
    order, standing = claim(first)

    _, found = claim(second)

    assert standing is None
    assert found.order.tag == order.tag


def test_what_one_machine_learns_the_other_sees(make):
    first, second = make(), make()
    order, _ = claim(first)

    second.record(order.seen(OrderState.PENDING, id="p1"), source="send")

    assert first.get("p1").order.state is OrderState.PENDING
    assert [row.source for row in first.history(order.tag)] == ["claim", "send"]


def test_folder_of_another_machine_is_not_here(make, tmp_path, monkeypatch):
    ledger = make()
    order, _ = claim(ledger)
    ledger.record_folder([order.tag], tmp_path)
    assert ledger.is_here(ledger.get(order.tag))

    monkeypatch.setattr("platform.node", lambda: "another-machine")

    assert not ledger.is_here(ledger.get(order.tag))


@pytest.mark.parametrize("level", ["serializable", "repeatable read"])
def test_server_with_another_default_isolation_changes_nothing(make, postgres, level):
    import psycopg

    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE postgres SET default_transaction_isolation = '{level}'")
        try:
            one, two = make(), make()
            one.entries()
            two.entries()
            order, _ = claim(one)
            assert claim(two)[1].order.tag == order.tag
        finally:
            admin.execute("ALTER DATABASE postgres RESET default_transaction_isolation")


def test_connection_that_was_cut_is_made_again(make, postgres):
    import psycopg

    ledger = make()
    order, _ = claim(ledger)
    with psycopg.connect(postgres, autocommit=True) as admin:
        cut = admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'swath'"
        ).fetchall()

    assert cut == [(True,)]
    assert ledger.get(order.tag).order.tag == order.tag


def test_newer_version_is_left_alone(make, postgres):
    import psycopg

    make().entries()
    with psycopg.connect(postgres) as connection:
        connection.execute("UPDATE swath.schema_version SET version = 99")

    with pytest.raises(LedgerError, match="has version 99"):
        make().entries()


def test_other_tables_of_the_database_are_left_alone(make, postgres):
    import psycopg

    with psycopg.connect(postgres) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS public.orders (recipe TEXT)")
    ledger = make()

    claim(ledger)

    with psycopg.connect(postgres) as connection:
        assert connection.execute("SELECT count(*) FROM public.orders").fetchone() == (0,)
        connection.execute("DROP TABLE public.orders")


def test_server_that_is_away_is_said_without_the_password():
    pytest.importorskip("psycopg")
    pytest.importorskip("sqlalchemy")
    ledger = Ledger(f"postgresql://me:{CANARY}@127.0.0.1:1/team", clock=FakeClock())

    with pytest.raises(LedgerError, match=r"postgresql://127\.0\.0\.1:1/team cannot be read") as caught:
        ledger.entries()

    assert "SWATH_LEDGER" in caught.value.hint
    assert CANARY not in f"{caught.value!r}{caught.value.__cause__!r}{ledger.where}{vars(ledger)}"


def test_user_without_rights_is_told_so(postgres):
    import psycopg

    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS guest")
        admin.execute("CREATE ROLE guest LOGIN")
        ledger = Ledger(postgres.replace("swath@", "guest@"), clock=FakeClock())
        try:
            with pytest.raises(LedgerError, match="permission denied"):
                claim(ledger)
        finally:
            ledger.close()
            admin.execute("DROP ROLE guest")


@pytest.mark.parametrize(
    "address", [f"mysql://me:{CANARY}@host/db", f"sqlite:///{CANARY}", f"postgresql://me:{CANARY}@host:port/db"]
)
def test_address_that_cannot_be_used_is_refused_without_showing_it(address):
    with pytest.raises(ConfigurationError, match="SWATH_LEDGER") as caught:
        open_ledger(environ={"SWATH_LEDGER": address})

    assert CANARY not in str(caught.value)


def test_address_that_is_a_path_is_refused():
    with pytest.raises(ConfigurationError, match="no address of a database"):
        open_ledger(environ={"SWATH_LEDGER": "/data/ledger"})


def test_open_ledger_takes_the_shared_one_where_it_is_set(tmp_path):
    shared = open_ledger(environ={"SWATH_LEDGER": "postgresql://me@host/db", "SWATH_HOME": str(tmp_path)})
    own = open_ledger(environ={"SWATH_HOME": str(tmp_path), "SWATH_LEDGER": " "})

    assert (shared.where, shared.shared, shared.path) == ("postgresql://host/db", True, None)
    assert (own.path, own.shared) == (tmp_path / "ledger.sqlite3", False)


def run(script, **environ):
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, text=True, env=environ)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_own_ledger_does_not_import_the_extra(tmp_path):
    script = (
        "import sys; from swath._ledger import open_ledger; open_ledger().entries();"
        "print([name for name in ('sqlalchemy', 'psycopg') if name in sys.modules])"
    )
    assert run(script, SWATH_HOME=str(tmp_path)) == "[]"


def test_shared_ledger_without_the_extra_names_it(tmp_path):
    script = """
import sys
sys.modules["psycopg"] = None
from swath._ledger import open_ledger
from swath.errors import MissingExtra
try:
    open_ledger().entries()
except MissingExtra as err:
    print(err.hint)
"""
    said = run(script, SWATH_HOME=str(tmp_path), SWATH_LEDGER="postgresql://me@127.0.0.1:1/db")

    assert 'pip install "swath[postgres]"' in said
