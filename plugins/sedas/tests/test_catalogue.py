# SPDX-License-Identifier: Apache-2.0
import pytest

from swath import stac
from swath.errors import InvalidCredentials, Unavailable, UnknownCollection
from swath_sedas.catalogue import COLLECTIONS, collection_id, collections, queryables, searchables


def fails(error):
    def ask():
        raise error

    return ask


def test_collections_are_valid_and_described_by_the_service(wire):
    made = {one["id"]: one for one in collections(lambda: wire("satellites.json"), lambda: wire("source_groups.json"))}

    assert made.keys() == COLLECTIONS.keys()
    for one in made.values():
        stac.validate(one)
    assert made["sentinel-1-grd"]["summaries"]["platform"] == ["sentinel-1a"]
    assert "C-band radar satellite" in made["sentinel-1-slc"]["description"]
    assert made["sentinel-2-l2a"]["extent"]["temporal"]["interval"][0][0] == "2015-06-23T00:00:00Z"


def test_collections_are_there_when_the_service_is_not():
    made = collections(fails(Unavailable("down")), fails(Unavailable("down")))

    assert [one["id"] for one in made] == list(COLLECTIONS)


def test_collections_do_not_hide_a_refused_account():
    with pytest.raises(InvalidCredentials):
        collections(fails(InvalidCredentials("no")), list)


@pytest.mark.parametrize(
    ("mission", "kind", "expected"),
    [
        ("sentinel-1", "GRD", "sentinel-1-grd"),
        ("sentinel-1", "GRDH", "sentinel-1-grd"),
        ("sentinel-2", "S2MSI1C", "sentinel-2-l1c"),
        ("novasar-1", "scd", "novasar-1-scd"),
        ("sentinel-1", "", "sentinel-1"),
        (None, "Ortho", "skysat-c1-ortho"),
    ],
)
def test_collection_id_by_mission_and_type(mission, kind, expected):
    assert collection_id(mission, "SkySat C1", kind) == expected


def test_searchables_of_nothing_is_everything():
    (one,) = searchables((), fails(AssertionError("not asked")))

    assert (one.sensor, one.group, dict(one.filters)) == ("All", "", {})


def test_searchables_of_collections_of_another_satellite_name_it():
    (one,) = searchables(("skysat-c1-ortho",), lambda: ["Sentinel-1A", "SkySat C1"])

    assert (one.satellite, one.sensor) == ("SkySat C1", "All")


def test_searchables_of_an_unknown_collection_lists_the_known():
    with pytest.raises(UnknownCollection, match="sentinel-2-l1c"):
        searchables(("landsat-8",), lambda: ["Sentinel-1A"])


def test_queryables_differ_by_sensor():
    assert "eo:cloud_cover" not in queryables("sentinel-1-grd")["properties"]
    assert "sar:polarizations" not in queryables("sentinel-2-l1c")["properties"]
    assert {"eo:cloud_cover", "sar:polarizations"} <= queryables(None)["properties"].keys()
