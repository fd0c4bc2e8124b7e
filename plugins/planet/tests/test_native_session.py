# SPDX-License-Identifier: Apache-2.0
"""Sessions and both faces of the native clients, against the stand-in over real HTTP."""

from __future__ import annotations

import asyncio
import datetime as dt
import importlib
import inspect
import io
import itertools
import pickle
import re

import attrs
import pytest

import swath_planet
from swath.errors import MissingCredentials, NotFound, RateLimited, Rejected, SwathError
from swath.hookspecs import hookimpl
from swath.sandbox import World, serve
from swath_planet import Planet, Session, collect, data_filter, exceptions, reporting
from swath_planet._api.base import Service
from swath_planet._names import NAMES
from swath_planet.provider import PlanetProvider
from swath_planet.sandbox import make_stand_in

KEY = "sandbox-planet-key"
NOBODY = "5b8d6a5e-0000-4000-8000-000000000000"
SCENE_PIXELS = 48
SEARCH = r"/data/v1/quick-search"
EVERYTHING = data_filter.empty_filter()


class Key:
    """Stands in for an `Auth`."""

    def __init__(self, key=KEY, **more):
        self._options = {"api_key": key, **more}

    def options(self):
        return self._options


class Unpaced(PlanetProvider):
    """Planet without its rate limits, which the stand-in does not enforce here."""

    @hookimpl
    def describe(self):
        return attrs.evolve(super().describe(), limits={})


@pytest.fixture(scope="module")
def root(base_url):
    return base_url


@pytest.fixture(autouse=True)
def calm(world, monkeypatch):
    monkeypatch.setattr("swath_planet.provider.PlanetProvider", Unpaced)
    world.faults.clear()
    world.log.clear()
    yield
    world.faults.clear()
    assert [entry.error for entry in world.log if entry.error] == []


@pytest.fixture
def elsewhere():
    """Another server, which is not Planet's."""
    other = World(seed=6, scene_pixels=48, rate_limits=False)
    with serve("planet", make_stand_in(other), other) as running:
        yield running.base_url, other


def run(use, auth=None):
    async def main():
        async with Session(auth=auth or Key()) as session:
            return await use(session)

    return asyncio.run(main())


def signed(world):
    return [entry.path for entry in world.log if "authorization" in entry.headers]


# --- the two faces ---------------------------------------------------------------------------------------------------


def faces(name):
    service = getattr(importlib.import_module(f"swath_planet._api.{name}"), name.capitalize())
    client = getattr(importlib.import_module(f"swath_planet.clients.{name}"), f"{name.capitalize()}Client")
    api = getattr(importlib.import_module(f"swath_planet.sync.{name}"), f"{name.capitalize()}API")
    return service, client, api


@pytest.mark.parametrize("name", NAMES)
def test_both_faces_have_the_names_signatures_and_docstrings_of_the_service(name):
    service, client, api = faces(name)
    assert issubclass(service, Service)

    for method in (*NAMES[name]["calls"], *NAMES[name]["streams"], *NAMES[name]["plain"]):
        below = getattr(service, method)
        for face in (client, api):
            mine = getattr(face, method)
            assert inspect.signature(mine) == inspect.signature(below), f"{face.__name__}.{method}"
            assert mine.__doc__ == below.__doc__
            assert mine.__doc__, method
            assert mine.__qualname__ == f"{face.__name__}.{method}"
        assert inspect.iscoroutinefunction(getattr(client, method)) == (method in NAMES[name]["calls"])


@pytest.mark.parametrize("name", NAMES)
def test_session_gives_every_client(name, root):
    _, client, _ = faces(name)
    session = Session(auth=Key())

    assert type(session.client(name)) is client
    assert type(session.client(name, base_url=f"{root}/x")) is client
    assert type(client(session, base_url=f"{root}/x/")) is client


def test_session_knows_no_other_client():
    with pytest.raises(exceptions.ClientError, match="No such client"):
        Session(auth=Key()).client("tasking")


def test_session_is_made_without_loop_credentials_or_request(monkeypatch):
    monkeypatch.delenv("PL_API_KEY", raising=False)

    Session()
    Planet()


