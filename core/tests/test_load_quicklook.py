# SPDX-License-Identifier: Apache-2.0
"""Quicklooks and summaries of rasters."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from PIL import Image

from swath import stac
from swath._load import load_items, read
from swath._load.quicklook import write_quicklook
from swath._load.summary import summarise
from swath.errors import InputError, LoadError
from swath.models import LoadOptions

pytestmark = pytest.mark.filterwarnings(
    # rasterio 1.4 multiplies affine 3 transforms by `*`, which affine wants written `@`.
    "ignore:Use `@` matmul:PendingDeprecationWarning"
)


def make_item(
    path: Path, values: np.ndarray, names: list[str], *, name: str = "a", left: float = 5e5, crs: str = "EPSG:32632"
) -> dict:
    with rasterio.open(
        path, "w", driver="COG", height=values.shape[1], width=values.shape[2], count=len(values), dtype=str(values.dtype),
        nodata=0, crs=crs, transform=Affine(10, 0, left, 0, -10, 5e6), BLOCKSIZE=256,
    ) as target:  # fmt: skip
        target.write(values)
    common = {"red", "green", "blue", "nir", "pan"}
    bands = [stac.band(f"{one}_band", common_name=one) if one in common else stac.band(one) for one in names]
    return stac.item(
        id=name,
        geometry=None,
        datetime="2026-03-01T00:00:00Z",
        assets={"data": stac.asset(str(path), media_type=stac.COG, roles=["data"], bands=bands)},
    )


@pytest.fixture
def optical(tmp_path: Path) -> dict:
    """Blue, green, red, nir: red grows to the east, green to the south, blue is noise; a corner has no data."""
    ramp = np.linspace(100, 4000, 1000)
    red = np.tile(ramp, (1000, 1))
    blue = np.random.default_rng(0).uniform(100, 4000, (1000, 1000))
    values = np.stack([blue, red.T, red, np.full((1000, 1000), 7.0)]).astype("uint16")
    values[:, :250, :250] = 0
    return make_item(tmp_path / "a.tif", values, ["blue", "green", "red", "nir"])


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert picture.mode == "RGBA"
        return np.asarray(picture).astype(int)


@pytest.mark.parametrize("form", ["items", "lazy", "eager", "touched"])
def test_quicklook_is_in_colour_when_the_bands_are_there(optical, tmp_path, form):
    data = {
        "items": lambda: [optical],
        "lazy": lambda: load_items(optical),
        "eager": lambda: load_items(optical, LoadOptions(chunks=None)),
        "touched": lambda: load_items(optical) * 1,
    }[form]()
    if form == "touched":
        for variable in data.data_vars.values():
            variable.attrs["nodata"] = 0
            variable.attrs["common_name"] = variable.name.removesuffix("_band")

    made = write_quicklook(data, tmp_path / "q.png", size=100)

    found = pixels(made)
    assert found.shape == (100, 100, 4)
    assert found[80, 95, 0] - found[80, 5, 0] > 200, "red grows to the east"
    assert found[95, 80, 1] - found[5, 80, 1] > 200, "green grows to the south"
    assert found[5, 5, 3] == 0, "no data is transparent"
    assert found[80, 80, 3] == 255


def test_quicklook_keeps_the_shape_and_never_enlarges(tmp_path):
    item = make_item(tmp_path / "a.tif", np.full((1, 30, 60), 5, "uint16"), ["pan"])

    assert pixels(write_quicklook(item, tmp_path / "q.png")).shape == (30, 60, 4)
    assert pixels(write_quicklook(item, tmp_path / "q.png", size=20)).shape == (10, 20, 4)


def test_quicklook_is_grey_when_there_is_one_band(tmp_path):
    values = np.tile(np.linspace(1, 5000, 200), (200, 1)).astype("uint16")[None]
    item = make_item(tmp_path / "a.tif", values, ["pan"])

    found = pixels(write_quicklook(item, tmp_path / "q.png"))

    assert (found[..., 0] == found[..., 1]).all()
    assert (found[..., 0] == found[..., 2]).all()
    assert found[0, 0, 0] == 0
    assert found[0, -1, 0] == 255
    assert found[0, 100, 0] == pytest.approx(127, abs=3)


def test_quicklook_of_radar_is_stretched_in_decibels(tmp_path):
    values = np.tile(np.geomspace(1, 10000, 200), (200, 1)).astype("float32")[None]
    item = make_item(tmp_path / "a.tif", values, ["VV"])

    found = pixels(write_quicklook(item, tmp_path / "q.png"))

    assert found[0, 100, 0] == pytest.approx(127, abs=4), "equal steps in dB are equal steps of grey"


def test_quicklook_puts_items_side_by_side_and_reads_several_zones(tmp_path):
    one = make_item(tmp_path / "a.tif", np.full((1, 100, 100), 10, "uint16"), ["pan"], name="a")
    two = make_item(tmp_path / "b.tif", np.full((1, 100, 100), 90, "uint16"), ["pan"], name="b", left=501500)
    far = make_item(
        tmp_path / "c.tif", np.full((1, 100, 100), 50, "uint16"), ["pan"], name="c", left=970000, crs="EPSG:32631"
    )

    found = pixels(write_quicklook([one, two], tmp_path / "q.png"))

    assert found.shape == (100, 250, 4)
    assert (found[50, 50, 0], found[50, 125, 3], found[50, 200, 0]) == (0, 0, 255)
    assert pixels(write_quicklook([one, far], tmp_path / "z.png"))[..., 3].max() == 255


def test_quicklook_reads_overviews_only(optical, tmp_path, monkeypatch):
    """A 1000 pixel scene drawn at 100 must not be read at full resolution."""
    levels = []
    original = read.opened

    def spy(path: str, *more: object, **options: object):
        levels.append(options.get("overview", "header"))
        return original(path, *more, **options)

    monkeypatch.setattr(read, "opened", spy)

    write_quicklook([optical], tmp_path / "q.png", size=100)

    assert [level for level in levels if level != "header"] == [1, 1, 1], "the overview a quarter as fine"


def test_quicklook_of_one_value_and_of_nothing_is_drawn(tmp_path):
    same = make_item(tmp_path / "a.tif", np.full((1, 20, 20), 5, "uint16"), ["pan"])
    none = make_item(tmp_path / "b.tif", np.zeros((1, 20, 20), "uint16"), ["pan"])

    assert set(pixels(write_quicklook(same, tmp_path / "q.png"))[..., 3].ravel()) == {255}
    assert set(pixels(write_quicklook(none, tmp_path / "q.png"))[..., 3].ravel()) == {0}


def test_quicklook_leaves_nothing_else_behind(optical, tmp_path):
    (tmp_path / "q.png").write_text("old")

    write_quicklook([optical], tmp_path / "q.png", size=32)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tif", "q.png"]
    assert pixels(tmp_path / "q.png").shape == (32, 32, 4)


def test_quicklook_refuses_what_cannot_be_drawn(optical, tmp_path):
    with pytest.raises(InputError, match="size 0"):
        write_quicklook([optical], tmp_path / "q.png", size=0)
    with pytest.raises(LoadError, match="no variable"):
        write_quicklook(load_items(optical)[[]], tmp_path / "q.png")


def test_summary_of_a_raster_is_json_and_true(optical):
    made = summarise(load_items(optical))

    assert json.loads(json.dumps(made)) == made
    assert made["kind"] == "raster"
    assert made["dims"] == {"time": 1, "y": 1000, "x": 1000}
    assert made["shape"] == [1, 1000, 1000]
    assert made["dtype"] == "uint16"
    assert made["crs"] == "EPSG:32632"
    assert made["bounds"] == [5e5, 5e6 - 1e4, 5e5 + 1e4, 5e6]
    assert made["resolution"] == [10.0, 10.0]
    assert made["time"] == ["2026-03-01T00:00:00Z"]
    assert made["nbytes"] == load_items(optical).nbytes
    assert list(made["bands"]) == ["blue_band", "green_band", "red_band", "nir_band"]
    nir = made["bands"]["nir_band"]
    assert (nir["min"], nir["max"], nir["mean"], nir["nodata"], nir["dtype"]) == (7, 7, 7.0, 0, "uint16")
    assert nir["valid_percent"] == pytest.approx(100 * 15 / 16, abs=0.5)
    red = made["bands"]["red_band"]
    assert red["min"] < 150
    assert red["max"] > 3900


def test_summary_of_what_was_calculated_is_of_its_own_values(optical):
    data = load_items(optical)

    assert summarise(data[["nir_band"]] + 1)["bands"]["nir_band"]["max"] == 8
    assert summarise(data.isel(x=slice(0, 100), y=slice(0, 100)))["bands"]["nir_band"]["mean"] is None
    renamed = data.assign(nir_band=data["red_band"])
    assert summarise(renamed)["bands"]["nir_band"]["max"] > 3900
