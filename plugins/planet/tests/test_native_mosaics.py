# SPDX-License-Identifier: Apache-2.0
"""The Basemaps API under the SDK's names, over real HTTP against the stand-in."""

from __future__ import annotations

import inspect
from urllib.parse import unquote

import httpx
import pytest
from shapely.geometry import box, mapping

from swath.errors import NotEntitled, NotFound, PartialFailure, Rejected, TransferError, UnexpectedResponse
from swath_planet._api.mosaics import Mosaics
from swath_planet.exceptions import ClientError, GeoJSONError, MissingResource, translate
from swath_planet.models import Mosaic, Quad, Series

ROOT = "/basemaps/v1"
SMALL = "sandbox_fields_2024_mosaic"
BBOX = [5.1, 52.1, 5.3, 52.2]
FIELD = mapping(box(*BBOX))
ID = "d5098531-aa4f-4ff9-a9d5-74ad4a6301e5"
QUADS = f"https://api.planet.com{ROOT}/mosaics/{ID}/quads?bbox={{lx}},{{ly}},{{ux}},{{uy}}"


@pytest.fixture
def mosaics(native):
    return native(Mosaics)


@pytest.fixture
def small(mosaics, served):
    found = mosaics.get_mosaic(SMALL)
    served[0].log.clear()
    return found


@pytest.fixture
def canned(account):
    """Make a service whose network gives the same answer always, and the URLs and bodies that it was asked."""

    def made(answer):
        seen = []

        def handler(sent):
            seen.append((sent.method, str(sent.url), sent.content.decode()))
            return httpx.Response(200, json=answer)

        return Mosaics(account(handler)[1]), seen

    return made


def downloads(world):
    return [one.path for one in world.log if one.path.endswith("/full")]


def names(folder):
    return {path.name for path in folder.iterdir()}


# --- mosaics and series ----------------------------------------------------------------------------------------------


def test_mosaic_is_found_by_its_name_and_by_its_id(mosaics, sent):
    named = mosaics.get_mosaic(SMALL)
    found = mosaics.get_mosaic(named["id"])

    assert isinstance(named, Mosaic)
    assert found == named
    assert [(path, query) for _, path, query, _ in sent()] == [
        (f"{ROOT}/mosaics", {"name__is": [SMALL]}),
        (f"{ROOT}/mosaics/{named['id']}", {}),
    ]


def test_series_is_found_by_its_name_and_by_its_id(mosaics):
    named = mosaics.get_series("Global Monthly")

    assert isinstance(named, Series)
    assert mosaics.get_series(named["id"]) == named


@pytest.mark.parametrize(("get", "kind"), [("get_mosaic", "Mosaic"), ("get_series", "Series")])
def test_name_that_nothing_has_is_told_as_planet_tells_it(mosaics, get, kind):
    with pytest.raises(NotFound) as caught:
        getattr(mosaics, get)("no such")

    told = translate(caught.value)
    assert isinstance(told, MissingResource)
    assert str(told) == f'{{"message":"{kind} Not Found: no such"}}'
    with pytest.raises(NotFound, match="Not Found"):
        getattr(mosaics, get)(ID)


def test_mosaics_and_series_are_listed_and_filtered(mosaics, sent):
    every = list(mosaics.list_mosaics())
    monthly = list(mosaics.list_mosaics(name_contains="monthly", interval="1 mon"))
    series = list(mosaics.list_series(name_contains="quarterly", acquired_gt="2001-01-01", acquired_lt="2099-01-01"))

    assert len(every) > len(monthly) == 12
    assert all(isinstance(one, Mosaic) for one in every)
    assert [one["name"] for one in series] == ["Global Quarterly"]
    assert isinstance(series[0], Series)
    assert [query for _, _, query, _ in sent()] == [
        {},
        {"name__contains": ["monthly"], "interval": ["1 mon"]},
        {"name__contains": ["quarterly"], "acquired__gt": ["2001-01-01"], "acquired__lt": ["2099-01-01"]},
    ]


def test_mosaics_of_a_series(mosaics, sent, served):
    series = mosaics.get_series("Global Monthly")
    served[0].log.clear()

    every = list(mosaics.list_series_mosaics(series))
    latest = list(mosaics.list_series_mosaics(series["id"], latest=True))
    by_name = list(mosaics.list_series_mosaics("Global Monthly", acquired_gt=every[1]["first_acquired"]))

    assert len(every) == 12
    assert latest == every[:1]
    assert by_name == every[:2]
    path = f"{ROOT}/series/{series['id']}/mosaics"
    assert [(where, query) for _, where, query, _ in sent()] == [
        (path, {}),
        (path, {"latest": ["yes"]}),
        (f"{ROOT}/series", {"name__is": ["Global Monthly"]}),
        (path, {"acquired__gt": [every[1]["first_acquired"]]}),
    ]


# --- quads -----------------------------------------------------------------------------------------------------------


