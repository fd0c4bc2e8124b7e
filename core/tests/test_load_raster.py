# SPDX-License-Identifier: Apache-2.0
"""Loading rasters: values, grids, laziness and errors, on small files made here."""

from __future__ import annotations

import pickle
import shutil
import socket
import warnings
import zipfile
from pathlib import Path
from typing import Any

import dask
import numpy as np
import pystac
import pytest
import rasterio
import xarray as xr
from affine import Affine
from rasterio.control import GroundControlPoint
from rasterio.errors import NotGeoreferencedWarning

from swath import native, stac
from swath._load import load_items
from swath.errors import InputError, LoadError, MixedProjections, NoOverlap, TooLarge, UnknownAsset
from swath.models import LoadOptions

pytestmark = pytest.mark.filterwarnings(
    # rasterio 1.4 and rioxarray multiply affine 3 transforms by `*`, which affine wants written `@`.
    "ignore:Use `@` matmul:PendingDeprecationWarning"
)
LEFT, TOP, STEP = 500_000.0, 5_000_000.0, 10.0
ALL = LoadOptions(chunks={"x": 64, "y": 64})


def write(
    path: Path,
    values: np.ndarray,
    *,
    left: float = LEFT,
    top: float = TOP,
    step: float = STEP,
    crs: str | None = "EPSG:32632",
    nodata: float | None = None,
    driver: str = "COG",
    **profile: Any,
) -> Path:
    bands = values if values.ndim == 3 else values[None]
    where = {} if crs is None else {"crs": crs, "transform": Affine(step, 0, left, 0, -step, top)}
    if driver == "JP2OpenJPEG":
        profile |= {"QUALITY": 100, "REVERSIBLE": "YES"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        options = {"count": len(bands), "height": bands.shape[1], "width": bands.shape[2], "nodata": nodata}
        kind = profile.pop("dtype", str(bands.dtype))
        with rasterio.open(path, "w", driver=driver, dtype=kind, **options, **where, **profile) as target:
            target.write(bands)
    return path


def noise(shape: tuple[int, ...], seed: int = 0, dtype: str = "uint16") -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 4000, shape).astype(dtype)


def make_item(path: Path | str, name: str = "a", when: str = "2026-03-01T10:00:00Z", **fields: Any) -> dict:
    bands = fields.pop("bands", [stac.band("B1", common_name="red"), stac.band("B2", common_name="nir")])
    asset = stac.asset(str(path), media_type=stac.COG, roles=["data"], bands=bands, fields=fields)
    return stac.item(
        id=name, geometry={"type": "Point", "coordinates": [9.0, 45.1]}, datetime=when, assets={"data": asset}
    )


@pytest.fixture
def scene(tmp_path: Path) -> tuple[dict, np.ndarray]:
    values = noise((2, 120, 150))
    return make_item(write(tmp_path / "scene.tif", values, nodata=0)), values


def test_load_gives_the_files_own_pixels_when_nothing_else_is_asked(scene):
    item, values = scene

    data = load_items([item], ALL)

    assert dict(data.sizes) == {"time": 1, "y": 120, "x": 150}
    assert data["B1"].dims == ("time", "y", "x")
    assert data["B1"].dtype == np.uint16
    np.testing.assert_array_equal(data["B1"].values[0], values[0])
    np.testing.assert_array_equal(data["B2"].values[0], values[1])
    assert data["x"].values[[0, -1]].tolist() == [LEFT + 5, LEFT + 1495]
    assert data["y"].values[[0, -1]].tolist() == [TOP - 5, TOP - 1195]
    assert data["time"].values[0] == np.datetime64("2026-03-01T10:00:00")
    assert data["item"].values.tolist() == ["a"]


def test_load_says_where_the_pixels_lie_and_what_they_mean(tmp_path):
    values = noise((2, 20, 20))
    bands = [
        stac.band("B1", common_name="red", center_wavelength=0.665, scale=0.0001, offset=-0.1, unit="1", nodata=0),
        stac.band("B2"),
    ]
    item = make_item(write(tmp_path / "a.tif", values), bands=bands)

    data = load_items(item, ALL)

    assert data.rio.crs.to_epsg() == 32632
    assert tuple(data.rio.transform())[:6] == (STEP, 0, LEFT, 0, -STEP, TOP)
    assert data["spatial_ref"].attrs["crs_wkt"].startswith("PROJCS")
    assert data["B1"].attrs["nodata"] == 0
    assert data["B1"].rio.nodata == 0
    assert data["B1"].attrs["scale_factor"] == 0.0001
    assert data["B1"].attrs["add_offset"] == -0.1
    assert data["B1"].attrs["units"] == "1"
    assert data["B1"].attrs["common_name"] == "red"
    assert data["B1"].attrs["center_wavelength_um"] == 0.665
    assert "scale_factor" not in data["B2"].attrs
    assert "nodata" not in data["B2"].attrs
    assert data["B1"].dtype == np.uint16
    np.testing.assert_array_equal(data["B1"].values[0], values[0])


