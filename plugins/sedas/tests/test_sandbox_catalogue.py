# SPDX-License-Identifier: Apache-2.0
"""The stand-in's catalogue: orbits, tiles, names and what a search finds."""

import datetime as dt
import itertools
import re

import pytest
import shapely

from swath.sandbox import SandboxClock, World
from swath_sedas.names import parse_name
from swath_sedas.sandbox.frames import frames_of
from swath_sedas.sandbox.mgrs import band_letter, square_name, square_origin
from swath_sedas.sandbox.orbits import SATELLITES
from swath_sedas.sandbox.products import Shelf
from swath_sedas.sandbox.search import BadRequest, read_search, run

ALL = ("S1", "S2", "NovaSAR")
PLYMOUTH = "POLYGON((-4.20 50.33,-4.05 50.33,-4.05 50.42,-4.20 50.42,-4.20 50.33))"
YEMEN = "POLYGON((45.2 13.0,45.4 13.0,45.4 13.2,45.2 13.2,45.2 13.0))"
FIJI = "POLYGON((179.5 -17.5,180.5 -17.5,180.5 -16.5,179.5 -16.5,179.5 -17.5))"
S1_NAME = re.compile(
    r"^(S1[A-D])_(IW|EW|WV|EN|S[1-6]|N[1-6])_(RAW|SLC|GRD|OCN)([FHM_])_([012])([SA])(SH|SV|DH|DV|HH|HV|VV|VH)"
    r"_(\d{8}T\d{6})_(\d{8}T\d{6})_(\d{6})_([0-9A-F]{6})_([0-9A-F]{4})$"
)
S2_NAME = re.compile(r"^(S2[A-D])_MSI(L1C|L2A)_(\d{8}T\d{6})_N(\d{4})_R(\d{3})_T(\d{2}[C-X][A-Z]{2})_(\d{8}T\d{6})$")


class Stopped:
    """A clock that stands still, so that only the sandbox's `advance` moves time."""

    def now(self):
        return dt.datetime(2021, 7, 1, 12, tzinfo=dt.UTC)

    def monotonic(self):
        return 0.0

    def sleep(self, seconds, *, wake=None):
        raise AssertionError("a stand-in does not sleep")


@pytest.fixture
def world():
    return World(clock=SandboxClock(base=Stopped()))


@pytest.fixture
def shelf(world):
    return Shelf(world)


def find(
    shelf, *, wkt=PLYMOUTH, start="2020-06-01T00:00:00Z", stop="2020-06-30T23:59:59Z", groups=ALL, most=None, **more
):
    body = {"sensorFilters": {"type": "All"}, "filters": {}, "aoiWKT": wkt, "start": start, "stop": stop, **more}
    return list(itertools.islice(run(shelf, read_search(body), groups=groups), most))


