# SPDX-License-Identifier: Apache-2.0
"""The Data API under the SDK's names, over real HTTP against the stand-in."""

from __future__ import annotations

import datetime as dt
import hashlib
import inspect
import json
import logging

import attrs
import httpx
import pytest
from shapely.geometry import box, mapping

from swath._session import open_session
from swath.errors import ChecksumMismatch, NotFound, QuotaExceeded, Rejected
from swath.hookspecs import Operation
from swath.native import close_context
from swath_planet import data_filter
from swath_planet._api import data_assets
from swath_planet._api.data import Data
from swath_planet.exceptions import ClientError, FeatureError, GeoJSONError, PagingError, translate
from swath_planet.provider import PlanetProvider

KEY = "sandbox-planet-key"
AREA = json.loads(json.dumps(mapping(box(5.4, 52.3, 5.5, 52.38))))
UNKNOWN_SEARCH = "00000000000000000000000000000000"


class Clock:
    """The machine's, but what sleeps does not wait."""

    def __init__(self):
        self.slept = []

    def now(self):
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=sum(self.slept))

    def monotonic(self):
        return self.now().timestamp()

    def sleep(self, seconds, *, wake=None):
        self.slept.append(seconds)
        return wake is not None and wake.is_set()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def opened(world, base_url, clock, tmp_path):
    """Open accounts of the stand-in."""
    world.faults.clear()
    world.log.clear()
    world.links.ttl_s = None
    contexts = []

    def made(key=KEY, url=base_url):
        session = open_session(
            "planet",
            given={"api_key": key, "base_url": url},
            plugin=PlanetProvider(),
            clock=clock,
            state=tmp_path / "state",
        )
        contexts.append(session.context)
        return session.context

    yield made
    world.faults.clear()
    for context in contexts:
        close_context(context)
    assert [entry.error for entry in world.log if entry.error] == []


@pytest.fixture
def data(opened):
    return Data(opened())


def sent(world):
    return [(entry.method, entry.path) for entry in world.log]


def days(world, count):
    return world.clock.now() - dt.timedelta(days=count)


@pytest.fixture(scope="module")
def recent(world):
    """Find some tens of scenes."""
    return data_filter.and_filter(
        [data_filter.geometry_filter(AREA), data_filter.date_range_filter("acquired", gte=days(world, 40))]
    )


@pytest.fixture
def item(data, recent, world):
    (found,) = data.search(["PSScene"], recent, limit=1)
    world.log.clear()
    return found


@pytest.fixture
def fresh(data, recent, world):
    """Give an asset of an item that no test has activated yet."""
    for found in data.search(["PSScene"], recent, limit=0):
        asset = data.get_asset("PSScene", found["id"], "ortho_analytic_4b_xml")
        if asset["status"] == "inactive":
            world.log.clear()
            return found, asset
    pytest.fail("all scenes are used up")


@pytest.fixture(scope="module")
def ready(world, base_url, tmp_path_factory):
    """Give an active asset's place: item id and asset type."""
    state = tmp_path_factory.mktemp("state")
    session = open_session(
        "planet", given={"api_key": KEY, "base_url": base_url}, plugin=PlanetProvider(), clock=Clock(), state=state
    )
    data = Data(session.context)
    (found,) = data.search(["PSScene"], data_filter.geometry_filter(AREA), sort="acquired desc", limit=1)
    asset = data.get_asset("PSScene", found["id"], "ortho_analytic_4b")
    data.activate_asset(asset)
    data.wait_asset(asset, delay=0)
    close_context(session.context)
    return found["id"], "ortho_analytic_4b"


@pytest.fixture
def active(data, ready, world):
    found = data.get_asset("PSScene", *ready)
    world.log.clear()
    return found


def name_of(active):
    return f"{active}_3B_AnalyticMS.tif"


# --- searching -------------------------------------------------------------------------------------------------------


