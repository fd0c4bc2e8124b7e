# SPDX-License-Identifier: Apache-2.0
"""The Features API under the SDK's names, over real HTTP against the stand-in."""

from __future__ import annotations

import httpx
import pytest
from shapely.geometry import MultiPolygon, Point, box, mapping

from swath.errors import NotEntitled, NotFound, Rejected, Unavailable, UnexpectedResponse
from swath.hookspecs import Operation
from swath_planet._api.features import Features
from swath_planet.exceptions import ClientError, FeatureError, GeoJSONError, PagingError
from swath_planet.models import Feature, GeoInterface

FIELD = mapping(box(5.4, 52.3, 5.5, 52.38))
ROOT = "/features/v1/ogc/my"


@pytest.fixture
def features(native):
    return native(Features)


@pytest.fixture
def farms(features, served):
    made = features.create_collection("My Farms", "fields")
    served[0].log.clear()
    yield made
    features.delete_collection(made)


def named(name, geometry=FIELD):
    return {"type": "Feature", "geometry": geometry, "properties": {"name": name}}


# --- collections -----------------------------------------------------------------------------------------------------


def test_collection_is_made_read_listed_and_deleted(features, sent):
    made = features.create_collection("My Farms", "fields")
    read = features.get_collection(made)
    listed = list(features.list_collections())
    features.delete_collection(made)

    assert sent()[0] == ("POST", f"{ROOT}/collections", {}, {"title": "My Farms", "description": "fields"})
    assert (read["id"], read["title"], read["pl:ref"]) == (made, "My Farms", f"pl:features/my/{made}")
    assert read in listed
    with pytest.raises(NotFound):
        features.get_collection(made)


def test_collection_without_description_sends_none(features, sent):
    features.delete_collection(features.create_collection("Plots"))

    assert sent()[0][3] == {"title": "Plots"}


def test_collections_are_listed_lazily_and_no_further_than_the_limit(account, answers):
    page = {"collections": [{"id": "a"}, {"id": "b"}], "links": [{"rel": "next", "href": "https://api.planet.com/n"}]}
    _, context, http = account(answers((200, page), (200, page)))

    listed = Features(context).list_collections(limit=2)
    assert http.sent == []

    assert [one["id"] for one in listed] == ["a", "b"]
    assert [one["path"] for one in http.sent] == [f"{ROOT}/collections"]


def test_p10_next_link_given_twice_in_a_row_ends_with_an_error(account, answers):
    page = {"collections": [{"id": "a"}], "links": [{"rel": "next", "href": "https://api.planet.com/n"}]}
    _, context, _ = account(answers((200, page), (200, page), (200, page)))

    with pytest.raises(PagingError):
        list(Features(context).list_collections())


def test_p09_page_that_does_not_say_whether_more_follows_is_an_error(account, answers):
    _, context, _ = account(answers((200, {"collections": [{"id": "a"}]})))

    with pytest.raises(UnexpectedResponse, match="links"):
        list(Features(context).list_collections())


def test_empty_page_ends_the_list_though_it_names_a_next_one(account, answers):
    page = {"collections": [], "links": [{"rel": "next", "href": "https://api.planet.com/n"}]}
    _, context, _ = account(answers((200, page)))

    assert list(Features(context).list_collections()) == []


# --- features --------------------------------------------------------------------------------------------------------


class Shape:
    __geo_interface__ = FIELD


class Placemark:
    __geo_interface__ = named("north")


@pytest.mark.parametrize("given", [FIELD, box(5.4, 52.3, 5.5, 52.38), Shape()])
def test_bare_geometry_is_wrapped_as_a_feature(features, farms, sent, given):
    refs = features.add_items(farms, given)

    ((method, path, query, body),) = sent()
    assert (method, path, query) == ("POST", f"{ROOT}/collections/{farms}/items", {})
    assert (body["type"], body["properties"], body["geometry"]["type"]) == ("Feature", {}, "Polygon")
    assert len(refs) == 1
    assert refs[0].startswith(f"pl:features/my/{farms}/")


@pytest.mark.parametrize("given", [named("north"), Placemark()])
def test_feature_is_sent_as_it_is(features, farms, sent, given):
    features.add_items(farms, given)

    assert sent()[0][3]["properties"] == {"name": "north"}


