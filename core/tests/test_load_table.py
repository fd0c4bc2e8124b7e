# SPDX-License-Identifier: Apache-2.0
"""Loading tables, and choosing between tables and rasters."""

from __future__ import annotations

import builtins
import json
import subprocess
import sys
from pathlib import Path

import geopandas
import pandas as pd
import pytest
from shapely.geometry import Point, box

from swath import stac
from swath._load import load_items
from swath._load.summary import summarise
from swath.errors import InputError, LoadError, MissingExtra, MixedProjections, NoOverlap, TooLarge, UnknownAsset
from swath.models import LoadOptions


def frame(crs: str | None = "EPSG:4326", shift: float = 0.0) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(
        {"height_m": [1, 2, 3]}, geometry=[Point(9 + shift + n, 45) for n in range(3)], crs=crs
    )


def make_item(assets: dict[str, tuple[Path, str]], name: str = "a") -> dict:
    made = {key: stac.asset(str(path), media_type=media, roles=["data"]) for key, (path, media) in assets.items()}
    return stac.item(id=name, geometry=None, datetime="2026-03-01T00:00:00Z", assets=made)


@pytest.fixture
def parquet(tmp_path: Path) -> dict:
    frame().to_parquet(tmp_path / "a.parquet")
    return make_item({"rows": (tmp_path / "a.parquet", stac.PARQUET)})


def test_load_gives_a_geodataframe_of_geoparquet(parquet):
    data = load_items(parquet)

    assert isinstance(data, geopandas.GeoDataFrame)
    assert data["height_m"].tolist() == [1, 2, 3]
    assert data["item"].unique().tolist() == ["a"]
    assert data.crs.to_epsg() == 4326


@pytest.mark.parametrize(("suffix", "media"), [("geojson", stac.GEOJSON), ("gpkg", stac.GEOPACKAGE), ("geojson", None)])
def test_load_reads_other_table_formats(tmp_path, suffix, media):
    path = tmp_path / f"a.{suffix}"
    frame().to_file(path)

    assert load_items(make_item({"rows": (path, media)}))["height_m"].tolist() == [1, 2, 3]


def test_load_gives_rows_without_geometry_when_the_parquet_has_none(tmp_path):
    pd.DataFrame({"date": ["2026-01-01"], "biomass": [4.5]}).to_parquet(tmp_path / "a.parquet")

    data = load_items(make_item({"rows": (tmp_path / "a.parquet", stac.PARQUET)}))

    assert isinstance(data, geopandas.GeoDataFrame)
    assert data["biomass"].tolist() == [4.5]
    assert data.active_geometry_name is None


def test_load_joins_items_and_says_which_row_is_whose(tmp_path):
    for name, shift in (("a", 0.0), ("b", 10.0)):
        frame(shift=shift).to_parquet(tmp_path / f"{name}.parquet")

    data = load_items([make_item({"rows": (tmp_path / f"{n}.parquet", stac.PARQUET)}, n) for n in "ab"])

    assert data["item"].tolist() == ["a"] * 3 + ["b"] * 3
    assert data.index.is_unique
    assert data.crs.to_epsg() == 4326


def test_load_keeps_the_rows_that_meet_the_area(parquet):
    assert load_items(parquet, LoadOptions(bbox=(8.5, 44, 10.5, 46)))["height_m"].tolist() == [1, 2]
    area = box(9.5, 44, 20, 46).__geo_interface__
    assert load_items(parquet, LoadOptions(intersects=area))["height_m"].tolist() == [2, 3]
    both = LoadOptions(bbox=(8.5, 44, 10.5, 46), intersects=area)
    assert load_items(parquet, both)["height_m"].tolist() == [2]


def test_load_cuts_in_the_tables_own_crs(tmp_path):
    frame().to_crs("EPSG:32632").to_parquet(tmp_path / "a.parquet")
    item = make_item({"rows": (tmp_path / "a.parquet", stac.PARQUET)})

    data = load_items(item, LoadOptions(bbox=(8.5, 44, 10.5, 46)))

    assert data["height_m"].tolist() == [1, 2]
    assert data.crs.to_epsg() == 32632
    assert load_items(item, LoadOptions(crs="EPSG:4326")).geometry.x.tolist() == pytest.approx([9, 10, 11])


def test_p55_no_overlap_is_an_error_for_tables(parquet):
    with pytest.raises(NoOverlap, match=r"none of the 3 rows, which cover 9, 45, 11, 45 in EPSG:4326"):
        load_items(parquet, LoadOptions(bbox=(45, 9, 46, 10)))


