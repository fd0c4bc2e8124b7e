# SPDX-License-Identifier: Apache-2.0
import zipfile

import pytest

from swath import stac
from swath.errors import NotTheProduct
from swath_sedas.archives import members_of

L1C = "S2B_MSIL1C_20190925T071629_N0208_R006_T38PNV_20190925T110036"
L2A = "S2A_MSIL2A_20220630T112131_N0400_R037_T30UVB_20220630T173851"
GRD = "S1B_IW_GRDH_1SDV_20190528T105030_20190528T105055_016443_01EF3E_5E4F"
SLC = "S1B_IW_SLC__1SDV_20190528T105030_20190528T105055_016443_01EF3E_5E4F"
NOVASAR = "NovaSAR_01_13145_slc_11_200720_233448_HH_8"


@pytest.fixture
def archive(tmp_path):
    """Make an archive of empty members under the product's SAFE folder."""

    def make(name, members, folder=None):
        path = tmp_path / f"{name}.zip"
        with zipfile.ZipFile(path, "w") as target:
            for member in members:
                target.writestr(f"{folder or f'{name}.SAFE'}/{member}", b"")
        return str(path)

    return make


def named(name, path):
    made = dict(members_of({"id": name}, path))
    item = stac.item(id=name, geometry=None, datetime="2020-01-01T00:00:00Z", assets=made, properties={})
    stac.validate(item)
    return made


def test_sentinel_2_l1c_bands_have_names_projection_and_scale(archive):
    tile = "GRANULE/L1C_T38PNV_A013335_20190925T072554"
    bands = [*(f"B{number:02}" for number in range(1, 13)), "B8A", "TCI"]
    path = archive(
        L1C,
        [
            "manifest.safe",
            *(f"{tile}/IMG_DATA/T38PNV_20190925T071629_{band}.jp2" for band in bands),
            f"{tile}/QI_DATA/MSK_CLOUDS_B00.gml",
            f"{tile}/QI_DATA/T38PNV_20190925T071629_PVI.jp2",
        ],
    )

    made = named(L1C, path)

    assert sorted(made) == sorted(bands)
    red = made["B04"]
    assert red["href"] == f"/vsizip/{path}/{L1C}.SAFE/{tile}/IMG_DATA/T38PNV_20190925T071629_B04.jp2"
    assert red["bands"][0]["name"] == "B04"
    assert red["bands"][0]["eo:common_name"] == "red"
    assert (red["proj:code"], red["gsd"], red["data_type"], red["nodata"]) == ("EPSG:32638", 10, "uint16", 0)
    assert (red["raster:scale"], red["raster:offset"]) == (0.0001, 0.0)
    assert (made["B8A"]["gsd"], made["B01"]["gsd"]) == (20, 60)
    assert made["TCI"]["roles"] == ["visual"]
    assert all("data" in made[band]["roles"] for band in bands if band != "TCI")


def test_sentinel_2_l2a_takes_the_finest_image_of_each_band_and_the_offset(archive):
    images = "GRANULE/L2A_T30UVB_A036682_20220630T112131/IMG_DATA"
    members = [f"{images}/R{metres}m/T30UVB_20220630T112131_{band}_{metres}m.jp2" for band, metres in [
        ("B02", 10), ("B02", 20), ("B02", 60), ("B05", 20), ("B05", 60), ("B09", 60), ("SCL", 20), ("SCL", 60),
        ("AOT", 10), ("WVP", 10), ("TCI", 10), ("TCI", 60),
    ]]  # fmt: skip

    made = named(L2A, archive(L2A, members))

    assert sorted(made) == ["AOT", "B02", "B05", "B09", "SCL", "TCI", "WVP"]
    assert {key: one["gsd"] for key, one in made.items()} == {
        "AOT": 10, "B02": 10, "B05": 20, "B09": 60, "SCL": 20, "TCI": 10, "WVP": 10,
    }  # fmt: skip
    assert made["B02"]["href"].endswith("/R10m/T30UVB_20220630T112131_B02_10m.jp2")
    assert made["B02"]["raster:offset"] == -0.1
    assert made["B02"]["proj:code"] == "EPSG:32630"
    assert (made["SCL"]["data_type"], "raster:scale" in made["SCL"]) == ("uint8", False)


def test_sentinel_1_grd_has_one_asset_a_polarisation(archive):
    stem = "s1b-iw-grd-{}-20190528t105030-20190528t105055-016443-01ef3e-{:03}"
    path = archive(
        GRD,
        [
            "manifest.safe",
            *(f"measurement/{stem.format(pol, number)}.tiff" for number, pol in enumerate(["vv", "vh"], 1)),
            *(f"annotation/{stem.format(pol, number)}.xml" for number, pol in enumerate(["vv", "vh"], 1)),
            "preview/quick-look.png",
            "preview/quick-look.tiff",
        ],
    )

    made = named(GRD, path)

    assert sorted(made) == ["vh", "vv"]
    assert made["vv"]["href"] == f"/vsizip/{path}/{GRD}.SAFE/measurement/{stem.format('vv', 1)}.tiff"
    assert (made["vv"]["data_type"], made["vv"]["sar:polarizations"]) == ("uint16", ["VV"])
    assert made["vv"]["bands"] == [{"name": "vv"}]


def test_sentinel_1_slc_has_one_asset_a_sub_swath_and_polarisation(archive):
    members = [
        f"measurement/s1b-iw{swath}-slc-{pol}-20190528t105030-20190528t105055-016443-01ef3e-{number:03}.tiff"
        for number, (pol, swath) in enumerate(((pol, swath) for pol in ("vv", "vh") for swath in (1, 2, 3)), 1)
    ]

    made = named(SLC, archive(SLC, members))

    assert sorted(made) == ["iw1-vh", "iw1-vv", "iw2-vh", "iw2-vv", "iw3-vh", "iw3-vv"]
    assert made["iw1-vv"]["data_type"] == "cint16"


def test_sentinel_1_wave_mode_images_keep_apart(archive):
    name = SLC.replace("_IW_", "_WV_").replace("1SDV", "1SSV")
    members = [
        f"measurement/s1b-wv1-slc-vv-20190528t10503{number}-20190528t10503{number}-016443-01ef3e-{number:03}.tiff"
        for number in (1, 3)
    ]

    made = members_of({"id": name}, archive(name, members))

    assert [key for key, _ in made] == ["wv1-vv", "wv1-vv-003"]


def test_sentinel_1_without_images_has_none(archive):
    name = GRD.replace("GRDH_1S", "RAW__0S")

    assert members_of({"id": name}, archive(name, ["measurement-vv.dat"])) == []


def test_novasar_images_by_polarisation_and_the_quicklook_apart(archive):
    path = archive(NOVASAR, ["metadata.xml", "image_HH.tif", "QL_image_HH.tif"], folder=NOVASAR)

    made = named(NOVASAR, path)

    assert sorted(made) == ["hh", "quicklook"]
    assert (made["hh"]["roles"], made["quicklook"]["roles"]) == (["data"], ["overview"])
    assert made["hh"]["sar:polarizations"] == ["HH"]


@pytest.mark.parametrize(("item_id", "path"), [("X1", "x.zip"), (GRD, "x.tif")])
def test_members_of_anything_else_is_none(item_id, path):
    assert members_of({"id": item_id}, path) is None


def test_members_of_a_broken_archive_says_so(tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(b"PK\x03\x04 cut off")

    with pytest.raises(NotTheProduct, match="cannot be read"):
        members_of({"id": GRD}, str(path))
