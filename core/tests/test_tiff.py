# SPDX-License-Identifier: Apache-2.0
"""What a TIFF's own directories tell: whether it is cut short, and where its pixels lie."""

from __future__ import annotations

import struct

import pytest

from swath._transfer.tiff import is_whole_tiff, place_of_tiff


def written(path, **options):
    np = pytest.importorskip("numpy")
    rasterio = pytest.importorskip("rasterio")
    pixels = np.arange(256 * 256, dtype="uint16").reshape(1, 256, 256)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=256,
        height=256,
        count=1,
        dtype="uint16",
        crs="EPSG:3857",
        transform=rasterio.Affine(2, 0, 100, 0, -2, 900),
        **options,
    ) as file:
        file.write(pixels)
    return path


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"tiled": True, "blockxsize": 64, "blockysize": 64, "compress": "deflate"},
        {"BIGTIFF": "YES"},
        {"ENDIANNESS": "BIG", "tiled": True, "blockxsize": 128, "blockysize": 128},
    ],
)
def test_p04_tiff_cut_at_any_byte_is_not_whole(tmp_path, options):
    path = written(tmp_path / "quad.tif", **options)
    data = path.read_bytes()
    assert is_whole_tiff(path)

    for kept in (0, 3, 7, 100, len(data) // 2, len(data) - 5000, len(data) - 1):
        path.write_bytes(data[:kept])
        assert not is_whole_tiff(path), kept


def test_what_is_no_tiff_is_not_whole(tmp_path):
    page = tmp_path / "quad.tif"
    page.write_bytes(b"<html>try again later</html>")

    assert not is_whole_tiff(page)
    assert not is_whole_tiff(tmp_path / "absent.tif")


def test_tiff_whose_directory_names_itself_as_the_next_ends(tmp_path):
    path = tmp_path / "loop.tif"
    path.write_bytes(b"II" + struct.pack("<HI", 42, 8) + struct.pack("<HI", 0, 8))

    assert is_whole_tiff(path)


@pytest.mark.parametrize(
    "options",
    [{}, {"driver": "COG"}, {"BIGTIFF": "YES"}, {"ENDIANNESS": "BIG"}, {"crs": "EPSG:4326"}, {"rotated": True}],
)
def test_p53_place_of_a_tiff_is_what_gdal_says(tmp_path, options):
    np = pytest.importorskip("numpy")
    rasterio = pytest.importorskip("rasterio")
    options = {"driver": "GTiff", "crs": "EPSG:32631", **options}
    a, b, c, d, e, f = (
        (1.5, 0.2, 4.0, -0.1, -2.0, 50.0) if options.pop("rotated", False) else (1.5, 0, 4.0, 0, -2.0, 50.0)
    )
    path = tmp_path / "placed.tif"
    with rasterio.open(
        path, "w", width=40, height=30, count=1, dtype="uint8", transform=rasterio.Affine(a, b, c, d, e, f), **options
    ) as file:
        file.write(np.ones((1, 30, 40), "uint8"))

    with rasterio.open(path) as file:
        expected = list(file.transform)[:6], list(file.shape), str(file.crs)
    place = place_of_tiff(path)

    assert place["proj:transform"] == pytest.approx(expected[0])
    assert (place["proj:shape"], place["proj:code"]) == expected[1:]


def test_place_of_pixels_that_are_points_is_their_corner(tmp_path):
    rasterio = pytest.importorskip("rasterio")
    path = written(tmp_path / "points.tif")
    with rasterio.open(path, "r+") as file:
        file.update_tags(AREA_OR_POINT="Point")
    with rasterio.open(path) as file:
        expected = list(file.transform)[:6]

    assert place_of_tiff(path)["proj:transform"] == pytest.approx(expected)


def test_what_has_no_plain_place_is_left_out(tmp_path):
    rasterio = pytest.importorskip("rasterio")
    own = written(tmp_path / "own.tif")
    with rasterio.open(own, "r+") as file:
        file.crs = rasterio.CRS.from_proj4("+proj=laea +lat_0=10 +lon_0=20 +datum=WGS84")
    (tmp_path / "page.tif").write_bytes(b"<html>")

    assert "proj:code" not in place_of_tiff(own)
    assert place_of_tiff(tmp_path / "page.tif") == {}
    assert place_of_tiff(tmp_path / "absent.tif") == {}
