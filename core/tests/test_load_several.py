# SPDX-License-Identifier: Apache-2.0
"""Loading items that differ: in their bands, their grids, their providers, and in what their masks say."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import xarray as xr
from affine import Affine

from swath import stac
from swath._inputs import load_options
from swath._load import load_items
from swath.errors import InputError, NoOverlap, UnknownAsset
from swath.models import LoadOptions, PixelGrid

pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")
LEFT, TOP = 500_000.0, 5_000_000.0


def write(path: Path, values: np.ndarray, *, step: float = 10.0, crs: str = "EPSG:32632", **profile: Any) -> Path:
    bands = values if values.ndim == 3 else values[None]
    with rasterio.open(
        path, "w", driver="GTiff", crs=crs, transform=Affine(step, 0, LEFT, 0, -step, TOP), dtype=str(bands.dtype),
        count=len(bands), height=bands.shape[1], width=bands.shape[2], **profile,
    ) as target:  # fmt: skip
        target.write(bands)
    return path


def make_item(name: str, when: str = "2026-03-01T10:00:00Z", provider: str | None = None, **assets: Any) -> dict:
    made = stac.item(id=name, geometry=None, datetime=when, assets=assets, collection="c")
    if provider:
        made["properties"][stac.PROVIDER] = provider
    return made


def raster(path: Path, *bands: dict, roles: tuple[str, ...] = ("data",), **fields: Any) -> dict:
    return stac.asset(str(path), media_type=stac.TIFF, roles=list(roles), bands=list(bands), fields=fields)


def full(value: int, dtype: str = "uint16", count: int = 1, size: int = 8) -> np.ndarray:
    return np.full((count, size, size), value, dtype)


@pytest.fixture
def optical(tmp_path: Path) -> dict:
    path = write(tmp_path / "optical.tif", np.stack([full(5)[0], full(7)[0]]), nodata=0)
    bands = stac.band("b1", common_name="red", scale=0.1), stac.band("b2", common_name="nir", scale=0.1)
    return make_item("optical", provider="one", image=raster(path, *bands))


@pytest.fixture
def radar(tmp_path: Path) -> dict:
    path = write(tmp_path / "radar.tif", full(0))
    return make_item("radar", "2026-03-02T10:00:00Z", provider="two", HH=raster(path, stac.band("HH")))


# --- bands that only some have ------------------------------------------------------------------------------------------


def test_named_bands_that_only_some_items_have_are_filled_and_reported(optical, radar):
    data = load_items([optical, radar], LoadOptions(bands=["HH", "red"]))

    assert list(data.data_vars) == ["HH", "red"]
    assert data["red"].values[:, 0, 0].tolist() == [5, 0]
    assert data["HH"].values[:, 0, 0].tolist() == [65535, 0], "zero is an amplitude: nodata is another value"
    assert data["HH"].attrs["_FillValue"] == 65535
    assert (data["red"].attrs["missing_in"], data["HH"].attrs["missing_in"]) == ("radar", "optical")
    assert (data["red"].dtype, data["HH"].dtype) == (np.uint16, np.uint16)
    assert data["red"].attrs["scale_factor"] == 0.1
    assert data["provider"].values.tolist() == ["one", "two"]
    assert data["item"].values.tolist() == ["optical", "radar"]
    assert data["collection"].values.tolist() == ["c", "c"]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"missing": "fill"}, ["b1", "b2", "HH"]),
        ({"bands": ["nir", "HH"], "missing": "fill"}, ["nir", "HH"]),
        ({"bands": ["HH", "nir"], "missing": "fill"}, ["HH", "nir"]),
    ],
)
def test_missing_fill_keeps_each_band_in_the_order_asked_for(optical, radar, options, names):
    assert list(load_items([optical, radar], LoadOptions(**options)).data_vars) == names


def test_missing_drop_keeps_what_all_have(optical, tmp_path):
    path = write(tmp_path / "one.tif", full(3))
    other = make_item("other", "2026-03-05T00:00:00Z", image=raster(path, stac.band("b1", common_name="red")))

    assert list(load_items([optical, other], LoadOptions(missing="drop")).data_vars) == ["b1"]
    assert list(load_items([optical, other], LoadOptions(missing="drop", bands=["nir", "red"])).data_vars) == ["red"]


def test_nothing_in_common_is_an_error(optical, radar):
    with pytest.raises(UnknownAsset, match="no band that all items have") as caught:
        load_items([optical, radar], LoadOptions(missing="drop"))
    assert "missing='fill'" in caught.value.hint


def test_unnamed_bands_are_never_filled_unasked(optical, radar):
    with pytest.raises(UnknownAsset, match="which other items have") as caught:
        load_items([optical, radar], LoadOptions())
    assert "missing='fill'" in caught.value.hint
    with pytest.raises(UnknownAsset, match="'radar' has no band"):
        load_items([optical, radar], LoadOptions(bands=["red"], missing="raise"))


def test_a_band_that_no_item_has_is_an_error_however_many_are_asked(optical, radar):
    with pytest.raises(UnknownAsset, match="no item has a band or raster asset 'rad'") as caught:
        load_items([optical, radar], LoadOptions(bands=["red", "rad"]))
    assert "'red'" in caught.value.hint


def test_an_item_without_any_of_the_bands_has_no_layer_and_is_named(optical, radar):
    data = load_items([optical, radar], LoadOptions(bands=["red"]))

    assert data["item"].values.tolist() == ["optical"]
    assert data.attrs["items_without_bands"] == "radar"
    assert "missing_in" not in data["red"].attrs


def test_nodata_can_be_chosen(optical, radar):
    data = load_items(
        [optical, radar], LoadOptions(bands=["HH"], nodata=9, missing="fill", bbox=(8.9, 45.1, 9.1, 45.2))
    )
    filled = load_items([optical, radar], LoadOptions(bands=["HH", "red"], nodata=9))

    assert data["HH"].attrs["nodata"] == 9
    assert filled["HH"].values[:, 0, 0].tolist() == [9, 0]
    assert filled["red"].values[:, 0, 0].tolist() == [5, 9]
    with pytest.raises(InputError, match="uint16, which cannot hold nodata=-1"):
        load_items(radar, LoadOptions(nodata=-1))


def test_types_are_joined_so_that_no_value_is_lost(tmp_path):
    band = stac.band("v")
    small = make_item("a", image=raster(write(tmp_path / "a.tif", full(60_000)), band))
    signed = make_item("b", "2026-03-02T00:00:00Z", image=raster(write(tmp_path / "b.tif", full(-5, "int16")), band))

    data = load_items([small, signed])

    assert data["v"].dtype == np.int32
    assert data["v"].values[:, 0, 0].tolist() == [60_000, -5]


def test_two_providers_may_offer_one_id(tmp_path):
    same = [
        make_item("scene", provider=name, image=raster(write(tmp_path / f"{name}.tif", full(at)), stac.band("v")))
        for at, name in enumerate(("one", "two"), start=1)
    ]

    data = load_items(same, LoadOptions(groupby="id"))

    assert data["provider"].values.tolist() == ["one", "two"]
    assert data["v"].values[:, 0, 0].tolist() == [1, 2]


# --- physical values ------------------------------------------------------------------------------------------------------


def test_mask_and_scale_gives_physical_values_of_items_that_scale_differently(tmp_path):
    made = []
    for at, (scale, offset) in enumerate([(0.1, 0.0), (0.01, -1.0)]):
        path = write(tmp_path / f"{at}.tif", np.array([[[100, 0]]], "uint16"), nodata=0)
        band = stac.band("v", scale=scale, offset=offset)
        made.append(make_item(str(at), f"2026-03-0{at + 1}T00:00:00Z", image=raster(path, band)))
        made[-1]["properties"]["season"] = "spring"

    data = load_items(made, LoadOptions(mask_and_scale=True))
    as_one = load_items(made, LoadOptions(mask_and_scale=True, groupby="season"))

    assert data["v"].dtype == np.float32
    np.testing.assert_allclose(data["v"].values[:, 0], [[10.0, np.nan], [0.0, np.nan]], rtol=1e-6)
    assert math.isnan(data["v"].attrs["_FillValue"])
    assert not {"scale_factor", "add_offset"} & set(data["v"].attrs)
    assert as_one.sizes["time"] == 1


def test_mask_and_scale_leaves_classes_alone(tmp_path):
    classes = [{"value": 1, "name": "cloud"}]
    band = stac.band("scl", fields={stac.CLASSES: classes})
    item = make_item("a", image=raster(write(tmp_path / "a.tif", full(1, "uint8")), band))

    assert load_items(item, LoadOptions(mask_and_scale=True))["scl"].dtype == np.uint8


# --- a grid that is there already ------------------------------------------------------------------------------------------


def boxes(grid: PixelGrid) -> list[Any]:
    """The same grid in each form that has one."""
    from odc.geo.geobox import GeoBox

    crs, transform = grid.crs, Affine(*grid.transform)
    rows, columns = grid.shape
    array = xr.DataArray(
        np.zeros(grid.shape), dims=("y", "x"),
        coords={
            "y": transform.f + transform.e * (np.arange(rows) + 0.5),
            "x": transform.c + transform.a * (np.arange(columns) + 0.5),
        },
    ).rio.write_crs(crs)  # fmt: skip
    return [grid, GeoBox(grid.shape, transform, crs), array, array.to_dataset(name="v")]


@pytest.mark.filterwarnings("ignore:The 'shapely.ops.transform:DeprecationWarning")
def test_like_takes_the_grid_of_anything_that_has_one(optical):
    import rioxarray  # noqa: F401

    grid = PixelGrid(crs="EPSG:32632", transform=(20.0, 0.0, LEFT + 40, 0.0, -20.0, TOP + 20), shape=(3, 4))
    for like in boxes(grid):
        data = load_items(optical, load_options({"bands": "red", "like": like}))

        assert data.sizes == {"time": 1, "y": 3, "x": 4}
        assert data["x"].values.tolist() == [LEFT + 50, LEFT + 70, LEFT + 90, LEFT + 110]
        assert data["red"].values[0].tolist() == [[0, 0, 0, 0], [5, 5, 0, 0], [5, 5, 0, 0]]
    again = load_items(optical, load_options({"bands": "nir", "like": data}))
    assert again["nir"].values[0, 1].tolist() == [7, 7, 0, 0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"like": 7}, "like has no CRS and grid: int"),
        ({"like": xr.DataArray(np.zeros((2, 2)), dims=("y", "x"))}, "like has no"),
        ({"like": PixelGrid(crs="EPSG:32632", transform=(1, 0.5, 0, 0, -1, 0), shape=(2, 2))}, None),
        ({"like": PixelGrid(crs="EPSG:32632", transform=(1, 0, 0, 0, -1, 0), shape=(2, 2)), "crs": "EPSG:4326"}, "crs and like"),
    ],
)  # fmt: skip
def test_p61_like_that_cannot_be_used_says_why(optical, options, words):
    if words is None:
        from types import SimpleNamespace

        one = options["like"]
        options = {"like": SimpleNamespace(crs=one.crs, affine=one.transform, shape=one.shape)}
        words = "rotated"
    with pytest.raises(InputError, match=words):
        load_items(optical, load_options(options))


def test_p55_like_that_the_items_do_not_meet_is_an_error(optical):
    away = PixelGrid(crs="EPSG:32632", transform=(10, 0, 0, 0, -10, 0), shape=(2, 2))

    with pytest.raises(NoOverlap):
        load_items(optical, LoadOptions(like=away))


# --- layers ----------------------------------------------------------------------------------------------------------------


def test_groupby_takes_an_id_or_a_property(tmp_path):
    items = []
    for at in range(3):
        path = write(tmp_path / f"{at}.tif", full(at + 1))
        one = make_item(str(at), image=raster(path, stac.band("v")))
        one["properties"]["sat:relative_orbit"] = at // 2
        items.append(one)

    assert load_items(items, LoadOptions(groupby="time")).sizes["time"] == 1
    assert load_items(items, LoadOptions(groupby="id"))["item"].values.tolist() == ["0", "1", "2"]
    by_orbit = load_items(items, LoadOptions(groupby="sat:relative_orbit"))
    assert by_orbit["v"].values[:, 0, 0].tolist() == [1, 3]
    with pytest.raises(InputError, match="groupby 'solar_dy' is not known") as caught:
        load_items(items, LoadOptions(groupby="solar_dy"))
    assert "'solar_day'" in caught.value.hint


# --- masks -----------------------------------------------------------------------------------------------------------------


def classes(*names: str) -> dict:
    return {stac.CLASSES: [{"value": at, "name": name} for at, name in enumerate(names)]}


@pytest.fixture
def udm(tmp_path: Path) -> dict:
    """Two flags, one band each, in pixels of the image's size."""
    image = write(tmp_path / "image.tif", np.array([[[11, 12, 13, 14]]], "uint16"))
    flags = write(tmp_path / "flags.tif", np.array([[[1, 0, 0, 0]], [[0, 1, 0, 0]]], "uint8"))
    bands = (
        stac.band("cloud", fields=classes("not_cloud", "cloud")),
        stac.band("shadow", fields=classes("not_shadow", "cloud_shadow")),
    )
    return make_item(
        "udm", image=raster(image, stac.band("v")), udm2=raster(flags, *bands, roles=("data", stac.ROLE_CLOUD))
    )


