# SPDX-License-Identifier: Apache-2.0
"""``swath planet`` against the stand-in: what is printed, what is fetched, how commands end."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import pytest

from swath_planet.sandbox import make_stand_in  # noqa: F401  the stand-in is installed

AREA = {"type": "Polygon", "coordinates": [[[5.45, 52.45], [5.55, 52.45], [5.55, 52.5], [5.45, 52.5], [5.45, 52.45]]]}
TYPED = json.dumps(AREA)
UNKNOWN = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"
HOUR = 3600.0


@pytest.fixture
def world(cli_box):
    cli_box.world.faults.clear()
    yield cli_box.world
    cli_box.world.faults.clear()


@pytest.fixture(scope="session")
def found(cli_box):
    """Ids of two scenes."""
    done = subprocess.run(
        [sys.executable, "-m", "swath", "planet", "data", "search", "PSScene", "--geom", TYPED, "--limit", "2"],
        env={**os.environ, **cli_box.env}, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return [json.loads(line)["id"] for line in done.stdout.splitlines()]


@pytest.fixture
def request_text(swath_planet, found):
    words = ["orders", "request", ",".join(found), "--item-type", "PSScene", "--bundle", "visual", "--name", "look"]
    return swath_planet(*words, "--no-stac").out


@pytest.fixture
def order(swath_planet, request_text):
    """A new order's id."""
    return swath_planet("orders", "create", "-", given=request_text).json["id"]


# --- output -------------------------------------------------------------------------------------------------------------


def test_p09_a_limit_that_is_reached_is_said(swath_planet):
    some = swath_planet("data", "search", "PSScene", "--geom", TYPED, "--limit", "2")
    few = swath_planet("data", "search-list", "--search-type", "saved", "--limit", "50")

    assert len(some.lines) == 2
    assert some.err == "Stopped at --limit=2; there may be more. --limit=0 gives all.\n"
    assert few.err == ""


def test_lists_print_a_record_a_line_as_planet_has_it(swath_planet):
    plain = swath_planet("data", "search", "psscene", "--geom", TYPED, "--limit", "2", "--sort", "acquired asc")
    pretty = swath_planet(
        "data", "search", "PSScene", "--geom", TYPED, "--limit", "1", "--sort", "acquired asc", "--pretty"
    )

    assert [one["type"] for one in plain.lines] == ["Feature", "Feature"]
    assert plain.lines[0]["properties"]["acquired"] <= plain.lines[1]["properties"]["acquired"]
    assert pretty.out.startswith('{\n  "type"')
    assert pretty.json == plain.lines[0]


@pytest.mark.parametrize(
    "words", [["data", "item-types"], ["orders", "item-types"], ["orders", "bundles"], ["subscriptions", "item-types"]]
)
def test_sets_are_printed_in_one_sequence(swath_planet, words):
    told = swath_planet(*words).json

    assert told == sorted(told)
    assert {"PSScene", "visual"} & {*told}


def test_what_planet_tells_anyone_needs_no_account(swath_planet, monkeypatch):
    monkeypatch.delenv("PL_API_KEY")

    assert "visual" in swath_planet("orders", "bundles").json
    assert swath_planet("orders", "list").code == 3
    refused = swath_planet("orders", "request", "a", "--item-type", "PSScene", "--bundle", "nothing", "--name", "n")
    assert (refused.code, "'visual'" in refused.err) == (2, True)


