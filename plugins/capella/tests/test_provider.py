# SPDX-License-Identifier: Apache-2.0
"""Search and load at Capella through swath."""

import json

import pytest

from swath.errors import InvalidCredentials, LoadError, NotEntitled, SwathError, UnexpectedResponse
from swath.stac import parse_timestamp
from swath_capella.sandbox.access import FULL_KEY

# rasterio 1.4 and rioxarray multiply affine 3 transforms by `*`, which affine wants written `@`.
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")
PORT = {"intersects": {"type": "Point", "coordinates": [-71.63, -33.04]}}


# --- who ---------------------------------------------------------------------------------------------------------------


def test_key_and_token_are_sent_each_in_its_way(capella_box, opening):
    opening().search(ids=["x"]).matched()
    opening(api_key=f"ApiKey {FULL_KEY}").search(ids=["x"]).matched()

    assert len(capella_box.log.entries(method="POST")) == 2
    with pytest.raises(InvalidCredentials):
        opening(token="no-such-token").search(ids=["x"]).matched()


def test_open_data_needs_no_key(capella_box, tmp_path):
    from swath._open import make_provider

    url = capella_box.providers["capella"].base_url
    with make_provider("capella", profile="nobody", given={"base_url": url}, home=tmp_path) as nobody:
        found = list(nobody.search(collections=["capella-open-data"], max_items=3).items_as_dicts())

        assert {item["collection"] for item in found} == {"capella-open-data"}
        assert nobody.search().matched() == nobody.search(collections=["capella-open-data"]).matched() > 3
        with pytest.raises(NotEntitled):
            list(nobody.search(collections=["capella-geo"], max_items=1).items_as_dicts())
        with pytest.raises(InvalidCredentials):
            nobody.order(found)


# --- search ------------------------------------------------------------------------------------------------------------


def test_p09_more_than_10_000_items_come_newest_first_each_once(capella):
    search = capella.search(collections=["capella-geo", "capella-gec", "capella-slc", "capella-sicd"])

    seen = [(parse_timestamp(item["properties"]["datetime"]), item["id"]) for item in search.items_as_dicts()]

    assert len(seen) == len(set(seen)) == search.matched() > 10_000
    assert [time for time, _ in seen] == sorted((time for time, _ in seen), reverse=True)


@pytest.mark.parametrize("sign", ["-", "+"])
def test_the_newest_of_more_than_10_000_items_are_given_without_reading_all(capella, capella_box, sign):
    collections = ["capella-geo", "capella-gec", "capella-slc", "capella-sicd"]
    everything = [item["id"] for item in capella.search(collections=collections).items_as_dicts()]
    capella_box.log.clear()

    search = capella.search(collections=collections, sortby=[f"{sign}datetime", "id"], max_items=5)
    found = [item["id"] for item in search.items_as_dicts()]

    assert len(everything) > 10_000
    assert set(found) <= set(everything[:40] if sign == "-" else everything[-40:])
    assert search.explain()["capella"].sorted_by == "provider"
    assert search.explain()["capella"].given < 2_000


def test_p09_more_than_500_ids_are_all_found(capella):
    ids = [item["id"] for item in capella.search(collections=["capella-geo"], max_items=730).items_as_dicts()]

    search = capella.search(ids=ids)

    assert sorted(item["id"] for item in search.items_as_dicts()) == sorted(ids)
    assert search.matched() == 730


def test_p10_items_that_come_twice_are_given_once(capella, switch):
    switch(repeat_across_pages=True)

    found = [item["id"] for item in capella.search(**PORT, max_items=60, limit=7).items_as_dicts()]

    assert len(found) == len(set(found)) == 60


def test_p08_a_catalogue_that_gives_fewer_than_it_says_is_an_error(capella, capella_box):
    capella_box.faults.add(
        provider="capella", path="/catalog/search", status=200, body={"numberMatched": 7, "features": []}, times=None
    )

    with pytest.raises(UnexpectedResponse, match="0 items of more"):
        list(capella.search(**PORT).items_as_dicts())


def test_p12_search_over_the_antimeridian(capella):
    found = list(capella.search(bbox=[179.5, -17.2, -179.5, -16.4], collections=["capella-geo"]).items_as_dicts())
    narrow = capella.search(bbox=[-180, -17.2, -179.5, -16.4], collections=["capella-geo"])

    assert len(found) == len({item["id"] for item in found}) > 200
    assert {item["id"] for item in narrow.items_as_dicts()} == {item["id"] for item in found}
    assert {item["geometry"]["type"] for item in found} == {"MultiPolygon"}


