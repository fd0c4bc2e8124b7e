# SPDX-License-Identifier: Apache-2.0
"""A Planet account whose network is a function."""

from __future__ import annotations

import datetime as dt
import functools
import importlib.metadata
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from swath._http.failures import status_error
from swath.hookspecs import Context, Operation
from swath.models import Credential, Secret
from swath_planet.provider import PlanetProvider

WIRE = Path(__file__).parent / "wire"
NOW = dt.datetime(2026, 3, 14, 9, 0, tzinfo=dt.UTC)


class Recorder:
    """Implements `swath.hookspecs.Http` over a function, and keeps what was asked."""

    def __init__(self, handler, auth):
        self.sent: list[dict[str, Any]] = []
        self._client = httpx.Client(transport=httpx.MockTransport(handler), auth=auth)

    def request(
        self,
        method,
        url,
        *,
        operation=Operation.READ,
        params=None,
        json=None,
        content=None,
        headers=None,
        auth=True,
        bucket="default",
        accept=(),
    ):
        signing = {} if auth else {"auth": None}
        merged = httpx.URL(url).copy_merge_params(params or {})
        request = self._client.build_request(method, merged, json=json, content=content, headers=headers)
        response = self._client.send(request, **signing)
        self.sent.append(
            {
                "method": method,
                "path": request.url.path,
                "params": dict(request.url.params),
                "json": json,
                "operation": operation,
                "bucket": bucket,
                "authorization": request.headers.get("authorization"),
            }
        )
        if response.status_code >= 400 and response.status_code not in accept:
            raise status_error(response, provider="planet")
        return response


@pytest.fixture
def wire():
    """Read a recorded payload."""
    return lambda name: json.loads((WIRE / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def account():
    """Open an account whose network is the function given."""

    def opened(handler, *, base_url="https://api.planet.com", now=NOW):
        plugin = PlanetProvider()
        bare = Context(
            provider="planet",
            profile="default",
            account="abc",
            http=None,
            settings={"base_url": base_url},
            credentials={"api_key": Credential(name="api_key", value=Secret("PLAK-test-key"), source="argument")},
            now=lambda: now,
            tokens=None,
        )
        http = Recorder(handler, plugin.authenticate(bare))
        import attrs

        return plugin, attrs.evolve(bare, http=http), http

    return opened


@pytest.fixture
def answers():
    """Make a network that gives the same answers in turn, each a (status, JSON) pair or a response."""

    def made(*given):
        left = list(given)

        def handler(request):
            one = left.pop(0)
            return one if isinstance(one, httpx.Response) else httpx.Response(one[0], json=one[1])

        return handler

    return made


@pytest.fixture
def scene():
    """Make a STAC Item to order."""

    def made(item_id="20260312_101530_23_24a9", item_type="PSScene", **properties):
        return {
            "type": "Feature",
            "id": item_id,
            "collection": item_type,
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[4.1, 52.0], [4.4, 52.0], [4.4, 52.2], [4.1, 52.2], [4.1, 52.0]]],
            },
            "properties": {"datetime": "2026-03-12T10:15:30Z", "planet:item_type": item_type, **properties},
            "assets": {},
        }

    return made


class _Hasty:
    """The machine's clock, but what sleeps does not wait."""

    def __init__(self):
        self.slept_s = 0.0

    def now(self):
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self.slept_s)

    def monotonic(self):
        return self.now().timestamp()

    def sleep(self, seconds, *, wake=None):
        self.slept_s += seconds
        return wake is not None and wake.is_set()


@pytest.fixture(scope="module")
def world(request):
    """Make the world of Planet's stand-in for the tests of one module, which may say SCENE_PIXELS."""
    from swath.sandbox import World

    return World(seed=5, scene_pixels=getattr(request.module, "SCENE_PIXELS", 64), rate_limits=False)


@pytest.fixture(scope="module")
def base_url(world):
    """Run Planet's stand-in for the tests of one module; gives where it is."""
    from swath.sandbox import serve
    from swath_planet.sandbox import make_stand_in

    with serve("planet", make_stand_in(world), world) as running:
        yield running.base_url


@pytest.fixture(scope="module")
def served(world, base_url):
    """Give the stand-in's world and where it is."""
    return world, base_url


@pytest.fixture
def client(base_url, world):
    """Give a bare client with the key of the full account; nothing may have broken in the stand-in."""
    from swath._http.trusted import trusted

    world.faults.clear()
    world.log.clear()
    world.links.ttl_s = None
    headers = {"Authorization": "api-key sandbox-planet-key"}
    with httpx.Client(base_url=base_url, headers=headers, timeout=60, verify=trusted()) as client:
        yield client
    world.faults.clear()
    assert [entry.error for entry in world.log if entry.error] == []


@pytest.fixture(scope="module")
def contexts(served, tmp_path_factory):
    """Open accounts of the stand-in, each once for the tests of one module."""
    from swath._session import open_session
    from swath.native import close_context

    opened = {}

    def of(key):
        if key not in opened:
            given = {"api_key": key, "base_url": served[1]}
            state = tmp_path_factory.mktemp("state")
            session = open_session("planet", given=given, plugin=PlanetProvider(), clock=_Hasty(), state=state)
            opened[key] = session.context
        return opened[key]

    yield of
    for context in opened.values():
        close_context(context)


@pytest.fixture
def native(served, contexts):
    """Make a native service on an account of the stand-in, with its log emptied and no faults."""
    world, _ = served
    world.faults.clear()
    world.log.clear()
    yield lambda service, key="sandbox-planet-key": service(contexts(key))
    world.faults.clear()
    assert [entry.error for entry in world.log if entry.error] == []


@pytest.fixture
def sent(served):
    """Give what the stand-in has seen: method, path, query and body of each request."""
    return lambda: [(one.method, one.path, one.query, one.body) for one in served[0].log]


@pytest.fixture
def hasty():
    """Give a clock whose sleeps do not wait."""
    return _Hasty()


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def cli_box():
    """One stand-in for all command lines."""
    from swath.sandbox import Sandbox, World

    with Sandbox(["planet"], world=World(seed=5, scene_pixels=48, rate_limits=False)) as running:
        yield running


_ENTRY_POINTS = functools.cache(importlib.metadata.entry_points)


class Printed:
    """What a command printed, and how it ended."""

    def __init__(self, code, captured):
        self.code, self.out, self.err = code, captured.out, captured.err

    @property
    def json(self):
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def lines(self):
        assert self.code == 0, self.err
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def swath_planet(cli_box, capsys, monkeypatch, tmp_path):
    """Run ``swath planet ...`` in an empty folder, with something on standard input."""
    from swath._cli import main

    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SWATH_HOME", str(tmp_path / "swath"))
    for name, value in cli_box.env.items():
        monkeypatch.setenv(name, value)
    # Each command looks through all installed distributions, several times: nothing is installed meanwhile.
    monkeypatch.setattr(importlib.metadata, "entry_points", _ENTRY_POINTS)

    def run(*words, given=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        printed = Printed(main(["planet", *map(str, words)]), capsys.readouterr())
        assert "Traceback" not in printed.err or "-vv" in words
        assert "defect in swath" not in printed.err, printed.err
        return printed

    return run