def test_reader_that_goes_away_early_is_no_failure(cli_box, tmp_path):
    words = ["planet", "data", "search", "PSScene", "--limit", "600"]
    running = subprocess.Popen(
        [sys.executable, "-m", "swath", *words],
        env={**os.environ, **cli_box.env, "SWATH_HOME": str(tmp_path / "swath")},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip

    assert json.loads(running.stdout.readline())["type"] == "Feature"
    running.stdout.close()
    said = running.stderr.read()
    running.stderr.close()

    assert running.wait(timeout=60) == 0
    assert said == ""


# --- data ---------------------------------------------------------------------------------------------------------------


def test_saved_searches_live_and_die(swath_planet):
    empty = '{"type": "AndFilter", "config": []}'
    made = swath_planet("data", "search-create", "PSScene", "--filter", empty, "--name", "w", "--geom", TYPED).json
    changed = swath_planet(
        "data", "search-update", made["id"], "PSScene", "--filter", empty, "--name", "x", "--daily-email"
    ).json

    assert (changed["name"], changed["__daily_email_enabled"]) == ("x", True)
    assert swath_planet("data", "search-get", made["id"]).json["name"] == "x"
    assert len(swath_planet("data", "search-run", made["id"], "--limit", "1").lines) == 1
    gone = swath_planet("data", "search-delete", made["id"])
    assert (gone.code, gone.out) == (0, "")
    for command in ("search-get", "search-delete"):
        told = swath_planet("data", command, made["id"])
        assert told.code == 4
        assert "does not exist" in told.err


def test_stats_take_an_interval_in_any_case(swath_planet):
    area = swath_planet("data", "filter", "--geom", TYPED, "--date-range", "acquired", "gte", "2026-06-01").out
    made = swath_planet("data", "stats", "PSScene", "--filter", area, "--interval", "YEAR").json

    assert made["interval"] == "year"
    assert sum(bucket["count"] for bucket in made["buckets"]) > 10


def test_item_and_coverage(swath_planet, found):
    assert swath_planet("data", "item-get", "PSScene", found[0]).json["id"] == found[0]
    covered = swath_planet("data", "item-coverage", "PSScene", found[0], "--geom", TYPED, "--mode", "estimate")
    assert covered.json["status"] == "complete"
    assert swath_planet("data", "item-get", "PSScene", "nothing").code == 4


def test_asset_from_activation_to_file(swath_planet, world, found, tmp_path):
    asset = ["PSScene", found[0], "ortho_visual"]
    early = swath_planet("data", "asset-download", *asset)
    short = swath_planet("data", "asset-wait", *asset, "--delay", "0", "--max-attempts", "1")
    assert swath_planet("data", "asset-activate", *asset).code == 0
    world.clock.advance(HOUR)
    ready = swath_planet("data", "asset-wait", *asset, "--delay", "0").json
    fetched = swath_planet("data", "asset-download", *asset, "--directory", "out", "--checksum")
    named = swath_planet("data", "asset-download", *asset, "--directory", "out", "--filename", "a.tif")

    assert early.code == 2
    assert "swath planet data asset-activate" in early.err
    assert short.code == 1
    assert "Maximum number of attempts (1) reached" in short.err
    assert ready["status"] == "active"
    path = tmp_path / "here" / fetched.out.strip()
    assert hashlib.md5(path.read_bytes()).hexdigest() == ready["md5_digest"]
    assert (tmp_path / "here" / "out" / "a.tif").read_bytes() == path.read_bytes()
    assert fetched.err == f"{path.name} has the digest that Planet tells.\n"
    assert named.out == f"out{os.sep}a.tif\n"


def test_file_that_is_there_is_left_alone_unless_told(swath_planet, world, found, tmp_path):
    asset = ["PSScene", found[1], "ortho_visual"]
    swath_planet("data", "asset-activate", *asset)
    world.clock.advance(HOUR)
    path = tmp_path / "here" / "a.tif"
    path.write_text("mine")

    left = swath_planet("data", "asset-download", *asset, "--filename", "a.tif")
    assert (left.code, left.out, path.read_text()) == (0, "a.tif\n", "mine")
    wrong = swath_planet("data", "asset-download", *asset, "--filename", "a.tif", "--checksum")
    assert (wrong.code, wrong.out, path.read_text()) == (wrong.code or 1, "", "mine")
    assert swath_planet("data", "asset-download", *asset, "--filename", "a.tif", "--overwrite").code == 0
    assert path.stat().st_size > 1000


def test_order_without_files_downloads_none(swath_planet, order):
    swath_planet("orders", "cancel", order)

    told = swath_planet("orders", "download", order)

    assert (told.code, told.out) == (0, "")
    assert told.err.endswith("0 files\n")


def test_asset_that_is_not_there_is_said_with_those_that_are(swath_planet, found):
    told = swath_planet("data", "asset-get", "PSScene", found[0], "nothing")

    assert told.code == 2
    assert "ortho_visual" in told.err
    assert "ortho_visual" in swath_planet("data", "asset-list", "PSScene", found[0]).json


# --- orders -------------------------------------------------------------------------------------------------------------


def test_order_from_request_to_checked_files(swath_planet, world, order, tmp_path):
    assert swath_planet("orders", "download", order).code == 2
    assert not list((tmp_path / "here").iterdir())
    world.clock.advance(HOUR)
    waited = swath_planet("orders", "wait", order, "--delay", "0")
    fetched = swath_planet("orders", "download", order, "--directory", "out", "--checksum", "sha256")
    again = swath_planet("orders", "download", order, "--directory", "out")

    assert (waited.code, waited.out, waited.err) == (0, "success\n", "")
    names = {path.removeprefix(f"out{os.sep}{order}{os.sep}") for path in fetched.out.splitlines()}
    assert "manifest.json" in names
    assert all((tmp_path / "here" / path).is_file() for path in fetched.out.splitlines())
    assert fetched.err.endswith("each with the SHA256 of the manifest\n")
    assert again.out == fetched.out


def test_order_that_is_running_can_be_waited_for(swath_planet, order):
    assert swath_planet("orders", "wait", order, "--delay", "0", "--state", "queued").out == "queued\n"
    short = swath_planet("orders", "wait", order, "--delay", "0", "--max-attempts", "2")

    assert short.code == 1
    assert "Maximum number of attempts (2) reached" in short.err
    assert "--max-attempts 0" in short.err


def test_p14_order_that_failed_is_no_success(swath_planet, world, order):
    world.faults.add(provider="planet", path=rf"/orders/v2/{order}$", times=None, merge={"state": "failed"})
    failed = swath_planet("orders", "wait", order, "--delay", "0")
    world.faults.clear()
    world.faults.add(provider="planet", path=rf"/orders/v2/{order}$", times=None, merge={"state": "partial"})
    partial = swath_planet("orders", "wait", order, "--delay", "0")

    assert (failed.code, failed.out) == (1, "failed\n")
    assert f"swath planet orders get {order}" in failed.err
    assert (partial.code, partial.out) == (6, "partial\n")


def test_cancelled_order_is_printed_as_json(swath_planet, order):
    cancelled = swath_planet("orders", "cancel", order).json
    late = swath_planet("orders", "cancel", order)

    assert (cancelled["id"], cancelled["state"]) == (order, "cancelled")
    assert late.code == 1
    assert "Order not in a cancellable state" in late.err


def test_several_orders_are_cancelled_at_once(swath_planet, order, request_text):
    other = swath_planet("orders", "create", request_text).json["id"]
    some = swath_planet("orders", "bulk-cancel", order, other).json
    late = swath_planet("orders", "bulk-cancel", order)

    assert some["result"]["succeeded"]["count"] == 2
    assert late.code == 6
    assert swath_planet("orders", "bulk-cancel", "--all").code == 0
    assert swath_planet("orders", "stats").json["user"]["queued_orders"] == 0


def test_orders_come_by_pipe(swath_planet, request_text):
    made = [swath_planet("orders", "create", "-", given=request_text).out for _ in range(2)]
    order = json.loads(made[0])["id"]
    cancelled = swath_planet("orders", "bulk-cancel", "-", given="".join(made)).json
    two = swath_planet("orders", "get", "-", given="".join(made))

    assert cancelled["result"]["succeeded"]["count"] == 2
    assert swath_planet("orders", "get", "-", given=made[0]).json["id"] == order
    assert swath_planet("orders", "get", "-", given=order).json["id"] == order
    assert two.code == 2
    assert "holds 2 orders; this takes one" in two.err


def test_lists_of_orders_are_filtered_by_planet(swath_planet, world, order):
    last = len(world.log)
    told = swath_planet(
        "orders", "list", "--state", "queued", "--name", "look", "--hosting", "false", "--limit", "1", "--sort-by",
        "created_on DESC", "--created-on", "2020-01-01T00:00:00Z/..",
    )  # fmt: skip

    assert told.lines[0]["id"] == order
    query = next(entry.query for entry in list(world.log)[last:] if entry.path.endswith("/orders/v2"))
    assert query["source_type"] == ["all"]
    assert query["hosting"] == ["false"]


def test_order_is_sent_once_whatever_happens(swath_planet, world, request_text):
    world.faults.add(provider="planet", method="POST", path=r"/orders/v2$", drop="after")
    last = len(world.log)
    told = swath_planet("orders", "create", "-", given=request_text)

    assert told.code not in {0, 2}
    assert "swath planet orders list --name" in told.err
    assert len([entry for entry in list(world.log)[last:] if entry.method == "POST"]) == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["orders", "get", UNKNOWN], 4, "Could not load order ID"),
        (["orders", "create", '{"name": "x"}'], 1, "products is required"),
        (["--auth-api-key", "wrong", "orders", "list"], 3, "401"),
        (["data", "search", "Nothing"], 2, "PSScene"),
        (["features", "collections", "get", "nothing"], 4, "404"),
    ],
)
def test_failures_have_exit_codes_of_their_own(swath_planet, words, code, said):
    told = swath_planet(*words)

    assert told.code == code, told.err
    assert said in told.err
    assert "Hint:" in told.err
    assert told.out == ""