def test_items_without_zone_in_their_time_are_found_by_it(capella):
    found = list(capella.search(**PORT, datetime="2024-02-14", collections=["capella-geo"]).items_as_dicts())

    [one] = found
    assert one["properties"]["datetime"].startswith("2024-02-14")
    assert one["properties"]["datetime"].endswith("Z")


def test_p13_items_whose_repeat_track_is_null(capella):
    every = capella.search(**PORT, collections=["capella-geo"], datetime="2026-01-01/2026-06-01")
    null = capella.search(
        **PORT, collections=["capella-geo"], datetime="2026-01-01/2026-06-01", filter='"capella:rgt_id" IS NULL'
    )

    expected = [item["id"] for item in every.items_as_dicts() if "capella:rgt_id" not in item["properties"]]
    assert [item["id"] for item in null.items_as_dicts()] == expected
    assert 0 < len(expected) < every.matched()


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        ({"html": True}, UnexpectedResponse),
        ({"status": 200, "body": []}, UnexpectedResponse),
        ({"status": 200, "body": {"features": None}}, UnexpectedResponse),
        ({"status": 403, "body": {"Message": "User is not authorized to perform: catalog:search"}}, NotEntitled),
        ({"status": 401, "body": {"message": "Unauthorized"}}, InvalidCredentials),
    ],
)
def test_p30_answers_that_are_none_become_typed_errors(capella, capella_box, trouble, error):
    capella_box.faults.add(provider="capella", path="/catalog/search", times=None, **trouble)

    with pytest.raises(error) as caught:
        list(capella.search(**PORT, max_items=1).items_as_dicts())

    assert isinstance(caught.value, SwathError)
    assert FULL_KEY not in str(caught.value)


# --- load --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def fetch(capella, find, tmp_path):
    """Order, wait for and download the newest product of a type."""

    def fetched(kind, **how):
        order = capella.wait(capella.order(find(kind)))
        return capella.download(order, tmp_path / "data", progress=False, **how)

    return fetched


def test_amplitudes_load_on_their_map_with_what_the_metadata_says(capella, fetch):
    items = fetch("GEO")
    [pol] = items[0].properties["sar:polarizations"]

    data = capella.load(items)

    assert list(data.data_vars) == [pol]
    assert data[pol].dtype == "uint16"
    assert data[pol].attrs["scale_factor"] == 0.0025
    assert data.attrs["crs"] == items[0].properties["proj:code"]
    assert data.attrs["radiometry"] == "sigma_nought"
    assert data.attrs["collect_id"] == items[0].properties["capella:collect_id"]
    assert json.loads(data.attrs["image_geometry"])["type"] == "geotransform"


@pytest.mark.parametrize("kind", ["SLC", "SICD"])
def test_complex_products_load_as_they_were_recorded(capella, fetch, kind):
    items = fetch(kind)
    [pol] = items[0].properties["sar:polarizations"]

    data = capella.load(items)

    assert data[pol].dtype == "complex64"
    assert data[pol].chunks is not None
    assert data.attrs["georeferenced"] == 0
    assert data.attrs["radiometry"] == "beta_nought"
    assert json.loads(data.attrs["image_geometry"])["type"] == "slant_plane"
    points = data.rio.get_gcps()
    west, south, east, north = items[0].bbox
    assert len(points) >= 4
    assert all(west - 0.01 < point.x < east + 0.01 and south - 0.01 < point.y < north + 0.01 for point in points)
    assert float(abs(data[pol].compute()).max()) > 0


def test_complex_products_load_on_a_map_where_one_is_asked_for(capella, fetch):
    data = capella.load(fetch("SLC"), crs="EPSG:32631")

    assert data.attrs["georeferenced"] == 1
    assert data.attrs["crs"] == "EPSG:32631"


def test_load_does_without_the_metadata(capella, find, tmp_path):
    order = capella.wait(capella.order(find("GEO", skip=1), assets=["raster"]))
    items = capella.download(order, tmp_path, progress=False)

    data = capella.load(items)

    assert "radiometry" not in data.attrs
    assert "scale_factor" not in next(iter(data.data_vars.values())).attrs


def test_phase_history_is_refused_with_what_to_use(capella, fetch):
    with pytest.raises(LoadError, match=r"phase history.*SLC or SICD"):
        capella.load(fetch("CPHD"))


def test_complex_and_other_products_do_not_share_a_dataset(capella, find, tmp_path):
    order = capella.wait(capella.order(find("GEO") + find("SLC")))
    items = capella.download(order, tmp_path, progress=False)

    with pytest.raises(LoadError, match="do not share a geometry"):
        capella.load(items)

    assert capella.load(items, crs="EPSG:32631").attrs["crs"] == "EPSG:32631"


def test_found_vessels_load_as_a_table(capella, fetch):
    table = capella.load(fetch("VS"))

    assert list(table["length_m"]) == [120.0]
