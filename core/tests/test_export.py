# SPDX-License-Identifier: Apache-2.0
"""Results in every form, and back: the same items, whatever is in them."""

import asyncio
import builtins
import copy
import json
import sys
from pathlib import Path

import geopandas
import pyarrow as pa
import pystac
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

import swath
from swath import stac
from swath._export import items_of_table, read_items, write_items
from swath._export.columnar import to_table
from swath._export.frame import to_frame
from swath._inputs import items_of
from swath._results import ItemSearch
from swath.errors import InputError, MissingExtra, NotSupported, TargetNotWritable, Unavailable
from swath.models import Page, Query

SQUARE = {"type": "Polygon", "coordinates": [[[5.1, 52.0], [6.0, 52.0], [6.0, 53.3], [5.1, 53.3], [5.1, 52.0]]]}
ACROSS = {
    "type": "MultiPolygon",
    "coordinates": [
        [[[179.0, -17.0], [180.0, -17.0], [180.0, -16.0], [179.0, -16.0], [179.0, -17.0]]],
        [[[-180.0, -17.0], [-179.0, -17.0], [-179.0, -16.0], [-180.0, -16.0], [-180.0, -17.0]]],
    ],
}
FILES = ["geojson", "json", "ndjson", "jsonl", "parquet", "geoparquet", "arrow", "feather", "/"]


def item(name="one", *, provider="planet", collection="PSScene", **properties):
    made = stac.item(
        id=name,
        geometry=SQUARE,
        datetime="2026-05-01T10:00:00.123456Z",
        collection=collection,
        provider=provider,
        properties={"eo:cloud_cover": 3, "gsd": 3.7, "platform": "dove"},
        assets={"visual": {"href": "https://example.com/a.tif", "roles": ["data"], "type": "image/tiff", "bands": [{"name": "red"}]}},
    )  # fmt: skip
    made["properties"].update(properties)
    made["links"].append({"rel": "license", "href": "https://example.com/licence", "swath:own": [1, {"a": None}]})
    return made


def without(made, *names):
    return {key: value for key, value in made.items() if key not in names}


