# SPDX-License-Identifier: Apache-2.0
"""Four providers, one dataset on one grid: from files that were downloaded, and through links to where they are."""

import os
import pickle
import subprocess
import sys

import httpx
import numpy as np
import pytest
from several_providers import AREA, settle

import swath
from swath._federation import Federation
from swath._open import make_provider
from swath.errors import LoadError, MixedProjections, NotOrdered, SwathError, TooLarge
from swath.models import Part
from swath.sandbox import Sandbox, World
from swath.testing.subject import BoxClock, given_by

WHEN = "2026-06-01/2026-06-15"
FILES = {"planet": r"/storage|/download|\.tif", "capella": r"/capella-data/.*\.tif", "cecil": r"/sandbox-tiff/.*\.tif"}
OWN = {"planet": "red", "capella": "VV", "cecil": "soil_moisture"}
BANDS = {
    "bands": ["red", "VV", "soil_moisture"],
    "crs": "EPSG:32631",
    "resolution": 100,
    "bbox": (5.4, 52.42, 5.6, 52.55),
}

pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")


class Recording(httpx.BaseTransport):
    """The network, and what was sent over it, word by word."""

    def __init__(self):
        self.sent = []
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request):
        self.sent.append(f"{request.url}\n{request.headers.raw!r}\n{request.content!r}")
        return self._inner.handle_request(request)

    def close(self):
        self._inner.close()


def chosen(found):
    """One item of each provider: of what is a raster on the ground."""
    made = {}
    for item in found:
        owner = item["properties"]["swath:provider"]
        is_raster = item["collection"] in {"PSScene", "sentinel-2-l2a", "capella-geo"}
        if owner not in made and (is_raster or item["properties"].get("cecil:dataset") == "Sandbox Soil Moisture"):
            made[owner] = item
    return made


def secrets_of(provider, box):
    """The account's secret credentials."""
    given = given_by(box.providers[provider.name])
    return [given[field.name] for field in provider.info.credentials if field.secret and field.name in given]


@pytest.fixture(scope="module")
def box():
    with Sandbox(world=World(speed=500.0, rate_limits=False, scene_pixels=64)) as running:
        yield running


@pytest.fixture(scope="module")
def everyone(box, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    clock = BoxClock(box.clock)
    opened = [
        make_provider(
            name, profile="p", given=given_by(one), home=home / name, clock=clock, transport=Recording()
        )
        for name, one in box.providers.items()
    ]  # fmt: skip
    with Federation(opened, clock=clock) as made:
        yield made


@pytest.fixture(scope="module")
def order(everyone):
    search = everyone.search(intersects=AREA, datetime=WHEN)
    wanted = chosen(search.items_as_dicts())
    assert set(wanted) == {"capella", "cecil", "planet", "sedas"}
    return everyone.wait(everyone.order(list(wanted.values())), progress=False)


@pytest.fixture(scope="module")
def parts(order):
    """Orders whose files are no archives."""
    return [one for one in order.leaves if one.provider != "sedas"]


@pytest.fixture(scope="module")
def local(everyone, order, tmp_path_factory):
    return everyone.download(order, tmp_path_factory.mktemp("data"), progress=False)


@pytest.fixture(autouse=True)
def fair(box):
    box.faults.clear()
    yield
    box.faults.clear()


def test_four_providers_make_one_dataset_on_one_grid(everyone, local):
    data = everyone.load(local, **BANDS)

    assert set(data["provider"].values) == {"capella", "cecil", "planet", "sedas"}
    assert (data.sizes["y"], data.sizes["x"]) == (150, 142)
    assert data.rio.crs.to_epsg() == 32631
    assert data.rio.resolution() == (100.0, -100.0)
    of = {name: data["provider"].values == name for name in everyone.names}
    for band, owners in {"red": {"planet", "sedas"}, "VV": {"capella"}, "soil_moisture": {"cecil"}}.items():
        values, empty = data[band].values, data[band].attrs["_FillValue"]
        for name in everyone.names:
            mine = values[of[name]]
            is_empty = np.isnan(mine) if np.isnan(empty) else mine == empty
            assert is_empty.all() == (name not in owners), (band, name)
        missing = data[band].attrs["missing_in"].split(", ")
        assert set(missing) == {item.id for item in local if item.properties["swath:provider"] not in owners}
    assert str(data["red"].dtype) == "uint16"
    assert str(data["soil_moisture"].dtype) == "float32"
    assert data["VV"].attrs["scale_factor"] > 0, "which only Capella's extended metadata tells"
    scales = dict(zip(data["provider"].values, data["red_scale_factor"].values, strict=True))
    assert (scales["planet"], scales["sedas"]) == (0.01, 0.0001)


def test_p55_mixed_projections_are_named_over_all_providers(everyone, local):
    with pytest.raises(MixedProjections) as caught:
        everyone.load(local, bands=BANDS["bands"])
    assert "EPSG:32631" in str(caught.value)
    assert "crs=" in caught.value.hint


def test_p56_mixed_load_is_lazy_and_tells_its_size(everyone, local, box):
    data = everyone.load(local, **BANDS)

    assert all(one.chunks is not None for one in data.data_vars.values())
    layers, pixels = len(local), 150 * 142
    assert sum(one.nbytes for one in data.data_vars.values()) == layers * pixels * (2 + 2 + 4)
    with pytest.raises(TooLarge) as caught:
        everyone.load(local, **BANDS, chunks=None, max_bytes=1000)
    assert caught.value.details["nbytes"] == layers * pixels * (2 + 2 + 4)
    assert "chunks={'x': 2048, 'y': 2048}" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "words", "left"), [("planet", ["cloud", "shadow"], True), ("sedas", ["cloud", "cirrus"], True)]
)
def test_clouds_are_masked_by_each_providers_own_mask(everyone, local, name, words, left):
    mine = [item for item in local if item.properties["swath:provider"] == name]

    plain = everyone.load(mine, bands=["red"])["red"]
    masked = everyone.load(mine, bands=["red"], mask=words)["red"]

    empty = plain.attrs["_FillValue"]
    seen, kept = plain.values != empty, masked.values != empty
    assert masked.attrs["_FillValue"] == empty
    assert kept.any() == left
    assert kept.sum() < seen.sum()
    assert np.array_equal(masked.values[kept], plain.values[kept])


