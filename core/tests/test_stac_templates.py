# SPDX-License-Identifier: Apache-2.0
"""What many items have alike is prepared once, and no item can change another's."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from swath import stac
from swath._pystac import pystac_item

ABOUT = {
    "media_type": stac.COG,
    "roles": ["data", "reflectance"],
    "title": "Scene",
    "bands": [stac.band("nir", common_name="nir", scale=0.1), stac.band("odd", fields={"classes": [1, 2]})],
    "fields": {"proj:code": "EPSG:32630", "storage:refs": ["s3"], "planet:more": {"a": [1]}},
}
FLAT = ABOUT | {"bands": ABOUT["bands"][:1]}
POINT = {"type": "Point", "coordinates": [1, 2]}


def build(assets):
    return stac.item(id="a", geometry=POINT, datetime="2026-03-01T12:00:00Z", collection="c", assets=assets)


@pytest.mark.parametrize("about", [ABOUT, FLAT, {}])
def test_template_makes_what_asset_makes(about):
    template = stac.AssetTemplate(**about)

    by_template, one_by_one = build({"x": (template, "u")}), build({"x": stac.asset("u", **about)})

    assert by_template == one_by_one
    assert json.dumps(by_template) == json.dumps(one_by_one)


def test_template_items_do_not_change_one_another():
    template = stac.AssetTemplate(**ABOUT)
    first, second = (build({"x": (template, href)})["assets"]["x"] for href in ("1", "2"))
    untouched = copy.deepcopy(second)

    first["roles"].append("overview")
    first["bands"] = first["bands"][:1]
    first["planet:more"]["a"].append(2)
    first["storage:refs"].clear()
    first["href"] = "other"

    assert second == untouched == build({"x": (template, "2")})["assets"]["x"]


@pytest.mark.parametrize(
    "change",
    [
        lambda band: band.update(name="x"),
        lambda band: band.__setitem__("name", "x"),
        lambda band: band.pop("name"),
        lambda band: band.popitem(),
        lambda band: band.clear(),
        lambda band: band.setdefault("x", 1),
        lambda band: band.__delitem__("name"),
        lambda band: band.__ior__({"name": "x"}),
    ],
)
def test_shared_band_refuses_to_be_changed(change):
    made = build({"x": (stac.AssetTemplate(**FLAT), "u")})
    band = made["assets"]["x"]["bands"][0]

    with pytest.raises(TypeError, match="change a copy"):
        change(band)

    assert band == ABOUT["bands"][0]


@pytest.mark.parametrize(
    "change",
    [
        lambda bands: bands.append({}),
        lambda bands: bands.pop(),
        lambda bands: bands.clear(),
        lambda bands: bands.__setitem__(0, {}),
        lambda bands: bands.__delitem__(0),
        lambda bands: bands.__iadd__([{}]),
        lambda bands: bands.sort(),
    ],
)
def test_shared_bands_refuse_to_be_changed(change):
    bands = build({"x": (stac.AssetTemplate(**FLAT), "u")})["assets"]["x"]["bands"]

    with pytest.raises(TypeError, match="change a copy"):
        change(bands)

    assert bands == ABOUT["bands"][:1]
    assert type(bands.copy()) is type(copy.deepcopy(bands)) is type(pickle.loads(pickle.dumps(bands))) is list


@pytest.mark.parametrize(
    "copied", [dict, copy.copy, copy.deepcopy, lambda band: band.copy(), lambda band: pickle.loads(pickle.dumps(band))]
)
def test_copy_of_a_shared_band_is_a_plain_dict(copied):
    band = build({"x": (stac.AssetTemplate(**FLAT), "u")})["assets"]["x"]["bands"][0]

    made = copied(band)
    made["name"] = "mine"

    assert type(made) is dict
    assert band["name"] == "nir"


def test_pystac_item_of_a_template_can_be_changed_alone():
    item = build({"x": (stac.AssetTemplate(**ABOUT), "u"), "flat": (stac.AssetTemplate(**FLAT), "v")})
    before = copy.deepcopy(item)

    found = pystac_item(item)
    found.assets["x"].extra_fields["bands"].pop()
    found.assets["x"].extra_fields["planet:more"]["a"].append(3)
    found.geometry["coordinates"].append(3)
    found.properties["new"] = 1

    assert item == before
    assert pystac_item(item).to_dict(transform_hrefs=False) == before
