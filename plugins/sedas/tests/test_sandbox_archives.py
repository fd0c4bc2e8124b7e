# SPDX-License-Identifier: Apache-2.0
"""The stand-in's product archives: names, real rasters, manifests, the same bytes each time."""

import datetime as dt
import hashlib
import io
import itertools
import re
import xml.etree.ElementTree as ET
import zipfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import rasterio
from rasterio.io import MemoryFile

from swath.sandbox import SandboxClock, World
from swath_sedas.archives import members_of
from swath_sedas.sandbox.archives import Archives
from swath_sedas.sandbox.products import Shelf
from swath_sedas.sandbox.search import read_search, run

AREA = "POLYGON((-4.20 50.33,-4.05 50.33,-4.05 50.42,-4.20 50.42,-4.20 50.33))"
NOVASAR = "NovaSAR-1"


class Stopped:
    """A clock that stands still."""

    def now(self):
        return dt.datetime(2022, 7, 1, 12, tzinfo=dt.UTC)

    def monotonic(self):
        return 0.0


def make_world():
    return World(clock=SandboxClock(base=Stopped()), scene_pixels=96)


@pytest.fixture(scope="module")
def products():
    """One product of each type, the newest; of Sentinels one that covers the area."""
    found = {}
    for satellite in ("Sentinel-1A", "Sentinel-2B", NOVASAR):
        body = {
            "aoiWKT": AREA,
            "start": "2020-01-01T00:00:00Z",
            "stop": "2022-07-01T00:00:00Z",
            "satelliteName": satellite,
        }
        shelf = Shelf(make_world())
        for one in itertools.islice(run(shelf, read_search(body), groups=("S1", "S2", "NovaSAR")), 200):
            if one.covered >= 100 or satellite == NOVASAR:
                found.setdefault((one.product.group, one.product.kind), one.product)
    return found


@pytest.fixture(scope="module")
def archives():
    return Archives(make_world())


def unpack(archives, product):
    content = archives.of(product).content
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {one.filename.removeprefix(f"{product.supplier_id}.SAFE/"): file.read(one) for one in file.infolist()}


def opened(content):
    with MemoryFile(content) as memory, memory.open() as file:
        return file.read(), file.crs, file.transform, file.gcps[0]


def test_archives_are_the_same_in_every_sandbox_and_thread(archives, products):
    chosen = [products["S1", "GRD"], products["S2", "L1C"], products["NovaSAR", "GRD"]] * 2
    fresh = Archives(make_world())

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(fresh.of, chosen))

    for product, one in zip(chosen, made, strict=True):
        assert one.content == archives.of(product).content
        assert one.md5 == hashlib.md5(one.content).hexdigest() == archives.md5_of(product)


def test_archives_are_sorted_and_carry_one_time(archives, products):
    content = archives.of(products["S2", "L2A"]).content

    with zipfile.ZipFile(io.BytesIO(content)) as file:
        entries = file.infolist()
        assert file.testzip() is None
    names = [one.filename for one in entries]
    assert names == sorted(names)
    assert {one.date_time for one in entries} == {(2000, 1, 1, 0, 0, 0)}
    assert {one.compress_type for one in entries if one.filename.endswith(".jp2")} == {zipfile.ZIP_STORED}
    assert {one.compress_type for one in entries if one.filename.endswith(".xml")} == {zipfile.ZIP_DEFLATED}
    assert {name.split("/")[0] for name in names} == {f"{products['S2', 'L2A'].supplier_id}.SAFE"}


@pytest.mark.parametrize("key", [("S1", "GRD"), ("S1", "SLC"), ("S2", "L1C"), ("S2", "L2A")])
def test_manifest_lists_every_file_with_size_and_hash(archives, products, key):
    files = unpack(archives, products[key])

    manifest = ET.fromstring(files.pop("manifest.safe"))
    listed = {}
    for one in manifest.iter("dataObject"):
        stream = one.find("byteStream")
        path = stream.find("fileLocation").get("href").removeprefix("./")
        listed[path] = (int(stream.get("size")), stream.find("checksum").text)
    assert listed == {path: (len(content), hashlib.md5(content).hexdigest()) for path, content in files.items()}
    pointers = {one.get("dataObjectID") for one in manifest.iter("dataObjectPointer")}
    assert pointers == {one.get("ID") for one in manifest.iter("dataObject")}