def test_mask_over_all_names_whom_nothing_masks(everyone, local):
    data = everyone.load(local, **BANDS, mask="cloud")

    unmasked = {item.id for item in local if item.properties["swath:provider"] in {"capella", "cecil"}}
    assert set(data.attrs["items_without_mask"].split(", ")) == unmasked


def test_like_brings_all_onto_another_grid(everyone, local):
    grid = everyone.load(local, **BANDS)

    again = everyone.load(local, bands="red", like=grid)

    assert np.array_equal(again["x"], grid["x"])
    assert np.array_equal(again["y"], grid["y"])
    one = grid.isel(time=np.flatnonzero(grid["provider"].values == "planet"))["red"]
    other = again.isel(time=np.flatnonzero(again["provider"].values == "planet"))["red"]
    np.testing.assert_array_equal(one.values, other.values)


# --- through links ----------------------------------------------------------------------------------------------------------


def test_orders_load_through_their_links_as_after_a_download(everyone, parts, local, box):
    mine = [item for item in local if item.properties["swath:provider"] != "sedas"]
    before = len(box.log.entries())

    linked = everyone.load(parts, **BANDS)
    asked = [one for one in box.log.entries()[before:] if ".tif" in one.path]
    here = everyone.load(mine, **BANDS)

    assert linked.identical(here) or linked.drop_attrs().equals(here.drop_attrs())
    for band in BANDS["bands"]:
        np.testing.assert_array_equal(linked[band].values, here[band].values)
    assert asked
    assert all(one.headers.get("range") for one in asked)


def test_items_that_were_ordered_load_through_links_too(everyone, parts):
    items = [item for part in parts for item in part.items]

    assert set(everyone.load(items, **BANDS)["provider"].values) == {"capella", "cecil", "planet"}


def test_p15_items_that_were_never_ordered_are_not_read(everyone, box):
    wanted = next(
        everyone["planet"].search(collections=["PSScene"], intersects=AREA, datetime="2026-05-02").items_as_dicts()
    )

    with pytest.raises(NotOrdered):
        everyone.load([wanted], bands=["red"])


def test_archives_are_not_read_through_links(everyone, order):
    with pytest.raises(LoadError, match="archive") as caught:
        everyone.load([one for one in order.leaves if one.provider == "sedas"])
    assert "download it" in caught.value.hint


@pytest.mark.parametrize("name", FILES)
def test_p20_links_that_die_are_minted_again_inside_the_graph(everyone, parts, local, box, name):
    mine = [one for one in parts if one.provider == name]
    data = everyone.load(mine, bands=OWN[name])
    links = next(iter(data.data_vars.values())).encoding["swath"].about[0].file.ranges
    links.blocks.__init__()  # as if other parts of larger files were asked for
    refused = len(box.log.entries())
    box.faults.add(provider=name, path=FILES[name], expire_links=True, times=1)

    values = data.compute(scheduler="threads")

    statuses = [one.status for one in box.log.entries()[refused:] if one.fault]
    assert statuses
    assert all(status >= 400 for status in statuses)
    of_files = everyone.load([one for one in local if one.properties["swath:provider"] == name], bands=OWN[name])
    for band in values.data_vars:
        np.testing.assert_array_equal(values[band].values, of_files[band].values)


