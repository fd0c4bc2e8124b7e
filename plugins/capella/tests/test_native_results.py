# SPDX-License-Identifier: Apache-2.0
"""Results: sequences that can be joined, grouped, thinned and written out."""

from __future__ import annotations

import json

import pytest

from swath_capella.enumerations import ProductType, RepeatCycle, TaskingRequestStatus
from swath_capella.search import (
    GroupbyResult,
    RepeatRequestSearchResult,
    StacSearchResult,
    TaskingRequestSearchResult,
)


def item(name, **properties):
    return {"id": name, "collection": "capella-geo", "properties": properties}


@pytest.fixture
def result():
    made = StacSearchResult({"limit": 3})
    made.add({
        "features": [
            item("a", **{"sar:product_type": "GEO", "sar:polarizations": ["HH", "VV"], "capella:collect_id": "c1"}),
            item("b", **{"sar:product_type": "SLC", "sar:polarizations": ["HH"], "capella:rgt_id": None}),
            item("c", platform="capella-2"),
        ],
        "numberMatched": 9, "numberReturned": 3, "context": {"matched": 9, "returned": 3, "limit": 3},
    })  # fmt: skip
    return made


def test_it_is_a_sequence(result):
    assert len(result) == 3
    assert result[0]["id"] == "a"
    assert [one["id"] for one in result[1:]] == ["b", "c"]
    assert result[-1] in result
    assert not StacSearchResult()
    assert result.stac_ids == ["a", "b", "c"]
    assert result.collect_ids == ["c1", "N/A", "N/A"]
    assert result.request_body == {"limit": 3}
    assert result.number_matched == 9
    assert repr(result) == "<StacSearchResult (3 STAC items)>"
    assert result == result.merge(StacSearchResult())


def test_it_is_geojson_that_can_be_written(result):
    assert json.loads(json.dumps(result.to_feature_collection()))["features"] == result[:]


def test_what_is_there_is_not_added_again(result):
    page = {"features": [item("c"), item("d"), item("d")]}

    assert result.add(page) == 1
    assert result.add(page, keep_duplicates=True) == 3
    assert result.stac_ids == ["a", "b", "c", "d", "c", "d", "d"]
    assert len(page["features"]) == 3
    result.add_feature(item("a"))
    assert result.stac_ids[-1] == "a"


def test_two_are_joined_and_stay_as_they_are(result):
    other = StacSearchResult({"limit": 1})
    other.add({"features": [item("c"), item("z")], "numberMatched": 2})

    both = result.merge(other)

    assert both.stac_ids == ["a", "b", "c", "z"]
    assert result.merge(other, keep_duplicates=True).stac_ids == ["a", "b", "c", "c", "z"]
    assert (len(result), len(other), both.request_body) == (3, 2, {"limit": 3})
    both.drop(["a", "z"])
    assert (len(result), len(other)) == (3, 2)


def test_dropping_counts_down(result):
    result.drop(["a", "nobody"])

    assert result.stac_ids == ["b", "c"]
    assert result.number_matched == 8
    page = result._pages[0]
    assert page["numberReturned"] == 2
    assert page["context"] == {"matched": 8, "returned": 2, "limit": 3}


def test_groups_are_results(result):
    groups = result.groupby("product_type")

    assert isinstance(groups, dict)
    assert isinstance(groups, GroupbyResult)
    assert groups.value_counts() == {"GEO": 1, "SLC": 1, "unknown": 1}
    assert isinstance(groups["GEO"], StacSearchResult)
    assert groups["GEO"].request_body == {}
    assert groups["GEO"].stac_ids == ["a"]
    assert result.groupby("polarizations").value_counts() == {"HH-VV": 1, "HH": 1, "unknown": 1}
    assert result.groupby("rgt_id").value_counts() == {"unknown": 2, None: 1}
    assert list(result.groupby("id")) == ["a", "b", "c"]
    assert result.groupby("collection").value_counts() == {"capella-geo": 3}
    assert StacSearchResult().groupby("id") == {}
    assert "GEO" in repr(groups)


def test_a_property_can_be_named_as_the_item_has_it_and_a_slip_is_said(result, said):
    assert result.groupby("sar:product_type").value_counts() == {"GEO": 1, "SLC": 1, "unknown": 1}
    assert result.groupby("prodct_type").value_counts() == {"unknown": 3}
    assert sum("no known field" in one for one in said()) == 2


def test_requests_are_grouped_by_their_own_names(said):
    tasks = TaskingRequestSearchResult({"query": {}})
    record = {"taskingrequestId": "t", "repeatrequestId": None, "collectConstraints": {"a": 1, "b": 2}}
    assert tasks.add({"results": [{"properties": record}], "totalPages": 1}) == 1

    assert tasks.tasking_request_ids == ["t"]
    assert tasks.repeat_request_ids == [None]
    assert list(tasks.groupby("collectConstraints")) == ["a-b"]
    assert list(tasks.groupby("collectionTier")) == ["unknown"]
    assert not said()
    assert len(tasks.merge(tasks)) == 2
    repeats = RepeatRequestSearchResult()
    repeats.add({"results": [{"properties": {"repeatrequestId": "r"}}]})
    assert repeats.repeat_request_ids == ["r"]
    assert repr(repeats) == "<RepeatRequestSearchResult (1 repeat request)>"


def test_a_summary_is_logged(result, said):
    result.log_summary()
    result.log_summary(with_request_body=True)

    assert said() == ["found 3 STAC items", "found 3 STAC items for {'limit': 3}"]


def test_enumerations_know_their_values():
    assert "GEO" in ProductType
    assert "geo" not in ProductType
    assert 7 in RepeatCycle
    assert ProductType.GEO == "GEO"
    assert json.dumps([ProductType.GEO, RepeatCycle.WEEKLY]) == '["GEO", 7]'
    assert TaskingRequestStatus.is_valid("completed")
    assert not TaskingRequestStatus.is_valid("done")