def test_every_xml_can_be_read(archives, products):
    for product in products.values():
        for path, content in unpack(archives, product).items():
            if path.endswith((".xml", ".xsd", ".kml", ".safe")):
                ET.fromstring(content)


# --- Sentinel-2 ----------------------------------------------------------------------------------------------------


def test_level_1c_has_the_documented_members(archives, products):
    product = products["S2", "L1C"]
    tile, when = f"T{product.frame.tile}", f"{product.start:%Y%m%dT%H%M%S}"

    files = unpack(archives, product)

    granule = next(path for path in files if path.endswith("MTD_TL.xml")).rpartition("/")[0]
    assert re.fullmatch(rf"GRANULE/L1C_{tile}_A\d{{6}}_\d{{8}}T\d{{6}}", granule)
    images = {path.removeprefix(f"{granule}/IMG_DATA/") for path in files if "/IMG_DATA/" in path}
    bands = [f"B{number:02d}" for number in range(1, 13)] + ["B8A", "TCI"]
    assert images == {f"{tile}_{when}_{band}.jp2" for band in bands}
    assert {"manifest.safe", "MTD_MSIL1C.xml", "INSPIRE.xml"} <= set(files)
    for folder in ("AUX_DATA/", "HTML/", "rep_info/", "DATASTRIP/DS_", f"{granule}/QI_DATA/", f"{granule}/AUX_DATA/"):
        assert any(path.startswith(folder) for path in files), folder


def test_bands_lie_on_the_tile_in_three_sizes(archives, products):
    product = products["S2", "L1C"]
    files = unpack(archives, product)

    sizes = {}
    for path, content in files.items():
        if "/IMG_DATA/" not in path:
            continue
        values, crs, transform, _ = opened(content)
        band = path[-7:-4]
        sizes[band] = values.shape[1:]
        assert crs.to_epsg() == product.frame.epsg
        assert (transform.c, transform.f) == pytest.approx(product.frame.origin)
        assert transform.a * values.shape[2] == pytest.approx(109_800)
        assert values.dtype == (np.uint8 if band == "TCI" else np.uint16)
        assert (values > 0).any()
    assert sizes["B02"] == sizes["B08"] == sizes["TCI"] == (96, 96)
    assert sizes["B05"] == sizes["B8A"] == sizes["B12"] == (48, 48)
    assert sizes["B01"] == sizes["B09"] == sizes["B10"] == (16, 16)


def test_reflectance_has_the_offset_of_its_baseline(archives, products):
    """Clear water in the near infrared is nearly black: 0 before baseline 04.00, 1000 since."""
    product = products["S2", "L2A"]
    files = unpack(archives, product)
    content = next(content for path, content in files.items() if path.endswith("_B08_10m.jp2"))

    values, _, _, _ = opened(content)

    assert product.baseline >= "0400"
    assert 1000 <= np.percentile(values[values > 0], 1) < 1300
    assert b"<BOA_ADD_OFFSET>-1000</BOA_ADD_OFFSET>" in files["MTD_MSIL2A.xml"]
    assert b"ADD_OFFSET" not in unpack(archives, _older(product))["MTD_MSIL1C.xml"]


def _older(product):
    body = {"aoiWKT": AREA, "start": "2020-01-01T00:00:00Z", "stop": "2020-02-01T00:00:00Z", "sourceGroup": "S2"}
    found = run(Shelf(make_world()), read_search(body), groups=(product.group,))
    return next(one.product for one in found if one.product.kind == "L1C")


def test_level_2a_classifies_what_it_shows(archives, products):
    files = unpack(archives, products["S2", "L2A"])

    def band(ending):
        return opened(next(content for path, content in files.items() if path.endswith(ending)))[0][0]

    classes, red, nir = band("R20m/" + _stem(files) + "_SCL_20m.jp2"), band("_B04_20m.jp2"), band("_B8A_20m.jp2")
    assert set(np.unique(classes)) <= {0, 3, 4, 5, 6, 8, 9, 10}
    assert ((classes == 0) == (red == 0)).mean() > 0.97
    greenness = (nir.astype(float) - red) / np.maximum(nir.astype(float) + red - 2000, 1)
    assert np.median(greenness[classes == 4]) > np.median(greenness[classes == 5])