CASES = {
    "plain": [item("one"), item("two")],
    "empty": [],
    "null geometry": [without({**item(), "geometry": None}, "bbox"), item("two")],
    "only null geometry": [without({**item(), "geometry": None}, "bbox")],
    "across the antimeridian": [{**item(), "geometry": ACROSS, "bbox": [179.0, -17.0, -179.0, -16.0]}],
    "with heights": [{**item(), "geometry": {"type": "Point", "coordinates": [1.0, 2.0, 3.5]}, "bbox": [1, 2, 3.5, 1, 2, 3.5]}],
    "interval": [item("one", datetime=None, start_datetime="2026-05-01T00:00:00Z", end_datetime="2026-05-02T00:00:00Z"), item("two")],
    "mixed types": [item("one", level=1), item("two", provider="sedas", level="L1"), item("three", level=["1"])],
    "numbers and texts that look alike": [item("one", level=1), item("two", level="1"), item("three", level=True)],
    "whole numbers and fractions": [item("one", n=1), item("two", n=1.5), item("three", n=2**60)],
    "explicit nulls": [item("one", note=None, deep={"a": None, "b": [None, 1]})],
    "objects without fields": [item("one", extra={}), item("two", extra={"a": 1})],
    "different assets": [
        {**item("one"), "assets": {"a": {"href": "x", "gsd": 1}}},
        {**item("two"), "assets": {"b": {"href": "y", "title": "t", "bands": [{"name": "r"}]}}},
        {**item("three"), "assets": {}},
    ],
    "no links, no assets": [{**item("one"), "links": [], "assets": {}}],
    "an asset named by file": [{**item(f"i{n}"), "assets": {f"file-{n}.tif": {"href": "x"}}} for n in range(300)],
    "times that are written otherwise": [item("one", datetime="2026-05-01T12:00:00+02:00", created="soon")],
    "properties named like members": [item("one", id="x", assets="y", type=3, geometry="z")],
    "members of their own": [{**item("one"), "odd": {"a": 1}}],
    "same id in two collections": [item("one"), item("one", collection="SkySat"), item("ONE")],
    "no collection": [without(item("one"), "collection"), item("two")],
    "hostile ids": [item("../../etc/passwd"), item("CON"), item("a/b"), item("A/B"), item("collection"), item("x" * 400)],
    "half a character": [item("one", note="\ud800", **{"\udfff": 1})],
    "a geometry that is none": [{**item(), "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}}],
    "other scripts": [item("одна сцена"), item("場面", note='<script>alert("x")</script>')],
    "line separators": [item("one", note="a\u2028b\x85c")],
}  # fmt: skip


@pytest.mark.parametrize("ending", FILES)
@pytest.mark.parametrize("name", CASES)
def test_p39_what_was_saved_is_the_same_items(tmp_path, name, ending):
    path = f"{tmp_path}/found/" if ending == "/" else tmp_path / f"found.{ending}"

    written = write_items(iter(copy.deepcopy(CASES[name])), path)

    assert read_items(written) == CASES[name]
    assert [entry.name for entry in tmp_path.iterdir()] == [written.name]


@pytest.mark.parametrize("make", [to_table, to_frame], ids=["arrow", "geodataframe"])
@pytest.mark.parametrize("name", CASES)
def test_p39_a_table_is_the_same_items(name, make):
    table = make(iter(copy.deepcopy(CASES[name])))

    assert list(items_of_table(table)) == CASES[name]


def test_columns_alone_hold_what_providers_give():
    """The copy of an item is only for what columns cannot hold; without this, they could be wrong and nobody saw it."""
    names = [
        "plain", "null geometry", "across the antimeridian", "with heights", "interval", "different assets",
        "no links, no assets", "no collection", "other scripts",
    ]  # fmt: skip
    for name in names:
        plain = [without(one, "links") | {"links": []} for one in CASES[name]]  # one link above is odd on purpose
        assert "swath:item" not in to_table(plain).column_names, name
        assert "swath:item" not in to_frame(plain).columns, name
    assert "swath:item" not in to_frame([one | {"links": []} for one in CASES["mixed types"]]).columns
    assert to_table(CASES["mixed types"])["level"].to_pylist() == ["1", "L1", '["1"]']


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.sampled_from(["2026-05-01T00:00:00Z", "1", "{}"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c", ""]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
NAMES = st.sampled_from(["gsd", "level", "created", "eo:cloud_cover", "id", "bbox", "type", "swath:item", ""])
POINT = st.tuples(st.floats(-180, 180), st.floats(-90, 90)).map(lambda at: {"type": "Point", "coordinates": list(at)})
ITEMS = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.just("Feature"),
            "stac_version": st.just("1.1.0"),
            "id": st.text(max_size=5),
            "geometry": st.none() | POINT | st.just(SQUARE) | st.just(ACROSS),
            "properties": st.dictionaries(NAMES, JSON, max_size=4).map(lambda found: {"datetime": "2026-05-01T00:00:00Z", **found}),
            "links": st.lists(st.fixed_dictionaries({"rel": st.just("self"), "href": st.text(max_size=3)}, optional={"x": JSON}), max_size=2),
            "assets": st.dictionaries(st.sampled_from(["a", "b"]), st.fixed_dictionaries({"href": st.just("x")}, optional={"gsd": JSON}), max_size=2),
        },
        optional={"collection": st.sampled_from(["c", "d"]), "bbox": st.just([1, 2, 3, 4]), "odd": JSON},
    ),
    max_size=4,
)  # fmt: skip


def same(one, other):
    """Compare as JSON does, where one NaN is as good as another."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True) or one == other


@settings(max_examples=100, deadline=None)
@given(ITEMS)
def test_p39_any_items_come_back(tmp_path_factory, items):
    folder = tmp_path_factory.mktemp("any")
    for path in (folder / "x.parquet", folder / "x.arrow", folder / "x.ndjson", f"{folder}/catalogue/"):
        found = read_items(write_items(iter(copy.deepcopy(items)), path))
        assert same(found, items), path
    assert same(list(items_of_table(to_frame(copy.deepcopy(items)))), items)


def searching(*pages, provider="planet"):
    def run(_):
        for page in pages:
            if isinstance(page, Exception):
                raise page
            yield Page(items=copy.deepcopy(page))

    return ItemSearch(provider=provider, query=Query(), pages=run, count=lambda _: None)


# --- what is made of it by others ---------------------------------------------------------------------------------------


def test_geoparquet_is_geoparquet_and_stac(tmp_path):
    path = searching([item("one"), item("two")]).save(tmp_path / "found.parquet")

    metadata = parquet.read_schema(path).metadata
    frame = geopandas.read_parquet(path)

    geo = json.loads(metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert geo["columns"]["geometry"]["covering"]["bbox"]["xmax"] == ["bbox", "xmax"]
    assert json.loads(metadata[b"stac-geoparquet"])["version"] == "1.0.0"
    assert frame.total_bounds.tolist() == [5.1, 52.0, 6.0, 53.3]
    assert str(frame["datetime"].dtype).startswith("datetime64[")
    assert len(geopandas.read_parquet(path, bbox=(0, 0, 1, 1))) == 0
    assert items_of(frame[frame["id"] == "two"])[0]["id"] == "two"


@pytest.mark.filterwarnings("ignore")
def test_geoparquet_is_read_by_other_tools_and_theirs_by_us(tmp_path):
    rustac = pytest.importorskip("rustac")
    others = pytest.importorskip("stac_geoparquet.arrow")
    items = [
        without(item(name, datetime="2026-05-01T10:00:00Z"), "links") | {"links": [{"rel": "license", "href": "x"}]}
        for name in "ab"
    ]
    mine = searching(items).save(tmp_path / "mine.parquet")

    async def through_rustac():
        await rustac.write(str(tmp_path / "rustac.parquet"), copy.deepcopy(items))
        return (await rustac.read(str(mine)))["features"]

    read = asyncio.run(through_rustac())
    listed = list(others.stac_table_to_items(parquet.read_table(mine)))
    others.to_parquet(others.parse_stac_items_to_arrow(copy.deepcopy(items)), tmp_path / "others.parquet")

    for found in (read, listed):
        assert [one["id"] for one in found] == ["a", "b"]
        assert [one["properties"]["eo:cloud_cover"] for one in found] == [3, 3]
        assert [one["assets"]["visual"]["href"] for one in found] == ["https://example.com/a.tif"] * 2
        assert [list(pystac.Item.from_dict(one).bbox) for one in found] == [[5.1, 52.0, 6.0, 53.3]] * 2
    for name in ("rustac", "others"):
        for one, theirs in zip(items, read_items(tmp_path / f"{name}.parquet"), strict=True):
            assert {**theirs, "stac_extensions": one["stac_extensions"]} == one, name


def test_catalogue_is_valid_stac_and_can_be_moved(tmp_path):
    items = [
        item("one"),
        item("two", provider="sedas", collection="s2"),
        without(item("lone"), "collection"),
        item("ONE"),
    ]
    searching(items).save(f"{tmp_path}/made/")
    folder = (tmp_path / "made").rename(tmp_path / "moved")

    catalogue = pystac.Catalog.from_file(folder / "catalog.json")

    catalogue.validate()
    for child in catalogue.get_children():
        child.validate()
        assert child.extent.spatial.bboxes == [[5.1, 52.0, 6.0, 53.3]]
    found = list(catalogue.get_items(recursive=True))
    assert sorted(one.id for one in found) == ["ONE", "lone", "one", "two"]
    for one in found:
        stac.validate(one.to_dict(include_self_link=False))
    for path in folder.rglob("*.json"):
        for link in json.loads(path.read_text())["links"]:
            assert link["rel"] == "license" or (path.parent / link["href"]).resolve().is_relative_to(folder)
    assert [one["id"] for one in items_of(catalogue)] == [one.id for one in found]


def test_catalogue_of_others_is_read_and_does_not_lead_out_of_its_folder(tmp_path):
    collection = pystac.Collection(
        "c", "of others", pystac.Extent(pystac.SpatialExtent([[0, 0, 1, 1]]), pystac.TemporalExtent([[None, None]]))
    )
    made = pystac.Item.from_dict(item("theirs"))
    made.assets = {"local": pystac.Asset("./a.tif")}
    collection.add_item(made)
    collection.normalize_and_save(str(tmp_path / "cat"), pystac.CatalogType.SELF_CONTAINED)
    (tmp_path / "secret.json").write_text(json.dumps(item("secret")))
    document = json.loads((tmp_path / "cat" / "collection.json").read_text())
    for href in ("../secret.json", "https://example.com/x.json", "file:///etc/passwd", "./collection.json"):
        document["links"] += [{"rel": "item" if "collection" not in href else "child", "href": href}]
    (tmp_path / "cat" / "collection.json").write_text(json.dumps(document))

    found = read_items(tmp_path / "cat" / "collection.json")

    assert [one["id"] for one in found] == ["theirs"]
    assert Path(found[0]["assets"]["local"]["href"]) == tmp_path / "cat" / "theirs" / "a.tif"


# --- using it --------------------------------------------------------------------------------------------------------------


def test_search_becomes_tables():
    search = searching([item("one"), item("two", **{"eo:cloud_cover": 50})])

    frame, table = search.to_geodataframe(), search.to_arrow()

    assert list(frame[frame["eo:cloud_cover"] < 10].id) == ["one"]
    assert str(frame.crs) == "OGC:CRS84"
    assert str(frame.datetime.dt.tz) == "UTC"
    assert isinstance(table, pa.Table)
    assert table["id"].to_pylist() == ["one", "two"]


def test_p39_rows_that_were_chosen_and_reprojected_are_still_items():
    frame = to_frame([item("one"), item("two", **{"eo:cloud_cover": 50})])

    (kept,) = items_of(frame[frame["eo:cloud_cover"] > 10].to_crs(3857))

    assert kept["id"] == "two"
    assert kept["geometry"]["coordinates"][0][0] == pytest.approx([5.1, 52.0])


def test_p39_saved_results_have_the_surface_of_a_search(tmp_path):
    items = [item("one"), item("two")]
    path = searching(items).save(tmp_path / "found.parquet")

    again = swath.read_items(path)

    assert again.provider == "planet"
    assert again.matched() == 2
    assert list(again.items_as_dicts()) == items
    assert [one.id for one in again] == ["one", "two"]
    assert repr(again) == "<SavedItems of planet: 2 items>"
    assert list(swath.read_items(again.save(tmp_path / "found.ndjson")).items_as_dicts()) == items
    assert list(swath.read_items([path, item("three")]).items_as_dicts()) == [*items, item("three")]
    assert swath.read_items(searching().save(tmp_path / "none.parquet")).matched() == 0


def test_form_may_be_named(tmp_path):
    path = searching([item()]).save(tmp_path / "found", form="geoparquet")

    assert path.read_bytes()[:4] == b"PAR1"
    with pytest.raises(InputError, match="geoparquet"):
        searching([item()]).save(tmp_path / "found", form="geoparket")


# --- going wrong ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["parquet", "arrow", "ndjson", "/"])
def test_what_fails_leaves_nothing(tmp_path, ending):
    path = f"{tmp_path}/found/" if ending == "/" else tmp_path / f"found.{ending}"

    with pytest.raises(Unavailable):
        searching([item()], Unavailable("gone")).save(path)

    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_not_empty_is_left_as_it_is(tmp_path):
    (tmp_path / "mine").write_text("precious")

    with pytest.raises(TargetNotWritable, match="not empty"):
        searching([item()]).save(tmp_path)

    assert (tmp_path / "mine").read_text() == "precious"
    assert len(list(tmp_path.iterdir())) == 1


def test_saving_replaces_a_file(tmp_path):
    path = tmp_path / "found.parquet"
    path.write_text("old")

    searching([item()]).save(path)

    assert len(read_items(path)) == 1


@pytest.mark.parametrize(
    "content", [b"PAR1", b"PAR1" + bytes(100), b"ARROW1\0\0" + bytes(50), b"\xff\xfe\0", b"[", b'{"type": "Catalog"']
)
def test_damaged_files_are_an_input_error_that_names_them(tmp_path, content):
    path = tmp_path / "found.parquet"
    path.write_bytes(content)

    with pytest.raises(InputError, match=r"found\.parquet"):
        read_items(path)


def test_tables_of_something_else_are_refused(tmp_path):
    parquet.write_table(pa.table({"a": [1]}), tmp_path / "x.parquet")
    parquet.write_table(pa.table({"id": ["a"], "geometry": [1]}), tmp_path / "y.parquet")
    parquet.write_table(pa.table({"id": ["a"], "geometry": [b"no WKB"]}), tmp_path / "z.parquet")
    parquet.write_table(pa.table({"id": ["a"], "geometry": [None], "swath:item": ["{}"]}), tmp_path / "w.parquet")

    for name, said in [("x", "no column 'geometry'"), ("y", "not WKB"), ("z", "not WKB"), ("w", "no STAC Item")]:
        with pytest.raises(InputError, match=said):
            read_items(tmp_path / f"{name}.parquet")
    with pytest.raises(InputError, match="no column 'id'"):
        items_of(geopandas.GeoDataFrame({"a": [1]}, geometry=geopandas.points_from_xy([0], [0])))
    with pytest.raises(InputError, match=r"^'[^']*catalog.json' cannot be read: No such file or directory;"):
        read_items(tmp_path)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    with pytest.raises(InputError, match="neither text nor GeoParquet nor Arrow"):
        read_items(tmp_path / "picture.png")


@pytest.mark.parametrize(
    ("package", "extra", "use"),
    [
        ("pyarrow", "geoparquet", lambda found: found.save("found.parquet")),
        ("pyarrow", "geoparquet", lambda found: found.save("found.arrow")),
        ("pyarrow", "geoparquet", lambda found: found.to_arrow()),
        ("geopandas", "table", lambda found: found.to_geodataframe()),
    ],
)
def test_p41_a_missing_extra_names_the_pip_line_and_searches_nothing(monkeypatch, tmp_path, package, extra, use):
    original = builtins.__import__

    def importing(name, *args, **kwargs):
        if name.split(".", maxsplit=1)[0] == package:
            raise ModuleNotFoundError(name=package)
        return original(name, *args, **kwargs)

    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr(builtins, "__import__", importing)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(MissingExtra) as caught:
        use(searching(NotSupported("the search was run")))

    assert f'pip install "swath[{extra}]"' in str(caught.value)
    assert list(tmp_path.iterdir()) == []