@pytest.mark.parametrize("trailing", ["", "/"])
def test_one_service_may_be_elsewhere(swath_planet, cli_box, monkeypatch, order, trailing):
    root = cli_box.env["SWATH_PLANET_URL"]
    monkeypatch.setenv("SWATH_PLANET_URL", "http://127.0.0.1:9")

    assert swath_planet("orders", "-u", f"{root}/compute/ops{trailing}", "get", order).json["id"] == order
    assert swath_planet("--base-url", root, "orders", "get", order).json["id"] == order


# --- the other services ---------------------------------------------------------------------------------------------------


def test_features_from_collection_to_search(swath_planet, tmp_path):
    (tmp_path / "area.json").write_text(TYPED)
    collection = swath_planet("features", "collections", "create", "-t", "Farms", "--desc", "all").json
    refs = swath_planet("features", "items", "add", collection, tmp_path / "area.json").json
    item = swath_planet("features", "items", "list", collection).json[0]

    assert refs == [item["properties"]["pl:ref"]]
    assert swath_planet("features", "items", "get", refs[0]).json == item
    assert swath_planet("features", "items", "get", collection, item["id"]).json == item
    compact = swath_planet("features", "collections", "list", "--compact").json
    assert {"id": collection, "title": "Farms", "description": "all"} in compact
    assert swath_planet("features", "collections", "get", collection).json["title"] == "Farms"
    assert len(swath_planet("data", "search", "PSScene", "--geom", refs[0], "--limit", "1").lines) == 1
    assert swath_planet("features", "items", "delete", refs[0]).code == 0
    assert swath_planet("features", "collections", "delete", collection).code == 0
    assert swath_planet("features", "collections", "get", collection).code == 4


