# SPDX-License-Identifier: Apache-2.0
"""Searching as Capella's own client does: what is sent, what comes back, and what is behind the cap."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from attrs import frozen

from swath_capella.enumerations import OwnershipOption, ProductType
from swath_capella.exceptions import CapellaConsoleClientError, ClientError, CollectionAccessDeniedError
from swath_capella.fields import KEYWORDS

SEARCH = r"/catalog/search$"


@pytest.fixture
def sent(box, client):
    """Search for at most one item, and give the body that was sent."""

    def send(**keywords):
        box.forget()
        client.search(**{"limit": 1, **keywords})
        (body,) = box.bodies(SEARCH)
        return body

    return send


def test_a_keyword_is_an_equality_and_the_limit_is_500_unless_said(box, client):
    client.search(constellation="capella", collect_id="none")

    assert box.bodies(SEARCH) == [
        {"query": {"constellation": {"eq": "capella"}, "capella:collect_id": {"eq": "none"}}, "limit": 500}
    ]


def test_a_box_alone_makes_no_query(sent):
    assert sent(bbox=[12.35, 41.78, 12.61, 42]) == {"bbox": [12.35, 41.78, 12.61, 42], "limit": 1}


def test_a_list_means_any_of_its_members(sent):
    assert sent(product_type=["SLC", "GEO"])["query"] == {"sar:product_type": {"in": ["SLC", "GEO"]}}
    assert sent(product_type__eq=["SLC"])["query"] == {"sar:product_type": {"in": ["SLC"]}}
    assert sent(product_type__in=("SLC", "GEO"))["query"] == {"sar:product_type": {"in": ["SLC", "GEO"]}}
    assert sent(product_type__in="SLC")["query"] == {"sar:product_type": {"in": ["SLC"]}}


def test_two_operators_on_one_field_are_joined(sent):
    query = sent(look_angle__gt=25, look_angle__lte=35)["query"]

    assert query == {"view:look_angle": {"gt": 25, "lte": 35}}


@pytest.mark.parametrize("keyword", sorted(KEYWORDS))
def test_every_field_goes_by_its_own_name(keyword):
    from swath_capella._native.searching import asked

    assert asked({f"{keyword}__gte": "a"}).body == {"query": {KEYWORDS[keyword]: {"gte": "a"}}}


def test_what_does_not_exist_is_left_out_with_the_nearest_name(sent, said):
    body = sent(prodct_type="GEO", platform__like="capella-2", ownership="mine", sortby=["-datetime", "+id", "bogus"])

    assert body == {
        "limit": 1,
        "sortby": [{"field": "properties.datetime", "direction": "desc"}, {"field": "id", "direction": "asc"}],
    }
    told = "\n".join(said())
    assert "did you mean 'product_type'" in told
    assert "operator 'like' of 'platform' is left out; " in told
    assert "ownership='mine' is left out" in told
    assert "'bogus'" in told


@pytest.mark.parametrize(
    ("sortby", "keys"),
    [
        ("id", [("id", "asc")]),
        ("-id", [("id", "desc")]),
        ("-datetime", [("properties.datetime", "desc")]),
        ("-incidence_angle", [("properties.view:incidence_angle", "desc")]),
        (["bogus"], []),
    ],
)
def test_sorting_names_what_the_service_knows(sent, sortby, keys):
    body = sent(sortby=sortby)

    assert body["sortby"] == [{"field": field, "direction": direction} for field, direction in keys]


def test_sorting_by_any_field_sorts(client):
    found = client.search(sortby="-incidence_angle", limit=20)

    angles = [one["properties"]["view:incidence_angle"] for one in found]
    assert angles == sorted(angles, reverse=True)


def test_ownership_goes_beside_the_query(sent):
    assert sent(ownership="availableForPurchase") == {"ownership": "availableForPurchase", "limit": 1}
    assert sent(ownership=OwnershipOption.PUBLIC)["ownership"] == "publiclyAvailable"


def test_members_of_enumerations_are_their_values(sent):
    assert sent(product_type=ProductType.GEO, bbox=None)["query"] == {"sar:product_type": {"eq": "GEO"}}


def test_a_variable_that_nobody_set_finds_nothing(client):
    assert len(client.search(collect_id=None)) == 0


def test_shapes_are_read_from_whatever_has_them(sent):
    @frozen
    class Shape:
        __geo_interface__: dict

    point = {"type": "Point", "coordinates": (5.5, 52.5)}

    assert sent(intersects=Shape(point))["intersects"] == {"type": "Point", "coordinates": [5.5, 52.5]}
    assert sent(intersects={"type": "Feature", "geometry": point})["intersects"]["type"] == "Point"


def test_times_go_out_in_utc_however_they_are_written(sent):
    east = dt.timezone(dt.timedelta(hours=5))

    query = sent(datetime__gte=dt.datetime(2025, 3, 1, 10, tzinfo=east), datetime__lt="2025-03-02T10:00:00+05:00")[
        "query"
    ]

    assert query == {"datetime": {"gte": "2025-03-01T05:00:00Z", "lt": "2025-03-02T05:00:00Z"}}
    naive = sent(created__gt=dt.datetime.fromisoformat("2025-03-01T10:00:00.0005"), updated__gt=dt.date(2025, 1, 1))[
        "query"
    ]
    assert naive == {"created": {"gt": "2025-03-01T10:00:00.000500Z"}, "updated": {"gt": "2025-01-01T00:00:00Z"}}


def test_an_interval_is_understood(sent, client):
    assert sent(datetime="2025-03-01/2025-04-01T00:00:00+02:00")["query"] == {
        "datetime": {"gte": "2025-03-01", "lte": "2025-03-31T22:00:00Z"}
    }
    assert sent(datetime="../2025-04-01T00:00:00Z")["query"] == {"datetime": {"lte": "2025-04-01T00:00:00Z"}}
    assert client.search(datetime="2025-03-01/2025-03-08", limit=5)


@pytest.mark.parametrize("limit", [0, -1, "ten", True])
def test_a_limit_must_be_one(client, limit):
    with pytest.raises(ClientError, match="limit"):
        client.search(limit=limit)


# --- pages ------------------------------------------------------------------------------------------------------------


def test_pages_come_in_order_whatever_host_their_links_name(box, client):
    found = client.search(limit=1000)

    bodies = box.bodies(SEARCH)
    assert [(one["limit"], one.get("page")) for one in bodies] == [(900, None), (900, 2)]
    assert len(found) == len(set(found.stac_ids)) == 1000
    assert found.number_matched > 10_000
    assert found.to_feature_collection() == {"type": "FeatureCollection", "features": found[:]}


def test_what_comes_twice_is_there_once(box, client):
    box.set(repeat_across_pages=True)

    found = client.search(limit=1900)

    assert len(set(found.stac_ids)) == len(found) == 1900


def test_pages_can_be_asked_for_at_once(box, client):
    one_by_one = client.search(collections=["capella-geo"], limit=1000)
    box.forget()

    found = client.search(collections=["capella-geo"], limit=1000, threaded=True)

    assert found.stac_ids == one_by_one.stac_ids
    pages = [(one["limit"], one.get("page")) for one in box.bodies(SEARCH)]
    assert pages[0] == (1, None)
    assert sorted(pages[1:]) == [(900, 1), (900, 2)]


def test_nothing_is_found_at_once_too(client):
    assert len(client.search(platform="sputnik", threaded=True)) == 0
    assert client.search(platform="sputnik").groupby("id") == {}


def test_all_that_one_search_reaches_is_found(box, client):
    found = client.search(limit=10_000, platform__gt="")

    assert len(set(found.stac_ids)) == 10_000
    assert [(one["limit"], one.get("page")) for one in box.bodies(SEARCH)][-1] == (100, 100)


def test_no_page_passes_the_cap(box, client):
    for number in (11, 12):
        client._finder.answer({"platform": "none"}, number=number, limit=900)

    assert [(one["limit"], one["page"]) for one in box.bodies(SEARCH)] == [(900, 11), (100, 100)]


def test_what_no_single_search_reaches_is_found_too(client):
    since = {"datetime__gte": "2024-09-01T00:00:00Z"}
    matched = client.search(limit=1, **since).number_matched

    found = client.search(limit=matched + 1, threaded=True, **since)

    assert matched > 10_000
    assert len(set(found.stac_ids)) == len(found) == matched
    times = [one["properties"]["datetime"].removesuffix("Z") for one in found]
    assert times == sorted(times, reverse=True)


def test_beyond_the_cap_bounds_and_order_hold(client):
    bounds = {"datetime__gt": "2024-09-01T00:00:00.5Z", "datetime__lt": "2026-11-01T00:00:00Z"}

    found = client.search(sortby=["look_angle", "-id"], limit=50_000, **bounds)

    assert len(found) == found.number_matched > 10_000
    keys = [(one["properties"]["view:look_angle"], one["id"]) for one in found]
    assert [angle for angle, _ in keys] == sorted(angle for angle, _ in keys)
    assert all(a > b for (x, a), (y, b) in pairwise(keys) if x == y)
    times = [one["properties"]["datetime"] for one in found]
    assert min(times) > "2024-09-01T00:00:00.5"
    assert max(times) < "2026-11-01"


def test_more_than_500_ids_are_found(box, client):
    ids = client.search(limit=1201).stac_ids
    box.forget()

    found = client.search(ids=[*ids, ids[0]])

    assert sorted(found.stac_ids) == sorted(ids)
    assert [len(one["ids"]) for one in box.bodies(SEARCH)] == [500, 500, 201]


def test_no_ids_find_nothing(box, client):
    assert len(client.search(ids=[])) == 0
    assert not box.sent(SEARCH)


def test_searches_may_go_to_another_address(box, make_client):
    other = make_client(base_url="http://127.0.0.1:9", search_url=f"{box.root}/catalog/search", no_token_check=True)

    assert len(other.search(limit=1, collections=["capella-geo"])) == 1


def test_the_address_may_end_with_a_slash(box, make_client):
    assert len(make_client(base_url=f"{box.root}/").search(limit=1)) == 1
    assert {one.path for one in box.sent("search")} == {"/catalog/search"}


def test_without_key_only_open_data_is_found(make_client):
    anonymous = make_client(no_auth=True)

    assert {one["collection"] for one in anonymous.search(limit=50)} == {"capella-open-data"}
    with pytest.raises(CollectionAccessDeniedError, match=r"capella-geo") as caught:
        anonymous.search(collections=["capella-geo"])
    assert caught.value.code == "COLLECTION_ACCESS_DENIED"


def test_an_answer_that_is_none_is_said_so(box, client):
    box.faults.add(path=SEARCH, merge={"numberMatched": None})

    with pytest.raises(CapellaConsoleClientError, match="numberMatched"):
        client.search(limit=1)


def test_the_other_name_does_the_same(client):
    assert client.catalog_search(limit=3) == client.search(limit=3)