def test_search_without_filter_sends_just_what_is_needed(data, world):
    found = list(data.search(["psscene", "SkySatScene"], limit=3))

    assert len(found) == 3
    (request,) = list(world.log)
    assert (request.method, request.path) == ("POST", "/data/v1/quick-search")
    assert request.body == {"filter": {"type": "AndFilter", "config": []}, "item_types": ["PSScene", "SkySatScene"]}
    assert "_sort" not in request.query


def test_search_says_all_that_is_given(data, world, recent):
    list(data.search(["PSScene"], recent, name="mine", sort="acquired asc", limit=1, geometry=AREA))

    request = next(iter(world.log))
    assert set(request.body) == {"filter", "item_types", "name", "geometry"}
    assert request.body["name"] == "mine"
    assert request.query["_sort"] == ["acquired asc"]


def test_usual_sort_is_not_said(data, world, recent):
    list(data.search(["PSScene"], recent, sort="published desc", limit=1))

    assert "_sort" not in next(iter(world.log)).query


@pytest.mark.parametrize("limit", [0, None])
def test_search_without_limit_gives_all(data, world, recent, limit):
    everything = list(data.search(["PSScene"], recent, limit=limit))

    counted = data.get_stats(["PSScene"], recent, "year")["buckets"]
    assert len(everything) == sum(bucket["count"] for bucket in counted) > 10
    assert len({one["id"] for one in everything}) == len(everything)


def test_exact_multiple_of_the_limit_fetches_no_further_page(data, world):
    everything = data_filter.date_range_filter("acquired", gte=days(world, 4))

    assert len(list(data.search(["PSScene"], everything, limit=250))) == 250
    assert len(world.log) == 1
    assert len(list(data.search(["PSScene"], everything, limit=251))) == 251

    assert [method for method, _ in sent(world)[1:]] == ["POST", "GET"], "next pages are read with GET"


def test_pages_are_fetched_as_they_are_needed(data, world):
    found = data.search(["PSScene"], limit=0)

    assert len(world.log) == 0
    next(found)

    assert len(world.log) == 1


def test_page_that_names_itself_is_an_error(data, world):
    world.faults.add(path=r"/searches/.*/results", merge={"_links": {"_next": "<self>"}}, times=None)
    world.faults.add(path=r"/quick-search", merge={"_links": {"_next": None}}, call=99)

    with pytest.raises(PagingError):
        list(data.search(["PSScene"], limit=0))


@pytest.mark.parametrize(
    "page", [{"_links": None}, {"_links": {"_next": None}}, {"features": []}], ids=["no links", "null", "empty"]
)
def test_what_ends_a_list(data, world, page):
    world.faults.add(path=r"/quick-search", merge=page)

    found = list(data.search(["PSScene"], limit=0))

    assert len(found) == (0 if "features" in page else 250)
    assert len(world.log) == 1


def test_unknown_item_type_is_refused_before_a_search(data, world):
    with pytest.raises(ClientError, match="did you mean 'PSScene'") as caught:
        list(data.search(["PSSceen"]))

    assert sent(world) == [("GET", "/compute/ops/bundles/spec")]
    assert "authorization" not in next(iter(world.log)).headers
    assert "SkySatCollect" in caught.value.details["valid"]
    with pytest.raises(ClientError):
        list(data.search(["PSSceen"]))
    assert len(world.log) == 1, "the specification is asked for once"


def test_item_type_of_tomorrow_is_found_in_the_specification(data, world):
    world.faults.add(path=r"/bundles/spec", merge={"bundles": {"visual": {"assets": {"HawkScene": ["ortho_visual"]}}}})

    with pytest.raises(Rejected):  # the stand-in has no hawks
        list(data.search(["hawkscene"]))

    assert list(world.log)[-1].body["item_types"] == ["HawkScene"]


def test_no_specification_leaves_what_is_known_here(data, world):
    world.faults.add(path=r"/bundles/spec", status=404)

    with pytest.raises(ClientError, match="'HawkScene' is no item type"):
        list(data.search(["HawkScene"]))
    assert next(data.search(["PSScene"], limit=1))