def test_quads_by_box_follow_the_mosaics_own_template(canned):
    mosaic = Mosaic(id=ID, name="m", bbox=[-190, -90, 190, 90], _links={"quads": QUADS})
    service, seen = canned({"items": [{"id": "1-2"}], "summary": {"total_quads": 3}})

    assert list(service.list_quads(mosaic, full_extent=True)) == [{"id": "1-2"}]
    list(service.list_quads(mosaic, bbox=[-185, -88, 3.5, 4], minimal=True))
    assert service.summarize_quads(mosaic) == {"total_quads": 3}
    service.summarize_quads(mosaic, bbox=[1, 2, 3, 4])

    base = f"https://api.planet.com{ROOT}/mosaics/{ID}/quads?bbox="
    assert [unquote(url) for _, url, _ in seen] == [
        f"{base}-180,-85,180,85",
        f"{base}-185,-88,3.5,4&minimal=true",
        f"{base}-180,-85,180,85&minimal=true&summary=true",
        f"{base}1,2,3,4&minimal=true&summary=true",
    ]


def test_quads_by_geometry_are_searched_for(canned):
    service, seen = canned({"items": [{"id": "1-2"}], "summary": {"total_quads": 3}})
    mosaic = Mosaic(id=ID)

    for area in (FIELD, box(*BBOX), {"type": "Feature", "geometry": FIELD, "properties": {}}):
        assert list(service.list_quads(mosaic, geometry=area, bbox=BBOX)) == [{"id": "1-2"}]
    list(service.list_quads(ID, geometry=FIELD, minimal=True))
    service.summarize_quads(mosaic, geometry=FIELD)

    base = f"https://api.planet.com{ROOT}/mosaics/{ID}/quads/search"
    assert [(method, url) for method, url, _ in seen] == [
        *[("POST", base)] * 3,
        ("POST", f"{base}?minimal=true"),
        ("POST", f"{base}?minimal=true&summary=true&_page_size=1"),
    ]
    assert all(body.startswith('{"type":"Polygon","coordinates":[[[5.3,52.1]') for _, _, body in seen)


def test_quads_are_found_counted_and_read(mosaics, small):
    by_box = list(mosaics.list_quads(small, bbox=BBOX))
    by_area = list(mosaics.list_quads(small, geometry=FIELD))
    every = list(mosaics.list_quads(SMALL, full_extent=True))

    assert {one["id"] for one in by_box} == {one["id"] for one in by_area} < {one["id"] for one in every}
    assert mosaics.summarize_quads(small)["total_quads"] == len(every)
    assert mosaics.summarize_quads(small, geometry=FIELD)["total_quads"] == len(by_area)
    one = mosaics.get_quad(small, by_box[0]["id"])
    assert isinstance(one, Quad)
    assert one == by_box[0] == mosaics.get_quad(SMALL, one["id"]) == mosaics.get_quad(small["id"], one["id"])


def test_search_that_redirects_to_a_page_is_followed(mosaics, sent, served):
    (quarter, *_) = mosaics.list_mosaics(interval="3 mons")
    served[0].log.clear()

    found = list(mosaics.list_quads(quarter, geometry=FIELD))

    assert found
    assert [method for method, *_ in sent()] == ["POST", "GET"]


def test_quads_are_listed_page_by_page(mosaics, served, sent):
    (month, *_) = mosaics.list_mosaics(interval="1 mon")
    served[0].log.clear()

    found = list(mosaics.list_quads(month, bbox=[5, 52, 7, 53.2], minimal=True))

    assert len({one["id"] for one in found}) == len(found) > 50
    assert len(sent()) > 1


def test_contributions_link_to_the_scenes_of_a_quad(mosaics, small):
    (quad, *_) = mosaics.list_quads(small, bbox=BBOX)

    found = mosaics.get_quad_contributions(quad)

    assert isinstance(found, list)
    assert all("/item-types/PSScene/items/" in one["link"] for one in found)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda service: list(service.list_quads(ID)), "one of: geometry, bbox, full_extent required"),
        (lambda service: service.download_quads(ID), "bbox or geometry is required"),
        (lambda service: list(service.list_quads(Mosaic(id=ID), bbox=[1, 2])), "west, south, east, north"),
        (lambda service: service.get_quad(Mosaic(id=ID), ""), "Must provide a quad id"),
        (lambda service: service.get_quad(Mosaic(), "1-2"), "Must provide a mosaic id"),
        (lambda service: list(service.list_series_mosaics(Series())), "Must provide a series id"),
    ],
)
def test_what_cannot_be_asked_never_reaches_the_wire(mosaics, sent, call, words):
    with pytest.raises(ClientError, match=words):
        call(mosaics)

    assert sent() == []


def test_reference_is_no_area_of_quads(mosaics, sent):
    with pytest.raises(GeoJSONError):
        list(mosaics.list_quads(Mosaic(id=ID), geometry="pl:features/my/farms"))

    assert sent() == []