def test_p55_mixed_projections_are_named_for_tables(tmp_path):
    frame().to_parquet(tmp_path / "a.parquet")
    frame().to_crs("EPSG:32632").to_parquet(tmp_path / "b.parquet")
    items = [make_item({"rows": (tmp_path / f"{n}.parquet", stac.PARQUET)}, n) for n in "ab"]

    with pytest.raises(MixedProjections, match=r"EPSG:4326 \(item 'a'\), EPSG:32632 \(item 'b'\)"):
        load_items(items)
    assert load_items(items, LoadOptions(crs="EPSG:4326")).geometry.x.tolist() == pytest.approx([9, 10, 11] * 2)


@pytest.mark.parametrize(("suffix", "media"), [("parquet", stac.PARQUET), ("geojson", stac.GEOJSON)])
def test_p55_a_broken_table_raises_and_names_its_item(tmp_path, suffix, media):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(b"PAR1 not really")

    with pytest.raises(LoadError, match="asset 'rows' of item 'a' cannot be read as a table"):
        load_items(make_item({"rows": (path, media)}))


def test_p56_tables_over_the_limit_are_refused(parquet):
    with pytest.raises(TooLarge, match=r"bytes on disk, over the limit of 10 \(max_bytes\)"):
        load_items(parquet, LoadOptions(max_bytes=10))


def test_load_asks_when_items_hold_tables_and_rasters(tmp_path, parquet):
    parquet["assets"]["image"] = stac.asset("/no/such.tif", media_type=stac.COG, roles=["data"])

    with pytest.raises(LoadError, match=r"rasters \(image\) and tables \(rows\); say which by naming bands"):
        load_items(parquet)
    assert len(load_items(parquet, LoadOptions(bands=["rows"]))) == 3
    with pytest.raises(LoadError, match="rasters at once"):
        load_items(parquet, LoadOptions(bands=["rows", "image"]))


def test_a_thumbnail_does_not_make_a_table_ambiguous(parquet):
    parquet["assets"]["thumb"] = stac.asset("/no/such.tif", media_type=stac.COG, roles=["thumbnail"])
    parquet["assets"]["footprint"] = stac.asset("/no/such.geojson", media_type=stac.GEOJSON, roles=["metadata"])

    assert len(load_items(parquet)) == 3


def test_load_suggests_when_a_table_is_unknown(parquet):
    with pytest.raises(UnknownAsset, match="no asset 'row' that can be loaded; did you mean 'rows'"):
        load_items(parquet, LoadOptions(bands=["row"]))


def test_load_lists_the_assets_when_none_can_be_loaded(tmp_path):
    with pytest.raises(LoadError, match=r"item 'a' holds no raster and no table.*meta \(application/xml\)"):
        load_items(make_item({"meta": (tmp_path / "a.xml", stac.XML)}))


def test_summary_of_a_table_is_json(parquet):
    made = summarise(load_items(parquet))

    assert json.loads(json.dumps(made)) == made
    assert made["kind"] == "table"
    assert made["rows"] == 3
    assert made["bounds"] == [9.0, 45.0, 11.0, 45.0]
    assert made["crs"] == "EPSG:4326"
    assert made["geometry_types"] == ["Point"]
    assert list(made["columns"]) == ["height_m", "geometry", "item"]


def test_summary_refuses_what_is_neither():
    with pytest.raises(InputError, match="list is neither a Dataset nor a GeoDataFrame"):
        summarise([])


@pytest.mark.parametrize(
    ("package", "extra", "media"),
    [("geopandas", "table", stac.PARQUET), ("rasterio", "raster", stac.COG), ("rioxarray", "raster", stac.COG)],
)
def test_p41_a_missing_extra_names_the_pip_line(monkeypatch, package, extra, media):
    original = builtins.__import__

    def without(name: str, *args: object, **kwargs: object) -> object:
        if name.split(".", maxsplit=1)[0] == package:
            raise ModuleNotFoundError(name=package)
        return original(name, *args, **kwargs)

    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr(builtins, "__import__", without)

    with pytest.raises(MissingExtra, match=package) as caught:
        load_items(make_item({"x": (Path("/no/such"), media)}))

    assert f'pip install "swath[{extra}]"' in str(caught.value)


def test_p41_importing_the_loader_imports_no_heavy_library():
    code = (
        "import sys, swath._load, swath._load.kinds, swath.stac\n"
        "heavy = {'numpy', 'pandas', 'xarray', 'rasterio', 'geopandas', 'dask', 'shapely', 'pyarrow', 'jsonschema'}\n"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"
