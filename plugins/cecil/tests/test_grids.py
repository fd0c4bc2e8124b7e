# SPDX-License-Identifier: Apache-2.0
"""Rasters in a bucket are read piece by piece."""

import numpy as np
import pytest
from rasterio.io import MemoryFile
from rasterio.transform import from_origin
from rasterio.windows import Window

from swath.errors import LinkExpired, LoadError
from swath_cecil import _grids
from swath_cecil._api.storage import Stored

RNG = np.random.default_rng(5)
PIXELS = RNG.integers(0, 60_000, (2048, 2048), dtype="uint16")


@pytest.fixture(scope="module")
def tiff():
    profile = {"driver": "GTiff", "width": 2048, "height": 2048, "count": 1, "dtype": "uint16", "crs": "EPSG:32631"}
    with MemoryFile() as memory:
        with memory.open(
            **profile, tiled=True, blockxsize=256, blockysize=256, transform=from_origin(5e5, 5e6, 10, 10)
        ) as target:
            target.write(PIXELS, 1)
        return memory.read()


class Bucket:
    """Gives the bytes of one object, and counts them; refuses once `fails` is set."""

    def __init__(self, data):
        self.data, self.given, self.fails = data, 0, None

    def read(self, _key, start=0, end=None):
        if self.fails is not None:
            raise self.fails
        found = self.data[start:end]
        self.given += len(found)
        return found


def test_window_costs_its_own_bytes_only(tiff):
    bucket = Bucket(tiff)

    with _grids.opened(bucket, Stored(key="a/b.tif", size=len(tiff))) as source:
        found = source.read(1, window=Window(512, 1024, 200, 100))

    assert np.array_equal(found, PIXELS[1024:1124, 512:712])
    assert bucket.given < len(tiff) / 4


@pytest.mark.parametrize(
    ("failure", "raised"), [(LinkExpired("gone for good"), LinkExpired), (OSError("cut off"), LoadError)]
)
@pytest.mark.parametrize("at", ["opening", "reading"])
def test_what_keeps_bytes_back_is_what_is_raised(tiff, failure, raised, at):
    bucket = Bucket(tiff)

    def read():
        with _grids.opened(bucket, Stored(key="a/b.tif", size=len(tiff))) as source:
            bucket.fails = failure
            source.read(1, window=Window(1500, 1800, 200, 100))

    bucket.fails = failure if at == "opening" else None
    with pytest.raises(raised, match=r"gone for good|cut off"):
        read()


def test_object_that_is_no_raster_is_named():
    with (
        pytest.raises(LoadError, match=r"a/b\.tif"),
        _grids.opened(Bucket(b"<xml/>" * 9), Stored(key="a/b.tif", size=54)),
    ):
        pass
