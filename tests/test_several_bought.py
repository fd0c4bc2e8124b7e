# SPDX-License-Identifier: Apache-2.0
"""A mixed result on the command line: quoted, ordered, waited for and fetched at each provider, with one report."""

import functools
import json

import pytest
from several_providers import AREA, command, settle

import swath
from swath.sandbox import Sandbox, World

NAMES = ["planet", "capella", "sedas"]
COLLECTIONS = {"planet": "PSScene", "capella": "capella-geo", "sedas": "sentinel-2-l2a"}
BUYS = {"planet": r"/compute/ops/orders/v2/?$", "capella": r"/orders/?$", "sedas": r"/request/[^/]+$"}

pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")


@pytest.fixture(scope="module")
def box():
    with Sandbox(NAMES, world=World(speed=2000.0, rate_limits=False, scene_pixels=64)) as running:
        yield running


@pytest.fixture
def run(box, tmp_path):
    box.log.clear()
    yield functools.partial(command, box, tmp_path)
    box.faults.clear()


@pytest.fixture(scope="module")
def found(box, tmp_path_factory):
    """Find one item of each provider that needs an order."""
    with pytest.MonkeyPatch.context() as patch:
        settle(box, patch, tmp_path_factory.mktemp("home"))
        query = {"intersects": AREA, "datetime": "2026-03-01/2026-04-15", "max_items": 1}
        query["filter"] = "\"order:status\" = 'orderable'"
        items = []
        for name, collection in COLLECTIONS.items():
            with swath.open(name) as provider:
                items += provider.search(collections=[collection], **query).items_as_dicts()
    assert len(items) == len(NAMES)
    return {"type": "FeatureCollection", "features": items}


@pytest.fixture
def mixed(found, tmp_path):
    path = tmp_path / "mixed.geojson"
    path.write_text(json.dumps(found))
    return path


def bought(box):
    return {name: box.log.count(provider=name, method="POST", path=path) for name, path in BUYS.items()}


def test_quote_is_by_provider(run, mixed, box):
    table = run("quote", mixed, "--bundle", "planet:visual")
    told = run("quote", "-", "--bundle", "planet:visual", "--json", given=mixed.read_text())

    assert table.returncode == told.returncode == 0, table.stderr + told.stderr
    assert [line.split()[0] for line in table.stdout.splitlines()] == ["PROVIDER", *NAMES]
    assert [one["provider"] for one in json.loads(told.stdout)] == NAMES
    assert json.loads(told.stdout)[1]["amount"] > 0
    assert bought(box)["planet"] == bought(box)["sedas"] == 0


def test_p01_order_wait_and_download_go_back_to_each(run, mixed, box, tmp_path):
    ordered = run("order", mixed, "--bundle", "planet:visual", "--json")
    again = run("order", mixed, "--bundle", "planet:visual", "--json")
    waited = run("wait", "-", "--json", given=ordered.stdout)
    fetched = run("download", "-", "-o", "data", "--json", given=waited.stdout)
    items = run("download", mixed, "-o", "data", "--json")

    for done in (ordered, again, waited, fetched, items):
        assert done.returncode == 0, done.stderr
    assert [one["provider"] for one in json.loads(ordered.stdout)] == NAMES
    assert [one["id"] for one in json.loads(again.stdout)] == [one["id"] for one in json.loads(ordered.stdout)]
    assert {one["state"] for one in json.loads(waited.stdout)} == {"succeeded"}
    local = json.loads(fetched.stdout)["features"]
    assert sorted(one["properties"]["swath:provider"] for one in local) == sorted(NAMES)
    assert len(json.loads(items.stdout)["features"]) == len(NAMES)
    assert run("verify", "data").returncode == 0
    assert bought(box)["planet"] == 1


def test_order_and_wait_in_one_go_prints_one_report(run, mixed):
    done = run("order", mixed, "--bundle", "planet:visual", "--again", "--wait")

    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert [row[0] for row in rows] == ["PROVIDER", *NAMES]
    assert all("succeeded" in row for row in rows[1:])