def test_specification_is_asked_where_the_service_is(opened, world, base_url):
    """The SDK asks production whatever its base URL says."""
    data = Data(opened(url="http://127.0.0.1:9"), base_url=f"{base_url}/data/v1/")

    with pytest.raises(ClientError):
        list(data.search(["HawkScene"]))

    assert sent(world) == [("GET", "/compute/ops/bundles/spec")]


@pytest.mark.parametrize("wrong", [[], [7]])
def test_item_types_must_be_some(data, world, wrong):
    with pytest.raises(ClientError):
        list(data.search(wrong))

    assert len(world.log) == 0


def test_one_item_type_may_be_a_text(data, world):
    list(data.search("psscene", limit=1))

    assert next(iter(world.log)).body["item_types"] == ["PSScene"]


@pytest.mark.parametrize(
    "call",
    [
        lambda data: list(data.search(["PSScene"], sort="cloudiest")),
        lambda data: list(data.run_search(UNKNOWN_SEARCH, sort="cloudiest")),
        lambda data: list(data.run_search("not-a-uuid")),
        lambda data: list(data.run_search(None)),
        lambda data: list(data.list_searches(sort="published desc")),
        lambda data: list(data.list_searches(search_type="mine")),
        lambda data: data.get_stats(["PSScene"], {}, "decade"),
    ],
)
def test_wrong_choice_sends_nothing(data, world, call):
    with pytest.raises(ClientError):
        call(data)

    assert len(world.log) == 0


@pytest.mark.parametrize(("geometry", "error"), [("pl:elsewhere/a", FeatureError), ({"type": "Circle"}, GeoJSONError)])
def test_wrong_geometry_sends_nothing(data, world, geometry, error):
    with pytest.raises(error):
        list(data.search(["PSScene"], geometry=geometry))
    with pytest.raises(error):
        data.get_item_coverage("PSScene", "a", geometry)

    assert len(world.log) == 0


# --- saved searches --------------------------------------------------------------------------------------------------


def test_saved_search_from_first_to_last(data, world, recent):
    made = data.create_search(["psscene"], recent, "weekly")

    assert set(next(iter(world.log)).body) == {"filter", "item_types", "name", "__daily_email_enabled"}
    assert (made["name"], made["item_types"], made["search_type"]) == ("weekly", ["PSScene"], "saved")
    assert data.get_search(made["id"])["filter"] == recent
    assert made["id"] in [one["id"] for one in data.list_searches(search_type="saved", sort="created asc", limit=0)]
    assert len(list(data.run_search(made["id"], sort="acquired asc", limit=3))) == 3

    changed = data.update_search(made["id"], ["SkySatScene"], recent, "monthly", enable_email=True, geometry=AREA)

    assert (changed["name"], changed["item_types"]) == ("monthly", ["SkySatScene"])
    assert changed["__daily_email_enabled"] is True
    assert list(world.log)[-1].method == "PUT"
    assert set(list(world.log)[-1].body) == {"filter", "item_types", "name", "__daily_email_enabled", "geometry"}
    assert data.delete_search(made["id"]) is None
    with pytest.raises(NotFound):
        data.get_search(made["id"])


def test_reference_is_wrapped_in_create_and_update(data, world):
    reference = "pl:features/my/fields-a1/7"
    made = data.create_search(["PSScene"], data_filter.empty_filter(), "fields", geometry=reference)
    data.update_search(made["id"], ["PSScene"], data_filter.empty_filter(), "fields", geometry=reference)

    wrapped = {"type": "ref", "content": reference}
    assert [entry.body["geometry"] for entry in world.log] == [wrapped, wrapped]


