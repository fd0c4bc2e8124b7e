# SPDX-License-Identifier: Apache-2.0
"""Items as `pystac` has them: the same as by its own reader, and nothing shared with the dict."""

import copy

import pystac
import pytest

from swath import stac
from swath._pystac import pystac_item


def some_item(**changes):
    made = stac.item(
        id="one",
        geometry={"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]},
        datetime="2026-05-01T10:20:30.123456Z",
        start="2026-05-01T10:20:30Z",
        end="2026-05-01T10:20:31Z",
        collection="things",
        properties={"eo:cloud_cover": 3, "x:nested": {"a": [1, {"b": [2]}]}, "created": "2026-05-02T00:00:00Z"},
        assets={
            "data": stac.asset(
                "https://x.test/a.tif", media_type=stac.COG, roles=["data"], title="A", bands=[stac.band("red")], size=5
            ),
            "bare": {"href": "b.json"},
        },
        provider="depot",
        links=[stac.link("via", "https://x.test/one", media_type=stac.JSON, title="One", method="POST")],
    )
    return {**made, **changes}


@pytest.mark.parametrize(
    "item",
    [
        some_item(),
        some_item(links=[], assets={}),
        some_item(geometry=None, bbox=None),
        some_item(collection=None, stac_extensions=[]),
        {**some_item(), "x:extra": {"kept": True}},
        {
            **some_item(),
            "properties": {**some_item()["properties"], "datetime": None},
        },
    ],
)
def test_an_item_is_what_pystac_makes_of_it(item):
    ours, theirs = pystac_item(item), pystac.Item.from_dict(item)

    assert ours.to_dict(transform_hrefs=False) == theirs.to_dict(transform_hrefs=False)
    assert (ours.datetime, ours.collection_id, list(ours.assets)) == (
        theirs.datetime,
        theirs.collection_id,
        list(theirs.assets),
    )
    assert all(asset.owner is ours for asset in ours.assets.values())


def test_an_item_shares_nothing_with_the_dict():
    item = some_item()
    before = copy.deepcopy(item)

    made = pystac_item(item)
    made.properties["x:nested"]["a"].append(9)
    made.geometry["coordinates"][0][0][0] = 99
    made.assets["data"].extra_fields["file:size"] = 0
    made.links[0].extra_fields["method"] = "GET"

    assert item == before


def test_an_older_item_is_migrated():
    old = {**some_item(), "stac_version": "1.0.0"}
    old["properties"] = {**old["properties"], "proj:epsg": 32631}
    old["stac_extensions"] = ["https://stac-extensions.github.io/projection/v1.1.0/schema.json"]

    assert pystac_item(old).properties["proj:code"] == "EPSG:32631"