def test_p56_load_is_lazy_and_knows_its_size(scene, monkeypatch):
    item, _ = scene
    reads = []
    original = rasterio.DatasetReader.read
    monkeypatch.setattr("swath._load.read.read_layer", lambda *_: reads.append(1))

    data = load_items(item, ALL)

    assert dask.is_dask_collection(data)
    assert data["B1"].nbytes == 120 * 150 * 2
    assert data["B1"].data.chunksize == (1, 64, 64)
    assert reads == []
    assert original is rasterio.DatasetReader.read


def test_p56_eager_load_gives_numpy_when_chunks_is_none(scene):
    item, values = scene

    data = load_items(item, LoadOptions(chunks=None))

    assert isinstance(data["B1"].data, np.ndarray)
    np.testing.assert_array_equal(data["B1"].values[0], values[0])


def test_p56_eager_load_refuses_with_the_bytes_and_the_chunked_call_when_too_large(scene):
    item, _ = scene

    with pytest.raises(TooLarge, match=r"72,000 .*max_bytes") as caught:
        load_items(item, LoadOptions(chunks=None, bands=["red", "nir"], max_bytes=71_999))

    assert "chunks={" in str(caught.value)
    assert caught.value.details == {"nbytes": 72_000, "max_bytes": 71_999}


@pytest.mark.parametrize("name", ["B1", "red", "data:B1", "data:red"])
def test_load_finds_a_band_by_each_of_its_names(scene, name):
    item, values = scene

    data = load_items(item, LoadOptions(bands=[name]))

    assert list(data.data_vars) == [name]
    np.testing.assert_array_equal(data[name].values[0], values[0])


def test_load_gives_bands_in_the_order_asked_for(scene):
    item, _ = scene

    assert list(load_items(item, LoadOptions(bands=["nir", "red"])).data_vars) == ["nir", "red"]
    assert list(load_items(item, LoadOptions(bands=["data"])).data_vars) == ["B1", "B2"]


def test_load_names_what_there_is_when_a_band_is_unknown(scene):
    item, _ = scene

    with pytest.raises(
        UnknownAsset, match=r"item 'a' has no band or raster asset 'rde'; did you mean 'red'\?"
    ) as caught:
        load_items(item, LoadOptions(bands=["rde"]))

    assert "B1, red, B2, nir" in str(caught.value)


def test_load_stacks_items_in_time(tmp_path):
    one, two = noise((2, 40, 40), 1), noise((2, 40, 40), 2)
    later = make_item(write(tmp_path / "b.tif", two), "b", "2026-03-02T10:00:00Z")
    first = make_item(write(tmp_path / "a.tif", one), "a")

    data = load_items([later, first], ALL)

    assert data["item"].values.tolist() == ["a", "b"]
    np.testing.assert_array_equal(data["B1"].values, np.stack([one[0], two[0]]))


def test_load_mosaics_items_of_one_instant_and_fills_the_gap_with_nodata(tmp_path):
    one, two = noise((2, 40, 40), 1), noise((2, 40, 40), 2)
    one[:, :, 30:] = 0
    west = make_item(write(tmp_path / "a.tif", one, nodata=0), "a")
    east = make_item(write(tmp_path / "b.tif", two, nodata=0, left=LEFT + 200, top=TOP - 100), "b")

    data = load_items([east, west], ALL)["B1"].values[0]

    expected = np.zeros((50, 60), "uint16")
    expected[10:50, 20:60] = two[0]
    expected[:40, :30] = one[0][:, :30]  # the first item by id is on top, where it has data
    np.testing.assert_array_equal(data, expected)


def test_load_groups_a_local_day_when_asked(tmp_path):
    paths = [write(tmp_path / f"{name}.tif", noise((2, 10, 10))) for name in "abc"]
    times = ["2026-03-01T10:00:00Z", "2026-03-01T10:00:30Z", "2026-03-02T10:00:00Z"]
    items = [make_item(path, path.stem, when) for path, when in zip(paths, times, strict=True)]

    assert load_items(items, LoadOptions(groupby="solar_day")).sizes["time"] == 2
    assert load_items(items, LoadOptions(groupby="time")).sizes["time"] == 3
    same = [{**item, "properties": {"datetime": times[0]}} for item in items]
    assert load_items(same, LoadOptions(groupby="time")).sizes["time"] == 1
    assert load_items(same, LoadOptions(groupby=None)).sizes["time"] == 3


def test_solar_day_follows_the_sun_across_midnight_utc(tmp_path):
    path = write(tmp_path / "a.tif", noise((2, 10, 10)))
    items = [make_item(path, "a", "2026-03-01T23:30:00Z"), make_item(path, "b", "2026-03-02T00:30:00Z")]
    for item in items:
        item["bbox"] = [150.0, -30.0, 151.0, -29.0]

    assert load_items(items, LoadOptions(groupby="solar_day")).sizes["time"] == 1