def test_search_is_updated_with_the_reference_that_planet_tells(data, world):
    """Planet tells it as a list of one."""
    made = data.create_search(["PSScene"], data_filter.empty_filter(), "fields", geometry="pl:features/my/fields-a1/7")
    assert isinstance(made["geometry"]["content"], list)

    data.update_search(made["id"], made["item_types"], made["filter"], "renamed", geometry=made["geometry"])

    assert list(world.log)[-1].body["geometry"] == made["geometry"]
    with pytest.raises(FeatureError):
        data.update_search(made["id"], ["PSScene"], {}, "x", geometry={"type": "ref", "content": ["elsewhere"]})


def test_creating_a_search_is_not_repeated_blindly(data, world, recent):
    world.faults.add(path=r"/searches$", method="POST", status=502, times=None)

    with pytest.raises(Exception, match="502"):
        data.create_search(["PSScene"], recent, "weekly")

    assert len(world.log) == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda data, search: data.get_search(search),
        lambda data, search: data.delete_search(search),
        lambda data, search: data.update_search(search, ["PSScene"], {"type": "AndFilter", "config": []}, "x"),
        lambda data, search: list(data.run_search(search)),
    ],
)
def test_unknown_search_is_not_found_with_planets_words(data, call):
    with pytest.raises(NotFound, match="requested search id does not exist") as caught:
        call(data, UNKNOWN_SEARCH)

    assert caught.value.status_code == 404


def test_search_list_says_the_usual_by_saying_nothing(data, world):
    list(data.list_searches(limit=0))
    list(data.list_searches(sort="created asc", search_type="quick", limit=1))

    assert next(iter(world.log)).query == {}
    assert list(world.log)[1].query == {"_sort": ["created asc"], "search_type": ["quick"], "_page_size": ["1"]}


def test_search_id_cannot_lead_elsewhere(data, world):
    with pytest.raises(NotFound):
        data.get_search("../item-types")

    assert next(iter(world.log)).path.startswith("/data/v1/searches/")


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_id_that_would_lead_elsewhere_sends_nothing(data, world, name):
    for call in (data.get_search, data.delete_search, lambda it: data.get_item("PSScene", it)):
        with pytest.raises(ClientError, match="Must provide"):
            call(name)

    assert list(world.log) == []


def test_p18_saving_a_search_that_is_one_too_many_waits_and_goes_on(data, world, recent):
    world.faults.add(path=r"/searches$", method="POST", status=429, times=2)

    made = data.create_search(["PSScene"], recent, "weekly")

    assert made["name"] == "weekly"
    assert [one.status for one in world.log] == [429, 429, 200]


# --- counting and items ----------------------------------------------------------------------------------------------


def test_interval_may_be_in_capitals(data, world, recent):
    found = data.get_stats(["psscene"], recent, "DAY")

    assert found["interval"] == "day"
    assert next(iter(world.log)).body == {"interval": "day", "filter": recent, "item_types": ["PSScene"]}


def test_item_and_its_assets(data, item):
    found = data.get_item("psscene", item["id"])

    assert found["properties"] == item["properties"]
    assert sorted(data.list_item_assets("PSScene", item["id"])) == sorted(found["assets"])
    with pytest.raises(NotFound):
        data.get_item("PSScene", "nothing")


def test_coverage_passes_mode_and_band(data, world, item):
    first = data.get_item_coverage("PSScene", item["id"], AREA)
    second = data.get_item_coverage("PSScene", item["id"], AREA, mode="estimate", band="cloud")

    assert first["status"] == "activating"
    assert second["status"] == "complete"
    assert 0 <= second["cloud_percent"] <= 100
    assert [entry.query for entry in world.log] == [{}, {"mode": ["estimate"], "band": ["cloud"]}]
    assert next(iter(world.log)).body == {"geometry": AREA}


def test_unknown_asset_is_refused_with_those_there_are(data, item):
    with pytest.raises(ClientError, match="no asset 'nothing'") as caught:
        data.get_asset("PSScene", item["id"], "nothing")

    assert "ortho_visual" in caught.value.hint


