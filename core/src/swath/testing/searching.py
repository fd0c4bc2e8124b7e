# SPDX-License-Identifier: Apache-2.0
"""Conformance: searching finds all that matches, nothing else, and says so in STAC."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from swath import stac
from swath._export import read_items
from swath._provider import Provider
from swath._query.residual import Residual
from swath.errors import InputError, InvalidDatetime, InvalidGeometry, SwathError, UnknownCollection
from swath.models import ItemDict
from swath.sandbox import Sandbox
from swath.testing.subject import Subject

__all__ = ["BaseSearch"]


class BaseSearch(Subject):
    """Paging, totals, times, places, errors and the form of items."""

    def test_query_finds_enough_to_judge_by(self, items: list[ItemDict]) -> None:
        assert 4 <= len(items) <= 200

    def test_p52_every_item_validates_offline(self, items: list[ItemDict]) -> None:
        for item in items:
            stac.validate(item)

    def test_items_say_whose_they_are_and_carry_aware_times(self, items: list[ItemDict]) -> None:
        for item in items:
            properties = item["properties"]
            assert properties["swath:provider"] == self.name
            when = properties["datetime"] or properties["start_datetime"]
            assert dt.datetime.fromisoformat(when).tzinfo is not None
            for asset in item["assets"].values():
                assert asset["roles"], asset
                assert asset.get("type") or "data" not in asset["roles"], asset

    def test_percentages_are_not_fractions(self, items: list[ItemDict]) -> None:
        for name in (stac.CLOUD_COVER, stac.SNOW_COVER):
            known = {item["properties"][name] for item in items if item["properties"].get(name) is not None}
            assert len(known) < 4 or max(known) > 1, f"{name} is in percent, from 0 to 100, not a fraction"
            assert all(0 <= value <= 100 for value in known), name

    def test_p10_no_item_comes_twice(self, items: list[ItemDict]) -> None:
        assert len(set(self.ids(items))) == len(items)

    def test_p13_every_item_matches_the_whole_query(self, provider: Provider, items: list[ItemDict]) -> None:
        matches = Residual(provider.search(**self.query).query).matches

        assert all(matches(item) for item in items)

    @pytest.mark.parametrize(("limit", "total"), [(1, 3), (2, 2), (100, 3)])
    def test_p50_max_items_is_the_total_and_limit_the_page_size(
        self, provider: Provider, items: list[ItemDict], limit: int, total: int
    ) -> None:
        found = list(provider.search(**self.query, limit=limit, max_items=total).items_as_dicts())

        assert len(found) == total
        assert set(self.ids(found)) <= set(self.ids(items))

    def test_p09_page_size_never_changes_what_is_found(self, provider: Provider, items: list[ItemDict]) -> None:
        found = list(provider.search(**self.query, limit=2).items_as_dicts())

        assert self.ids(found) == self.ids(items)

    def test_p50_no_page_is_fetched_beyond_the_total(self, box: Sandbox, provider: Provider) -> None:
        list(provider.search(**self.query, limit=2, max_items=2).items_as_dicts())
        few = box.log.count(path=self.searches)
        box.log.clear()
        list(provider.search(**self.query, limit=2).items_as_dicts())

        assert few <= box.log.count(path=self.searches)

    def test_matched_is_exact_or_unknown(self, provider: Provider, items: list[ItemDict]) -> None:
        assert provider.search(**self.query, max_items=1).matched() in {None, len(items)}

    def test_ids_find_the_items_again(self, provider: Provider, items: list[ItemDict]) -> None:
        wanted = [item["id"] for item in items[:3]]

        found = list(provider.search(collections=self.query.get("collections"), ids=wanted).items_as_dicts())

        assert self.ids(found) == sorted(wanted)

    def test_sorting_is_by_the_asked_property(self, provider: Provider) -> None:
        def instants(key: str) -> list[str]:
            found = provider.search(**self.query, sortby=key).items_as_dicts()
            return [i["properties"]["datetime"] or i["properties"]["start_datetime"] for i in found]

        assert instants("+datetime") == sorted(instants("+datetime"))
        assert instants("-datetime") == sorted(instants("-datetime"), reverse=True)
        assert sorted(instants("+datetime")) == sorted(instants("-datetime"))

    def test_nothing_found_is_an_empty_answer(self, provider: Provider) -> None:
        query = {**self.query, "datetime": "1901-01-01/1901-01-02"}

        assert list(provider.search(**query).items_as_dicts()) == []

    # --- times ------------------------------------------------------------------------------------------------------

    @pytest.fixture
    def zone(self) -> Iterator[Callable[[str], None]]:
        """Set the process's time zone for a while."""
        before = os.environ.get("TZ")

        def set_zone(name: str) -> None:
            os.environ["TZ"] = name
            time.tzset()

        yield set_zone
        if before is None:
            os.environ.pop("TZ", None)
        else:
            os.environ["TZ"] = before
        time.tzset()

    def test_p11_same_time_is_the_same_request_in_any_zone_and_form(
        self, box: Sandbox, provider: Provider, zone: Callable[[str], None]
    ) -> None:
        utc = dt.UTC
        forms: list[Any] = [
            "2026-06-02T00:00:00Z/2026-06-05T12:00:00Z",
            ("2026-06-02T02:00:00+02:00", "2026-06-05T14:00:00+02:00"),
            [dt.datetime(2026, 6, 2), dt.datetime(2026, 6, 5, 12)],  # noqa: DTZ001 (naive is UTC: that is the promise)
            [dt.datetime(2026, 6, 2, tzinfo=utc), dt.datetime(2026, 6, 5, 12, tzinfo=utc)],
            "2026-06-02T00:00:00/2026-06-05T12:00:00",
        ]
        bodies = set()
        for name in ("UTC", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Kiritimati"):
            zone(name)
            for form in forms:
                box.log.clear()
                list(provider.search(**{**self.query, "datetime": form}).items_as_dicts())
                sent = [
                    (entry.path, repr(entry.query), repr(entry.body)) for entry in box.log.entries(path=self.searches)
                ]
                bodies.add(repr(sent[0]))

        assert len(bodies) == 1

    def test_p11_date_as_end_includes_that_day(self, provider: Provider, items: list[ItemDict]) -> None:
        days = sorted((i["properties"]["datetime"] or i["properties"]["start_datetime"])[:10] for i in items)
        last = days[-1]

        found = list(provider.search(**{**self.query, "datetime": f"{days[0]}/{last}"}).items_as_dicts())

        assert self.ids(found) == self.ids(items)

    # --- places -----------------------------------------------------------------------------------------------------

    def test_p35_any_form_of_the_area_finds_the_same(self, provider: Provider, tmp_path: Path) -> None:
        import json

        import shapely

        base = {key: value for key, value in self.query.items() if key not in {"bbox", "intersects"}}
        area = provider.search(**self.query).query.intersects
        assert area is not None
        file = tmp_path / "aoi.geojson"
        file.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": area}))
        forms: list[Any] = [area, shapely.to_wkt(shapely.geometry.shape(area)), str(file), file, json.dumps(area)]

        found = [self.ids(provider.search(**base, intersects=form).items_as_dicts()) for form in forms]

        assert found[0]
        assert all(ids == found[0] for ids in found)

    def test_p12_crossing_the_antimeridian_finds_both_sides(self, provider: Provider) -> None:
        if self.lacks("antimeridian"):
            pytest.skip(self.cannot["antimeridian"])
        import shapely

        base = {key: value for key, value in self.query.items() if key not in {"bbox", "intersects"}}

        def search(west: float, east: float) -> list[ItemDict]:
            return list(provider.search(**base, bbox=[west, -17.1, east, -16.7]).items_as_dicts())

        found, west, east = search(179.7, -179.7), search(179.7, 180), search(-180, -179.7)

        assert west
        assert east
        assert set(self.ids(found)) == {*self.ids(west), *self.ids(east)}
        for item in found:
            left, _, right, _ = shapely.geometry.shape(item["geometry"]).bounds
            assert right - left < 180 or item["geometry"]["type"] == "MultiPolygon"

    # --- errors -----------------------------------------------------------------------------------------------------

    def test_unknown_collection_is_named(self, provider: Provider) -> None:
        with pytest.raises(UnknownCollection, match="no-such-collection"):
            list(provider.search(collections=["no-such-collection"], max_items=1).items_as_dicts())

    @pytest.mark.parametrize(
        ("change", "kind"),
        [
            ({"datetime": "2026-06-05/2026-06-01"}, InvalidDatetime),
            ({"datetime": "soon"}, InvalidDatetime),
            ({"bbox": [0, 0, 10]}, InvalidGeometry),
            ({"bbox": [0, 91, 1, 92]}, InvalidGeometry),
            ({"intersects": "no/such/file.geojson"}, InvalidGeometry),
            ({"limit": 0}, InputError),
            ({"max_items": -1}, InputError),
        ],
    )
    def test_bad_input_is_refused_before_anything_is_sent(
        self, box: Sandbox, provider: Provider, change: dict[str, Any], kind: type[SwathError]
    ) -> None:
        query = {key: value for key, value in self.query.items() if not ({"bbox", "intersects"} & {key, *change})}

        with pytest.raises(kind) as caught:
            provider.search(**{**query, **change})

        assert caught.value.hint
        assert len(box.log) == 0

    def test_p61_unknown_keyword_gets_a_suggestion(self, provider: Provider) -> None:
        with pytest.raises(InputError, match="collections"):
            provider.search(colections=["x"])  # type: ignore[call-arg]  # the mistake is the point

    @pytest.mark.parametrize("status", [429, 502, 503])
    def test_p19_passing_trouble_is_ridden_out(
        self, box: Sandbox, provider: Provider, items: list[ItemDict], status: int
    ) -> None:
        box.faults.add(provider=self.name, path=self.searches, status=status, times=2)

        found = list(provider.search(**self.query).items_as_dicts())

        assert self.ids(found) == self.ids(items)

    @pytest.mark.parametrize("trouble", [{"html": True}, {"status": 200, "body": "{"}, {"status": 200, "body": []}])
    def test_p08_answer_that_is_none_is_an_error(
        self, box: Sandbox, provider: Provider, trouble: dict[str, Any]
    ) -> None:
        box.faults.add(provider=self.name, path=self.searches, times=None, **trouble)

        with pytest.raises(SwathError) as caught:
            list(provider.search(**self.query).items_as_dicts())

        assert caught.value.provider == self.name
        assert caught.value.step == "search"

    def test_p08_search_that_breaks_off_is_an_error(
        self, box: Sandbox, provider: Provider, items: list[ItemDict]
    ) -> None:
        box.log.clear()
        list(provider.search(**self.query, limit=2).items_as_dicts())
        if box.log.count(path=self.searches) < 2:
            pytest.skip("one request finds everything")
        box.faults.add(provider=self.name, path=self.searches, call=2, status=500, times=None)

        with pytest.raises(SwathError):
            list(provider.search(**self.query, limit=2).items_as_dicts())

    # --- pystac-client's surface ------------------------------------------------------------------------------------

    def test_surface_of_pystac_client(self, provider: Provider, items: list[ItemDict]) -> None:
        search = provider.search(**self.query)

        assert self.ids(search.items()) == self.ids(items)
        assert self.ids(search.item_collection()) == self.ids(items)
        assert self.ids(item for page in search.pages() for item in page) == self.ids(items)
        assert self.ids(search.item_collection_as_dict()["features"]) == self.ids(items)
        assert self.ids(i for page in search.pages_as_dicts() for i in page["features"]) == self.ids(items)

    @pytest.mark.parametrize("ending", [".geojson", ".ndjson"])
    def test_p39_saved_result_is_the_same_items(
        self, provider: Provider, items: list[ItemDict], tmp_path: Path, ending: str
    ) -> None:
        path = provider.search(**self.query).save(tmp_path / f"found{ending}")

        assert read_items(path) == items
