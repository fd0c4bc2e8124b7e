# SPDX-License-Identifier: Apache-2.0
import json
import threading
import tracemalloc

import pytest

from swath._export import read_items
from swath._results import ItemSearch
from swath.errors import InputError, TargetNotWritable, Unavailable, UnexpectedResponse
from swath.models import Page, Query, SortKey


def item(number, **properties):
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": f"item-{number}",
        "collection": "c",
        "geometry": {"type": "Point", "coordinates": [0, 0]},
        "bbox": [0, 0, 0, 0],
        "properties": {"datetime": "2026-01-01T00:00:00Z", "n": number, **properties},
        "links": [],
        "assets": {},
    }


def page(*numbers, **more):
    return Page(items=[item(number) for number in numbers], **more)


def search(*pages, count=None, **query):
    calls = []

    def run(asked):
        calls.append(asked)
        for one in pages:
            if isinstance(one, Exception):
                raise one
            yield one

    made = ItemSearch(provider="example", query=Query(**query), pages=run, count=lambda _: count)
    made.calls = calls
    return made


def numbers(found):
    return [entry["properties"]["n"] for entry in found.items_as_dicts()]


def test_p10_hostile_pagers_give_each_item_once():
    hostile = {
        "empty first page": ([page(), page(1, 2)], [1, 2]),
        "empty page in the middle": ([page(1), page(), page(2)], [1, 2]),
        "short pages": ([page(1), page(2, 3), page(4)], [1, 2, 3, 4]),
        "overlapping pages": ([page(1, 2), page(2, 3), page(3, 4)], [1, 2, 3, 4]),
        "duplicate in a page": ([page(1, 1, 2)], [1, 2]),
        "last page again": ([page(1, 2, next="b"), page(1, 2)], [1, 2]),
        "no page at all": ([], []),
        "only empty pages": ([page(), page()], []),
    }

    for name, (pages, expected) in hostile.items():
        assert numbers(search(*pages)) == expected, name


def test_p10_paging_in_a_circle_is_an_error_after_what_was_found():
    found = search(page(1, next="a"), page(2, next="b"), page(1, next="a"), page(2, next="b"))

    with pytest.raises(UnexpectedResponse, match="circle"):
        numbers(found)


def test_p08_search_that_breaks_off_raises():
    found = search(page(1), Unavailable("gone", provider="example"))

    with pytest.raises(Unavailable):
        numbers(found)


@pytest.mark.parametrize(("most", "expected"), [(0, []), (1, [1]), (3, [1, 2, 3]), (99, [1, 2, 3, 4])])
def test_p50_max_items_is_the_total(most, expected):
    assert numbers(search(page(1, 2), page(3, 4), max_items=most)) == expected


def test_p50_page_beyond_the_total_is_never_asked_for():
    asked = []

    def run(_):
        for number in range(100):
            asked.append(number)
            yield page(number * 2, number * 2 + 1)

    found = ItemSearch(provider="x", query=Query(max_items=4), pages=run, count=lambda _: None)

    assert numbers(found) == [0, 1, 2, 3]
    assert asked == [0, 1]


def test_next_page_is_fetched_while_this_one_is_used():
    begun = threading.Event()

    def run(_):
        yield page(1)
        begun.set()
        yield page(2)

    found = ItemSearch(provider="x", query=Query(), pages=run, count=lambda _: None)
    running = found.items_as_dicts()

    assert next(running)["id"] == "item-1"
    assert begun.wait(5)
    assert next(running)["id"] == "item-2"


def test_residual_filter_applies_whatever_the_provider_gave():
    wanted = {"op": "<", "args": [{"property": "n"}, 3]}

    assert numbers(search(page(1, 5), page(6), page(2, 3), filter=wanted)) == [1, 2]


