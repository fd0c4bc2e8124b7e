# SPDX-License-Identifier: Apache-2.0
"""Whether a TIFF is cut short, told from its own directories."""

from __future__ import annotations

import struct

import pytest

from swath._transfer.tiff import is_whole_tiff


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