def test_p20_links_that_stay_dead_name_the_item(everyone, parts, box):
    mine = [one for one in parts if one.provider == "capella"]
    box.faults.add(provider="capella", path=FILES["capella"], expire_links=True, times=None)

    with pytest.raises(LoadError, match=mine[0].items[0]["id"]):
        everyone.load(mine, bands=["VV"])


def test_p55_what_breaks_while_it_is_computed_names_the_item(everyone, parts, box):
    """A short answer must never become a block of nothing."""
    mine = [one for one in parts if one.provider == "capella"]
    data = everyone.load(mine, bands=["VV"])
    data["VV"].encoding["swath"].about[0].file.ranges.blocks.__init__()
    box.faults.add(provider="capella", path=FILES["capella"], status=404, times=None)

    with pytest.raises(LoadError, match=mine[0].items[0]["id"]):
        data.compute(scheduler="threads")


def test_passing_failures_are_outlasted(everyone, parts, box):
    mine = [one for one in parts if one.provider == "planet"]
    box.faults.add(provider="planet", path=FILES["planet"], status=503, times=2)

    assert everyone.load(mine, bands=["red"]).compute()["red"].values.any()


def test_servers_without_ranges_give_small_files_whole(everyone, parts, box):
    mine = [one for one in parts if one.provider == "capella"]
    expected = everyone.load(mine, bands=["VV"])["VV"].values
    box.faults.add(provider="capella", path=FILES["capella"], ignore_range=True, times=None)

    np.testing.assert_array_equal(everyone.load(mine, bands=["VV"])["VV"].values, expected)


def test_p54_each_providers_reads_carry_its_own_secrets_only(everyone, parts, box):
    secrets = {one.name: secrets_of(one, box) for one in everyone}
    assert sum(map(len, secrets.values())) >= 4
    for one in everyone:
        one._session.http.settings.transport.sent.clear()

    everyone.load(parts, **BANDS).compute()

    for one in everyone:
        sent = "\n".join(one._session.http.settings.transport.sent)
        assert one.name == "sedas" or ".tif" in sent
        for other, values in secrets.items():
            assert other == one.name or not any(value in sent for value in values), (one.name, other)
        assert not one._session.http.settings.transport.sent or str(box.providers[one.name].base_url) in sent


def test_p27_p38_a_graph_travels_without_links_and_secrets(everyone, parts, box, tmp_path):
    """In another process it opens the account by that place's credentials, and mints links of its own."""
    data = everyone.load([one for one in parts if one.provider == "capella"], bands=["VV"])
    raw = pickle.dumps(data)
    (tmp_path / "graph.pickle").write_bytes(raw)

    env = {**os.environ, **box.env, "SWATH_HOME": str(tmp_path / "home")}
    code = "import pickle, sys; print(int(pickle.load(open(sys.argv[1], 'rb'))['VV'].astype('int64').sum()))"
    there = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "graph.pickle")],
        env=env, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip

    assert there.returncode == 0, there.stderr
    assert int(there.stdout) == int(data["VV"].astype("int64").sum())
    assert not any(secret.encode() in raw for secret in secrets_of(everyone["capella"], box))
    assert b"Signature=" not in raw
    assert b"X-Amz-" not in raw


def test_a_graph_pickles_to_the_links_in_use(everyone, parts):
    mine = [one for one in parts if one.provider == "capella"]
    data = everyone.load(mine, bands=["VV"])
    links = data["VV"].encoding["swath"].about[0].file.ranges

    one, other = (pickle.loads(pickle.dumps(links)) for _ in range(2))

    assert one is other


# --- one that is down -------------------------------------------------------------------------------------------------------


def test_one_script_goes_on_without_a_provider_that_is_killed(tmp_path, monkeypatch):
    """Search, order, wait, download and load, the stand-in of one provider killed before the search."""
    with Sandbox(world=World(speed=2000.0, rate_limits=False, scene_pixels=64)) as box:
        settle(box, monkeypatch, tmp_path / "home")
        with swath.open("planet", "capella", "sedas", "cecil") as everyone:
            box.providers["sedas"].stop()
            search = everyone.search(intersects=AREA, datetime=WHEN, patience_s=60)
            wanted = chosen(search.items_as_dicts())
            order = everyone.wait(everyone.order(list(wanted.values())), progress=False)
            data = everyone.load(everyone.download(order, tmp_path / "data", progress=False), **BANDS)

        assert search.contributions["sedas"].part is Part.FAILED
        assert isinstance(search.contributions["sedas"].error, SwathError)
        assert {name for name, one in search.contributions.items() if one.part is Part.DONE} == {
            "planet",
            "capella",
            "cecil",
        }
        assert set(data["provider"].values) == {"planet", "capella", "cecil"}
        assert float(data["red"].max()) > 0
