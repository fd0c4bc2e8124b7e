# SPDX-License-Identifier: Apache-2.0
import contextlib
import datetime as dt
import email.utils
import json
import os
import shutil
import sqlite3

import httpx
import pytest

from swath._cli import main
from swath._doctor import Level, examine
from swath._open import make_provider
from swath.sandbox import Sandbox, World
from swath.testing.clock import FakeClock

CANARY = "canary-doctor-5e1f"
NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def box():
    with Sandbox(world=World(speed=50.0, rate_limits=False)) as running:  # of every provider that is installed
        yield running


def own(box):
    """Give what the names of the providers' own environment variables begin with, for example ``PL_``."""
    return {f"{name.partition('_')[0]}_" for name in box.env}


@pytest.fixture
def calm(box, tmp_path, monkeypatch):
    """An environment in which all is well."""
    for name in [*os.environ]:
        if name.upper().endswith("_PROXY") or name.startswith(("SSL_CERT", "SWATH_", *own(box))):
            monkeypatch.delenv(name)
    for name, value in box.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SWATH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def answering(**headers):
    return httpx.MockTransport(lambda request: httpx.Response(404, headers=headers))


def of(found, part, name=None):
    return [one for one in found if one.part == part and name in {None, one.name}]


def test_doctor_when_all_is_well_exits_with_0(calm, box, capsys):
    assert main(["doctor"]) == 0

    told = capsys.readouterr().out
    assert "0 broken" in told
    for word in ("python", "planet: provider of swath-planet", "credentials", "clock", "free", "no order was made"):
        assert word in told
    assert str(calm) not in told
    assert "~/home" in told
    for value in box.env.values():
        assert value.startswith("http") or value not in told


def test_doctor_changes_and_signs_nothing(calm, box):
    box.log.clear()

    examine()

    assert not (calm / "home").exists()
    assert box.log.entries()
    assert all("authorization" not in one.headers for one in box.log.entries())


def test_doctor_json_holds_the_same_for_programs(calm, capsys):
    assert main(["doctor", "planet", "--json"]) == 0

    report = json.loads(capsys.readouterr().out)

    assert report["ok"] is True
    assert {one["part"] for one in report["findings"]} == {
        "versions", "plugins", "proxy", "disk", "ledger", "credentials", "network", "clock",
    }  # fmt: skip
    assert not [one for one in report["findings"] if one["part"] == "network" and one["name"] == "sedas"]


def test_doctor_of_a_provider_without_credentials_fails_only_where_it_was_named(calm, monkeypatch, capsys):
    monkeypatch.delenv("PL_API_KEY")

    assert main(["doctor"]) == 0
    assert main(["doctor", "planet"]) == 1

    assert "swath auth login planet" in capsys.readouterr().out


def test_doctor_says_the_tokens_end(calm):
    with make_provider("sedas", profile="default", given={}) as provider:
        provider.authenticate()

    (found,) = of(examine(providers=["sedas"]), "credentials")

    assert "token until 20" in found.text


def test_doctor_of_an_address_that_does_not_answer_fails(calm):
    def dead(request):
        raise httpx.ConnectError("refused")

    found = of(examine(providers=["planet"], transport=httpx.MockTransport(dead)), "network")

    assert [one.level for one in found] == [Level.FAIL]


@pytest.mark.parametrize(
    ("behind_s", "level"), [(0, Level.OK), (20, Level.OK), (-60, Level.WARN), (301, Level.FAIL), (-400, Level.FAIL)]
)
def test_doctor_compares_the_clocks(calm, behind_s, level):
    date = email.utils.format_datetime(NOW + dt.timedelta(seconds=behind_s), usegmt=True)

    (found,) = of(examine(providers=["planet"], clock=FakeClock(NOW), transport=answering(date=date)), "clock")

    assert found.level is level
    assert found.facts["skew_s"] == -behind_s


def test_p27_doctor_shows_no_secret(calm, monkeypatch, capsys):
    monkeypatch.setenv("PL_API_KEY", CANARY)
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{CANARY}@127.0.0.1:9")
    monkeypatch.setenv("SWATH_LEDGER", f"postgresql://user:{CANARY}@127.0.0.1:9/swath")
    monkeypatch.setenv("SWATH_PLANET_URL", f"https://x:{CANARY}@planet.example/?key={CANARY}")
    transport = httpx.MockTransport(lambda request: httpx.Response(401, text=f"bad key {CANARY}"))

    found = examine(transport=transport)

    assert CANARY not in repr(found)
    assert CANARY[-4:] not in repr([one.text for one in of(found, "credentials")])
    assert of(found, "proxy", "HTTPS_PROXY")[0].text == "http://127.0.0.1:9"