def test_many_features_are_added_at_once_under_ids_from_a_property(features, farms, sent):
    west, east = named("west"), named("east", mapping(MultiPolygon([box(6, 52, 6.1, 52.1), box(6.2, 52, 6.3, 52.1)])))

    refs = features.add_items(farms, {"type": "FeatureCollection", "features": [west, east]}, property_id="name")

    assert refs == [f"pl:features/my/{farms}/west", f"pl:features/my/{farms}/east"]
    assert sent()[0][2] == {"property_id": ["name"]}


def test_feature_knows_its_reference(features, farms):
    (ref,) = features.add_items(farms, named("north"), property_id="name")

    found = features.get_item(farms, "north")

    assert isinstance(found, Feature)
    assert found.ref == ref == found["properties"]["pl:ref"]
    assert found["properties"]["pl:area"] > 1_000_000
    assert [one.ref for one in features.list_items(farms)] == [ref]


def test_all_features_are_listed_unless_fewer_are_asked_for(features, farms):
    """Planet's asynchronous client would stop after ten, unasked."""
    many = [named(f"f{number}") for number in range(12)]
    features.add_items(farms, {"type": "FeatureCollection", "features": many}, property_id="name")

    assert len(list(features.list_items(farms))) == 12
    assert len(list(features.list_items(farms, limit=5))) == 5


def test_feature_is_deleted(features, farms):
    features.add_items(farms, named("north"), property_id="name")

    features.delete_item(farms, "north")

    assert list(features.list_items(farms)) == []
    with pytest.raises(NotFound):
        features.get_item(farms, "north")


def test_feature_that_was_not_read_from_planet_has_no_reference():
    with pytest.raises(FeatureError, match="no reference"):
        _ = Feature(named("north")).ref


def test_geo_interface_is_recognised():
    assert isinstance(Shape(), GeoInterface)
    assert not isinstance({}, GeoInterface)


# --- what is wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda service: service.delete_item("farms", ""), "feature"),
        (lambda service: service.delete_item("", "north"), "collection"),
        (lambda service: service.delete_collection(""), "collection"),
        (lambda service: service.get_item("farms", ".."), "feature"),
        (lambda service: service.get_collection(None), "collection"),
    ],
)
def test_empty_id_never_reaches_the_wire(features, sent, call, what):
    with pytest.raises(ClientError, match=f"Must provide a {what} id"):
        call(features)

    assert sent() == []


def test_p46_id_stays_one_segment_of_the_path(account, answers):
    _, context, http = account(answers((200, {}), (200, {})))

    Features(context).get_item("a/../b", "x?y#z")

    assert http.sent[0]["path"] == f"{ROOT}/collections/a/../b/items/x?y#z"  # as the server reads it, decoded
    assert http.sent[0]["params"] == {}


@pytest.mark.parametrize("given", ["pl:features/my/farms", {"type": "Nope"}, {"type": "Polygon", "coordinates": [[1]]}])
def test_what_is_no_geojson_never_reaches_the_wire(features, sent, given):
    with pytest.raises((ClientError, GeoJSONError)):
        features.add_items("farms", given)

    assert sent() == []


def test_refusal_has_planets_words(features, farms):
    with pytest.raises(Rejected) as caught:
        features.add_items(farms, Point(5, 52))

    assert caught.value.status_code == 400
    assert "invalid-geometry" in caught.value.details["body"]


def test_account_without_the_right_is_refused(native):
    with pytest.raises(NotEntitled):
        native(Features, key="sandbox-planet-viewer").create_collection("Plots")


def test_p01_creating_is_sent_once(served, features, farms):
    world, _ = served
    for add in (lambda: features.create_collection("Plots"), lambda: features.add_items(farms, FIELD)):
        world.log.clear()
        world.faults.add(method="POST", path="/features/", drop="after", times=None)

        with pytest.raises(Unavailable) as caught:
            add()

        assert caught.value.details["outcome_unknown"] is True
        assert len([one for one in world.log if one.method == "POST"]) == 1
        world.faults.clear()


def test_other_requests_may_be_sent_again(account, answers):
    _, context, http = account(answers((200, {}), httpx.Response(204)))
    features = Features(context)

    features.get_collection("a")
    features.delete_collection("a")

    assert [(one["operation"], one["bucket"]) for one in http.sent] == [
        (Operation.READ, "features"),
        (Operation.WRITE, "features"),
    ]