# --- places --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("38PNV", (32638, 500_000, 1_400_000)),
        ("30UXC", (32630, 600_000, 5_700_000)),
        ("32TQM", (32632, 700_000, 4_600_000)),
        ("56HLH", (32756, 300_000, 6_200_000)),
        ("33UVR", (32633, 400_000, 5_500_000)),
    ],
)
def test_squares_are_named_as_on_maps(name, origin):
    epsg, east, north = origin

    assert square_origin(name) == origin
    assert square_name(epsg % 100, name[2], east // 100_000, north // 100_000) == name


def test_square_names_that_do_not_exist_are_refused():
    assert square_origin("61PNV") is None
    assert square_origin("38PAV") is None
    assert square_origin("38INV") is None


def test_latitude_bands_skip_i_and_o():
    assert [band_letter(lat) for lat in (-80, -0.1, 0, 50.4, 72, 84)] == ["C", "M", "N", "U", "X", "X"]
    with pytest.raises(ValueError, match="85"):
        band_letter(85)


def test_every_tile_has_the_name_of_its_place():
    frames = frames_of("S2")
    for row in range(0, len(frames), 997):
        frame = frames.frame(row)
        if frame is None:
            continue
        epsg, east, north = square_origin(frame.tile)
        assert (epsg, east - 20, north + 100_000) == (frame.epsg, *frame.origin)


def test_tile_lies_where_a_real_one_does(shelf):
    """Source: `coordinatesWKT` printed in a public notebook for a product of tile 38PNV."""
    found = find(shelf, wkt=YEMEN, start="2019-09-25T00:00:00Z", stop="2019-09-25T23:59:59Z")

    assert {one.product.supplier_id[:44] for one in found} == {
        "S2B_MSIL1C_20190925T071629_N0208_R006_T38PNV",
        "S2B_MSIL2A_20190925T071629_N0213_R006_T38PNV",
    }
    assert "44.999815 13.568451" in found[0].product.wkt


# --- time ----------------------------------------------------------------------------------------------------------


def test_relative_orbits_follow_from_absolute_ones():
    known = {one.unit: one for one in SATELLITES}

    assert known["S1B"].relative(16443) == 142
    assert known["S1A"].relative(73) == 1
    assert known["S1A"].relative(27339) == 142
    assert known["S2B"].relative(13330) == known["S2A"].relative(22167) == 6


@pytest.mark.parametrize("satellite", SATELLITES, ids=lambda one: one.name)
def test_orbits_repeat_after_their_cycle(satellite):
    orbit = satellite.known + 10 * satellite.orbit.orbits

    assert satellite.relative(orbit) == satellite.relative(satellite.known)
    assert satellite.began(orbit) - satellite.began(satellite.known) == dt.timedelta(days=10 * satellite.orbit.days)
    assert satellite.flying(satellite.began(orbit) + dt.timedelta(seconds=1)) == orbit


def test_area_is_seen_every_few_days(shelf):
    found = find(shelf)

    optical = sorted({one.product.start for one in found if one.product.kind == "L1C"})
    radar = sorted({one.product.start.date() for one in found if one.product.kind == "GRD"})
    gaps = [(later - earlier).days for earlier, later in itertools.pairwise(optical)]
    assert len(optical) >= 8
    assert max(gaps) <= 7
    assert len(radar) >= 10
    assert {one.start.hour for one in (found.product for found in found) if one.group == "S2"} <= {10, 11}


def test_found_products_are_consistent(shelf):
    area = shapely.from_wkt(PLYMOUTH)

    found = find(shelf, start="2018-01-01T00:00:00Z", stop="2021-06-30T00:00:00Z")

    assert len({one.product.supplier_id for one in found}) == len(found)
    assert [one.product.start for one in found] == sorted((one.product.start for one in found), reverse=True)
    for one in found:
        product, name = one.product, parse_name(one.product.supplier_id)
        assert name is not None
        assert name.product_type == product.kind
        if product.group == "S1":
            assert S1_NAME.match(product.supplier_id)
            assert (name.absolute_orbit, name.relative_orbit) == (product.orbit, product.relative)
        if product.group == "S2":
            assert S2_NAME.match(product.supplier_id)
            assert (name.tile, name.relative_orbit) == (product.frame.tile, product.relative)
        assert shapely.from_wkt(product.wkt).is_valid
        assert shapely.from_wkt(product.wkt).intersects(area)
        assert 0 < one.covered <= 100
        assert 0 < one.useful <= 100
        assert product.start < product.stop < product.published + dt.timedelta(seconds=1)


def test_look_up_gives_what_a_search_gave(shelf):
    for one in find(shelf, start="2021-01-01T00:00:00Z", stop="2021-03-01T00:00:00Z"):
        assert shelf.find(one.product.supplier_id) == one.product


@pytest.mark.parametrize(
    "supplier_id",
    [
        "",
        "nonsense",
        "S2B_MSIL1C_20190925T071629_N0208_R006_T38PNV_20190925T000000",
        "S2B_MSIL1C_20190925T071629_N0208_R006_T99ZZZ_20190925T110036",
        "S2B_MSIL1C_20199925T071629_N0208_R006_T38PNV_20190925T110036",
        "S1B_IW_GRDH_1SDV_20190528T105030_20190528T105055_016443_01EF3E_0000",
        "NovaSAR_01_13145_slc_11_200720_233448_HH_8",
    ],
)
def test_look_up_finds_nothing_for_names_of_no_product(shelf, supplier_id):
    assert shelf.find(supplier_id) is None


def test_catalogue_depends_on_the_seed_alone(shelf):
    again = Shelf(World(clock=SandboxClock(speed=5, base=Stopped())))
    other = Shelf(World(1, clock=SandboxClock(base=Stopped())))

    assert find(again) == find(shelf)
    assert find(other) != find(shelf)


def test_products_are_published_with_time(world, shelf):
    before = find(shelf, start="2021-06-28T00:00:00Z", stop="2021-07-10T00:00:00Z")
    world.clock.advance(6 * 86400)
    after = find(shelf, start="2021-06-28T00:00:00Z", stop="2021-07-10T00:00:00Z")

    assert all(one.product.published <= dt.datetime(2021, 7, 1, 12, tzinfo=dt.UTC) for one in before)
    assert after[-len(before) :] == before
    assert len(after) > len(before)


def test_sentinel_1b_ends_in_december_2021(world, shelf):
    world.clock.advance(400 * 86400)

    found = find(shelf, start="2021-12-01T00:00:00Z", stop="2022-03-01T00:00:00Z", satelliteName="Sentinel-1B")

    assert found
    assert found[0].product.start < dt.datetime(2021, 12, 23, 1, tzinfo=dt.UTC)


def test_antimeridian_is_crossed(shelf):
    west_of_it = "POLYGON((179.5 -17.5,179.9 -17.5,179.9 -16.5,179.5 -16.5,179.5 -17.5))"
    east_of_it = "POLYGON((-179.9 -17.5,-179.5 -17.5,-179.5 -16.5,-179.9 -16.5,-179.9 -17.5))"

    found, west, east = (find(shelf, wkt=wkt) for wkt in (FIJI, west_of_it, east_of_it))

    names = [{one.product.supplier_id for one in some} for some in (found, west, east)]
    assert names[0] >= names[1] | names[2]
    assert names[1] & names[2]
    assert {one.product.frame.tile[:2] for one in found if one.product.frame.tile} == {"01", "60"}
    for one in found:
        longitudes = [float(pair.split()[0]) for pair in one.product.wkt[9:-2].split(",")]
        assert all(-180 <= lon <= 180 for lon in longitudes)
        assert 0 < one.product.area_m2 < 80e9


def test_world_is_searched_without_an_area(shelf):
    found = find(shelf, wkt="", stop="2021-07-01T12:00:00Z", most=50)

    assert len(found) == 50
    assert {one.covered for one in found} == {0.0}


# --- filters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "test"),
    [
        ({"sensorFilters": {"type": "Optical"}}, lambda one: one.product.group == "S2"),
        ({"sensorFilters": {"type": "SAR"}}, lambda one: one.product.group != "S2"),
        ({"sensorFilters": {"type": "Radar"}}, lambda one: one.product.group != "S2"),
        ({"sensorFilters": {"type": "All", "maxResolution": 5}}, lambda one: one.product.resolution <= 5),
        ({"satelliteName": "Sentinel-2A"}, lambda one: one.product.satellite.name == "Sentinel-2A"),
        ({"sourceGroup": "S1"}, lambda one: one.product.group == "S1"),
        ({"filters": {"maxCloudPercent": 30}}, lambda one: one.product.cloud is None or one.product.cloud <= 30),
        ({"filters": {"minCoveragePercent": 100}}, lambda one: one.covered >= 100),
        ({"filters": {"opticalProductType": "L1C"}}, lambda one: one.product.kind != "L2A"),
        ({"filters": {"sarProductType": "GRD"}}, lambda one: one.product.kind in {"GRD", "L1C", "L2A"}),
        ({"filters": {"orbitDirection": "ASCENDING"}}, lambda one: one.product.frame.ascending),
        ({"filters": {"polarisation": "HH"}}, lambda one: one.product.is_optical or "HH" in one.product.polarisations),
        ({"filters": {"orbit": 33250}}, lambda one: one.product.orbit == 33250),
        ({"filters": {"instrumentName": "msi"}}, lambda one: one.product.is_optical),
    ],
)
def test_filters_keep_what_they_say_and_all_of_it(shelf, more, test):
    every = find(shelf)

    kept = find(shelf, **more)

    assert 0 < len(kept) < len(every)
    assert kept == [one for one in every if test(one)]


