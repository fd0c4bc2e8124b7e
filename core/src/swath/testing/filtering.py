# SPDX-License-Identifier: Apache-2.0
"""Conformance: a filter means the same as filtering everything at home."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from swath._provider import Provider
from swath.errors import InvalidFilter
from swath.models import ItemDict
from swath.sandbox import Sandbox
from swath.testing.subject import Subject

__all__ = ["BaseFilter"]


def _value(item: ItemDict, name: str) -> Any:
    return item["properties"].get(name)


class BaseFilter(Subject):
    """Every queryable, compared with Python's own comparisons on the unfiltered result."""

    def _queryables(self, provider: Provider, items: list[ItemDict]) -> list[str]:
        """Give the properties that can be compared: those with one kind of plain value in the items."""
        collections = self.query.get("collections") or [None]
        names = set.intersection(*({*provider.queryables(name)["properties"]} for name in collections))
        return sorted(
            name
            for name in names - {"id", "geometry", "collection", "datetime", "start_datetime", "end_datetime"}
            if any(isinstance(_value(item, name), str | int | float) for item in items)
        )

    def test_items_properties_are_queryable(self, provider: Provider, items: list[ItemDict]) -> None:
        assert len(self._queryables(provider, items)) >= 3

    def test_p13_every_plain_property_of_an_item_is_queryable(self, provider: Provider, items: list[ItemDict]) -> None:
        for item in items:
            known = provider.queryables(item.get("collection"))["properties"]
            carried = {
                name
                for name, value in item["properties"].items()
                if isinstance(value, str | int | float) and not name.startswith("swath:")
            }
            assert carried <= set(known), item["id"]

    def test_p13_comparisons_equal_local_filtering(self, provider: Provider, items: list[ItemDict]) -> None:
        differences = []
        for name in self._queryables(provider, items):
            values = [_value(item, name) for item in items]
            present = sorted({v for v in values if v is not None and not isinstance(v, bool | list)}, key=repr)
            if not present:
                continue
            middle, lower = present[len(present) // 2], present[len(present) // 4]
            text = isinstance(middle, str)
            literal = "'" + middle.replace("'", "''") + "'" if text else repr(middle)
            cases = {f'"{name}" = {literal}': [i for i in items if _value(i, name) == middle]}
            if not text:
                having = [i for i in items if _value(i, name) is not None]
                cases[f'"{name}" <= {literal}'] = [i for i in having if _value(i, name) <= middle]
                cases[f'"{name}" < {lower!r}'] = [i for i in having if _value(i, name) < lower]
                cases[f'"{name}" > {literal}'] = [i for i in having if _value(i, name) > middle]
                cases[f'"{name}" BETWEEN {literal} AND {present[-1]!r}'] = [
                    i for i in having if middle <= _value(i, name) <= present[-1]
                ]
            else:
                cases[f'"{name}" IN ({literal})'] = cases[f'"{name}" = {literal}']
            for text_filter, expected in cases.items():
                found = self.ids(provider.search(**self.query, filter=text_filter).items_as_dicts())
                if found != self.ids(expected):
                    differences.append((text_filter, len(found), len(expected)))

        assert differences == []

    def test_p13_combinations_equal_local_filtering(self, provider: Provider, items: list[ItemDict]) -> None:
        numeric = [
            name
            for name in self._queryables(provider, items)
            if all(isinstance(_value(i, name), int | float) and not isinstance(_value(i, name), bool) for i in items)
            and len({_value(i, name) for i in items}) > 1
        ]
        if not numeric:
            pytest.skip("no property has different numbers in all items")
        first, last = numeric[0], numeric[-1]
        a = sorted(_value(i, first) for i in items)[len(items) // 2]
        b = sorted(_value(i, last) for i in items)[len(items) // 3]
        cases: dict[str, Callable[[ItemDict], bool]] = {
            f'"{first}" < {a!r} AND "{last}" >= {b!r}': lambda i: _value(i, first) < a and _value(i, last) >= b,
            f'"{first}" < {a!r} OR "{last}" >= {b!r}': lambda i: _value(i, first) < a or _value(i, last) >= b,
            f'NOT ("{first}" < {a!r})': lambda i: not _value(i, first) < a,
            f'NOT ("{first}" < {a!r} AND "{last}" >= {b!r})': lambda i: (
                not (_value(i, first) < a and _value(i, last) >= b)
            ),
        }

        for text, keep in cases.items():
            found = self.ids(provider.search(**self.query, filter=text).items_as_dicts())
            assert found == self.ids(i for i in items if keep(i)), text

    def test_p13_filters_drawn_at_random_equal_local_filtering(self, provider: Provider) -> None:
        """As many filters as ``SWATH_FILTERS`` says, 100 if it says nothing; these are always the same."""
        from hypothesis import HealthCheck, given, settings

        from swath.testing.drawing import filters
        from swath.testing.judging import holds

        query = self.filter_query or self.query
        everything = list(provider.search(**query).items_as_dicts())
        schemas = [provider.queryables(name) for name in query.get("collections") or [None]]
        asked = os.environ.get("SWATH_FILTERS")

        @settings(
            max_examples=int(asked or 100),
            deadline=None,
            database=None,
            derandomize=asked is None,
            suppress_health_check=list(HealthCheck),
        )
        @given(filters(everything, schemas))
        def check(condition: Any) -> None:
            found = self.ids(provider.search(**query, filter=condition).items_as_dicts())
            assert found == self.ids(item for item in everything if holds(condition, item) is True), condition

        assert len(everything) >= 4
        check()

    @pytest.mark.parametrize("size", [{"limit": 1}, {"max_items": 1}], ids=["small pages", "small total"])
    def test_p13_filtering_never_ends_a_search_early(
        self, provider: Provider, items: list[ItemDict], size: dict[str, Any]
    ) -> None:
        last = items[-1]["id"]

        found = list(provider.search(**self.query, **size, filter=f"id LIKE '{last}'").items_as_dicts())

        assert self.ids(found) == [last]

    def test_p13_unknown_property_is_refused(self, provider: Provider) -> None:
        with pytest.raises(InvalidFilter, match="eo:clowd_cover"):
            list(provider.search(**self.query, filter='"eo:clowd_cover" < 10').items_as_dicts())

    @pytest.mark.parametrize("text", ["eo:cloud_cover <", "= 3", "a LIKE", '{"op": "="'])
    def test_malformed_filter_is_refused_before_anything_is_sent(
        self, box: Sandbox, provider: Provider, text: str
    ) -> None:
        with pytest.raises(InvalidFilter):
            provider.search(**self.query, filter=text)

        assert len(box.log) == 0
