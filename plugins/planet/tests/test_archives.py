# SPDX-License-Identifier: Apache-2.0
"""Rasters inside zipped deliveries."""

from __future__ import annotations

import json
import zipfile

import pytest

from swath import stac
from swath.errors import LoadError
from swath.models import Asset
from swath_planet.archives import archive_members

ITEM = "20260312_101530_23_24a9"
OTHER = "20260312_101532_45_24a9"
ARCHIVE = Asset(href="https://x/a.zip", name="a.zip", key="archive", item=ITEM)


@pytest.fixture
def archive(tmp_path):
    def made(members):
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w") as out:
            for name, content in members.items():
                out.writestr(name, content)
        return str(path)

    return made


def members(scene, path, asset=ARCHIVE):
    return dict(archive_members(scene(ITEM), asset, path))


def test_members_are_the_items_own_rasters_with_bands(archive, scene):
    path = archive(
        {
            f"PSScene/{ITEM}_3B_AnalyticMS_SR_8b_clip.tif": b"x",
            f"PSScene/{ITEM}_3B_udm2_clip.tif": b"x",
            f"PSScene/{OTHER}_3B_udm2_clip.tif": b"x",
            f"PSScene/{ITEM}_metadata.json": b"{}",
        }
    )

    found = members(scene, path)

    assert sorted(found) == ["ortho_analytic_8b_sr", "ortho_udm2"]
    raster = found["ortho_analytic_8b_sr"]
    assert raster["href"] == f"/vsizip/{path}/PSScene/{ITEM}_3B_AnalyticMS_SR_8b_clip.tif"
    assert raster["type"] == stac.GEOTIFF
    assert [band["name"] for band in raster["bands"]][5] == "red"


def test_members_are_told_by_the_manifest_inside(archive, scene):
    notes = {"planet/item_id": ITEM, "planet/item_type": "PSScene", "planet/asset_type": "ortho_visual"}
    path = archive(
        {
            "order/files/tile_1.tif": b"x",
            "order/manifest.json": json.dumps({"files": [{"path": "files/tile_1.tif", "annotations": notes}]}),
        }
    )

    assert list(members(scene, path)) == ["ortho_visual"]


def test_tools_of_the_order_change_the_members(archive, scene):
    path = archive({f"{ITEM}_3B_AnalyticMS_bandmath.tif": b"x"})
    asset = Asset(
        href="https://x/a.zip",
        name="a.zip",
        item=ITEM,
        fields={"planet:tools": [{"bandmath": {"b1": "b4-b3"}}, {"reproject": {"projection": "EPSG:3857"}}]},
    )

    (raster,) = members(scene, path, asset).values()

    assert [band["name"] for band in raster["bands"]] == ["b1"]
    assert raster["proj:code"] == "EPSG:3857"


def test_p46_members_that_lead_out_of_the_archive_are_not_named(archive, scene):
    path = archive({f"../{ITEM}_3B_udm2.tif": b"x", f"/{ITEM}_3B_Visual.tif": b"x", f"{ITEM}_3B_Visual.tif": b"x"})

    found = members(scene, path)

    assert [raster["href"] for raster in found.values()] == [f"/vsizip/{path}/{ITEM}_3B_Visual.tif"]


def test_manifest_that_cannot_be_read_is_as_none(archive, scene):
    path = archive({f"{ITEM}_3B_udm2.tif": b"x", "manifest.json": b"<html>"})

    assert list(members(scene, path)) == ["ortho_udm2"]


def test_broken_archive_is_a_load_error(tmp_path, scene):
    path = tmp_path / "broken.zip"
    path.write_bytes(b"PK no zip")

    with pytest.raises(LoadError, match=r"broken\.zip"):
        members(scene, str(path))
