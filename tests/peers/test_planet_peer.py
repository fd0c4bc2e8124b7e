# SPDX-License-Identifier: Apache-2.0
"""Planet's official SDK and command line, unchanged, against the stand-in; and swath beside them."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

import swath
from swath.sandbox import Interception, Sandbox, World

pytestmark = [
    pytest.mark.peers,
    # The stand-in draws with rasterio, whose own multiplication of transforms affine 3 will one day refuse.
    pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning"),
]

KEY = "sandbox-planet-key"
AOI = {"type": "Polygon", "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]]}


@pytest.fixture
def sandbox():
    """Planet's stand-in; so slow that orders advance by looks alone. The SDK knows no rate limit but one of its own."""
    with Sandbox(["planet"], world=World(speed=0.1, rate_limits=False)) as sandbox:
        yield sandbox


@pytest.fixture
def fast_sandbox():
    """Planet's stand-in, with orders that are done when first looked at."""
    with Sandbox(["planet"], world=World(speed=100_000, rate_limits=False)) as sandbox:
        yield sandbox


@pytest.fixture
def proxy(sandbox):
    with Interception(sandbox) as proxy:
        yield proxy


def authorisations(log, path="^/(data|compute)/"):
    """The forms of the header Authorization that calls of the API had, secrets redacted."""
    return {entry.headers.get("authorization") for entry in log.entries(path=path)}


def digests(folder):
    """SHA-256 of every file below, by its path."""
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_official_sdk_runs_at_a_base_url(sandbox, peer, assert_healthy, tmp_path):
    server = sandbox.providers["planet"]

    seen = peer("planet").run("planet_sdk.py", server.base_url, KEY, tmp_path / "out")

    assert set(seen["counts"]) >= {
        "range", "string_in", "number_in", "boolean", "update", "asset", "permission", "std_quality", "not", "or",
        "ids", "empty", "intersects", "contains", "within", "disjoint",
    }  # fmt: skip
    assert seen["gone"] == '{"message":"The requested search id does not exist","errors":[]}'
    assert seen["wrong key"] == '{"message":"Please enter your API key.","errors":[]}'
    assert seen["errors"]["cancel twice"][1] == '{"message":"Order not in a cancellable state"}'
    assert f"assets/{seen['asset']}" in {f"assets/{Path(name).name}" for name in seen["digests"]}
    assert {"plain", "clipped", "math", "tiles", "composite", "zip", "zips"} <= seen["orders"].keys()

    assert_healthy(server.log)
    calls = server.log.entries(path="^/(data|compute)/")
    agents = {entry.headers["user-agent"] for entry in calls if entry.headers["user-agent"].startswith("planet")}
    assert {agent.split("/")[0] for agent in agents} == {"planet-client-python"}
    assert all(entry.headers["x-planet-app"] == "python-sdk" for entry in calls if "x-planet-app" in entry.headers)
    signed = {entry.path for entry in calls if entry.headers.get("authorization") is None}
    # What carries no key: the bundle spec, and locations that are signed themselves.
    assert all(re.search(r"/bundles/spec$|/download$", path) for path in signed), signed
    assert authorisations(server.log) == {"api-key <redacted>", None}
    # Links of results lead to a store, on the same origin here, where the key is sent along and not needed.
    assert server.log.count(path="^/storage/") > 40
    assert len(server.log.entries(method="POST", path="/orders/v2$")) == 11


def test_official_sdk_runs_at_its_own_addresses(sandbox, proxy, peer, assert_healthy, tmp_path):
    server = sandbox.providers["planet"]

    seen = peer("planet").run("planet_production.py", tmp_path / "out", env={**proxy.env, "PL_API_KEY": KEY})

    assert seen["async"]["state"] == "success"
    assert seen["sync"] == {"ids": seen["async"]["ids"], "listed": [seen["async"]["order"]]}
    assert seen["async"]["location"].startswith("https://api.planet.com/")
    assert seen["async"]["links"]["_self"].startswith("https://api.planet.com/compute/ops/orders/v2/")
    files = digests(tmp_path / "out" / seen["async"]["order"])
    assert files == digests(tmp_path / "out" / "again" / seen["async"]["order"])
    assert len(files) >= 5
    assert_healthy(server.log)
    assert {entry.headers["host"] for entry in server.log} == {"api.planet.com"}
    apps = {entry.headers.get("x-planet-app"): entry.headers["user-agent"] for entry in server.log}
    assert re.fullmatch(r"planet-client-python/[\d.]+", apps["python-sdk"])
    assert re.fullmatch(r"planet-client-python/[\d.]+/sync", apps["python-sdk-sync"])
    assert apps.keys() == {"python-sdk", "python-sdk-sync", None}
    assert [entry.path for entry in server.log if "x-planet-app" not in entry.headers] == ["/compute/ops/bundles/spec"]