def test_missing_credentials_are_told_at_the_first_call(monkeypatch, tmp_path):
    for name in ("PL_API_KEY", "PL_AUTH_PROFILE", "PL_AUTH_CLIENT_ID", "PL_AUTH_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "SWATH_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("SWATH_KEYRING", "0")

    async def main():
        async with Session() as session:
            await session.client("orders").get_order(NOBODY)

    for call in (lambda: asyncio.run(main()), lambda: Planet().orders.get_order(NOBODY)):
        with pytest.raises(exceptions.PlanetError, match="PL_API_KEY") as caught:
            call()
        assert isinstance(caught.value, MissingCredentials)


def test_session_refuses_what_is_no_auth():
    with pytest.raises(exceptions.ClientError, match="auth cannot be str"):
        Session(auth="PLAK123")


def test_public_names_are_all_there():
    assert set(swath_planet.__all__) <= set(dir(swath_planet))
    assert swath_planet.__version__
    with pytest.raises(AttributeError):
        _ = swath_planet.nothing


def test_same_search_by_both_faces(root):
    async def use(session):
        client = session.client("data", base_url=f"{root}/data/v1")
        return [one["id"] async for one in client.search(["PSScene"], EVERYTHING, limit=5)]

    planet = Planet(Session(auth=Key()), base_url=root)
    theirs = [one["id"] for one in planet.data.search(["PSScene"], EVERYTHING, limit=5)]
    planet.close()
    assert run(use) == theirs
    assert len(theirs) == 5


def test_both_faces_share_one_session_side_by_side(root, world):
    async def use(session):
        client = session.client("orders", base_url=f"{root}/compute/ops/")
        planet = Planet(session, base_url=root)
        mine = await collect(client.list_orders())
        theirs = list(planet.orders.list_orders())
        return mine, theirs, session.outcomes["Successful"]

    assert run(use) == ({"type": "FeatureCollection", "features": []}, [], 2)


def test_base_url_of_the_account_is_used_without_one_for_the_client(root, world):
    async def use(session):
        return await collect(session.client("orders").list_orders())

    run(use, Key(base_url=root))

    assert [entry.path for entry in world.log] == ["/compute/ops/orders/v2"]


def test_one_page_is_one_request_and_nothing_beyond_the_limit(root, world):
    async def use(session):
        client = session.client("data", base_url=f"{root}/data/v1")
        return await collect(client.search(["PSScene"], EVERYTHING, limit=250))

    assert len(run(use)["features"]) == 250
    assert world.log.count() == 1


def test_search_left_early_asks_for_no_second_page(root, world):
    async def use(session):
        client = session.client("data", base_url=f"{root}/data/v1")
        async for _ in client.search(["PSScene"], EVERYTHING, limit=0):
            break

    run(use)
    assert world.log.count() == 1


# --- errors ----------------------------------------------------------------------------------------------------------


def test_refusal_is_planets_error_with_the_raw_body_and_swaths_too(root):
    async def use(session):
        await session.client("orders", base_url=f"{root}/compute/ops").get_order(NOBODY)

    with pytest.raises(exceptions.MissingResource) as caught:
        run(use)
    assert str(caught.value) == f'{{"message":"Could not load order ID: {NOBODY}."}}'
    assert isinstance(caught.value, exceptions.APIError)
    assert isinstance(caught.value, NotFound)
    assert caught.value.status_code == 404
    assert isinstance(caught.value.__cause__, NotFound)


def test_sync_face_raises_the_same(root):
    planet = Planet(Session(auth=Key()), base_url=root)
    with planet, pytest.raises(exceptions.MissingResource, match="Could not load order"):
        planet.orders.get_order(NOBODY)


def test_iterators_raise_the_same(root, world):
    world.faults.add(path="/orders/v2", status=403)
    planet = Planet(Session(auth=Key()), base_url=root)

    async def use(session):
        async for _ in session.client("orders", base_url=f"{root}/compute/ops").list_orders():
            pass

    with pytest.raises(exceptions.NoPermission):
        run(use)
    world.faults.add(path="/orders/v2", status=403)
    with planet, pytest.raises(exceptions.NoPermission):
        list(planet.orders.list_orders())


@pytest.mark.parametrize(
    ("status", "name"),
    [(400, "BadQuery"), (401, "InvalidAPIKey"), (403, "NoPermission"), (404, "MissingResource"), (409, "Conflict"),
     (422, "APIError"), (418, "APIError"), (410, "APIError")],
)  # fmt: skip
def test_statuses_have_planets_names(root, world, status, name):
    world.faults.add(path="/orders/v2", status=status)
    kind = getattr(exceptions, name)

    async def use(session):
        await session.request("GET", f"{root}/compute/ops/orders/v2")

    with pytest.raises(kind) as caught:
        run(use)
    assert caught.value.status_code == status
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is type(caught.value)
    assert (str(again), again.status_code) == (str(caught.value), status)


@pytest.mark.parametrize(("status", "name"), [(429, "TooManyRequests"), (500, "ServerError"), (502, "BadGateway")])
def test_lasting_trouble_has_planets_names(status, name):
    known = RateLimited("slow down", status_code=status, details={"body": "raw"})

    told = exceptions.translate(known)

    assert isinstance(told, getattr(exceptions, name))
    assert isinstance(told, RateLimited)
    assert str(told) == "raw"
    assert exceptions.translate(told) is told


def test_error_without_an_answer_keeps_its_words_and_hint():
    told = exceptions.translate(Rejected("no such thing", hint="look again"))

    assert isinstance(told, exceptions.PlanetError)
    assert isinstance(told, Rejected)
    assert str(told) == "no such thing; look again"
    assert str(exceptions.ClientError("only this")) == "only this"


def test_every_planet_error_is_a_swath_error_and_pickles():
    for name in exceptions.__all__:
        kind = getattr(exceptions, name)
        if inspect.isclass(kind):
            assert issubclass(kind, SwathError)
            assert str(pickle.loads(pickle.dumps(kind("body")))) == "body"


def test_secret_in_a_refusal_is_not_repeated(root):
    async def use(session):
        await session.request("GET", f"{root}/nope/{KEY}")

    with pytest.raises(exceptions.MissingResource) as caught:
        run(use)
    assert KEY not in str(caught.value)
    assert "Path not found" in str(caught.value)


# --- who may see the credentials -------------------------------------------------------------------------------------


def test_foreign_origin_sees_no_credentials(root, elsewhere, world):
    foreign, other = elsewhere
    page = {"_links": {"_next": f"{foreign}/data/v1/searches/none/results"}}
    world.faults.add(path=SEARCH, merge=page)

    async def use(session):
        client = session.client("data", base_url=f"{root}/data/v1")
        with pytest.raises(exceptions.InvalidAPIKey):
            await collect(client.search(["PSScene"], EVERYTHING, limit=0))
        with pytest.raises(exceptions.InvalidAPIKey):
            await session.request("GET", f"{foreign}/compute/ops/orders/v2")
        with pytest.raises(exceptions.InvalidAPIKey):
            async with session.stream("GET", f"{foreign}/compute/ops/orders/v2"):
                pass

    run(use)
    assert len(signed(world)) == 1
    assert len(other.log) == 3
    assert signed(other) == []


def test_base_url_that_the_user_names_is_trusted(elsewhere):
    foreign, other = elsewhere

    async def use(session):
        await collect(session.client("orders", base_url=f"{foreign}/compute/ops").list_orders())

    run(use)
    assert signed(other) == ["/compute/ops/orders/v2"]


# --- requests of one's own -------------------------------------------------------------------------------------------


def test_own_request_and_stream(root, world):
    url = f"{root}/compute/ops/orders/v2"

    async def use(session):
        session.client("orders", base_url=f"{root}/compute/ops")
        answer = await session.request("GET", url, params={"source_type": "all"})
        assert (answer.status_code, answer.json()["orders"]) == (200, [])
        async with session.stream("GET", url, params={"source_type": "all"}) as opened:
            assert opened.status_code == 200
            assert opened.headers["content-type"].startswith("application/json")
            assert opened.url == f"{url}?source_type=all"
            body = b"".join([piece async for piece in opened.aiter_bytes()])
            assert opened.num_bytes_downloaded == len(body)
        async with session.stream("GET", url, params={"source_type": "all"}) as opened:
            assert [line async for line in opened.aiter_lines()] == body.decode().splitlines()
        return body

    assert b'"orders":[]' in run(use)
    assert [entry.query for entry in world.log] == [{"source_type": ["all"]}] * 3


def test_own_post_is_sent_once(root, world):
    world.faults.add(path="/orders/v2", status=503)

    async def use(session):
        await session.request("POST", f"{root}/compute/ops/orders/v2", json={})

    with pytest.raises(exceptions.APIError) as caught:
        run(use)
    assert caught.value.status_code == 503
    assert world.log.count() == 1


# --- ending ----------------------------------------------------------------------------------------------------------


def test_closed_session_says_so(root):
    async def main():
        session = Session(auth=Key())
        client = session.client("orders", base_url=f"{root}/compute/ops")
        await collect(client.list_orders())
        await session.aclose()
        await session.aclose()
        with pytest.raises(exceptions.ClientError, match="closed"):
            await client.get_order(NOBODY)
        with pytest.raises(exceptions.ClientError, match="closed"):
            list(Planet(session, base_url=root).orders.list_orders())

    asyncio.run(main())


async def until_idle(session):
    """Wait until no work runs, which is long before any silent server would answer."""
    async with asyncio.timeout(30):
        while session.bridge._running:  # noqa: ASYNC110  it has no event to wait for
            await asyncio.sleep(0.002)


async def until_asked(world, path):
    """Wait until the stand-in has a request of that kind."""
    while not world.log.count(path=path):  # noqa: ASYNC110  the stand-in has no event to wait for
        await asyncio.sleep(0.002)


def test_cancelled_task_stops_its_request_at_a_silent_server(root, world):
    world.faults.add(path="/orders/v2", delay_s=60)

    async def use(session):
        client = session.client("orders", base_url=f"{root}/compute/ops")
        task = asyncio.ensure_future(client.get_order(NOBODY))
        await until_asked(world, "/orders/v2")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until_idle(session)
        world.faults.clear()
        await collect(client.list_orders())

    run(use)


def test_cancelled_wait_asks_no_more(root, world):
    async def use(session):
        client = session.client("orders", base_url=f"{root}/compute/ops")
        planet = Planet(session, base_url=root)
        item = next(iter(planet.data.search(["PSScene"], data_filter.asset_filter(["ortho_visual"]), limit=1)))
        request = swath_planet.order_request.build_request(
            "waits", [swath_planet.order_request.product([item["id"]], "visual", "PSScene")]
        )
        order = await client.create_order(request)
        world.log.clear()
        task = asyncio.ensure_future(client.wait(order["id"], delay=3600))
        await until_asked(world, order["id"])
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until_idle(session)

    run(use)
    assert world.log.count(path="/orders/v2/") == 1


def test_cancelled_download_stops_within_a_file_and_leaves_nothing_under_its_name(root, world, tmp_path):
    async def use(session):
        client = session.client("data", base_url=f"{root}/data/v1")
        found = client.search(["PSScene"], data_filter.asset_filter(["ortho_visual"]), limit=1)
        item = await anext(found)
        asset = await client.get_asset("PSScene", item["id"], "ortho_visual")
        await client.activate_asset(asset)
        world.clock.advance(3600)
        asset = await client.wait_asset(asset, delay=0)
        world.log.clear()
        fault = world.faults.add(method="GET", path=location_path(asset), bytes_per_s=100, times=None)
        task = asyncio.ensure_future(client.download_asset(asset, "image.tif", tmp_path, progress_bar=False))
        await until_asked(world, fault.path)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until_idle(session)
        world.faults.clear()
        return await client.download_asset(asset, "image.tif", tmp_path, progress_bar=False), list(tmp_path.iterdir())

    path, there = run(use)
    assert path == tmp_path / "image.tif"
    assert there == [path]


def location_path(asset):
    return re.escape(asset["location"].split("?")[0].split("/", 3)[3])


def test_closing_the_session_cancels_what_runs(root, world):
    world.faults.add(path="/orders/v2", delay_s=60)

    async def main():
        session = Session(auth=Key())
        client = session.client("orders", base_url=f"{root}/compute/ops")
        task = asyncio.ensure_future(client.get_order(NOBODY))
        await until_asked(world, "/orders/v2")
        await session.aclose()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())