def test_destinations_hold_secrets_that_are_not_shown(swath_planet):
    secret = "canary-secret-4711"
    keys = ["--access-key-id", "a", "--secret-access-key", "-"]
    made = swath_planet(
        "destinations", "create", "s3", "--bucket", "b", "--region", "r", "--name", "mine", *keys, given=f"{secret}\n"
    )
    one = made.json["id"]

    assert secret not in made.out + made.err
    assert swath_planet("destinations", "update", "s3", one, *keys, given=secret).json["id"] == one
    assert swath_planet("destinations", "rename", one, "other").json["name"] == "other"
    assert swath_planet("destinations", "default", "get").code == 4
    assert swath_planet("destinations", "default", "set", one).json["id"] == one
    assert swath_planet("destinations", "list", "--is-default", "true").json["destinations"][0]["id"] == one
    unset = swath_planet("destinations", "default", "unset")
    assert (unset.code, unset.out) == (0, "")
    assert swath_planet("destinations", "archive", one).json["archived"]
    assert not swath_planet("destinations", "unarchive", one).json["archived"]
    assert swath_planet("destinations", "get", one).json["name"] == "other"


@pytest.mark.parametrize("spoilt", [False, True])
def test_p27_secrets_of_a_destination_are_nowhere(swath_planet, world, spoilt):
    secret = "canary-secret-0815"
    if spoilt:
        world.faults.add(
            provider="planet", method="POST", path="/destinations/v1", status=400, body=f"bad key {secret}"
        )
    words = ["--bucket", "b", "--region", "r", "--name", f"canary {spoilt}", "--access-key-id", "a"]
    told = swath_planet("destinations", "create", "s3", *words, "--secret-access-key", secret, "-vv")

    assert told.code == spoilt
    assert secret not in told.out + told.err