def test_doctor_says_which_certificates_cannot_be_used(calm, monkeypatch):
    (calm / "ca.pem").write_text("no certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(calm / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(calm / "none"))

    found = of(examine(transport=answering()), "proxy")

    assert {one.name: one.level for one in found} == {"SSL_CERT_FILE": Level.FAIL, "SSL_CERT_DIR": Level.FAIL}


def test_doctor_says_which_settings_are_not_heeded(calm, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/ca.pem")

    (found, *_) = of(examine(transport=answering()), "proxy")

    assert (found.level, found.hint) == (Level.WARN, 'export SSL_CERT_FILE="$REQUESTS_CA_BUNDLE"')


def test_doctor_counts_orders_and_leaves_the_ledger_alone(calm, box):
    with make_provider("planet", profile="default", given={}) as provider:
        search = provider.search(collections=["PSScene"], bbox=[4, 52, 4.5, 52.3], datetime="2026-03", max_items=1)
        provider.order(search, bundle="visual")
    ledger = calm / "home" / "ledger.sqlite3"
    before = ledger.read_bytes()

    (found,) = of(examine(transport=answering()), "ledger")

    assert found.facts["states"] == {"ordered": 1}
    assert ledger.read_bytes() == before


@pytest.mark.parametrize("address", [f"postgresql://user:{CANARY}@127.0.0.1:9/swath", f"mysql://u:{CANARY}@host/x"])
def test_doctor_of_a_shared_ledger_that_cannot_be_used_says_so(calm, monkeypatch, address):
    monkeypatch.setenv("SWATH_LEDGER", address)

    (found, _) = of(examine(transport=answering()), "ledger")

    assert (found.name, found.level) == ("shared", Level.FAIL)
    assert "SWATH_LEDGER" in found.text + found.hint
    assert CANARY not in repr(found)


def test_doctor_of_a_ledger_with_something_to_undo_does_not_call_it_damaged(calm):
    home = calm / "home"
    home.mkdir(mode=0o700)
    with contextlib.closing(sqlite3.connect(calm / "begun", isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 1")  # so that pages are written before the end
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE t (x)")
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 4000,)] * 50)
        shutil.copy(calm / "begun", home / "ledger.sqlite3")
        shutil.copy(calm / "begun-journal", home / "ledger.sqlite3-journal")
    before = (home / "ledger.sqlite3").read_bytes()

    (found,) = of(examine(transport=answering()), "ledger")

    assert (found.name, found.level) == ("orders", Level.WARN)
    assert "killed" in found.text
    assert "swath orders" in found.hint
    assert (home / "ledger.sqlite3").read_bytes() == before
    assert main(["orders"]) == 0
    (found,) = of(examine(transport=answering()), "ledger")
    assert found.level is Level.OK


def test_doctor_of_a_damaged_ledger_says_so_and_leaves_it(calm):
    home = calm / "home"
    home.mkdir(mode=0o700)
    (home / "ledger.sqlite3").write_bytes(b"no database" * 1000)
    (home / "ledger.sqlite3").chmod(0o644)
    (home / "ledger.sqlite3.corrupt-20260101T000000Z").write_bytes(b"")

    found = examine(transport=answering())

    assert [one.level for one in of(found, "ledger")] == [Level.WARN, Level.FAIL]
    assert of(found, "disk", "ledger.sqlite3")[0].hint == "chmod 600 ~/home/ledger.sqlite3"
    assert (home / "ledger.sqlite3").read_bytes() == b"no database" * 1000


def test_doctor_when_an_order_is_uncertain_says_what_to_do(calm):
    home = calm / "home"
    home.mkdir(mode=0o700)
    with sqlite3.connect(home / "ledger.sqlite3") as db:
        db.execute("CREATE TABLE orders (state TEXT)")
        db.execute("INSERT INTO orders VALUES ('uncertain')")
    db.close()

    (found,) = of(examine(transport=answering()), "ledger")

    assert found.level is Level.WARN


def test_doctor_names_broken_and_ambiguous_plugins(calm, tmp_path, monkeypatch):
    for dist, value in (("dist-one", "gone"), ("dist-two", "other")):
        info = tmp_path / f"{dist.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {dist}\nVersion: 1.0\n")
        lines = f"[swath.providers]\ntwice = {value}:P\n" + ("broken = gone:P\n" if value == "gone" else "")
        (info / "entry_points.txt").write_text(lines)
    monkeypatch.syspath_prepend(str(tmp_path))

    found = of(examine(providers=["planet"], transport=answering()), "plugins")

    bad = {one.name: one.text for one in found if one.level is Level.FAIL}
    assert bad.keys() == {"twice", "broken"}
    assert "dist-one 1.0 (gone:P) and dist-two 1.0 (other:P)" in bad["twice"]


@pytest.mark.parametrize(
    ("cap", "level", "words"), [("500 ha", Level.OK, "500 ha a month"), ("lots", Level.FAIL, "lots")]
)
def test_doctor_says_the_budget_and_whether_it_can_be_read(calm, monkeypatch, cap, level, words):
    monkeypatch.setenv("SWATH_BUDGET_PLANET", cap)

    [found] = [one for one in examine() if one.part == "budget"]

    assert (found.name, found.level) == ("planet", level)
    assert words in found.text


def test_doctor_of_an_unknown_provider_exits_with_4(calm, capsys):
    assert main(["doctor", "nowhere"]) == 4