def test_session_serves_several_loops(root):
    session = Session(auth=Key())
    client = session.client("orders", base_url=f"{root}/compute/ops")

    for _ in range(3):
        asyncio.run(collect(client.list_orders()))
    assert session.outcomes == {"Successful": 3}
    session.close()


# --- rate ------------------------------------------------------------------------------------------------------------


class Still:
    """A clock that stands still, and notes how long it is asked to wait."""

    def __init__(self):
        self.waits = []

    def now(self):
        return dt.datetime(2026, 3, 14, tzinfo=dt.UTC)

    def monotonic(self):
        return 1000.0

    def sleep(self, seconds, *, wake=None):
        self.waits.append(seconds)
        return wake is not None and wake.is_set()


def test_p18_fifty_concurrent_calls_of_two_sessions_keep_to_one_rate(monkeypatch):
    """Two sessions of one account: each of 50 calls at once gets an instant of its own, a good tenth of a second apart."""
    monkeypatch.setattr("swath_planet.provider.PlanetProvider", PlanetProvider)
    clock = Still()
    monkeypatch.setattr("swath._session.SystemClock", lambda: clock)
    world = World(seed=5, scene_pixels=48, rate_limits=False)

    with serve("planet", make_stand_in(world), world) as running:

        async def one(call):
            with pytest.raises(exceptions.MissingResource):
                await call

        async def main():
            async with Session(auth=Key()) as one_session, Session(auth=Key()) as other:
                clients = [made.client("data", base_url=f"{running.base_url}/data/v1") for made in (one_session, other)]
                calls = [clients[index % 2].get_item("PSScene", f"none{index}") for index in range(50)]
                await asyncio.gather(*(one(call) for call in calls))

        asyncio.run(main())

    assert len(world.log.entries()) == 50
    assert sorted(clock.waits) == pytest.approx([turn / 10 for turn in range(1, 50)], rel=0.05)
    assert min(after - before for before, after in itertools.pairwise(sorted(clock.waits))) > 0.1