def test_official_cli_runs_at_its_own_addresses(sandbox, proxy, peer, assert_healthy, tmp_path):
    server = sandbox.providers["planet"]

    seen = peer("planet").run("planet_cli.py", tmp_path / "out", env={**proxy.env, "PL_API_KEY": KEY})

    data, orders = seen["rounds"]
    assert sorted(set(seen["filters"])) == [
        "AssetFilter", "DateRangeFilter", "GeometryFilter", "NumberInFilter", "PermissionFilter", "RangeFilter",
        "StringInFilter", "UpdateFilter",
    ]  # fmt: skip
    assert sum(bucket["count"] for bucket in data["buckets"]) >= len(seen["ids"])
    assert data["gone"] == 'Error: {"message":"The requested search id does not exist","errors":[]}\n'
    assert orders["states"] == ["success"]
    assert orders["late"] == 'Error: {"message":"Order not in a cancellable state"}\n'
    assert orders["refused"] == 'Error: {"message":"Please enter your API key.","errors":[]}\n'
    assert "no-uuid" in orders["misused"]
    assert_cli_files(seen["files"])
    assert_healthy(server.log)
    assert {entry.headers["host"] for entry in server.log} == {"api.planet.com"}
    assert {entry.headers.get("x-planet-app") for entry in server.log} == {"python-cli", None}
    assert authorisations(server.log) == {"api-key <redacted>", None}


def test_official_cli_runs_at_a_base_url(sandbox, proxy, peer, assert_healthy, tmp_path):
    server = sandbox.providers["planet"]

    seen = peer("planet").run("planet_cli.py", tmp_path / "out", server.base_url, env={**proxy.env, "PL_API_KEY": KEY})

    assert_cli_files(seen["files"])
    assert_healthy(server.log)
    # Whatever base URL it is given, it asks its own address for the bundle spec; files come from a store elsewhere.
    hosts = {(entry.headers["host"].partition(":")[0], entry.path.split("/")[-2]) for entry in server.log}
    assert {host for host, _ in hosts} == {"api.planet.com", "127.0.0.1", "localhost"}
    assert [name for host, name in hosts if host == "api.planet.com"] == ["bundles"]
    assert {entry.path.split("/")[1] for entry in server.log if entry.headers["host"].startswith("local")} == {
        "storage"
    }


def assert_cli_files(files):
    """One asset, and an order with two clipped scenes, manifest and metadata."""
    names = [re.sub(r"[0-9a-f-]{36}", "ORDER", name) for name in files]
    assert len([name for name in names if re.fullmatch(r"assets/\w+_3B_Visual\.tif", name)]) == 1
    assert (
        len([name for name in names if re.fullmatch(r"orders/ORDER/PSScene/\w+_3B_AnalyticMS_SR_clip\.tif", name)]) == 2
    )
    assert len([name for name in names if re.fullmatch(r"orders/ORDER/PSScene/\w+_3B_udm2_clip\.tif", name)]) == 2
    assert len([name for name in names if re.fullmatch(r"orders/ORDER/PSScene/\w+_metadata\.json", name)]) == 2
    assert "orders/ORDER/manifest.json" in names


def test_swath_and_the_official_sdk_get_the_same(fast_sandbox, peer, assert_healthy, tmp_path, monkeypatch):
    server = fast_sandbox.providers["planet"]
    for name, value in {**server.env, "SWATH_HOME": str(tmp_path / "swath")}.items():
        monkeypatch.setenv(name, value)
    with swath.open("planet") as provider:
        found = list(
            provider.search(
                collections=["PSScene"],
                intersects=AOI,
                datetime="2026-06-01T00:00:00Z/2026-06-30T00:00:00Z",
                filter="eo:cloud_cover <= 40",
                sortby="-datetime",
            ).items()
        )
        order = provider.order(found[:2], bundle="analytic_udm2", clip=AOI, name="twice")
        order = provider.wait(order, timeout=120, progress=False)
        provider.download(order, tmp_path / "ours", progress=False)
    sent = server.log.entries(method="POST", path="/orders/v2$")
    asked = {
        "geometry": AOI,
        "start": "2026-06-01T00:00:00+00:00",
        "end": "2026-06-30T00:00:00+00:00",
        "most_cloud": 0.4,
        "order": order.id,
        "request": sent[0].body,
    }

    with Interception(fast_sandbox) as proxy:
        env = {**proxy.env, "PL_API_KEY": KEY}
        theirs = peer("planet").run("planet_pair.py", tmp_path / "theirs", env=env, stdin=asked)

    assert theirs["ids"] == [item.id for item in found]
    assert len(found) > 10
    assert_healthy(server.log)
    assert len(sent) == 1
    ours = by_name(tmp_path / "ours")
    # The very order that swath made, and one more of the same that the SDK made, are the same to the last byte.
    own_records = {"catalog.json", *(f"{item.id}.json" for item in found[:2])}
    delivered = {name: digest for name, digest in ours.items() if name not in own_records}
    assert len([name for name in delivered if name.endswith(".tif")]) == 4
    assert by_name(tmp_path / "theirs" / order.id) == delivered
    assert by_name(tmp_path / "theirs" / theirs["order"]) == delivered


def by_name(folder):
    """SHA-256 of every file below, by its name alone, which is an item's own."""
    found = digests(folder)
    named = {Path(path).name: digest for path, digest in found.items()}
    assert len(named) == len(found)
    return named