@pytest.mark.parametrize(
    "more",
    [
        {"filters": {"opticalProductType": "ALL", "sarProductType": "ALL", "orbitDirection": "ALL", "latency": "ALL"}},
        {"filters": {"noSuchField": 7}},
        {"filters": {"latency": "Standard", "type": "ARCHIVE"}},
        {"satelliteName": "", "sourceGroup": None},
    ],
)
def test_filters_that_ask_for_nothing_change_nothing(shelf, more):
    assert find(shelf, **more) == find(shelf)


@pytest.mark.parametrize("more", [{"satelliteName": "Envisat"}, {"sourceGroup": "S9"}, {"filters": {"latency": "NRT"}}])
def test_filters_may_leave_nothing(shelf, more):
    assert find(shelf, **more) == []


def test_groups_of_the_account_bound_the_search(shelf):
    assert {one.product.group for one in find(shelf, groups=("S2",))} == {"S2"}
    assert find(shelf, groups=("S2",), sourceGroup="S1") == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"aoiWKT": "POLYGON((nonsense))"}, "cannot be read"),
        ({"aoiWKT": 7}, "cannot be read"),
        ({"aoiWKT": "POINT(1 2)"}, "Point"),
        ({"aoiWKT": "MULTIPOLYGON(((0 0,1 0,1 1,0 0)))"}, "MultiPolygon"),
        ({"aoiWKT": "POLYGON((0 0,1 1,1 0,0 1,0 0))"}, "Self-intersection"),
        ({"aoiWKT": "POLYGON((0 80,1 80,1 95,0 95,0 80))"}, "range"),
        ({"start": "2020-06-01"}, "start"),
        ({"start": "2020-13-01T00:00:00Z"}, "start"),
        ({"stop": None}, "stop"),
        ({"start": "2020-07-01T00:00:00Z"}, "after stop"),
        ({"sensorFilters": {"type": "Thermal"}}, "Thermal"),
        ({"sensorFilters": 5}, "objects"),
        ({"filters": {"maxCloudPercent": "40"}}, "maxCloudPercent"),
        ({"filters": {"maxCloudPercent": 140}}, "0 to 100"),
        ({"filters": {"orbitDirection": 1}}, "orbitDirection"),
        ({"satelliteName": ["Sentinel-1A"]}, "satelliteName"),
    ],
)
def test_requests_that_make_no_sense_are_refused(change, told):
    body = {
        "sensorFilters": {"type": "All"},
        "filters": {},
        "aoiWKT": PLYMOUTH,
        "start": "2020-06-01T00:00:00Z",
        "stop": "2020-06-30T00:00:00Z",
        **change,
    }
    with pytest.raises(BadRequest, match=told):
        read_search(body)