# --- reporting -------------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_state_bar_writes_a_line_a_change():
    told = io.StringIO()
    with reporting.StateBar(state="creating", stream=told, clock=iter([0, 1, 61, 62, 63]).__next__) as bar:
        bar.update(state="queued", order_id="abc")
        bar.update_state("queued")
        bar.update_state("running")

    assert told.getvalue().splitlines() == [
        "00:01 - order  - state: creating",
        "01:01 - order abc - state: queued",
        "01:02 - order abc - state: running",
    ]


def test_bars_keep_one_line_on_a_terminal():
    told = Terminal()
    with reporting.AssetStatusBar("PSScene", "x", "ortho_visual", stream=told, clock=lambda: 0) as bar:
        bar.update("activating")
        bar.update("active")

    assert told.getvalue().count("\n") == 1
    assert told.getvalue().rstrip().endswith("PSScene x ortho_visual - status: active")
    assert str(bar) == "00:00 - PSScene x ortho_visual - status: active"


def test_disabled_bar_says_nothing(capsys):
    with reporting.StateBar(state="creating", disable=True) as bar:
        bar.update_state("queued")

    assert capsys.readouterr() == ("", "")


# --- collect ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ([], {"type": "FeatureCollection", "features": []}),
        ([{"a": 1}], [{"a": 1}]),
        ([{"type": "Feature"}], [{"type": "Feature"}]),
        (
            [{"type": "Feature", "geometry": None, "properties": {}}],
            {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": None, "properties": {}}]},
        ),
    ],
)
def test_collect_makes_a_feature_collection_of_features(given, made):
    async def values():
        for one in given:
            yield one

    assert asyncio.run(collect(values())) == made
    assert asyncio.run(collect(given)) == made