@pytest.mark.parametrize(
    ("words", "kind", "parameters"),
    [
        (
            ["s3-compatible", "--bucket", "b", "--endpoint", "https://e.example", "--region", "r", "--access-key-id", "a",
             "--secret-access-key", "s", "--use-path-style"],
            "s3_compatible",
            {"bucket": "b", "endpoint": "https://e.example", "region": "r", "use_path_style": True},
        ),
        (
            ["ocs", "--bucket", "b", "--namespace", "n", "--region", "r", "--access-key-id", "a", "--secret-access-key",
             "s"],
            "oracle_cloud_storage",
            {"bucket": "b", "namespace": "n", "region": "r"},
        ),
        (
            ["azure", "--container", "c", "--account", "a", "--sas-token", "s", "--storage-endpoint-suffix", "x"],
            "azure_blob_storage",
            {"container": "c", "account": "a", "storage_endpoint_suffix": "x"},
        ),
        (["gcs", "--bucket", "g", "--credentials", "s"], "google_cloud_storage", {"bucket": "g"}),
    ],
)  # fmt: skip
def test_destinations_of_every_kind(swath_planet, words, kind, parameters):
    made = swath_planet("destinations", "create", *words, "--name", kind).json

    assert (made["type"], made["name"]) == (kind, kind)
    assert parameters.items() <= made["parameters"].items()


def test_subscription_from_source_to_results(swath_planet, world):
    source = swath_planet(
        "subscriptions", "request-catalog", "--item-types", "PSScene", "--asset-types", "ortho_visual", "--geometry",
        TYPED, "--start-time", "2026-03-01", "--end-time", "2026-03-10",
    ).out  # fmt: skip
    request = swath_planet(
        "subscriptions", "request", "--name", "s", "--source", source, "--hosting", "sentinel_hub"
    ).out
    made = swath_planet("subscriptions", "create", "-", given=request).json["id"]
    world.clock.advance(48 * HOUR)
    results = swath_planet("subscriptions", "results", made, "--status", "success", "--status", "failed")
    table = swath_planet("subscriptions", "results", made, "--csv")

    assert results.lines
    assert table.out.splitlines()[0].startswith("id,status")
    assert swath_planet("subscriptions", "get", made).json["name"] == "s"
    assert made in [one["id"] for one in swath_planet("subscriptions", "list", "--name", "s").lines]
    assert swath_planet("subscriptions", "summarize").json["subscriptions"]
    assert swath_planet("subscriptions", "summarize", "--subscription-id", made).json["results"]["success"]


def test_subscriptions_are_changed_stopped_and_ended(swath_planet):
    source = {"parameters": {"item_types": ["PSScene"], "asset_types": ["ortho_visual"], "geometry": AREA,
                             "start_time": "2026-03-01T00:00:00Z"}}  # fmt: skip
    request = json.dumps({"name": "t", "source": source, "hosting": {"type": "sentinel_hub", "parameters": {}}})
    made = swath_planet("subscriptions", "create", request).json["id"]

    assert swath_planet("subscriptions", "patch", made, '{"name": "u"}').json["name"] == "u"
    assert swath_planet("subscriptions", "update", made, request).json["name"] == "t"
    assert swath_planet("subscriptions", "suspend", made, "--details", "why").json["id"] == made
    assert swath_planet("subscriptions", "reactivate", made).out == ""
    assert swath_planet("subscriptions", "bulk-suspend", "--subscription-ids", made).code == 0
    assert swath_planet("subscriptions", "bulk-reactivate", "--all-mine").code == 0
    assert swath_planet("subscriptions", "cancel", made).out == ""
    assert swath_planet("subscriptions", "get", made).json["status"] == "cancelled"