def test_dry_run_tells_what_each_would_be_sent(run, mixed, box):
    done = run("order", mixed, "--bundle", "planet:visual", "--dry-run", "--again", "--json")

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [one["provider"] for one in told] == NAMES
    assert told[0]["requests"][0]["body"]["products"][0]["product_bundle"] == "visual"
    assert bought(box)["planet"] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--bundle", "planet:no-such-bundle"], "no-such-bundle"),
        (["--bundle", "cecil:visual"], "of which there is no item"),
        (["--bundle", "planet:visual", "--option", "capella:no_such=1"], "no_such"),
        (["--bundle", "planet:visual", "--max-cost", "much"], "no amount"),
        (["--bundle", "planet:visual", "--max-cost", "planet:5"], "planet"),
        (["--bundle", "planet:visual", "--max-cost", "100000"], "planet"),
    ],
)
def test_p03_what_one_would_refuse_is_said_before_anything_is_bought(run, mixed, box, words, said):
    box.log.clear()
    done = run("order", mixed, "--again", *words)

    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert box.log.count(method="POST", path=BUYS["planet"]) == 0
    assert box.log.count(method="POST", path=BUYS["sedas"]) == 0
    assert run("orders", "--json").stdout.strip() == "[]"


def test_p01_a_provider_that_refuses_when_it_is_sent_leaves_a_report_of_what_stands(run, mixed, box):
    box.faults.add(provider="capella", method="POST", path=r"/orders/?$", status=400, times=1)
    partly = run("order", mixed, "--bundle", "planet:visual", "--json")
    whole = run("order", mixed, "--bundle", "planet:visual", "--json")

    assert partly.returncode == 6, partly.stderr
    assert [one["provider"] for one in json.loads(partly.stdout)] == ["planet"]
    assert "capella" in partly.stderr
    assert "stands" in partly.stderr
    assert whole.returncode == 0, whole.stderr
    assert json.loads(whole.stdout)[0]["id"] == json.loads(partly.stdout)[0]["id"]
    assert bought(box)["planet"] == 1


def test_a_provider_that_cannot_be_opened_is_said_before_anything_is_bought(run, mixed, box):
    box.log.clear()
    done = run("order", mixed, "--bundle", "planet:visual", PL_API_KEY=None)

    assert done.returncode == 3, done.stderr
    assert "planet" in done.stderr
    assert sum(bought(box).values()) == 0


def test_p08_waiting_and_fetching_at_the_others_goes_on_where_one_fails(run, mixed, box):
    ordered = json.loads(run("order", mixed, "--bundle", "planet:visual", "--json").stdout)
    ids = [one["id"] for one in ordered]
    waited = run("wait", *ids, "--json", PL_API_KEY=None)
    fetched = run("download", mixed, "-o", "data", "--json", PL_API_KEY=None)

    assert (waited.returncode, fetched.returncode) == (6, 6), waited.stderr + fetched.stderr
    assert sorted(one["provider"] for one in json.loads(waited.stdout)) == ["capella", "sedas"]
    local = json.loads(fetched.stdout)["features"]
    assert sorted(one["properties"]["swath:provider"] for one in local) == ["capella", "sedas"]
    assert "planet" in waited.stderr
    assert "planet" in fetched.stderr


def test_acquire_over_several_does_it_all_at_each_and_once(run, box):
    """In a season of its own: what another test has bought costs nothing."""
    words = ["acquire", *NAMES, "--aoi", json.dumps(AREA), "-d", "2025-09-01/2025-12-15", "-f",
             "collection IN ('PSScene', 'capella-geo', 'sentinel-2-l2a')",
             "-n", "12", "--bundle", "planet:visual", "-o", "data"]  # fmt: skip
    box.log.clear()
    dear = run(*words, "--max-cost", "capella:0.01", "--max-cost", "100000000", "--allow-unknown-cost")
    first = run(*words, "--json")
    sent = bought(box)
    again = run(*words)

    assert dear.returncode in {1, 2}, dear.stderr
    assert first.returncode == again.returncode == 0, first.stderr + again.stderr
    local = json.loads(first.stdout)["features"]
    assert {one["properties"]["swath:provider"] for one in local} == set(NAMES)
    assert "Found 12 items" in first.stderr
    assert run("verify", "data").returncode == 0
    assert sent["planet"] == 1
    assert bought(box) == sent
    assert json.loads(run("orders", "--json").stdout)[0]["folder"].endswith("data")


def test_acquire_reports_whom_it_could_not_search_and_fetches_from_the_others(run, box):
    down = {key: "http://127.0.0.1:9" for key in box.providers["planet"].env if key.endswith("PLANET_URL")}
    search = ["--aoi", json.dumps(AREA), "-d", "2026-06-01/2026-06-15", "-c", "PSScene", "-n", "1", "-o", "data"]
    partly = run("acquire", "planet", "sedas", *search, "-c", "sentinel-2-l2a", "--json", **down)
    none = run("acquire", "planet", "--kind", "optical", *search, **down)

    assert partly.returncode == 6, partly.stderr
    assert [one["properties"]["swath:provider"] for one in json.loads(partly.stdout)["features"]] == ["sedas"]
    assert none.returncode == 5, none.stderr