def test_load_cuts_to_a_bbox_on_whole_pixels_of_the_file(scene):
    item, values = scene
    whole = load_items(item, ALL)
    west, south, east, north = rasterio.warp.transform_bounds(
        "EPSG:32632", "EPSG:4326", LEFT + 305, TOP - 705, LEFT + 495, TOP - 495
    )

    data = load_items(item, LoadOptions(bbox=(west, south, east, north)))

    assert set(data["x"].values) <= set(whole["x"].values)
    assert set(data["y"].values) <= set(whole["y"].values)
    assert data["x"].values[0] <= LEFT + 305 <= data["x"].values[0] + STEP
    np.testing.assert_array_equal(data["B1"].values, whole["B1"].sel(x=data["x"], y=data["y"]).values)
    assert data["B1"].size < values[0].size / 10


def test_load_cuts_to_the_extent_of_a_geometry(scene):
    item, _ = scene
    west, south, east, north = rasterio.warp.transform_bounds(
        "EPSG:32632", "EPSG:4326", LEFT + 305, TOP - 705, LEFT + 495, TOP - 495
    )
    area = {"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, south]]]}

    by_box = load_items(item, LoadOptions(bbox=(west, south, east, north)))

    xr.testing.assert_identical(load_items(item, LoadOptions(intersects=area)).compute(), by_box.compute())


def test_load_leaves_out_items_that_do_not_meet_the_area(tmp_path):
    near = make_item(write(tmp_path / "a.tif", noise((2, 50, 50))), "a")
    far = make_item(write(tmp_path / "b.tif", noise((2, 50, 50)), left=LEFT + 5000), "b", "2026-03-02T00:00:00Z")
    box = rasterio.warp.transform_bounds("EPSG:32632", "EPSG:4326", LEFT + 100, TOP - 300, LEFT + 300, TOP - 100)

    data = load_items([near, far], LoadOptions(bbox=box))

    assert data["item"].values.tolist() == ["a"]


def test_p55_no_overlap_is_an_error(scene):
    item, _ = scene

    with pytest.raises(NoOverlap, match=r"45.1, 9, 45.2, 9.1 .* EPSG:32632.*axis order"):
        load_items(item, LoadOptions(bbox=(45.1, 9.0, 45.2, 9.1)))


def test_load_cuts_over_the_antimeridian(tmp_path):
    values = noise((1, 20, 40))
    item = make_item(
        write(tmp_path / "a.tif", values, left=179.0, top=1.0, step=0.05, crs="EPSG:4326"), bands=[stac.band("v")]
    )

    data = load_items(item, LoadOptions(bbox=(179.5, 0.0, -179.5, 1.0)))

    np.testing.assert_array_equal(data["v"].values[0], values[0][:, 10:20])


@pytest.fixture
def two_zones(tmp_path: Path) -> list[dict]:
    one = make_item(write(tmp_path / "a.tif", np.full((2, 100, 100), 7, "uint16"), nodata=0), "a")
    west, _, _, north = rasterio.warp.transform_bounds("EPSG:32632", "EPSG:32631", LEFT, TOP - 1000, LEFT + 1000, TOP)
    path = write(
        tmp_path / "b.tif", np.full((2, 100, 100), 9, "uint16"), nodata=0, left=west, top=north, crs="EPSG:32631"
    )
    return [one, make_item(path, "b", "2026-03-02T00:00:00Z")]


def test_p55_mixed_projections_are_named(two_zones):
    with pytest.raises(MixedProjections, match=r"EPSG:32632 \(item 'a'\), EPSG:32631 \(item 'b'\); pass crs="):
        load_items(two_zones, ALL)


def test_p55_mixed_projections_load_when_the_crs_is_given(two_zones):
    data = load_items(two_zones, LoadOptions(crs="EPSG:32632", resolution=20))

    assert data.rio.crs.to_epsg() == 32632
    assert tuple(data.rio.resolution()) == (20, -20)
    for layer, value in enumerate((7, 9)):
        found = data["B1"].values[layer]
        assert set(np.unique(found)) == {0, value}
        assert 0.9 < (found == value).sum() * 400 / 1e6 < 1.1


def test_resampling_puts_values_where_they_belong(tmp_path):
    """A gradient in northing keeps its value at a place, whatever the grid."""
    rows = np.repeat(np.arange(200, dtype="float32")[:, None], 200, axis=1)
    item = make_item(write(tmp_path / "a.tif", rows), bands=[stac.band("row")])

    data = load_items(item, LoadOptions(crs="EPSG:4326", resampling="bilinear"))

    box = rasterio.warp.transform_bounds("EPSG:32632", "EPSG:4326", LEFT + 990, TOP - 1010, LEFT + 1010, TOP - 990)
    middle = data["row"].sel(x=(box[0] + box[2]) / 2, y=(box[1] + box[3]) / 2, method="nearest").values[0]
    assert middle == pytest.approx(99.5, abs=1.0)
    assert np.isnan(data["row"].attrs["nodata"])


def test_masks_are_never_interpolated(tmp_path):
    flags = np.zeros((100, 100), "uint8")
    flags[:, ::2] = 4
    values = noise((2, 100, 100))
    item = make_item(write(tmp_path / "a.tif", values))
    item["assets"]["udm2"] = stac.asset(str(write(tmp_path / "m.tif", flags)), media_type=stac.COG, roles=["data-mask"])

    data = load_items(item, LoadOptions(bands=["red", "udm2"], crs="EPSG:32631", resampling="bilinear"))

    assert set(np.unique(data["udm2"].values)) == {0, 4}
    assert list(load_items(item, ALL).data_vars) == ["B1", "B2"], "a mask is loaded only when asked for"


@pytest.mark.parametrize("resampling", ["nearest", "bilinear", "average"])
def test_chunked_and_eager_loads_agree(scene, resampling):
    item, _ = scene
    asked = LoadOptions(resolution=17.0, resampling=resampling, chunks={"x": 30, "y": 20})

    chunked = load_items(item, asked).compute()["B1"].values.astype(int)
    eager = load_items(item, LoadOptions(resolution=17.0, resampling=resampling, chunks=None))["B1"].values.astype(int)

    assert chunked.shape == eager.shape
    # GDAL approximates within a hundredth of a pixel: a few neighbours, or a hundredth of the span of values.
    difference = np.abs(chunked - eager)
    assert (difference > 80).mean() < 0.01


def test_bands_of_several_resolutions_share_the_finest_grid(tmp_path):
    fine, rough = noise((60, 60), 1), noise((30, 30), 2)
    item = make_item(write(tmp_path / "a.tif", fine), bands=[stac.band("fine")])
    item["assets"]["rough"] = stac.asset(
        str(write(tmp_path / "b.tif", rough, step=20)), media_type=stac.COG, roles=["data"], bands=[stac.band("rough")]
    )

    data = load_items(item, ALL)

    assert data.sizes["x"] == 60
    np.testing.assert_array_equal(data["rough"].values[0], rough.repeat(2, axis=0).repeat(2, axis=1))


def test_p55_a_broken_file_raises_and_names_its_item(tmp_path):
    items = []
    for number in range(10):
        path = write(tmp_path / f"{number}.tif", noise((2, 256, 256), number), COMPRESS="DEFLATE")
        items.append(make_item(path, f"item-{number}", f"2026-03-{number + 1:02d}T00:00:00Z"))
    broken = tmp_path / "7.tif"
    broken.write_bytes(broken.read_bytes()[: broken.stat().st_size // 2])

    data = load_items(items, ALL)
    with pytest.raises(LoadError, match="item 'item-7'") as caught:
        data.compute()

    assert caught.value.details["item"] == "item-7"
    assert pickle.loads(pickle.dumps(caught.value)).details == caught.value.details
    data.sel(item="item-6").compute() if "item" in data.indexes else data.isel(time=6).compute()


def test_p55_a_broken_file_raises_when_it_is_resampled(tmp_path):
    path = write(tmp_path / "a.tif", noise((2, 256, 256)), COMPRESS="DEFLATE")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(LoadError, match="item 'a'"):
        load_items(make_item(path), LoadOptions(crs="EPSG:32631")).compute()


@pytest.mark.parametrize("content", [b"", b"<html>error</html>"])
def test_p55_what_is_no_raster_raises_and_names_its_item(tmp_path, content):
    path = tmp_path / "a.tif"
    path.write_bytes(content)

    with pytest.raises(LoadError, match="item 'a' cannot be opened as a raster"):
        load_items(make_item(path), ALL)


def test_a_vrt_in_disguise_is_not_followed(tmp_path):
    """A file that refers to others could read the user's files or the network."""
    secret = write(tmp_path / "secret.tif", noise((2, 10, 10)), driver="GTiff")
    path = tmp_path / "a.tif"
    path.write_text(
        f'<VRTDataset rasterXSize="10" rasterYSize="10"><VRTRasterBand dataType="UInt16" band="1"><SimpleSource>'
        f"<SourceFilename>{secret}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )

    with pytest.raises(LoadError):
        load_items(make_item(path), ALL)


def test_load_needs_no_network_and_leaves_no_file_behind(scene, tmp_path, monkeypatch):
    item, _ = scene

    def refuse(*_: object, **__: object) -> None:
        msg = "the network was used"
        raise AssertionError(msg)

    monkeypatch.setattr(socket, "create_connection", refuse)
    before = sorted(tmp_path.iterdir())

    load_items(item, ALL).compute()

    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("href", "words"),
    [
        ("https://example.com/a.tif?sig=secret", "not on this machine but at https://example.com"),
        ("s3://bucket/a.tif", "at s3://bucket"),
        ("a.tif", "relative href"),
        ("/no/such/a.tif", "is missing"),
        ("/vsizip//no/such.zip/a.tif", "is missing"),
    ],
)
def test_load_says_what_to_do_when_the_file_is_not_here(href, words):
    with pytest.raises(LoadError, match=words) as caught:
        load_items(make_item(href), ALL)

    assert "secret" not in str(caught.value)


def test_load_takes_file_urls(tmp_path):
    path = write(tmp_path / "with space.tif", noise((2, 5, 5)))

    assert load_items(make_item(path.as_uri()), ALL).sizes["x"] == 5


def test_load_refuses_when_the_file_has_fewer_bands_than_its_item_says(tmp_path):
    item = make_item(write(tmp_path / "a.tif", noise((1, 5, 5))))

    with pytest.raises(LoadError, match="has 1 bands, yet its metadata names band 2"):
        load_items(item, ALL)


def test_load_reads_members_of_archives(tmp_path):
    values = {name: noise((64, 64), seed) for seed, name in enumerate(("B04", "B08"))}
    with zipfile.ZipFile(tmp_path / "S2.SAFE.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, band in values.items():
            archive.write(write(tmp_path / f"{name}.jp2", band, driver="JP2OpenJPEG"), f"S2.SAFE/IMG/{name}_10m.jp2")
    assets = {
        name: stac.asset(
            f"/vsizip/{tmp_path}/S2.SAFE.zip/S2.SAFE/IMG/{name}_10m.jp2",
            media_type=stac.JP2,
            roles=["data"],
            bands=[stac.band(name, common_name=common)],
        )
        for name, common in (("B04", "red"), ("B08", "nir"))
    }
    item = stac.item(id="s2", geometry=None, datetime="2026-03-01T00:00:00Z", assets=assets)

    data = load_items(item, LoadOptions(bands=["red", "B08"]))

    np.testing.assert_array_equal(data["red"].values[0], values["B04"])
    np.testing.assert_array_equal(data["B08"].values[0], values["B08"])


def test_load_finds_rasters_in_an_archive_that_nobody_described(tmp_path):
    band = noise((16, 16))
    with zipfile.ZipFile(tmp_path / "product.zip", "w") as archive:
        archive.write(write(tmp_path / "HH.tif", band), "deep/HH.tif")
        archive.writestr("deep/readme.txt", "hello")
    item = stac.item(
        id="z",
        geometry=None,
        datetime="2026-03-01T00:00:00Z",
        assets={"product": stac.asset(str(tmp_path / "product.zip"), media_type=stac.ZIP, roles=["data"])},
    )

    data = load_items(item, ALL)

    assert list(data.data_vars) == ["HH"]
    np.testing.assert_array_equal(data["HH"].values[0], band)


def test_load_names_the_item_when_its_archive_is_broken(tmp_path):
    (tmp_path / "product.zip").write_bytes(b"PK\x03\x04 and no more")
    item = stac.item(
        id="z",
        geometry=None,
        datetime="2026-03-01T00:00:00Z",
        assets={"product": stac.asset(str(tmp_path / "product.zip"), media_type=stac.ZIP)},
    )

    with pytest.raises(LoadError, match="asset 'product' of item 'z' is no readable zip"):
        load_items(item, ALL)


def points(rows: int, columns: int, *, bend: float = 0.0) -> list[GroundControlPoint]:
    """Points of a grid in degrees, rotated a little and bent as a radar swath is."""
    return [
        GroundControlPoint(
            row=row,
            col=column,
            x=9.0 + 0.001 * column + 0.0001 * row + bend * (column / columns) ** 2,
            y=45.0 - 0.001 * row,
        )
        for row in np.linspace(0, rows, 7)
        for column in np.linspace(0, columns, 7)
    ]


@pytest.fixture
def radar(tmp_path: Path) -> dict:
    values = np.repeat(np.arange(1, 201, dtype="uint16")[:, None], 300, axis=1)  # the row, counted from 1
    path = tmp_path / "grd.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=300, height=200, count=1, dtype="uint16", tiled=True, blockxsize=64, blockysize=64,
        gcps=points(200, 300, bend=0.02), crs="EPSG:4326",
    ) as target:  # fmt: skip
        target.write(values, 1)
    return stac.item(
        id="s1",
        geometry=None,
        datetime="2026-03-01T00:00:00Z",
        assets={"vv": stac.asset(str(path), media_type=stac.TIFF, roles=["data"], bands=[stac.band("VV")])},
    )


@pytest.mark.parametrize("options", [LoadOptions(), LoadOptions(crs="EPSG:32632", resolution=80)])
def test_load_brings_ground_control_points_onto_the_grid(radar, options):
    data = load_items(radar, options)

    spot = (9.0 + 0.15 + 0.01 + 0.02 * 0.25, 45.0 - 0.1)  # column 150, row 100
    xs, ys = rasterio.warp.transform("EPSG:4326", data.rio.crs, [spot[0]], [spot[1]])
    found = int(data["VV"].sel(x=xs[0], y=ys[0], method="nearest").values[0])
    assert found == pytest.approx(101, abs=1)
    assert (data["VV"].values[0, 0, -1], data["VV"].values[0, -1, 0]) == (0, 0), "corners that the swath leaves out"


def test_pixels_as_recorded_are_unmoved_and_keep_their_points(radar):
    data = native.load([radar], LoadOptions(chunks={"x": 64, "y": 64}), as_recorded=True)

    assert np.array_equal(data["VV"].values[0], np.repeat(np.arange(1, 201)[:, None], 300, axis=1))
    assert data.attrs["georeferenced"] == 0
    kept = {(one.row, one.col, one.x, one.y) for one in data.rio.get_gcps()}
    assert kept == {(one.row, one.col, one.x, one.y) for one in points(200, 300, bend=0.02)}


def test_pixels_as_recorded_of_a_file_with_a_grid_keep_its_corners(tmp_path):
    path = write(tmp_path / "a.tif", np.arange(12, dtype="uint16").reshape(3, 4), driver="GTiff")
    item = stac.item(
        id="a", geometry=None, datetime="2026-03-01T00:00:00Z",
        assets={"b": stac.asset(str(path), media_type=stac.TIFF, roles=["data"])},
    )  # fmt: skip

    data = native.load(item, as_recorded=True)

    corners = {(one.row, one.col): (one.x, one.y) for one in data.rio.get_gcps()}
    assert corners[0, 0] == (LEFT, TOP)
    assert corners[3, 4] == (LEFT + 4 * STEP, TOP - 3 * STEP)
    assert data["b"].shape == (1, 3, 4)


def test_blocks_of_ground_control_points_fit_together(radar):
    whole = load_items(radar, LoadOptions(chunks={"x": -1, "y": -1})).compute()
    pieces = load_items(radar, LoadOptions(chunks={"x": 37, "y": 41})).compute()

    difference = whole["VV"].values.astype(int) - pieces["VV"].values.astype(int)
    assert (difference != 0).mean() < 0.01
    assert np.abs(difference[(whole["VV"].values > 0) & (pieces["VV"].values > 0)]).max() <= 1


def test_load_gives_bare_pixels_when_there_is_no_georeference(tmp_path):
    values = (noise((20, 30), 1).astype("complex64") + 1j * noise((20, 30), 2)).astype("complex64")
    path = write(tmp_path / "slc.tif", values, crs=None, driver="GTiff", dtype="complex_int16")
    item = make_item(path, bands=[stac.band("HH")])

    data = load_items(item, LoadOptions(chunks={"x": 8, "y": 8}))

    assert data["HH"].dtype == np.complex64
    assert data["HH"].attrs["data_type"] == "cint16"
    assert data.attrs["georeferenced"] == 0
    assert "spatial_ref" not in data.coords
    assert data["y"].values[:2].tolist() == [0.5, 1.5]
    np.testing.assert_array_equal(data["HH"].values[0], values)


@pytest.mark.parametrize(
    "options", [LoadOptions(crs="EPSG:4326"), LoadOptions(bbox=(9, 45, 10, 46)), LoadOptions(resolution=10)]
)
def test_load_refuses_to_place_bare_pixels(tmp_path, options):
    path = write(tmp_path / "slc.tif", noise((20, 30)), crs=None, driver="GTiff")

    with pytest.raises(LoadError, match="no georeference"):
        load_items(make_item(path, bands=[stac.band("HH")]), options)


def test_load_refuses_bare_pixels_of_several_shapes_or_beside_placed_ones(tmp_path):
    one = make_item(write(tmp_path / "a.tif", noise((20, 30)), crs=None, driver="GTiff"), "a", bands=[stac.band("v")])
    two = make_item(write(tmp_path / "b.tif", noise((20, 31)), crs=None, driver="GTiff"), "b", bands=[stac.band("v")])
    placed = make_item(write(tmp_path / "c.tif", noise((20, 30))), "c", bands=[stac.band("v")])

    with pytest.raises(LoadError, match="differ in shape"):
        load_items([one, two], ALL)
    with pytest.raises(LoadError, match="has no georeference, unlike others"):
        load_items([one, placed], ALL)


def test_scales_that_differ_between_items_are_kept_along_time(tmp_path):
    items = [
        make_item(
            write(tmp_path / f"{name}.tif", noise((1, 8, 8))), name, f"2026-03-0{day}T00:00:00Z",
            bands=[stac.band("red", scale=scale)],
        )
        for day, (name, scale) in enumerate((("a", 0.0001), ("b", 0.0002)), start=1)
    ]  # fmt: skip

    data = load_items(items, ALL)

    assert "scale_factor" not in data["red"].attrs
    assert data["red_scale_factor"].values.tolist() == [0.0001, 0.0002]


def test_scales_that_differ_within_one_layer_are_an_error(tmp_path):
    items = [
        make_item(write(tmp_path / f"{name}.tif", noise((1, 8, 8))), name, bands=[stac.band("red", scale=scale)])
        for name, scale in (("a", 0.0001), ("b", 0.0002))
    ]

    with pytest.raises(LoadError, match="items 'a' and 'b' fall into one layer of 'red' with different scale_factor"):
        load_items(items, ALL)
    assert load_items(items, LoadOptions(groupby=None)).sizes["time"] == 2


def test_an_item_without_a_band_that_others_have_is_an_error(tmp_path):
    one = make_item(write(tmp_path / "a.tif", noise((2, 8, 8))), "a")
    two = make_item(write(tmp_path / "b.tif", noise((1, 8, 8))), "b", bands=[stac.band("B1", common_name="red")])

    with pytest.raises(UnknownAsset, match="item 'b' has no band 'B2', which other items have; all items have: B1"):
        load_items([one, two], ALL)
    assert list(load_items([one, two], LoadOptions(bands=["red"])).data_vars) == ["red"]


def test_a_name_in_several_assets_must_be_qualified_unless_one_is_finer(tmp_path):
    fine, rough = noise((40, 40), 1), noise((20, 20), 2)
    red = [stac.band("B04", common_name="red")]
    item = make_item(write(tmp_path / "a.tif", fine), bands=red, gsd=10)
    item["assets"]["r20"] = stac.asset(
        str(write(tmp_path / "b.tif", rough, step=20)),
        media_type=stac.COG,
        roles=["data"],
        bands=red,
        fields={"gsd": 20},
    )

    np.testing.assert_array_equal(load_items(item, LoadOptions(bands=["red"]))["red"].values[0], fine)
    assert list(load_items(item, ALL).data_vars) == ["data_B04", "r20_B04"]
    item["assets"]["r20"]["gsd"] = 10
    with pytest.raises(UnknownAsset, match="'red' in several assets: data:red, r20:red"):
        load_items(item, LoadOptions(bands=["red"]))
    np.testing.assert_array_equal(load_items(item, LoadOptions(bands=["r20:red"]))["r20:red"].values[0], rough)


def test_bands_that_nobody_described_take_the_files_own_names(tmp_path):
    path = write(tmp_path / "a.tif", noise((2, 8, 8)), driver="GTiff")
    with rasterio.open(path, "r+") as target:
        target.descriptions = ("blue", "green")
    item = make_item(path, bands=[])
    other = make_item(write(tmp_path / "b.tif", noise((2, 8, 8))), bands=[])

    assert list(load_items(item, ALL).data_vars) == ["blue", "green"]
    assert list(load_items(item, LoadOptions(bands=["green"])).data_vars) == ["green"]
    assert list(load_items(other, ALL).data_vars) == ["data_1", "data_2"]


def test_thumbnails_and_metadata_are_not_data(tmp_path):
    item = make_item(write(tmp_path / "a.tif", noise((2, 8, 8))))
    item["assets"]["thumbnail"] = stac.asset("/no/such/t.tif", media_type=stac.COG, roles=["thumbnail"])
    item["assets"]["xml"] = stac.asset("/no/such/a.xml", media_type=stac.XML, roles=["metadata"])

    assert list(load_items(item, ALL).data_vars) == ["B1", "B2"]


def test_stac_1_0_bands_are_understood(tmp_path):
    item = make_item(write(tmp_path / "a.tif", noise((2, 8, 8))), bands=[])
    item["assets"]["data"] |= {
        "eo:bands": [{"name": "B1", "common_name": "red"}, {"name": "B2", "common_name": "nir"}],
        "raster:bands": [{"scale": 0.5, "nodata": 0}, {"scale": 0.25, "nodata": 0}],
    }

    data = load_items(item, LoadOptions(bands=["nir"]))

    assert data["nir"].attrs["scale_factor"] == 0.25
    assert data["nir"].attrs["nodata"] == 0


def test_load_takes_items_in_each_usual_form(scene):
    item, values = scene
    made = pystac.Item.from_dict(item)

    for form in (item, [item], (one for one in [item]), made, [made], pystac.ItemCollection([made]), {"type": "FeatureCollection", "features": [item]}):  # fmt: skip
        np.testing.assert_array_equal(load_items(form, ALL)["B1"].values[0], values[0])


def test_load_resolves_hrefs_relative_to_the_items_file(tmp_path):
    write(tmp_path / "a.tif", noise((2, 8, 8)))
    item = pystac.Item.from_dict(make_item("./a.tif"))
    item.set_self_href(str(tmp_path / "a.json"))

    assert load_items(item, ALL).sizes["x"] == 8


@pytest.mark.parametrize("items", [[], "a.tif", 5, None, [5], {"type": "Polygon"}, [{"type": "Feature"}]])
def test_load_refuses_what_is_no_item(items):
    with pytest.raises(InputError):
        load_items(items, ALL)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (LoadOptions(resampling="nearst"), "resampling 'nearst' is not known"),
        (LoadOptions(groupby="day"), "groupby 'day' is not known"),
        (LoadOptions(crs="EPSG:0"), "'EPSG:0' is no coordinate reference system"),
        (LoadOptions(chunks={"band": 1}), "chunks has no dimension 'band'"),
        (LoadOptions(bbox=(1.0, 2.0, 3.0)), "is not west, south, east, north"),
        (LoadOptions(extra={"resampling_": 1}), "did you mean 'resampling'"),
    ],
)
def test_p61_wrong_options_raise_with_a_suggestion(scene, options, words):
    with pytest.raises(InputError, match=words):
        load_items(scene[0], options)


def test_two_items_of_one_id_are_refused(scene):
    item, _ = scene

    with pytest.raises(LoadError, match="two items have the id 'a'"):
        load_items([item, item], ALL)


def test_a_changed_file_is_another_array(tmp_path):
    """So that no cache of dask's ever serves pixels of an older file."""
    path = write(tmp_path / "a.tif", noise((2, 8, 8), 1))
    first = load_items(make_item(path), ALL)["B1"].data.name
    again = load_items(make_item(path), ALL)["B1"].data.name
    write(path, noise((2, 9, 8), 2))
    changed = load_items(make_item(path), ALL)["B1"].data.name

    assert first == again != changed


def test_a_lazy_dataset_survives_pickling(scene):
    item, values = scene

    again = pickle.loads(pickle.dumps(load_items(item, ALL)))

    np.testing.assert_array_equal(again["B1"].values[0], values[0])


def test_an_inner_mask_counts_as_no_data(tmp_path):
    values = noise((1, 64, 64))
    path = tmp_path / "a.tif"
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(
            path, "w", driver="GTiff", width=64, height=64, count=1, dtype="uint16", crs="EPSG:32632",
            transform=Affine(STEP, 0, LEFT, 0, -STEP, TOP),
        ) as target,
    ):  # fmt: skip
        target.write(values)
        mask = np.full((64, 64), 255, "uint8")
        mask[:10] = 0
        target.write_mask(mask)
    below = write(tmp_path / "b.tif", np.full((1, 64, 64), 5, "uint16"))

    data = load_items(
        [make_item(path, "a", bands=[stac.band("v")]), make_item(below, "b", bands=[stac.band("v")])], ALL
    )

    assert (data["v"].values[0, :10] == 5).all()
    np.testing.assert_array_equal(data["v"].values[0, 10:], values[0, 10:])


