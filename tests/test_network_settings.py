# SPDX-License-Identifier: Apache-2.0
"""Proxy and certificate settings of the environment hold for every step.

The providers are reached under their own ``https://`` addresses, through a proxy whose certificates a private authority
signed. Nothing resolves these names here: a step that went past the proxy would fail.
"""

import os

import pytest

from swath._open import make_provider
from swath.errors import Unavailable
from swath.sandbox import Interception, Sandbox, World
from swath.testing.subject import BoxClock

SEARCHES = {
    "capella": (
        {"collections": ["capella-geo"], "bbox": [5.4, 52.42, 5.6, 52.55], "datetime": "2026-05-01/2026-06-15", "max_items": 1},
        {},
        {},
    ),
    "planet": (
        {"collections": ["PSScene"], "bbox": [4.0, 52.0, 4.5, 52.3], "datetime": "2026-03-01/2026-03-10", "max_items": 1},
        {"bundle": "visual"},
        {"bands": ["red"]},
    ),
    "sedas": (
        {"collections": ["sentinel-2-l1c"], "bbox": [5.4, 52.42, 5.6, 52.55], "datetime": "2026-06-01/2026-06-15",
         "max_items": 1},
        {},
        {"bands": ["red"]},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def box():
    with Sandbox(list(SEARCHES), world=World(speed=50.0, rate_limits=False)) as running:
        yield running


@pytest.fixture(scope="module")
def proxy(box):
    with Interception(box) as running:
        yield running


@pytest.fixture
def settings(box, proxy, monkeypatch):
    """Send this process through the proxy; the providers keep their own addresses."""
    for name in [*os.environ]:
        if name.upper().endswith("_PROXY") or name.startswith(("SSL_CERT", "SWATH_")):
            monkeypatch.delenv(name)
    for name, value in {**box.env, **proxy.env}.items():
        if not (name.startswith("SWATH_") and name.endswith("_URL")):
            monkeypatch.setenv(name, value)
    box.log.clear()
    return proxy.env


@pytest.fixture
def opened(box, tmp_path):
    def make(name):
        return make_provider(name, profile="default", given={}, home=tmp_path / "home", clock=BoxClock(box.clock))

    return make


@pytest.mark.parametrize("name", SEARCHES)
def test_p34_every_step_goes_through_the_proxy_and_trusts_its_authority(settings, box, opened, name, tmp_path):
    search, options, bands = SEARCHES[name]

    with opened(name) as provider:
        provider.authenticate()
        order = provider.wait(provider.order(provider.search(**search), **options), timeout=100_000)
        items = provider.download(order, tmp_path / "data")
        data = provider.load(items, **bands)

    assert float(next(iter(data.data_vars.values())).max()) > 0
    assert provider._session.context.settings["base_url"].startswith("https://")
    hosts = {one.headers["host"] for one in box.log.entries(provider=name)}
    assert hosts <= {host for host, owner in INTERCEPTED.items() if owner == name}
    assert hosts


INTERCEPTED = {
    "api.capellaspace.com": "capella",
    "api.planet.com": "planet",
    "tiles.planet.com": "planet",
    "storage.googleapis.com": "planet",
    "geobrowser.satapps.org": "sedas",
    "sedasdm.satapps.org": "sedas",
}


@pytest.mark.parametrize("name", SEARCHES)
def test_p34_without_the_authority_nothing_is_trusted(settings, box, opened, name, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")

    with opened(name) as provider, pytest.raises(Unavailable, match=r"(?i)certificate"):
        provider.authenticate()

    assert box.log.entries() == []


@pytest.mark.parametrize("name", SEARCHES)
def test_p34_no_proxy_leads_past_it(settings, box, opened, name, monkeypatch):
    hosts = ",".join(host for host, owner in INTERCEPTED.items() if owner == name)
    monkeypatch.setenv("NO_PROXY", hosts)
    monkeypatch.setenv("no_proxy", hosts)

    with opened(name) as provider, pytest.raises(Unavailable):
        provider.authenticate()

    assert box.log.entries() == []