@pytest.fixture
def scl(tmp_path: Path) -> dict:
    """One band of classes, in pixels twice as large as the image's."""
    image = write(tmp_path / "scl_image.tif", np.array([[[21, 22, 23, 24]] * 2], "uint16"), nodata=0)
    kinds = write(tmp_path / "scl.tif", np.array([[[2, 3]]], "uint8"), step=20.0, nodata=0)
    band = stac.band("scl", fields=classes("no_data", "vegetation", "cloud_high_probability", "thin_cirrus"))
    return make_item("scl", image=raster(image, stac.band("v")), SCL=raster(kinds, band))


@pytest.mark.parametrize(
    ("words", "left"),
    [("cloud", [0, 12, 13, 14]), ("shadow", [11, 0, 13, 14]), (["cloud", "shadow"], [0, 0, 13, 14])],
)
def test_mask_leaves_out_pixels_of_the_named_classes(udm, words, left):
    data = load_items(udm, LoadOptions(bands="v", mask=words, nodata=0))

    assert data["v"].values[0, 0].tolist() == left
    assert data.attrs["masked"] == (words if isinstance(words, str) else ", ".join(words))


def test_mask_without_a_declared_nodata_takes_a_value_that_is_seldom_data(udm):
    assert load_items(udm, LoadOptions(bands="v", mask="cloud"))["v"].values[0, 0].tolist() == [65535, 12, 13, 14]
    kept = load_items(udm, LoadOptions(bands="v"))["v"]
    assert kept.values[0, 0].tolist() == [11, 12, 13, 14]
    assert "_FillValue" not in kept.attrs


