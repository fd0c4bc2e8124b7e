# SPDX-License-Identifier: Apache-2.0
"""Sorting more items than are held in memory."""

from __future__ import annotations

import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swath._query import arranging
from swath._query.arranging import arranged
from swath._query.sorting import parse_sortby, sort_items
from swath.errors import DiskFull

KEYS = parse_sortby("-x,y")
values = st.none() | st.integers(-3, 3) | st.sampled_from(["a", "b", True])


def items_of(pairs):
    return [{"id": at, "properties": {"x": x, "y": y}} for at, (x, y) in enumerate(pairs)]


@given(st.lists(st.tuples(values, values), max_size=60), st.none() | st.integers(1, 12), st.integers(1, 7))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_number_is_sorted_as_in_memory(pairs, most, size):
    items = items_of(pairs)
    pages = [items[at : at + size] for at in range(0, len(items), size)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arranging, "_HELD", 8)
        patch.setattr(arranging, "_PAGE", 3)
        found = [item for page in arranged(iter(map(tuple, pages)), KEYS, most) for item in page]

    assert found[:most] == sort_items(items, KEYS)[:most]


def test_few_of_many_are_kept_without_a_file(monkeypatch):
    monkeypatch.setattr(tempfile, "TemporaryFile", None)
    pages = (({"id": at, "properties": {"x": at * 7919 % 40_000, "y": 0}},) for at in range(40_000))

    assert [item["properties"]["x"] for item in next(arranged(pages, KEYS, 3))[:3]] == [39_999, 39_998, 39_997]


def test_file_goes_away_with_the_results(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = arranged(iter([tuple(items_of([(1, 1)] * 12_000))]), KEYS)

    assert next(found)[0]["id"] == 0
    assert not list(tmp_path.iterdir()), "it has no name"
    found.close()


def test_no_room_is_said(monkeypatch, tmp_path):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(arranging.pickle, "dump", full)

    with pytest.raises(DiskFull, match="No space left") as caught:
        list(arranged(iter([tuple(items_of([(1, 1)] * 12_000))]), KEYS))
    assert "TMPDIR" in caught.value.hint
