# SPDX-License-Identifier: Apache-2.0
"""The native Orders service against the stand-in, over real HTTP."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from pathlib import Path

import attrs
import pytest
import rasterio

from swath.errors import (
    ChecksumMismatch,
    NotFound,
    QuotaExceeded,
    Rejected,
    Unavailable,
    UnexpectedResponse,
)
from swath.hookspecs import hookimpl
from swath.models import Secret
from swath.native import close_context, open_context
from swath.sandbox import World, serve
from swath_planet import order_request
from swath_planet._api.orders import STATES, Orders
from swath_planet.exceptions import ClientError, PagingError, translate
from swath_planet.provider import PlanetProvider
from swath_planet.sandbox import make_stand_in

# The stand-in draws with rasterio, whose own multiplication of transforms affine 3 will one day refuse.
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")
KEY = "sandbox-planet-key"
POST = r"/compute/ops/orders/v2$"
ONE = r"/compute/ops/orders/v2/"
STORED = r"/storage/planet-orders/.*\.tif"


@pytest.fixture(scope="module")
def world():
    return World(seed=5, scene_pixels=48, rate_limits=False)


class Unpaced(PlanetProvider):
    """Planet without its rate limits, which the stand-in does not enforce here."""

    @hookimpl
    def describe(self):
        return attrs.evolve(super().describe(), limits={})


@pytest.fixture(scope="module")
def context(world):
    with serve("planet", make_stand_in(world), world) as running:
        opened = open_context("planet", plugin=Unpaced(), api_key=KEY, base_url=running.base_url)
        yield opened
        close_context(opened)


@pytest.fixture(scope="module")
def ids(context, world):
    answer = context.http.request(
        "POST",
        f"{context.settings['base_url']}/data/v1/quick-search",
        json={
            "item_types": ["PSScene"],
            "filter": {
                "type": "AndFilter",
                "config": [
                    {"type": "GeometryFilter", "field_name": "geometry", "config": {
                        "type": "Polygon",
                        "coordinates": [[[5.4, 52.3], [5.5, 52.3], [5.5, 52.38], [5.4, 52.38], [5.4, 52.3]]],
                    }},
                    {"type": "AssetFilter", "config": ["ortho_visual"]},
                ],
            },
        },
    )  # fmt: skip
    return [one["id"] for one in answer.json()["features"][:3]]


@pytest.fixture
def orders(context, world):
    world.faults.clear()
    world.log.clear()
    yield Orders(context)
    world.faults.clear()
    assert [entry.error for entry in world.log if entry.error] == []


@pytest.fixture
def request_of(ids):
    def made(name="", *, count=1, **more):
        name = name or f"native {uuid.uuid4()}"
        return order_request.build_request(name, [order_request.product(ids[:count], "visual", "PSScene")], **more)

    return made


@pytest.fixture(scope="module")
def delivered(context, ids):
    """Give an order that is done and that tests may download."""
    orders = Orders(context)
    request = order_request.build_request("delivered", [order_request.product(ids[:2], "visual", "PSScene")])
    order_id = orders.create_order(request)["id"]
    assert orders.wait(order_id, delay=0) == "success"
    return order_id


def seen(world, method, path=""):
    return [one for one in world.log if one.method == method and re.search(path, one.path)]


# --- creating --------------------------------------------------------------------------------------------------------


def test_create_gives_what_planet_answers(orders, request_of):
    request = request_of("field 12", order_type="partial", stac={"stac": {}})

    order = orders.create_order(request)

    assert uuid.UUID(order["id"])
    assert (order["name"], order["state"], order["order_type"]) == ("field 12", "queued", "partial")
    assert orders.get_order(order["id"])["id"] == order["id"]


def test_create_refused_says_what_planet_says(orders, request_of):
    request = request_of()
    request["products"][0]["item_ids"] = ["nothing"]

    with pytest.raises(Rejected, match=r"Item ID nothing / Item Type PSScene doesn't exist") as caught:
        orders.create_order(request)

    assert caught.value.status_code == 400
    assert "Unable to accept order" in caught.value.details["body"]


@pytest.mark.parametrize(
    "fault", [{"drop": "after"}, {"status": 502}, {"status": 500}, {"drop": "after", "reset": True}]
)
def test_p01_create_without_an_answer_is_not_sent_again(orders, world, request_of, fault):
    world.faults.add(method="POST", path=POST, **fault)
    request = request_of()

    with pytest.raises(Unavailable, match=r"may have been accepted") as caught:
        orders.create_order(request)

    assert caught.value.outcome_unknown
    assert f"list_orders(name={request['name']!r})" in caught.value.hint
    assert "may have been accepted" in translate(caught.value).__notes__[0]
    assert len(seen(world, "POST", POST)) == 1
    assert len(list(orders.list_orders(name=request["name"]))) == ("drop" in fault)


def test_p18_create_refused_as_one_too_many_waits_as_long_as_asked(orders, world, request_of):
    world.faults.add(
        method="POST", path=POST, status=429, body={"message": "too many requests"}, headers={"Retry-After": "0"}
    )

    order = orders.create_order(request_of("patient"))

    assert order["state"] == "queued"
    assert len(list(orders.list_orders(name="patient"))) == 1


def test_p03_create_beyond_quota_is_not_tried_again(orders, world, request_of):
    body = {"field": {}, "general": [{"message": "Order quota has been exceeded."}]}
    world.faults.add(method="POST", path=POST, status=429, body=body, times=None)

    with pytest.raises(QuotaExceeded, match="quota"):
        orders.create_order(request_of())

    assert len(seen(world, "POST", POST)) == 1


def test_create_refused_for_running_orders_is_a_conflict(orders, world, request_of):
    world.faults.add(method="POST", path=POST, status=409, body={"message": "too many orders running"})

    with pytest.raises(Rejected) as caught:
        orders.create_order(request_of())

    assert caught.value.status_code == 409


def test_p27_create_reveals_secrets_on_the_wire_only(orders, world, request_of):
    cloud = order_request.amazon_s3("AKIA", Secret("canary-bucket-secret"), "bucket", "eu-west-1")
    request = request_of(delivery=order_request.delivery(cloud_config=cloud))
    world.faults.add(method="POST", path=POST, status=400, body={"message": "not this canary"})

    with pytest.raises(Rejected) as caught:
        orders.create_order(request)

    assert "canary-bucket-secret" not in f"{caught.value!r} {caught.value} {request}"
    order = orders.create_order(request)
    assert order["delivery"]["amazon_s3"]["aws_secret_access_key"] == "<REDACTED>"
    assert isinstance(request["delivery"]["amazon_s3"]["aws_secret_access_key"], Secret)


# --- one order -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["get_order", "cancel_order", "wait", "download_order"])
@pytest.mark.parametrize("order_id", ["nonsense", "", None, "../../users"])
def test_id_that_is_no_uuid_never_reaches_the_wire(orders, world, call, order_id):
    with pytest.raises(ClientError, match=r"Order id \(.*\) is not a valid UUID hexadecimal string."):
        getattr(orders, call)(order_id)
    with pytest.raises(ClientError, match="not a valid UUID"):
        orders.cancel_orders([str(uuid.uuid4()), order_id])

    assert list(world.log) == []


def test_order_that_planet_does_not_know_is_not_found(orders):
    unknown = str(uuid.uuid4())

    with pytest.raises(NotFound, match=f"Could not load order ID: {unknown}"):
        orders.get_order(unknown)
    with pytest.raises(NotFound, match=f"No such order ID: {unknown}"):
        orders.cancel_order(unknown)


def test_cancel_drops_what_is_queued_and_not_what_has_ended(orders, request_of, delivered):
    order = orders.create_order(request_of())

    assert orders.cancel_order(order["id"])["state"] == "cancelled"
    with pytest.raises(Rejected, match="Order not in a cancellable state") as caught:
        orders.cancel_order(delivered)
    assert caught.value.status_code == 409


def test_bulk_cancel_says_why_the_others_were_not(orders, world, request_of, delivered):
    order = orders.create_order(request_of())

    result = orders.cancel_orders([order["id"], delivered])["result"]

    assert result["succeeded"] == {"count": 1}
    assert result["failed"]["failures"] == [{"order_id": delivered, "message": "Order not in a cancellable state"}]
    assert seen(world, "POST", "/bulk/")[0].body == {"order_ids": [order["id"], delivered]}


@pytest.mark.parametrize("which", [None, []])
def test_bulk_cancel_without_ids_sends_an_empty_object(orders, world, request_of, which):
    orders.create_order(request_of())

    assert orders.cancel_orders(which)["result"]["succeeded"]["count"] >= 1
    assert seen(world, "POST", "/bulk/")[0].body == {}


def test_stats_count_what_is_under_way(orders, request_of):
    orders.cancel_orders()
    before = orders.aggregated_order_stats()["user"]["queued_orders"]
    orders.create_order(request_of())

    stats = orders.aggregated_order_stats()

    assert stats["user"]["queued_orders"] == before + 1
    assert set(stats) == {"organization", "user"}


# --- waiting ---------------------------------------------------------------------------------------------------------


def test_wait_tells_each_state_and_gives_the_last(orders, request_of):
    told = []

    state = orders.wait(orders.create_order(request_of())["id"], delay=0, callback=told.append)

    assert state == "success"
    assert list(dict.fromkeys(told)) == ["queued", "running", "success"]


def test_wait_gives_a_failed_order_as_planet_does(orders, request_of):
    order = orders.create_order(request_of("sandbox:failed"))

    assert orders.wait(order["id"], delay=0) == "failed"


def test_wait_stops_at_the_state_asked_for(orders, request_of):
    order = orders.create_order(request_of())

    assert orders.wait(order["id"], state="running", delay=0) == "running"


def test_wait_gives_up_after_max_attempts(orders, world, request_of):
    order = orders.create_order(request_of("sandbox:stuck"))

    with pytest.raises(ClientError, match=r"^Maximum number of attempts \(3\) reached\.$") as caught:
        orders.wait(order["id"], delay=0, max_attempts=3)

    assert "still" in caught.value.hint
    assert len(seen(world, "GET", ONE)) == 3


def test_wait_without_limit_waits_on(orders, world, request_of):
    order = orders.create_order(request_of())

    assert orders.wait(order["id"], delay=0, max_attempts=0) == "success"


def test_wait_for_a_state_that_does_not_exist_asks_nothing(orders, world):
    with pytest.raises(ClientError, match=r"nope must be one of \('queued', 'running', 'failed'"):
        orders.wait(str(uuid.uuid4()), state="nope")

    assert list(world.log) == []


def test_p63_wait_takes_a_new_word_for_not_final(orders, world, request_of):
    order = orders.create_order(request_of())
    told = []
    known = orders.get_order(order["id"])
    world.faults.add(method="GET", path=ONE, status=200, body={**known, "state": "postponed"})

    assert orders.wait(order["id"], delay=0, callback=told.append) == "success"
    assert told[0] == "postponed"


# --- listing ---------------------------------------------------------------------------------------------------------


def test_list_always_says_source_type_first(orders, world):
    list(orders.list_orders())

    assert next(iter(world.log)).query == {"source_type": ["all"]}


def test_list_sends_every_filter(orders, world):
    list(
        orders.list_orders(
            state="success",
            source_type="scenes",
            name="a",
            name__contains="b",
            created_on="2026-01-01T00:00:00Z/..",
            last_modified="../2026-02-01T00:00:00Z",
            hosting=False,
            destination_ref="pl:destinations/x",
            sort_by="name DESC,state",
            user_id=7,
        )
    )

    assert next(iter(world.log)).query == {
        "source_type": ["scenes"],
        "state": ["success"],
        "name": ["a"],
        "name__contains": ["b"],
        "created_on": ["2026-01-01T00:00:00Z/.."],
        "last_modified": ["../2026-02-01T00:00:00Z"],
        "hosting": ["false"],
        "destination_ref": ["pl:destinations/x"],
        "sort_by": ["name DESC,state"],
        "user_id": ["7"],
    }


def test_list_refuses_a_state_that_does_not_exist_before_any_request(orders, world):
    with pytest.raises(ClientError, match=r"Order state \(nope\) is not a valid state"):
        list(orders.list_orders(state="nope"))

    assert list(world.log) == []
    assert STATES == ("queued", "running", "failed", "success", "partial", "cancelled")


def test_p50_list_asks_for_no_page_beyond_its_limit(orders, world, request_of):
    request = request_of("many")
    for _ in range(21):
        orders.create_order(request)
    world.log.clear()

    assert len(list(orders.list_orders(name="many", limit=20))) == 20
    assert len(seen(world, "GET")) == 1
    assert len(list(orders.list_orders(name="many", limit=0))) == 21
    assert len(list(orders.list_orders(name="many", limit=None))) == 21


def test_p10_list_that_names_one_page_twice_in_a_row_is_refused(orders, world, context):
    link = f"{context.settings['base_url']}/compute/ops/orders/v2?page_marker=x"
    page = {"_links": {"next": link}, "orders": [{"id": "1"}]}
    world.faults.add(method="GET", path=POST, status=200, body=page, times=None)

    with pytest.raises(PagingError, match="same next page"):
        list(orders.list_orders(limit=0))


@pytest.mark.parametrize("links", [{}, {"_links": {}}, {"_links": {"next": None}}])
def test_list_ends_where_there_is_no_next_page(orders, world, links):
    world.faults.add(method="GET", path=POST, status=200, body={**links, "orders": [{"id": "1"}]})

    assert list(orders.list_orders()) == [{"id": "1"}]


def test_bundles_are_read_without_the_account(orders, world):
    table = orders.get_bundles()

    assert table["visual"]["PSScene"] == ("ortho_visual",)
    assert "authorization" not in next(iter(world.log)).headers
    assert order_request.product(["a"], "visual", "PSScene", table=table)["product_bundle"] == "visual"


# --- files -----------------------------------------------------------------------------------------------------------


def test_download_puts_files_where_planet_names_them(orders, delivered, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    paths = orders.download_order(delivered, directory="data")

    names = [one["name"] for one in orders.get_order(delivered)["_links"]["results"]]
    assert paths == [Path("data", name) for name in names]
    manifest = json.loads(Path("data", delivered, "manifest.json").read_bytes())
    for file in manifest["files"]:
        content = Path("data", delivered, file["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["digests"]["sha256"]
    orders.validate_checksum(Path("data", delivered), "MD5")
    orders.validate_checksum(f"data/{delivered}", "sha256")


def test_p43_second_download_asks_for_no_file_and_gives_the_same_paths(orders, world, delivered, tmp_path):
    first = orders.download_order(delivered, tmp_path)
    world.log.clear()

    assert orders.download_order(delivered, tmp_path) == first
    assert seen(world, "GET", STORED) == []


def test_download_again_where_asked_to_overwrite(orders, world, delivered, tmp_path):
    first = orders.download_order(delivered, tmp_path)
    world.log.clear()

    assert orders.download_order(delivered, tmp_path, overwrite=True) == first
    assert len(seen(world, "GET", STORED)) == 2


def test_p04_short_or_spoilt_file_of_an_earlier_run_is_replaced(orders, delivered, tmp_path):
    """The official SDK keeps whatever has the name."""
    paths = orders.download_order(delivered, tmp_path)
    images = [one for one in paths if one.suffix == ".tif"]
    whole = [one.read_bytes() for one in images]
    images[0].write_bytes(whole[0][:100])
    images[1].write_bytes(whole[1][:-1] + bytes([whole[1][-1] ^ 1]))

    orders.download_order(delivered, tmp_path)

    assert [one.read_bytes() for one in images] == whole


def test_p05_download_cut_short_goes_on_where_it_ended(orders, world, delivered, tmp_path):
    world.faults.add(method="GET", path=STORED, truncate_at=2000)

    orders.download_order(delivered, tmp_path)

    orders.validate_checksum(tmp_path / delivered, "sha256")
    ranges = [one.headers["range"] for one in seen(world, "GET", STORED) if "range" in one.headers]
    assert ranges == ["bytes=2000-"]


def test_p07_spoilt_file_never_gets_its_name(orders, world, delivered, tmp_path):
    world.faults.add(method="GET", path=STORED, flip_bit_at=1500)

    with pytest.raises(Exception, match="checksum") as caught:
        orders.download_order(delivered, tmp_path)

    assert caught.value.details["report"].failed[0].error.__class__ is ChecksumMismatch
    assert len(list(tmp_path.rglob("*.tif"))) == 1


def test_p20_links_that_died_are_renewed(orders, world, delivered, tmp_path):
    known = orders.get_order(delivered)
    for result in known["_links"]["results"]:
        if not result["name"].endswith("manifest.json"):
            result["location"] = result["location"].replace("token=", "token=dead")
    world.faults.add(method="GET", path=ONE, status=200, body=known)

    orders.download_order(delivered, tmp_path)

    orders.validate_checksum(tmp_path / delivered, "sha256")
    assert len(seen(world, "GET", ONE)) == 3  # this test's own, the one answered here, one more for all files


@pytest.mark.parametrize("results", [None, [], ...])
def test_download_of_an_order_without_results_gives_nothing(orders, world, delivered, tmp_path, results):
    known = orders.get_order(delivered)
    known["_links"].pop("results")
    if results is not ...:
        known["_links"]["results"] = results
    world.faults.add(method="GET", path=ONE, status=200, body=known)

    assert orders.download_order(delivered, tmp_path) == []


def test_download_of_an_order_that_has_not_ended_says_its_state(orders, request_of, tmp_path):
    order = orders.create_order(request_of())

    with pytest.raises(ClientError, match=r"order state \(queued\) is not a final state"):
        orders.download_order(order["id"], tmp_path)


def test_download_of_what_went_to_a_cloud_gives_nothing(orders, request_of, tmp_path):
    cloud = order_request.google_earth_engine("project", "collection")
    order = orders.create_order(request_of(delivery=cloud))
    orders.wait(order["id"], delay=0)

    assert orders.download_order(order["id"], tmp_path) == []


def test_p46_hostile_names_stay_in_the_folder(orders, world, delivered, tmp_path):
    known = orders.get_order(delivered)
    results = known["_links"]["results"]
    one, two = [result for result in results if result["name"].endswith(".tif")]
    results[:] = [{**one, "name": "../../../escaped.tif"}, {**two, "name": "/etc/field 12.tif"}]
    world.faults.add(method="GET", path=ONE, status=200, body=known)

    paths = orders.download_order(delivered, tmp_path / "in")

    assert paths == [tmp_path / "in" / "escaped.tif", tmp_path / "in" / "etc" / "field 12.tif"]
    assert all(one.is_file() for one in paths)
    assert [one.name for one in tmp_path.iterdir()] == ["in"]


def test_zipped_order_keeps_the_name_it_was_given(orders, request_of, tmp_path):
    order = orders.create_order(request_of("field 12", delivery=order_request.delivery("zip", single_archive=True)))
    orders.wait(order["id"], delay=0)

    paths = orders.download_order(order["id"], tmp_path)

    assert tmp_path / order["id"] / f"field 12_{order['id']}.zip" in paths
    orders.validate_checksum(tmp_path / order["id"], "md5")


def test_asset_is_named_by_the_server_or_the_caller(orders, delivered, tmp_path):
    link, name = next(
        (one["location"], one["name"].rsplit("/", 1)[-1])
        for one in orders.get_order(delivered)["_links"]["results"]
        if one["name"].endswith(".tif")
    )

    named = orders.download_asset(link, directory=tmp_path / "new")
    own = orders.download_asset(link, filename="own.tif", directory=tmp_path, progress_bar=False)

    assert named == tmp_path / "new" / name
    assert own.read_bytes() == named.read_bytes()


def test_asset_that_is_there_stays_unless_overwritten(orders, delivered, tmp_path):
    link = next(
        one["location"] for one in orders.get_order(delivered)["_links"]["results"] if one["name"].endswith(".tif")
    )
    here = tmp_path / "own.tif"
    here.write_bytes(b"mine")

    assert orders.download_asset(link, "own.tif", tmp_path) == here
    assert here.read_bytes() == b"mine"
    orders.download_asset(link, "own.tif", tmp_path, overwrite=True)
    assert here.read_bytes()[:2] in {b"II", b"MM"}


def test_checksums_say_what_is_wrong(orders, tmp_path):
    manifest = tmp_path / "manifest.json"

    with pytest.raises(ClientError, match=r"File \(.*manifest.json\) does not exist"):
        orders.validate_checksum(tmp_path, "MD5")
    manifest.write_text("nonsense")
    with pytest.raises(ClientError, match="does not contain valid JSON"):
        orders.validate_checksum(tmp_path, "MD5")
    with pytest.raises(ClientError, match=r"Checksum \(crc\) must be one of MD5 or SHA256"):
        orders.validate_checksum(tmp_path, "crc")
    digests = {"md5": hashlib.md5(b"1").hexdigest(), "sha256": hashlib.sha256(b"1").hexdigest()}
    manifest.write_text(json.dumps({"files": [{"path": "a/b.tif", "digests": digests}]}))
    with pytest.raises(ClientError, match=r"Checksum failed\. File \(.*b.tif\) does not exist"):
        orders.validate_checksum(tmp_path, "sha256")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.tif").write_bytes(b"2")
    with pytest.raises(ClientError, match=r"File \(.*b.tif\) checksums do not match"):
        orders.validate_checksum(tmp_path, "md5")
    (tmp_path / "a" / "b.tif").write_bytes(b"1")
    Orders.validate_checksum(tmp_path, "Sha256")


def test_p06_manifest_that_is_no_json_is_an_error(orders, world, delivered, tmp_path):
    world.faults.add(method="GET", path=r"/storage/.*manifest\.json", html=True, times=None)

    with pytest.raises(UnexpectedResponse, match="no JSON"):
        orders.download_order(delivered, tmp_path)


# --- basemaps --------------------------------------------------------------------------------------------------------

MOSAIC = "sandbox_fields_2024_mosaic"
AREA = {"type": "Polygon", "coordinates": [[[5.1, 52.1], [5.4, 52.1], [5.4, 52.2], [5.1, 52.2], [5.1, 52.1]]]}


def basemap(product, **more):
    return order_request.build_request(f"basemap {uuid.uuid4()}", [product], source_type="basemaps", **more)


def test_basemap_order_delivers_its_quads(orders, tmp_path):
    order = orders.create_order(basemap(order_request.basemap_product(MOSAIC, AREA)))
    orders.wait(order["id"], delay=0)

    paths = orders.download_order(order["id"], tmp_path)

    orders.validate_checksum(tmp_path / order["id"], "sha256")
    assert len([one for one in paths if one.suffix == ".tif" and one.parent.name == MOSAIC]) > 1
    assert order["id"] in [one["id"] for one in orders.list_orders(source_type="basemaps")]
    assert order["id"] not in [one["id"] for one in orders.list_orders(source_type="scenes")]


def test_basemap_order_takes_the_tools_of_basemaps(orders, tmp_path):
    tools = [
        order_request.merge_tool(),
        order_request.clip_tool(AREA),
        order_request.reproject_tool("EPSG:4326"),
        order_request.band_math_tool("b1-b3"),
    ]
    order = orders.create_order(basemap(order_request.basemap_product(MOSAIC, AREA), tools=tools))
    orders.wait(order["id"], delay=0)

    (image,) = [one for one in orders.download_order(order["id"], tmp_path) if one.suffix == ".tif"]

    assert image.name.startswith("merged")
    with rasterio.open(image) as found:
        assert (found.count, found.crs.to_epsg()) == (1, 4326)


@pytest.mark.parametrize(
    ("product", "more", "said"),
    [
        ({"mosaic_name": "nothing", "quad_ids": ["1-1"]}, {}, "unknown mosaic 'nothing'"),
        ({"mosaic_name": MOSAIC}, {}, "either geometry or quad_ids"),
        ({"mosaic_name": MOSAIC, "quad_ids": ["1-1"]}, {}, "not all of these quads"),
        ({"mosaic_name": MOSAIC, "quad_ids": ["1-1"] * 101}, {}, "1 to 100 quads"),
        (order_request.basemap_product(MOSAIC, AREA), {"tools": [{"toar": {}}]}, "toar: not available for basemaps"),
    ],
)
def test_basemap_order_that_cannot_be_is_refused(orders, product, more, said):
    with pytest.raises(Rejected, match=said):
        orders.create_order(basemap(product, **more))


def test_merge_is_refused_for_scenes(orders, request_of):
    with pytest.raises(Rejected, match="merge: only available for basemaps"):
        orders.create_order(request_of(tools=[order_request.merge_tool()]))