@pytest.mark.parametrize(("words", "left"), [("cloud", [0, 0, 23, 24]), (["clouds", "cirrus"], [0, 0, 0, 0])])
def test_masks_of_coarser_pixels_fit(scl, words, left):
    assert load_items(scl, LoadOptions(bands="v", mask=words))["v"].values[0, 0].tolist() == left


def test_masks_of_bits_are_understood(tmp_path):
    image = write(tmp_path / "image.tif", np.array([[[11, 12, 13, 14]]], "uint16"), nodata=0)
    flags = write(tmp_path / "qa.tif", np.array([[[0b0100, 0b1000, 0b1100, 0b0001]]], "uint16"))
    field = {
        "name": "cloud_confidence", "offset": 2, "length": 2,
        "classes": [{"value": 1, "name": "low"}, {"value": 2, "name": "cloud"}, {"value": 3, "name": "cloud"}],
    }  # fmt: skip
    band = stac.band("qa", fields={stac.BITFIELDS: [field]})
    item = make_item("a", image=raster(image, stac.band("v")), qa=raster(flags, band, roles=("cloud",)))

    assert load_items(item, LoadOptions(bands="v", mask="cloud"))["v"].values[0, 0].tolist() == [11, 0, 0, 14]


def test_masked_pixels_of_one_item_let_the_next_of_the_layer_through(udm, tmp_path):
    below = make_item(
        "z", image=raster(write(tmp_path / "z.tif", np.array([[[9, 9, 9, 9]]], "uint16")), stac.band("v"))
    )

    data = load_items([udm, below], LoadOptions(bands="v", mask="cloud"))

    assert data["v"].values[0, 0].tolist() == [9, 12, 13, 14]
    assert data.attrs["items_without_mask"] == "z"


def test_chunks_of_masked_data_agree_with_the_whole(udm):
    parts = load_items(udm, LoadOptions(bands="v", mask="cloud", chunks={"x": 1, "y": 1}))

    assert parts["v"].values[0, 0].tolist() == [65535, 12, 13, 14]


def test_p61_a_mask_that_nobody_has_is_an_error(udm, radar):
    with pytest.raises(InputError, match="no item has a mask of 'snow'") as caught:
        load_items(udm, LoadOptions(mask="snow"))
    assert "cloud_shadow" in caught.value.hint
    with pytest.raises(InputError, match="no item has a mask of 'cloud'") as caught:
        load_items(radar, LoadOptions(mask="cloud"))
    assert "order the mask too" in caught.value.hint
