# SPDX-License-Identifier: Apache-2.0
"""One order from search to array through core, with a network that is a function."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import zipfile

import httpx
import numpy as np
import pytest

from swath._open import make_provider
from swath_planet import PlanetProvider

HOST = "https://api.planet.com"
ITEM = "20260312_101530_23_24a9"
ORDER = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self):
        self.elapsed_s = 0.0

    def now(self):
        return dt.datetime(2026, 3, 14, 9, tzinfo=dt.UTC) + dt.timedelta(seconds=self.elapsed_s)

    def monotonic(self):
        return self.elapsed_s

    def sleep(self, seconds, *, wake=None):
        self.elapsed_s += seconds
        return wake is not None and wake.is_set()


def raster(count, dtype, value):
    """Make a small GeoTIFF whose bands hold `value`, `value` + 1, ..."""
    import rasterio
    from affine import Affine

    with rasterio.MemoryFile() as memory:
        with memory.open(
            driver="GTiff", width=64, height=64, count=count, dtype=dtype, crs="EPSG:32631",
            transform=Affine(3, 0, 580000, 0, -3, 5770000),
        ) as out:  # fmt: skip
            for band in range(1, count + 1):
                out.write(np.full((64, 64), value + band - 1, dtype), band)
        return memory.read()


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


class Planet:
    """Answers as Planet does, one look later each time."""

    def __init__(self, files, page, *, notes=None):
        self.files, self.page, self.notes = files, page, notes or {}
        self.posted, self.looks = [], 0

    def __call__(self, request):
        path = request.url.path
        if path == "/storage":
            assert "authorization" not in request.headers, "the key leaves Planet's hosts"
            content = self.files[request.url.params["name"]]
            headers = {"content-length": str(len(content))}
            return httpx.Response(200, stream=httpx.ByteStream(content), headers=headers)
        assert request.headers["authorization"] == "api-key PLAK-life"
        if path.endswith("/quick-search"):
            return httpx.Response(200, json=self.page)
        if request.method == "POST" and path == "/compute/ops/orders/v2":
            self.posted.append(json.loads(request.content))
            return httpx.Response(202, json=self.order("queued"))
        if path == f"/compute/ops/orders/v2/{ORDER}":
            self.looks += 1
            return httpx.Response(200, json=self.order("running" if self.looks < 3 else "success"))
        assert path == "/compute/ops/download/"
        return httpx.Response(
            302, headers={"location": f"https://storage.example/storage?name={request.url.params['token']}"}
        )

    def order(self, state):
        body = {
            "id": ORDER,
            "state": state,
            "created_on": "2026-03-14T09:00:00Z",
            **{key: self.posted[0][key] for key in ("name", "products")},
        }
        body["tools"] = self.posted[0].get("tools", [])
        if state == "success":
            names = [*self.files]
            body["_links"] = {
                "results": [
                    {
                        "name": f"{ORDER}/{name}",
                        "delivery": "success",
                        "location": f"{HOST}/compute/ops/download/?token={name}",
                    }
                    for name in names
                ]
            }
        return body


def manifest(files, notes):
    entries = [
        {
            "path": name,
            "media_type": "image/tiff" if name.endswith(".tif") else "text/plain",
            "size": len(content),
            "digests": {"md5": hashlib.md5(content).hexdigest(), "sha256": hashlib.sha256(content).hexdigest()},
            "annotations": {f"planet/{key}": value for key, value in notes.get(name, {}).items()},
        }
        for name, content in files.items()
    ]
    return json.dumps({"name": "", "files": entries}).encode()


@pytest.fixture
def page(wire):
    found = wire("search_first")
    return {"type": "FeatureCollection", "_links": {}, "features": found["features"][:1]}


@pytest.fixture
def opened(tmp_path, page, monkeypatch):
    monkeypatch.setenv("SWATH_HOME", str(tmp_path / "home"))

    def made(files, notes):
        planet = Planet({**files, "manifest.json": manifest(files, notes)}, page)
        provider = make_provider(
            "planet",
            profile=None,
            given={"api_key": "PLAK-life"},
            plugin=PlanetProvider(),
            clock=Clock(),
            transport=httpx.MockTransport(planet),
        )
        return provider, planet

    return made


def test_search_order_wait_download_load(opened, tmp_path):
    notes = {"item_id": ITEM, "item_type": "PSScene", "bundle_type": "analytic_udm2"}
    image, mask = f"PSScene/{ITEM}_3B_AnalyticMS_clip.tif", f"PSScene/{ITEM}_3B_udm2_clip.tif"
    files = {image: raster(4, "uint16", 100), mask: raster(8, "uint8", 0), f"PSScene/{ITEM}_metadata.json": b"{}"}
    provider, planet = opened(
        files,
        {
            image: {**notes, "asset_type": "ortho_analytic_4b"},
            mask: {**notes, "asset_type": "ortho_udm2"},
            f"PSScene/{ITEM}_metadata.json": notes,
        },
    )
    with provider:
        search = provider.search(collections=["PSScene"], bbox=[4.15, 52.05, 4.2, 52.1], filter="eo:cloud_cover < 10")

        order = provider.order(search, bundle="analytic_udm2", clip=True, name="dunes")
        order = provider.wait(order, progress=False)
        (item,) = provider.download(order, tmp_path / "data", progress=False)
        data = provider.load([item], bands=["red", "nir"], chunks=None)

    assert len(planet.posted) == 1
    assert planet.posted[0]["name"] == f"dunes {order.tag}"
    assert list(planet.posted[0]["tools"][0]) == ["clip"]
    asset = item.assets["ortho_analytic_4b"]
    assert asset.extra_fields["file:size"] == len(files[image])
    assert asset.extra_fields["file:checksum"] == f"1220{hashlib.sha256(files[image]).hexdigest()}"
    assert (tmp_path / "data" / ORDER / "manifest.json").is_file()
    assert data.sizes["y"] == 64
    assert data["red"].dtype == np.uint16
    assert (int(data["red"].max()), int(data["nir"].max())) == (102, 103)


def test_zipped_order_is_loaded_without_unpacking(opened, tmp_path):
    inside = {f"PSScene/{ITEM}_3B_AnalyticMS.tif": raster(4, "uint16", 100)}
    provider, planet = opened({"dunes.zip": zipped(inside)}, {})
    with provider:
        order = provider.order(provider.search(collections=["PSScene"]), archive_type="zip")
        (item,) = provider.download(provider.wait(order, progress=False), tmp_path / "data", progress=False)
        data = provider.load([item], bands=["red"], chunks=None)

    assert planet.posted[0]["delivery"] == {"archive_type": "zip"}
    assert item.assets["ortho_analytic_4b"].href.startswith("/vsizip/")
    assert not list((tmp_path / "data").rglob("*.tif"))
    assert data["red"].shape[-2:] == (64, 64)