def _stem(files):
    path = next(path for path in files if path.endswith("_SCL_20m.jp2"))
    return path.rpartition("/")[2].removesuffix("_SCL_20m.jp2")


# --- radar ---------------------------------------------------------------------------------------------------------


def test_ground_range_product_has_the_documented_members(archives, products):
    product = products["S1", "GRD"]

    files = unpack(archives, product)

    tiffs = sorted(path for path in files if path.endswith(".tiff"))
    pattern = r"measurement/s1a-iw-grd-(vv|vh)-\d{8}t\d{6}-\d{8}t\d{6}-\d{6}-[0-9a-f]{6}-00[12]\.tiff"
    assert len(tiffs) == 2
    for path in tiffs:
        assert re.fullmatch(pattern, path)
        stem = path.removeprefix("measurement/").removesuffix(".tiff")
        assert {
            f"annotation/{stem}.xml",
            f"annotation/calibration/calibration-{stem}.xml",
            f"annotation/calibration/noise-{stem}.xml",
        } <= set(files)
    assert {
        "preview/quick-look.png",
        "preview/map-overlay.kml",
        "preview/product-preview.html",
        f"{product.supplier_id}-report.pdf",
    } <= set(files)
    assert any(path.startswith("support/") and path.endswith(".xsd") for path in files)


def test_complex_product_has_six_images(archives, products):
    files = unpack(archives, products["S1", "SLC"])

    tiffs = {path[-8:-5]: path for path in files if path.endswith(".tiff")}

    assert sorted(tiffs) == ["001", "002", "003", "004", "005", "006"]
    assert {path.split("-")[1] for path in tiffs.values()} == {"iw1", "iw2", "iw3"}
    assert all(np.iscomplexobj(opened(files[path])[0]) for path in tiffs.values())


def test_radar_images_are_placed_on_the_footprint(archives, products):
    for product in (products["S1", "GRD"], products["NovaSAR", "GRD"]):
        files = unpack(archives, product)
        content = next(files[path] for path in files if path.endswith((".tiff", ".tif")) and "QL" not in path)
        values, _, _, points = opened(content)
        corners = {(point.row, point.col): (point.x, point.y) for point in points}
        assert corners[0, 0] == pytest.approx(product.frame.corners[0], abs=1e-6)
        assert corners[values.shape[1], values.shape[2]] == pytest.approx(product.frame.corners[2], abs=1e-6)
        # Right-looking: from the first line's near edge, the far edge is clockwise of the direction of flight.
        ahead = np.subtract(corners[values.shape[1], 0], corners[0, 0])
        aside = np.subtract(corners[0, values.shape[2]], corners[0, 0])
        assert ahead[0] * aside[1] - ahead[1] * aside[0] < 0
        assert (ahead[1] > 0) == product.frame.ascending


# --- with the plugin -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (("S1", "GRD"), {"vv", "vh"}),
        (("S1", "SLC"), {f"iw{number}-{channel}" for number in (1, 2, 3) for channel in ("vv", "vh")}),
        (("S2", "L1C"), {f"B{number:02d}" for number in range(1, 13)} | {"B8A", "TCI"}),
        (("NovaSAR", "GRD"), {"hh", "quicklook"}),
    ],
)
def test_plugin_names_the_bands_and_they_open(archives, products, tmp_path, key, expected):
    product = products[key]
    path = tmp_path / f"{product.supplier_id}.zip"
    path.write_bytes(archives.of(product).content)

    members = dict(members_of({"id": product.supplier_id}, str(path)))

    assert set(members) == expected
    for asset in members.values():
        with rasterio.open(asset["href"]) as file:
            assert file.width > 3


def test_pictures_are_png(archives, products):
    for product in products.values():
        picture = archives.picture(product, most_pixels=48)
        assert picture.content.startswith(b"\x89PNG\r\n\x1a\n")
        assert picture == archives.picture(product, most_pixels=48)