def test_unknown_item_type_of_an_asset_is_refused(data):
    with pytest.raises(ClientError, match="is no item type"):
        data.get_asset("Nothing", "a", "ortho_visual")


# --- activation ------------------------------------------------------------------------------------------------------


def test_activation_asks_only_for_what_is_inactive(data, world, fresh):
    _, asset = fresh
    data.activate_asset(asset)
    data.activate_asset({**asset, "status": "activating"})
    data.activate_asset({**asset, "status": "active"})

    assert [path.rpartition("/")[2] for _, path in sent(world)] == ["activate"]


@pytest.mark.parametrize("broken", [{}, {"status": "inactive"}, {"status": "inactive", "_links": {}}])
def test_activation_needs_a_description(data, world, broken):
    with pytest.raises(ClientError, match="the asset has no"):
        data.activate_asset(broken)

    assert len(world.log) == 0


def test_p30_used_up_quota_is_told_at_once(data, world, fresh):
    """The SDK takes it for too many requests and tries for a minute."""
    body = {"field": {}, "general": [{"message": "Download quota has been exceeded."}]}
    world.faults.add(path="/activate$", status=429, body=body, times=None)

    with pytest.raises(QuotaExceeded, match="quota") as caught:
        data.activate_asset(fresh[1])

    assert len(world.log) == 1
    assert "Download quota has been exceeded" in str(translate(caught.value))


def test_too_many_activations_are_tried_again(data, world, fresh, clock):
    world.faults.add(path="/activate$", status=429, headers={"Retry-After": "7"}, times=2)

    data.activate_asset(fresh[1])

    assert len(world.log) == 3
    assert max(clock.slept) >= 7


def test_wait_tells_each_status_in_sequence(data, fresh, clock):
    _, asset = fresh
    told = []
    data.activate_asset(asset)

    found = data.wait_asset(asset, delay=7, callback=told.append)

    assert told == ["inactive", "activating", "activating", "active"]
    assert found["md5_digest"]
    assert found["location"].startswith("http")
    assert [round(pause) for pause in clock.slept if pause > 1] == [7, 7, 7]


def test_wait_for_an_active_asset_asks_nothing(data, world):
    told = []

    assert data.wait_asset({"status": "active"}, callback=told.append) == {"status": "active"}

    assert told == ["active"]
    assert len(world.log) == 0


def test_wait_gives_up_after_the_last_look(data, world, fresh, clock):
    _, asset = fresh

    with pytest.raises(ClientError, match=r"Maximum number of attempts \(2\)") as caught:
        data.wait_asset(asset, delay=7, max_attempts=2)

    assert len(world.log) == 2
    assert "activate_asset" in caught.value.hint, "it was never activated"
    assert len([pause for pause in clock.slept if pause > 1]) == 2, "no pause after the last look"


def test_wait_without_limit_goes_on(data, monkeypatch):
    looks = iter([{"status": "activating", "_links": {"_self": "http://x/a"}}] * 240 + [{"status": "active"}])
    monkeypatch.setattr(data, "json", lambda *_: next(looks))

    assert data.wait_asset(next(looks), max_attempts=0) == {"status": "active"}


@pytest.mark.parametrize("broken", [{}, {"status": "activating"}, {"status": "activating", "_links": {}}])
def test_wait_needs_a_description(data, broken):
    with pytest.raises(ClientError, match="the asset has no"):
        data.wait_asset(broken)


def test_evicted_asset_is_activated_anew(data, world, fresh):
    """The SDK waits for it in vain."""
    _, asset = fresh
    data.activate_asset(asset)
    world.faults.add(path=r"/assets/[^/]+$", call=2, merge={"status": "inactive"})

    found = data.wait_asset(asset, delay=0)

    assert found["status"] == "active"
    assert len([path for _, path in sent(world) if path.endswith("/activate")]) == 2


