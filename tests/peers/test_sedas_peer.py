# SPDX-License-Identifier: Apache-2.0
"""The official SeDAS client, unchanged, against the stand-in; and swath beside it."""

from __future__ import annotations

import hashlib
import re

import pytest

import swath
from swath.sandbox import Interception, Sandbox
from swath_sedas import SeDASAPI

pytestmark = [
    pytest.mark.peers,
    # The stand-in draws with rasterio, whose own multiplication of transforms affine 3 will one day refuse.
    pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning"),
]

USER, PASSWORD = "sandbox", "sandbox-sedas-password"
AREA = "POLYGON((-4.20 50.33,-4.05 50.33,-4.05 50.42,-4.20 50.42,-4.20 50.33))"
START, END = "2020-06-01T00:00:00Z", "2020-06-20T23:59:59Z"


def assert_documented_headers(log):
    """Every call but the login has the token, the agent and the media type that the contract gives the client."""
    logins = log.entries(path="^/api/authentication$")
    assert logins
    for entry in logins:
        assert re.fullmatch(r"Python-urllib/3\.\d+", entry.headers["user-agent"])
        assert "authorization" not in entry.headers
        assert set(entry.body) == {"username", "password"}
    calls = [entry for entry in log if entry.path != "/api/authentication"]
    for entry in calls:
        assert entry.headers["user-agent"] == "sedas_pyapi"
        assert entry.headers["authorization"] == "Token <redacted>"
        assert entry.headers["content-type"] == "application/json"
        assert entry.headers["connection"] == "close"
        assert entry.headers["accept-encoding"] == "identity"
    # Its inverted test of freshness costs one login before every call.
    assert len(logins) >= len(calls) - log.count(path="^/datamgr/")
    requests = log.entries(method="POST", path="/request/")
    assert requests
    for entry in requests:
        assert entry.path.startswith("/api//request/")
        assert (entry.headers["content-length"], entry.body) == ("0", None)


def test_official_client_runs_at_a_base_url(peer, assert_healthy):
    with Sandbox(["sedas"], speed=2000) as sandbox:
        server = sandbox.providers["sedas"]

        seen = peer("sedas").run("sedas_client.py", server.base_url, USER, PASSWORD)

    assert seen.keys() == {
        "bad_logins", "sensors", "search", "radar", "optical", "look_up", "online", "restored", "bulk"
    }  # fmt: skip
    assert seen["search"]["products"] >= seen["radar"]["group"] > 0
    assert len(seen["bulk"]["files"]) == 4
    assert_healthy(server.log)
    assert_documented_headers(server.log)
    # Only what the scenario provokes is refused: a wrong password, a bad area, a file that is not there.
    refused = {entry.path: entry.status for entry in server.log if entry.status >= 400}
    assert refused == {"/api/authentication": 401, "/api/search": 400, "/datamgr/datamgr.php": 404}
    assert server.log.count(path="^/datamgr/") >= 8


def test_swath_and_the_official_client_get_the_same(peer, assert_healthy, tmp_path, monkeypatch):
    with Sandbox(["sedas"], speed=100_000) as sandbox, Interception(sandbox) as proxy:
        server = sandbox.providers["sedas"]
        for name, value in {**server.env, "SWATH_HOME": str(tmp_path / "swath")}.items():
            monkeypatch.setenv(name, value)
        with swath.open("sedas") as provider:
            collections = [collection.id for collection in provider.get_collections()]
            search = provider.search(collections=collections, intersects=AREA, datetime=f"{START}/{END}")
            items = list(search.items())
            archived = next(item for item in items if item.properties["order:status"] == "orderable")
            order = provider.wait(provider.order(archived), timeout=120, progress=False)
            [local] = provider.download(order, tmp_path / "ours", progress=False)
        native = SeDASAPI(USER, PASSWORD).search(AREA, START, END)["products"]
        server.log.clear()
        asked = {"aoi": AREA, "start": START, "end": END, "product": archived.id}

        theirs = peer("sedas").run("sedas_production.py", tmp_path, USER, PASSWORD, env=dict(proxy.env), stdin=asked)

    assert_healthy(server.log)
    assert_documented_headers(server.log)
    hosts = {entry.headers["host"] for entry in server.log}
    assert hosts == {"geobrowser.satapps.org", "geobrowsertest.satapps.org"}
    assert theirs["url"].startswith("https://geobrowser.satapps.org/datamgr/")
    assert theirs["groups"] == ["S1", "S2", "NovaSAR"]
    assert {item.id for item in items} == {one["supplierId"] for one in theirs["products"]}
    assert len(items) == len(theirs["products"]) > 20
    assert [plain(one) for one in native] == [plain(one) for one in theirs["products"]]
    [ours] = (tmp_path / "ours").rglob(f"{archived.id}.zip")
    assert ours.stat().st_size > 10_000
    assert digest(ours) == digest(tmp_path / f"{archived.id}.zip")
    assert local.id == archived.id


def plain(product):
    """Give a product without the links, which name the host that was asked."""
    return {name: value for name, value in product.items() if name not in {"downloadUrl", "thumbnail", "ql"}}


def digest(path):
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
