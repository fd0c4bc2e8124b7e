# SPDX-License-Identifier: Apache-2.0
"""The usual loaders read what swath downloaded, as it is: odc-stac, stackstac and rioxarray, the lowest and the newest."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from several_providers import AREA

from swath import stac
from swath._federation import Federation
from swath._open import make_provider
from swath.sandbox import Sandbox, World
from swath.testing.subject import BoxClock, given_by

pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning"),
]
COLLECTIONS = {"PSScene": "ortho_analytic_4b", "capella-geo": "VV", "Sandbox Soil Moisture": "soil_moisture"}
"""What is delivered as GeoTIFF, and the asset to read. SeDAS delivers archives of JPEG 2000 only."""


@pytest.fixture(scope="module")
def downloaded(tmp_path_factory):
    """One item of each, the band that was read of it, and how swath itself reads that."""
    home = tmp_path_factory.mktemp("loaders")
    with Sandbox(["capella", "cecil", "planet"], world=World(speed=500.0, rate_limits=False, scene_pixels=64)) as box:
        clock = BoxClock(box.clock)
        opened = [
            make_provider(name, profile="p", given=given_by(one), home=home / name, clock=clock)
            for name, one in box.providers.items()
        ]
        with Federation(opened, clock=clock) as everyone:
            wanted = {}
            for item in everyone.search(intersects=AREA, datetime="2026-06-01/2026-06-15").items_as_dicts():
                kind = item["properties"].get("cecil:dataset") or item["collection"]
                if kind in COLLECTIONS:
                    wanted.setdefault(kind, item)
            assert set(wanted) == set(COLLECTIONS)
            order = everyone.wait(everyone.order(list(wanted.values())), progress=False)
            items = everyone.download(order, home / "data", progress=False)
            made = []
            for item in items:
                key = next(key for key in COLLECTIONS.values() if key in item.assets)
                data = everyone.load([item], bands=[key])
                made.append((item.to_dict(), key, data[next(iter(data.data_vars))].isel(time=0).compute()))
    return made


@pytest.mark.parametrize("versions", ["lowest", "newest"])
def test_p53_the_usual_loaders_read_what_was_downloaded(downloaded, peer, versions):
    if versions == "lowest" and sys.version_info >= (3, 12):
        pytest.skip("the lowest versions have no wheels for this Python")
    given = [
        {"item": item, "older": stac.to_stac_1_0(item), "key": key} for item, key, _ in downloaded
    ]  # fmt: skip

    found = peer(f"loaders-{versions}").run("loaders.py", stdin=given)

    assert len(found["seen"]) == len(downloaded) >= 3
    assert {name for one in found["seen"] for name in one} == {"odc-stac", "stackstac", "rioxarray"}
    for (item, _, data), seen in zip(downloaded, found["seen"], strict=True):
        for name, one in seen.items():
            where = (item["properties"]["swath:provider"], name, found["versions"])
            assert one["shape"] == list(data.shape), where
            assert one["epsg"] == data.rio.crs.to_epsg(), where
            np.testing.assert_allclose(one["x"], [data["x"].values[0], data["x"].values[-1]], rtol=1e-9)
            np.testing.assert_allclose(one["y"], [data["y"].values[0], data["y"].values[-1]], rtol=1e-9)
            assert one["sum"] == pytest.approx(float(np.nansum(data.values.astype("float64"))), rel=1e-6), where
