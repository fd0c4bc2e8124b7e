# SPDX-License-Identifier: Apache-2.0
"""Several providers and accounts in one process, each with its own secrets."""

import datetime as dt
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest

from swath._open import make_provider
from swath.auth import HeaderAuth
from swath.hookspecs import hookimpl
from swath.models import Asset, CredentialField, Order, OrderState, Page, ProviderInfo
from swath.testing.clock import FakeClock

HOSTS = {"alpha": "https://alpha.test", "beta": "https://beta.test"}
PIXELS = {"alpha": 7, "beta": 11}


def raster(value):
    import rasterio
    from affine import Affine

    with rasterio.MemoryFile() as memory:
        with memory.open(
            driver="GTiff", width=32, height=32, count=1, dtype="uint16", crs="EPSG:32631",
            transform=Affine(10, 0, 580000, 0, -10, 5770000),
        ) as out:  # fmt: skip
            out.write(np.full((32, 32), value, "uint16"), 1)
        return memory.read()


class Plugin:
    """A provider that signs with a key and whose files lie at its own host, or at the other's."""

    def __init__(self, name, files_at=None):
        self.name, self.host = name, HOSTS[name]
        self.files_at = HOSTS[files_at or name]

    @hookimpl
    def describe(self):
        return ProviderInfo(
            name=self.name, title=self.name, credentials=[CredentialField(name="api_key")], origins=[self.host]
        )

    @hookimpl
    def authenticate(self, context):
        return HeaderAuth("X-Api-Key", context.credentials["api_key"].value)

    @hookimpl
    def search(self, context, query):
        context.http.request("GET", f"{self.host}/search")
        yield Page(items=[item(self.name, f"{self.name}-1")])

    @hookimpl
    def order(self, context, request):
        answer = context.http.request("POST", f"{self.host}/orders")
        return Order(provider=self.name, id=answer.json()["id"], state=OrderState.SUCCEEDED, request=request)

    @hookimpl
    def wait(self, context, order):
        return order

    @hookimpl
    def download(self, context, order):
        fields = {
            "bands": [{"name": "red", "data_type": "uint16"}],
            "proj:code": "EPSG:32631",
            "proj:shape": [32, 32],
            "proj:transform": [10, 0, 580000, 0, -10, 5770000],
        }
        for one in order.items:
            href = f"{self.files_at}/files/{one['id']}.tif"
            yield Asset(href=href, name="red.tif", key="red", item=one["id"], media_type="image/tiff", roles=["data"],
                        fields=fields)  # fmt: skip


def item(provider, name):
    ring = [[4.1, 52.0], [4.2, 52.0], [4.2, 52.1], [4.1, 52.1], [4.1, 52.0]]
    return {
        "type": "Feature", "stac_version": "1.1.0", "id": name, "collection": "one", "bbox": [4.1, 52.0, 4.2, 52.1],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"datetime": f"2026-03-0{1 + (provider == 'beta')}T10:00:00Z", "swath:provider": provider},
        "assets": {}, "links": [],
    }  # fmt: skip


@pytest.fixture
def network():
    """Both hosts, and what each was sent."""
    seen = []
    lock = threading.Lock()

    def handler(request):
        with lock:
            seen.append((request.url.host.removesuffix(".test"), request.headers.get("x-api-key"), request.url.path))
        if request.url.path.startswith("/files/"):
            body = raster(PIXELS[request.url.path.split("/")[2].split("-")[0]])
            return httpx.Response(200, content=body, headers={"content-type": "image/tiff", "etag": '"1"'})
        return httpx.Response(200, json={"id": f"order-{request.url.host}"})

    handler.seen = seen
    return handler


@pytest.fixture
def opened(network, tmp_path):
    clock = FakeClock(dt.datetime(2026, 3, 14, tzinfo=dt.UTC))

    def make(name, key, *, files_at=None):
        return make_provider(
            name,
            profile="default",
            given={"api_key": key},
            plugin=Plugin(name, files_at),
            transport=httpx.MockTransport(network),
            clock=clock,
            home=tmp_path / "home",
        )

    return make


def test_p54_two_providers_in_one_load_send_each_key_only_home(network, opened, tmp_path):
    import xarray

    # Each one's files lie at the other's host, which the other may sign for, and this one not.
    providers = {"alpha": opened("alpha", "key-alpha", files_at="beta"), "beta": opened("beta", "key-beta",
                                                                                     files_at="alpha")}  # fmt: skip

    layers = []
    for name, provider in providers.items():
        order = provider.order([item(name, f"{name}-1")])
        layers.append(provider.load(provider.download(order, tmp_path / name), bands=["red"]))
    before = len(network.seen)
    both = xarray.concat(layers, dim="time", join="outer")["red"].compute()

    assert [int(one.max()) for one in both] == [PIXELS["alpha"], PIXELS["beta"]]
    assert len(network.seen) == before, "reading local files asked the network"
    keys = {(host, key) for host, key, _ in network.seen}
    assert keys == {("alpha", "key-alpha"), ("beta", "key-beta"), ("alpha", None), ("beta", None)}
    assert {key for _, key, path in network.seen if path.startswith("/files/")} == {None}


def test_p54_files_at_home_are_signed_with_the_own_key(network, opened, tmp_path):
    for name in HOSTS:
        provider = opened(name, f"key-{name}")
        provider.download(provider.order([item(name, f"{name}-1")]), tmp_path / name)

    files = {(host, key) for host, key, path in network.seen if path.startswith("/files/")}

    assert files == {("alpha", "key-alpha"), ("beta", "key-beta")}


def test_p58_a_thousand_interleaved_calls_of_several_accounts_never_mix(network, opened):
    accounts = [opened(name, f"key-{name}-{n}") for name in HOSTS for n in range(3)]
    wanted = [account._session.context.credentials["api_key"].value.reveal() for account in accounts]

    def call(at):
        list(accounts[at].search().items_as_dicts())
        return wanted[at]

    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(call, itertools.islice(itertools.cycle(range(len(accounts))), 1000)))

    sent = [key for _, key, path in network.seen if path == "/search"]
    assert sorted(sent) == sorted(made)
    assert all(f"-{host}-" in f"-{key.removeprefix('key-')}-" for host, key, _ in network.seen)
