# SPDX-License-Identifier: Apache-2.0
"""Capella's stand-in for the tests of a module, providers opened at it, and Capella's own client."""

from __future__ import annotations

import attrs
import httpx
import pytest

FLEVOLAND = {"intersects": {"type": "Point", "coordinates": [5.5, 52.485]}}


# --- the neutral provider ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def capella_box():
    """Run the stand-in for the tests of one module."""
    from swath.sandbox import Sandbox, World

    with Sandbox(["capella"], world=World(seed=5, scene_pixels=48, rate_limits=False)) as running:
        yield running


@pytest.fixture
def opening(capella_box, tmp_path):
    """Open the provider as often as wanted, each time as a new process would; the stand-in is calm before and after."""
    from swath._open import make_provider
    from swath.testing.subject import BoxClock, given_by

    capella_box.faults.clear()
    capella_box.log.clear()
    opened = []

    def make(**changes):
        given = {**given_by(capella_box.providers["capella"]), **changes}
        if "token" in changes:
            del given["api_key"]
        one = make_provider(
            "capella", profile="tests", given=given, home=tmp_path / "home", clock=BoxClock(capella_box.clock)
        )
        opened.append(one)
        return one

    yield make
    for one in opened:
        one.close()
    capella_box.faults.clear()


@pytest.fixture
def capella(opening):
    """The provider, opened."""
    return opening()


@pytest.fixture
def switch(capella_box):
    """Change how the stand-in behaves, until the end of the test."""
    url = f"{capella_box.providers['capella'].base_url}/_capella/settings"
    before = httpx.get(url).json()

    def change(**settings):
        assert httpx.patch(url, json=settings).status_code == 200

    yield change
    httpx.patch(url, json=before)


@pytest.fixture
def find(capella):
    """Find items of a product type in Flevoland, the newest first, beginning after some that other tests may take."""

    def found(kind="GEO", *, most=1, skip=0, **query):
        search = capella.search(
            **(query or FLEVOLAND), filter=f"\"sar:product_type\" = '{kind}'", max_items=most + skip
        )
        return list(search.items_as_dicts())[skip:]

    return found


@pytest.fixture
def sent_to(capella_box):
    """Give the paths of what was asked of the stand-in by a method."""
    return lambda method, path="": [entry.path for entry in capella_box.log.entries(method=method, path=path)]


# --- Capella's own client ---------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _nobody(monkeypatch, tmp_path_factory):
    """Keep the credentials of whoever runs the tests out of them."""
    monkeypatch.setenv("SWATH_HOME", str(tmp_path_factory.getbasetemp() / "home"))
    monkeypatch.setenv("SWATH_KEYRING", "0")
    for name in ("CAPELLA_API_KEY", "SWATH_CAPELLA_TOKEN", "SWATH_CAPELLA_URL", "SWATH_PROFILE"):
        monkeypatch.delenv(name, raising=False)


class Box:
    """The stand-in of a module, and what its tests ask of it."""

    def __init__(self, running):
        self.running = running
        self.root = running.providers["capella"].base_url
        self.clock = running.clock
        self.faults = running.faults

    def set(self, **settings):
        httpx.patch(f"{self.root}/_capella/settings", json=settings).raise_for_status()

    def sent(self, path, method=None):
        """Give the requests to a path since the last `forget`."""
        return self.running.log.entries(path=path, method=method)

    def bodies(self, path):
        return [one.body for one in self.sent(path)]

    def forget(self):
        self.running.log.clear()


class Hasty:
    """A clock on which who waits puts the stand-in forward instead."""

    def __init__(self, clock):
        self._clock = clock

    def now(self):
        return self._clock.now()

    def monotonic(self):
        return self._clock.monotonic()

    def sleep(self, seconds, *, wake=None):
        self._clock.advance(seconds)
        return False


@pytest.fixture(scope="module")
def running():
    from swath.sandbox import Sandbox, World

    with Sandbox(["capella"], world=World(speed=2000.0, rate_limits=False, scene_pixels=48)) as made:
        yield made


@pytest.fixture
def box(running):
    """Give the stand-in as it is by default."""
    made = Box(running)
    before = httpx.get(f"{made.root}/_capella/settings").json()
    made.forget()
    yield made
    running.faults.clear()
    made.set(**before)


@pytest.fixture(scope="module")
def make_client(running):
    """Make clients of the stand-in."""
    from swath_capella import CapellaConsoleClient
    from swath_capella.sandbox.access import FULL_KEY

    made = []

    def make(**given):
        given = {"base_url": running.providers["capella"].base_url, **given}
        if not {"token", "no_auth"} & given.keys():
            given.setdefault("api_key", FULL_KEY)
        client = CapellaConsoleClient(**given)
        made.append(client)
        context, clock = client.session.context, Hasty(running.clock)
        context.http.settings = attrs.evolve(context.http.settings, clock=clock)
        object.__setattr__(context, "now", clock.now)  # a frozen record, which nothing else needs to change
        return client

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def client(make_client):
    return make_client()


@pytest.fixture(scope="module")
def mate(make_client):
    """Give the client of another user of the organisation."""
    from swath_capella.sandbox.access import MATE_KEY

    return make_client(api_key=MATE_KEY)


@pytest.fixture(scope="module")
def poor(make_client):
    """Give the client of a user without money."""
    from swath_capella.sandbox.access import POOR_KEY

    return make_client(api_key=POOR_KEY)


@pytest.fixture(scope="module")
def two(client):
    """Give two items."""
    return client.search(product_type="GEO", collections=["capella-geo"], limit=2)


@pytest.fixture
def said(caplog):
    """Give what the client has logged."""
    caplog.set_level("DEBUG", logger="swath.capella")
    return lambda: [one.getMessage() for one in caplog.records if one.name == "swath.capella"]