def test_refusal_has_planets_words(mosaics, small):
    with pytest.raises(Rejected, match="bbox must be four numbers"):
        list(mosaics.list_quads(small, bbox=[1, 5, 2, 3]))


def test_answer_that_is_not_documented_is_an_error(canned):
    service, _ = canned({"items": None})
    with pytest.raises(UnexpectedResponse, match="summary"):
        service.summarize_quads(Mosaic(id=ID), bbox=BBOX)
    with pytest.raises(UnexpectedResponse, match="items"):
        service.get_quad_contributions(Quad(id="1-2", _links={"items": "https://api.planet.com/i"}))


# --- downloading -----------------------------------------------------------------------------------------------------


def test_quads_are_downloaded_to_a_folder_named_like_the_mosaic(mosaics, small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wanted = {f"{one['id']}.tif" for one in mosaics.list_quads(small, bbox=BBOX)}

    assert mosaics.download_quads(SMALL, bbox=BBOX) is None

    assert names(tmp_path / SMALL) == wanted
    assert all(path.read_bytes()[:2] in {b"II", b"MM"} for path in (tmp_path / SMALL).iterdir())


def test_p43_second_run_asks_for_no_quad(mosaics, small, tmp_path, served):
    world, _ = served
    mosaics.download_quads(small, directory=str(tmp_path), geometry=FIELD, concurrency=2)
    first = downloads(world)
    assert len(first) == len(set(first)) > 1

    mosaics.download_quads(small, directory=str(tmp_path), geometry=FIELD)
    assert downloads(world) == first

    mosaics.download_quads(small, directory=str(tmp_path), geometry=FIELD, overwrite=True)
    assert sorted(downloads(world)) == sorted(first * 2)


def test_p04_quad_that_was_cut_short_is_fetched_again_and_alone(mosaics, small, tmp_path, served):
    """What an interrupted run of another client leaves."""
    world, _ = served
    mosaics.download_quads(small, directory=str(tmp_path), bbox=BBOX)
    one = min(tmp_path.iterdir())
    whole = one.read_bytes()
    one.write_bytes(whole[: len(whole) // 2])
    world.log.clear()

    mosaics.download_quads(small, directory=str(tmp_path), bbox=BBOX)

    assert one.read_bytes() == whole
    assert [path.split("/")[-2] for path in downloads(world)] == [one.stem]


def test_one_quad_is_downloaded_whole_or_not_at_all(mosaics, small, tmp_path, served):
    world, _ = served
    (quad, *_) = mosaics.list_quads(small, bbox=BBOX)
    world.faults.add(path="/full$", html=True, times=None)
    with pytest.raises(TransferError):
        mosaics.download_quad(quad, directory=str(tmp_path))
    assert not (tmp_path / f"{quad['id']}.tif").exists()
    world.faults.clear()
    world.faults.add(path="/full$", truncate_at=500)

    assert mosaics.download_quad(quad, directory=str(tmp_path), progress_bar=True) is None

    assert names(tmp_path) == {f"{quad['id']}.tif"}


def test_p08_quads_that_come_stay_when_another_fails(mosaics, small, tmp_path, served):
    world, _ = served
    quads = list(mosaics.list_quads(small, bbox=BBOX, minimal=True))
    lost = quads[0]["id"]
    world.faults.add(path=f"/{lost}/full$", status=404, body={"message": "gone"}, times=None)

    with pytest.raises(PartialFailure) as caught:
        mosaics.download_quads(small, directory=str(tmp_path), bbox=BBOX)

    assert [one.target.path.stem for one in caught.value.report.failed] == [lost]
    assert len(names(tmp_path)) == len(quads) - 1


def test_account_without_the_right_gets_no_quad(native, tmp_path):
    viewer = native(Mosaics, key="sandbox-planet-viewer")
    with pytest.raises((NotEntitled, PartialFailure)):
        viewer.download_quads(SMALL, directory=str(tmp_path), bbox=BBOX)
    with pytest.raises(NotEntitled, match="no link 'download'"):
        viewer.download_quad(Quad(id="1-2", _links={}), directory=str(tmp_path))


def test_p46_name_that_the_server_gives_stays_in_the_folder(native, tmp_path, small):
    (quad, *_) = native(Mosaics).list_quads(small, bbox=BBOX)
    hostile = Quad(quad | {"id": "../../escaped"})

    native(Mosaics).download_quad(hostile, directory=str(tmp_path / "in"))

    assert [path.parent for path in tmp_path.rglob("*.tif")] == [tmp_path / "in"]


def test_defaults_are_those_that_scripts_know():
    names = ("directory", "overwrite", "bbox", "geometry", "progress_bar", "concurrency")
    parameters = inspect.signature(Mosaics.download_quads).parameters

    assert [parameters[name].default for name in names] == [None, False, None, None, False, 4]