def test_asset_that_never_stays_is_not_activated_for_ever(data, world, fresh):
    _, asset = fresh
    data.activate_asset(asset)
    world.faults.add(path=r"/assets/[^/]+$", call=2, times=None, merge={"status": "inactive"})

    with pytest.raises(ClientError, match="Maximum number of attempts"):
        data.wait_asset(asset, delay=0, max_attempts=12)

    assert len([path for _, path in sent(world) if path.endswith("/activate")]) == 1 + 3


# --- downloading -----------------------------------------------------------------------------------------------------


def md5(path):
    return hashlib.md5(path.read_bytes()).hexdigest()


def test_p07_download_has_the_name_and_digest_that_planet_gives(data, active, ready, tmp_path):
    path = data.download_asset(active, directory=tmp_path / "new" / "folder")

    assert path == tmp_path / "new" / "folder" / name_of(ready[0])
    assert md5(path) == active["md5_digest"]
    assert data.validate_checksum(active, path) is None
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_download_under_another_name(data, world, active, tmp_path):
    path = data.download_asset(active, filename="mine.tif", directory=tmp_path, progress_bar=False)

    assert path == tmp_path / "mine.tif"
    assert len(world.log) == 1, "the name needs no request of its own"


def test_name_comes_from_the_address_where_no_header_tells_it(data, world, active, tmp_path):
    world.faults.add(path="/download", times=None, headers={"Content-Disposition": "attachment"})

    assert data.download_asset(active, directory=tmp_path).name == "download"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("attachment; filename=plain.tif", "plain.tif"),
        ('attachment; filename="../../etc/passwd.tif"', "passwd.tif"),
        (r'attachment; filename="..\\..\\boot.tif"', "boot.tif"),
        ("attachment; filename*=UTF-8''Stra%C3%9Fe.tif", "Straße.tif"),
        ('attachment; filename="con.tif"', "_con.tif"),
    ],
)
def test_p45_name_from_a_header_stays_in_the_folder(data, world, active, tmp_path, header, name):  # noqa: PLR0917
    world.faults.add(path="/download", times=None, headers={"Content-Disposition": header})

    path = data.download_asset(active, directory=tmp_path / "data")

    assert path == tmp_path / "data" / name


def test_name_is_made_up_where_nothing_tells_it(active, data, world, tmp_path, monkeypatch):
    answer = httpx.Response(200, headers={"content-type": "image/tiff"}, request=httpx.Request("GET", "http://a/"))

    name = data_assets.name_of(answer)

    assert name.startswith("planet-")
    assert len(name) == len("planet-XXXXXXXX.tiff")
    assert name.endswith((".tif", ".tiff"))


def test_existing_file_is_left_as_it_is(data, active, tmp_path, caplog):
    path = tmp_path / "mine.tif"
    path.write_bytes(b"something else")

    with caplog.at_level(logging.WARNING, logger="swath.planet"):
        assert data.download_asset(active, filename="mine.tif", directory=tmp_path) == path

    assert path.read_bytes() == b"something else"
    assert "overwrite=True" in caplog.text
    assert data.download_asset(active, filename="mine.tif", directory=tmp_path, overwrite=True) == path
    assert md5(path) == active["md5_digest"]


def test_whole_file_is_not_fetched_again(data, world, active, tmp_path):
    data.download_asset(active, filename="mine.tif", directory=tmp_path)
    world.log.clear()

    data.download_asset(active, filename="mine.tif", directory=tmp_path)

    assert len(world.log) == 0


def test_p05_cut_download_goes_on_where_it_ended(data, world, active, tmp_path):
    world.faults.add(path="/download", truncate_at=5000)

    path = data.download_asset(active, filename="mine.tif", directory=tmp_path)

    assert md5(path) == active["md5_digest"]
    assert list(world.log)[-1].headers["range"] == "bytes=5000-"


def test_p04_wrong_byte_gets_no_name(data, world, active, tmp_path):
    world.faults.add(path="/download", flip_bit_at=3000, times=None)

    with pytest.raises(ChecksumMismatch, match="checksum"):
        data.download_asset(active, filename="mine.tif", directory=tmp_path)

    assert not (tmp_path / "mine.tif").exists()