@pytest.mark.parametrize(
    ("most", "expected", "read"), [(2, [40, 80], 81), (None, [40, 80, 120], 150), (9, [40, 80, 120], 150)]
)
def test_p13_a_selective_filter_reads_on_until_enough_match(most, expected, read):
    """Pages on which nothing matches do not end a search, nor count towards its total."""
    taken = []

    def run(_):
        for number in range(150):
            taken.append(number)
            yield page(number)

    wanted = {"op": "in", "args": [{"property": "n"}, [40, 80, 120]]}
    found = ItemSearch(
        provider="x", query=Query(filter=wanted, max_items=most, limit=1), pages=run, count=lambda _: None
    )

    assert numbers(found) == expected
    assert len(taken) == read


def test_sorting_is_done_at_home_unless_the_provider_did():
    key = SortKey(property="n", descending=True)

    assert numbers(search(page(1, 3), page(2), sortby=[key])) == [3, 2, 1]
    assert numbers(search(page(1, 3, sorted=True), page(2, sorted=True), sortby=[key])) == [1, 3, 2]
    assert numbers(search(page(1, 3), page(2), sortby=[key], max_items=2)) == [3, 2]


def test_result_read_to_the_end_is_kept():
    found = search(page(1), page(2))

    assert numbers(found) == numbers(found) == [1, 2]
    assert len(found.calls) == 1


def test_p51_counting_is_never_implied():
    found = search(page(1), page(2))

    assert found.matched() is None
    assert found.calls == []
    numbers(found)
    assert found.matched() == 2
    assert search(page(1), count=7).matched() == 7


def test_p51_a_hundred_thousand_items_stream_in_bounded_memory():
    def run(_):
        for number in range(400):
            yield page(*range(number * 250, number * 250 + 250))

    found = ItemSearch(provider="x", query=Query(), pages=run, count=lambda _: None)
    tracemalloc.start()
    seen = sum(1 for _ in found.items_as_dicts())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert seen == 100_000
    assert peak < 60 * 2**20


def test_items_know_their_provider():
    assert next(search(page(1)).items_as_dicts())["properties"]["swath:provider"] == "example"


@pytest.mark.parametrize("ending", [".geojson", ".json", ".ndjson", ".jsonl"])
def test_p39_saved_result_reads_back_the_same(tmp_path, ending):
    path = search(page(1, 2), page(3)).save(tmp_path / "new" / f"found{ending}")

    assert [entry["id"] for entry in read_items(path)] == ["item-1", "item-2", "item-3"]
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_empty_result_saves_as_an_empty_collection(tmp_path):
    path = search().save(tmp_path / "found.geojson")

    assert json.loads(path.read_text()) == {"type": "FeatureCollection", "features": []}


def test_saving_that_fails_leaves_no_file(tmp_path):
    found = search(page(1), Unavailable("gone"))

    with pytest.raises(Unavailable):
        found.save(tmp_path / "found.geojson")

    assert list(tmp_path.iterdir()) == []


def test_saving_refuses_what_it_cannot_write(tmp_path):
    with pytest.raises(InputError, match=r"found\.shp"):
        search(page(1)).save(tmp_path / "found.shp")
    (tmp_path / "file").write_text("")
    with pytest.raises(TargetNotWritable):
        search(page(1)).save(tmp_path / "file" / "found.geojson")


@pytest.mark.parametrize("text", ["", "{", '{"type": "Point"}', "[1]", '{"type":"Feature"}\nnonsense'])
def test_reading_what_holds_no_items_says_where(tmp_path, text):
    path = tmp_path / "found.geojson"
    path.write_text(text)

    if not text:
        assert read_items(path) == []
        return
    with pytest.raises(InputError, match=r"found\.geojson"):
        read_items(path)


def test_reading_a_whole_archive_only_to_sort_it_is_said(caplog):
    found = search(page(3), page(1), page(2), sortby=[SortKey(property="n")])

    assert numbers(found) == [1, 2, 3]
    assert "example cannot sort by n" in caplog.text
    caplog.clear()
    assert numbers(search(page(3, 1), sortby=[SortKey(property="n")])) == [1, 3]
    assert numbers(search(page(3), page(1), sortby=[SortKey(property="n")], ids=["i1", "i3"])) is not None
    assert caplog.text == ""