@pytest.mark.parametrize("join", ["\n", ","])
def test_subscriptions_in_bulk_come_as_list_or_as_lines(swath_planet, join, world):
    one = {"name": "bulk", "source": {"parameters": {"item_types": ["PSScene"], "asset_types": ["ortho_visual"],
           "geometry": AREA, "start_time": "2026-03-01T00:00:00Z"}}}  # fmt: skip
    text = join.join([json.dumps(one)] * 2)
    last = len(world.log)

    made = swath_planet(
        "subscriptions", "bulk-create", "-", "--hosting", "sentinel_hub", given=text if join == "\n" else f"[{text}]"
    )

    assert "list" in made.json["_links"]
    assert [len(entry.body["subscriptions"]) for entry in list(world.log)[last:] if entry.path.endswith("/bulk")] == [2]


def test_mosaics_from_list_to_files(swath_planet, tmp_path):
    mosaic = swath_planet("mosaics", "list").json[0]
    name, box = mosaic["name"], ["--bbox", "5.4,52.3,5.5,52.38"]
    quads = swath_planet("mosaics", "search", name, *box).json

    assert "_links" not in mosaic
    assert "_links" in swath_planet("mosaics", "list", "--links", "--name-contains", name).json[0]
    assert swath_planet("mosaics", "info", mosaic["id"]).json == mosaic
    assert swath_planet("mosaics", "search", name, *box, "--summary").json["total_quads"] == len(quads)
    assert swath_planet("mosaics", "search", name, "--geometry", TYPED).json
    assert swath_planet("mosaics", "contributions", name, quads[0]["id"]).json
    assert swath_planet("mosaics", "download", name, *box, "--output-dir", "quads").code == 0
    assert {path.stem for path in (tmp_path / "here" / "quads").iterdir()} == {quad["id"] for quad in quads}
    told = swath_planet("mosaics", "info", "nothing")
    assert told.code == 4
    assert "Mosaic Not Found: nothing" in told.err


def test_series_of_mosaics(swath_planet):
    series = swath_planet("mosaics", "series", "list").json[0]
    latest = swath_planet("mosaics", "series", "list-mosaics", series["id"], "--latest").json
    since = swath_planet("mosaics", "series", "list-mosaics", series["id"], "--acquired_gt", "2030-01-01").json

    assert swath_planet("mosaics", "series", "info", series["name"]).json == series
    assert len(latest) == 1
    assert since == []


def test_quota_from_products_to_reservations(swath_planet):
    product = swath_planet("quota", "products", "list", "--compact", "--supports-reservation", "true").lines[0]
    collection = swath_planet("features", "collections", "create", "-t", "Quota").json
    ref = swath_planet("features", "items", "add", collection, TYPED).json[0]
    areas = ["--product-id", str(product["id"])]
    estimate = swath_planet("quota", "reservations", "estimate", *areas, "--aoi-ref", ref).json
    swath_planet("quota", "reservations", "create", *areas, "--aoi-refs", json.dumps([ref]))
    bulk = swath_planet("quota", "reservations", "bulk-reserve", *areas, "--aoi-ref", ref)
    kept = swath_planet(
        "quota", "reservations", "list", "--sort", "-id", "--filter", f"product_id={product['id']}"
    ).lines

    assert set(product) <= {"id", "name", "title", "quota_total", "quota_used", "supports_reservation"}
    assert estimate["total_cost"] > 0
    assert swath_planet("quota", "reservations", "get", kept[0]["id"]).json["id"] == kept[0]["id"]
    job = bulk.json["job_id"]
    assert job in [one["id"] for one in swath_planet("quota", "jobs", "list").lines]
    assert swath_planet("quota", "jobs", "get", job).json["status"]