def test_answer_without_length_is_fetched(data, world, active, tmp_path):
    """The SDK breaks off with a KeyError and leaves an empty file."""
    world.faults.add(path="/download", chunked=True, times=None)

    assert md5(data.download_asset(active, directory=tmp_path)) == active["md5_digest"]


@pytest.mark.parametrize("filename", [None, "mine.tif"])
def test_p20_dead_link_is_minted_again(data, world, active, tmp_path, filename):
    world.faults.add(path="/download", expire_links=True)

    path = data.download_asset({**active, "expires_at": None}, filename=filename, directory=tmp_path)

    assert md5(path) == active["md5_digest"]
    assert any("/assets/" in one for _, one in sent(world))


def test_evicted_asset_is_not_downloaded(data, world, active, tmp_path):
    world.faults.add(path="/download", expire_links=True, times=None)
    world.faults.add(path="/assets/", merge={"status": "inactive", "location": None}, times=None)

    with pytest.raises(ClientError, match="is it active"):
        data.download_asset(active, directory=tmp_path)
    assert list(tmp_path.glob("*.tif")) == []


def test_inactive_asset_is_not_downloaded(data, world, fresh, tmp_path):
    with pytest.raises(ClientError, match="is it active"):
        data.download_asset(fresh[1], directory=tmp_path)

    assert len(world.log) == 0


def test_checksum_says_what_is_wrong(active, tmp_path):
    path = tmp_path / "mine.tif"
    with pytest.raises(ClientError, match="there is no file"):
        Data.validate_checksum(active, path)
    path.write_bytes(b"something else")
    with pytest.raises(ClientError, match="another MD5"):
        Data.validate_checksum(active, path)
    with pytest.raises(ClientError, match="is it active"):
        Data.validate_checksum({"md5_digest": None}, path)
    with pytest.raises(ClientError, match="no MD5"):
        Data.validate_checksum({"md5_digest": "x"}, path)


# --- the whole -------------------------------------------------------------------------------------------------------


def test_methods_are_those_of_the_sdk():
    """Names, arguments and defaults as of planet 3.7.0."""
    expected = {
        "search": "item_types search_filter=None name=None sort=None limit=100 geometry=None",
        "create_search": "item_types search_filter name enable_email=False geometry=None",
        "update_search": "search_id item_types search_filter name enable_email=False geometry=None",
        "list_searches": "sort='created desc' search_type='any' limit=100",
        "get_search": "search_id",
        "delete_search": "search_id",
        "run_search": "search_id sort=None limit=100",
        "get_stats": "item_types search_filter interval",
        "get_item": "item_type_id item_id",
        "get_item_coverage": "item_type_id item_id geometry mode=None band=None",
        "list_item_assets": "item_type_id item_id",
        "get_asset": "item_type_id item_id asset_type_id",
        "activate_asset": "asset",
        "wait_asset": "asset delay=5 max_attempts=200 callback=None",
        "download_asset": "asset filename=None directory=PosixPath('.') overwrite=False progress_bar=True",
        "validate_checksum": "asset filename",
    }
    for name, arguments in expected.items():
        signature = inspect.signature(getattr(Data, name))
        said = [
            one.name if one.default is one.empty else f"{one.name}={one.default!r}"
            for one in signature.parameters.values()
            if one.name != "self"
        ]
        assert " ".join(said).replace("WindowsPath", "PosixPath") == arguments, name


def test_activation_has_a_pace_of_its_own(opened):
    data, seen = Data(opened()), []

    class Http:
        def request(self, *_, operation, bucket, **__):
            seen.append((operation, bucket))
            return httpx.Response(202)

    data.context = attrs.evolve(data.context, http=Http())
    data.activate_asset({"status": "inactive", "_links": {"activate": "http://x/a"}})

    assert seen == [(Operation.WRITE, "activation")]