@pytest.mark.filterwarnings("ignore:The 'shapely.ops.transform:DeprecationWarning")  # odc-geo 0.5 on shapely 2.2
def test_p53_odc_stac_reads_the_same_pixels_from_the_same_item(scene):
    odc_stac = pytest.importorskip("odc.stac")
    item, _ = scene
    item = {
        **item,
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[8.9, 45.0], [9.1, 45.0], [9.1, 45.2], [8.9, 45.2], [8.9, 45.0]]],
        },
    }
    item["bbox"] = [8.9, 45.0, 9.1, 45.2]
    item["assets"]["data"] |= {
        "proj:code": "EPSG:32632",
        "proj:shape": [120, 150],
        "proj:transform": [STEP, 0, LEFT, 0, -STEP, TOP],
    }
    for band in item["assets"]["data"]["bands"]:
        band |= {"data_type": "uint16", "nodata": 0}
    item["stac_extensions"] = stac.extensions_of(item)

    ours = load_items(item, ALL)
    theirs = odc_stac.load([pystac.Item.from_dict(item)], chunks={})

    np.testing.assert_array_equal(theirs["data.1"].values, ours["B1"].values)
    np.testing.assert_allclose(theirs["x"].values, ours["x"].values)
    np.testing.assert_allclose(theirs["y"].values, ours["y"].values)


def test_a_dataset_can_be_written_and_read_again(scene, tmp_path):
    item, values = scene
    data = load_items(item, LoadOptions(bands=["red"]))

    data["red"].isel(time=0).rio.to_raster(tmp_path / "out.tif")

    with rasterio.open(tmp_path / "out.tif") as again:
        np.testing.assert_array_equal(again.read(1), values[0])
        assert again.nodata == 0
        assert tuple(again.transform)[:6] == (STEP, 0, LEFT, 0, -STEP, TOP)


def test_copying_a_dataset_beside_its_files_is_not_needed(scene, tmp_path):
    """A lazy array fails with the item's name when its file has gone since."""
    item, _ = scene
    data = load_items(item, ALL)
    shutil.move(tmp_path / "scene.tif", tmp_path / "elsewhere.tif")

    with pytest.raises(LoadError, match="item 'a'"):
        data.compute()
