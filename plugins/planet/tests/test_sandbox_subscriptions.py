# SPDX-License-Identifier: Apache-2.0
"""Planet's stand-in over real HTTP: subscriptions, which deliver over time what the catalogue has."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid

import pytest
from shapely.geometry import Point, box, mapping

ROOT = "/subscriptions/v1"
AREA = mapping(box(5.4, 52.3, 5.5, 52.38))
S3 = {
    "type": "amazon_s3",
    "parameters": {
        "bucket": "b",
        "aws_region": "eu-west-1",
        "aws_access_key_id": "hidden-1",
        "aws_secret_access_key": "hidden-2",
    },
}
VIEWER = {"Authorization": "api-key sandbox-planet-viewer"}


@pytest.fixture
def client(client):
    yield client
    client.post(f"{ROOT}/suspend")


def asked(world, *, name="fields", begin=-20.0, end=None, **changes):
    """Make a request; times in days from now."""

    def day(days):
        return (world.clock.now() + dt.timedelta(days=days)).isoformat()

    parameters = {
        "item_types": ["PSScene"],
        "asset_types": ["ortho_analytic_4b"],
        "geometry": AREA,
        "start_time": day(begin),
        **({"end_time": day(end)} if end is not None else {}),
        **changes.pop("parameters", {}),
    }
    return {"name": name, "source": {"parameters": parameters}, "delivery": S3, **changes}


def create(client, body):
    made = client.post(ROOT, json=body)
    assert made.status_code == 201, made.text
    return made.json()


def results(client, made, **params):
    answer = client.get(f"{ROOT}/{made['id']}/results", params={"page_size": 10_000, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def found(client, body, *filters):
    """Search the catalogue for what a request asks for."""
    told = body["source"]["parameters"]
    when = {"gte": told["start_time"]} | ({"lt": told["end_time"]} if "end_time" in told else {})
    config = [
        {"type": "GeometryFilter", "field_name": "geometry", "config": AREA},
        {"type": "DateRangeFilter", "field_name": "acquired", "config": when},
        *filters,
    ]
    asked = {"item_types": ["PSScene"], "filter": {"type": "AndFilter", "config": config}}
    return {item["id"]: item for item in client.post("/data/v1/quick-search", json=asked).json()["features"]}


def ids(rows):
    return {row["properties"]["item_ids"][0] for row in rows}


def test_a_subscription_is_told_as_it_came_without_its_secrets(client, world, base_url):
    body = asked(world, end=20)
    made = create(client, body)

    assert (made["status"], made["name"], made["source"]["type"]) == ("preparing", "fields", "catalog")
    assert made["delivery"]["parameters"]["aws_access_key_id"] == "<REDACTED>"
    own = f"{base_url}{ROOT}/{made['id']}"
    assert made["_links"] == {"_self": own, "results": f"{own}/results"}
    text = client.get(own).text
    assert "hidden" not in text
    assert client.get(f"{ROOT}/", params={"page_size": 500}).json()["subscriptions"][0]["id"] == made["id"]
    assert client.get(own, headers=VIEWER).status_code == 404
    assert client.post(ROOT, headers=VIEWER, json=body).status_code == 403


def test_the_past_is_delivered_one_by_one_and_the_end_completes_it(client, world):
    body = asked(world, begin=-20, end=-5)
    made = create(client, body)
    wanted = found(client, body)

    assert results(client, made) == []
    world.clock.advance(11)
    assert client.get(f"{ROOT}/{made['id']}").json()["status"] == "running"
    some = results(client, made)
    assert 0 < len(some) < len(wanted)
    assert {row["status"] for row in some} <= {"created", "queued"}
    world.clock.advance(6)
    assert "queued" in {row["status"] for row in results(client, made)}
    world.clock.advance(6)
    assert "processing" in {row["status"] for row in results(client, made)}
    world.clock.advance(120)

    assert client.get(f"{ROOT}/{made['id']}").json()["status"] == "completed"
    every = results(client, made)
    assert ids(every) == set(wanted)
    assert {row["status"] for row in every} == {"success"}
    one = every[0]
    (item_id,) = one["properties"]["item_ids"]
    assert one["outputs"] == [f"PSScene/{item_id}_3B_AnalyticMS.tif"]
    assert one["completed"] == one["updated"] > one["created"]
    summary = client.get(f"{ROOT}/{made['id']}/summary").json()
    assert summary["results"]["success"] == len(wanted)
    assert summary["subscription"] == {"status": "completed"}


def test_new_items_are_delivered_as_they_are_published(client, world):
    body = asked(world, begin=0, end=10)
    made = create(client, body)
    world.clock.advance(60)
    assert results(client, made) == []

    world.clock.advance(5 * 86400)
    half = ids(results(client, made))
    world.clock.advance(8 * 86400)
    whole = ids(results(client, made))

    assert 0 < len(half) < len(whole)
    assert half < whole == set(found(client, body))
    assert client.get(f"{ROOT}/{made['id']}").json()["status"] == "completed"


def test_filter_tools_rule_and_assets_choose(client, world):
    cloud = {"type": "RangeFilter", "field_name": "cloud_cover", "config": {"lt": 0.3}}
    body = asked(world, begin=-90, end=-1, parameters={"filter": cloud})
    clear = create(client, body)
    tool = {"type": "cloud_filter", "parameters": {"cloud_percent": {"lte": 10}}}
    very = create(client, asked(world, begin=-90, end=-1, tools=[tool, {"type": "clip", "parameters": {}}]))
    month = (world.clock.now() - dt.timedelta(days=45)).month
    ruled = create(client, asked(world, begin=-90, end=-1, parameters={"rrule": f"FREQ=MONTHLY;BYMONTH={month}"}))
    eight = create(client, asked(world, begin=-90, end=-1, parameters={"asset_types": ["ortho_analytic_8b"]}))
    final = create(client, asked(world, begin=-90, end=-1, parameters={"publishing_stages": ["finalized"]}))
    world.clock.advance(300)
    everything = found(client, body)

    assert ids(results(client, clear)) == set(found(client, body, cloud))
    rows = results(client, very)
    assert ids(rows) == {k for k, item in everything.items() if item["properties"]["cloud_percent"] <= 10}
    assert rows[0]["outputs"][0].endswith("_clip.tif")
    acquired = {k: item["properties"]["acquired"] for k, item in everything.items()}
    assert ids(results(client, ruled)) == {k for k, time in acquired.items() if int(time[5:7]) == month}
    assert ids(results(client, eight)) == {k for k, item in everything.items() if "ortho_analytic_8b" in item["assets"]}
    stages = {k for k, item in everything.items() if item["properties"]["publishing_stage"] == "finalized"}
    assert ids(results(client, final)) == stages
    assert len(everything) > len(stages) > 0


def test_one_that_begins_later_is_pending(client, world):
    made = create(client, asked(world, begin=2))
    world.clock.advance(30)
    assert client.get(f"{ROOT}/{made['id']}").json()["status"] == "pending"
    world.clock.advance(2 * 86400)
    assert client.get(f"{ROOT}/{made['id']}").json()["status"] == "running"


def test_a_suspended_one_delivers_what_it_missed_once_it_goes_on(client, world):
    body = asked(world, begin=-5, end=9)
    made = create(client, body)
    own = f"{ROOT}/{made['id']}"
    world.clock.advance(11)

    told = client.post(f"{own}/suspend", json={"details": "holiday"})
    before = ids(results(client, made))
    world.clock.advance(6 * 86400)

    assert told.status_code == 202
    assert (told.json()["status"], told.json()["details"]) == ("suspended", "holiday")
    assert ids(results(client, made)) == before
    assert client.post(f"{own}/suspend").status_code == 409
    assert client.post(f"{own}/reactivate").status_code == 202
    assert client.post(f"{own}/reactivate").status_code == 409
    world.clock.advance(8 * 86400)
    rows = results(client, made)
    assert ids(rows) == set(found(client, body))
    assert len(rows) == len(ids(rows))


def test_a_cancelled_one_delivers_nothing_more(client, world):
    made = create(client, asked(world))
    own = f"{ROOT}/{made['id']}"
    world.clock.advance(15)
    count = len(results(client, made))

    assert client.post(f"{own}/cancel").status_code == 200
    world.clock.advance(86400 * 3)

    assert client.get(own).json()["status"] == "cancelled"
    assert {row["status"] for row in results(client, made)} == {"cancelled"}
    assert client.get(f"{own}/summary").json()["results"]["cancelled"] == count > 0
    assert client.post(f"{own}/cancel").status_code == 409


def test_put_replaces_and_patch_changes(client, world):
    made = create(client, asked(world, end=30))
    own = f"{ROOT}/{made['id']}"

    assert client.put(own, json=asked(world, name="new", end=40)).json()["name"] == "new"
    later = (world.clock.now() + dt.timedelta(days=99)).isoformat()
    patched = client.patch(own, json={"name": "newer", "source": {"parameters": {"end_time": later}}}).json()

    assert (patched["name"], patched["source"]["parameters"]["end_time"]) == ("newer", later)
    assert patched["source"]["parameters"]["item_types"] == ["PSScene"]
    assert client.patch(own, json={"name": ""}).status_code == 400
    assert client.put(own, json={}).status_code == 400


def test_many_are_made_suspended_and_reactivated_at_once(client, world):
    bodies = [
        asked(
            world, name="bulk", parameters={"start_time": asked(world, begin=n)["source"]["parameters"]["start_time"]}
        )
        for n in (5, 6, 7)
    ]
    told = client.post(f"{ROOT}/bulk", json={"subscriptions": bodies}).json()
    listed = client.get(told["_links"]["list"]).json()["subscriptions"]
    own = [one["id"] for one in listed]

    def states():
        rows = client.get(ROOT, params={"name": "bulk", "page_size": 500}).json()["subscriptions"]
        return {row["id"]: row["status"] for row in rows}

    assert len(own) == 3
    assert client.post(f"{ROOT}/suspend", json={"subscription_ids": own[:1]}).status_code == 202
    assert sorted(states().values()).count("suspended") == 1
    assert client.post(f"{ROOT}/suspend").status_code == 202
    assert set(states().values()) == {"suspended"}
    assert client.get(f"{ROOT}/summary").json()["subscriptions"]["suspended"] >= 3
    assert client.post(f"{ROOT}/reactivate", json={"subscription_ids": own}).status_code == 202
    assert "suspended" not in set(states().values())
    assert client.post(f"{ROOT}/suspend", json={"subscription_ids": [str(uuid.uuid4())]}).status_code == 404
    assert client.post(f"{ROOT}/bulk", json={"subscriptions": [{}]}).status_code == 400


def test_results_come_as_csv_too(client, world):
    made = create(client, asked(world, name="sandbox:bad-results", begin=-20, end=-5))
    world.clock.advance(300)

    answer = client.get(f"{ROOT}/{made['id']}/results", params={"format": "csv"})

    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.text.startswith("id,status,created,updated,completed,item_id,item_type,outputs,errors\n")
    assert [row["id"] for row in rows] == [row["id"] for row in results(client, made)]
    assert {row["status"] for row in rows} == {"success", "failed"}
    failed = results(client, made, status="failed")
    assert failed
    assert all(row["errors"] and not row["outputs"] for row in failed)
    both = results(client, made, status=["failed", "success"])
    assert len(both) == len(rows)
    one = both[0]
    assert one in results(client, made, item_datetime=f"{one['properties']['item_datetime'][:10]}/..")
    assert results(client, made, created="../2020-01-01") == []
    assert results(client, made, completed="2020-01-01/..") == both
    assert client.get(f"{ROOT}/{made['id']}/results", params={"status": "lost"}).status_code == 400


def test_results_and_lists_come_in_pages(client, world):
    made = create(client, asked(world, begin=-20, end=-5))
    world.clock.advance(300)
    url, seen = f"{ROOT}/{made['id']}/results?page_size=4", []
    while url:
        page = client.get(url).json()
        assert len(page["results"]) <= 4
        seen += page["results"]
        url = page["_links"].get("next")
    assert seen == results(client, made)
    first = client.get(ROOT, params={"page_size": 1}).json()
    assert len(first["subscriptions"]) == 1
    assert client.get(first["_links"]["next"]).json()["subscriptions"] != first["subscriptions"]
    assert client.get(ROOT, params={"page_size": 10_001}).status_code == 400


def test_lists_are_filtered_and_sorted(client, world):
    collection = client.post("/features/v1/ogc/my/collections", json={"title": "F"}).json()["id"]
    feature = {"type": "Feature", "geometry": AREA, "properties": {}}
    (ref,) = client.post(f"/features/v1/ogc/my/collections/{collection}/items", json=feature).json()
    referred = create(
        client, asked(world, name="list b", parameters={"geometry": {"type": "ref", "content": ref}}, end=20)
    )
    body = asked(world, name="list a", hosting={"type": "sentinel_hub", "parameters": {}})
    del body["delivery"]
    hosted = create(client, body)
    water = asked(world, name="list c", begin=-3)
    water["source"] = {
        "parameters": {"id": "SWC-X_V1", "geometry": AREA, "start_time": water["source"]["parameters"]["start_time"]}
    }
    product = create(client, water)

    def listed(**params):
        answer = client.get(ROOT, params={"name__contains": "list ", **params})
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["subscriptions"]]

    assert referred["source"]["parameters"]["geometry"]["content"] == ref
    assert listed(sort_by="name") == [hosted["id"], referred["id"], product["id"]]
    assert listed(sort_by="name DESC,created ASC")[0] == product["id"]
    assert listed(geom_ref=ref) == [referred["id"]]
    assert listed(hosting="true") == [hosted["id"]]
    assert listed(source_type="soil_water_content") == [product["id"]]
    assert len(listed(source_type="catalog")) == 2
    assert listed(end_time="2020-01-01/..") == [referred["id"]]
    assert len(listed(status=["preparing", "running"])) == 3
    assert listed(created="../2020-01-01T00:00:00Z") == []
    assert listed(user_id="all", name="list a") == [hosted["id"]]
    assert client.get(ROOT, params={"status": "lost"}).status_code == 400
    assert client.get(ROOT, params={"sort_by": "colour"}).status_code == 400
    world.clock.advance(86400)
    assert len(results(client, product)) >= 3
    assert ids(results(client, referred)) == set(found(client, asked(world, begin=-21, end=19)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "name"),
        ({"source": {}}, "source.parameters"),
        ({"parameters": {"item_types": ["PSScene", "SkySatScene"]}}, "item_types"),
        ({"parameters": {"asset_types": ["nonsense"]}}, "asset_types"),
        ({"parameters": {"geometry": {"type": "Point", "coordinates": [5, 52]}}}, "Polygon"),
        ({"parameters": {"geometry": mapping(Point(5, 52).buffer(0.1, quad_segs=500))}}, "1500"),
        ({"parameters": {"geometry": {"type": "ref", "content": "pl:features/my/absent-x/f"}}}, "does not exist"),
        ({"parameters": {"start_time": "soon"}}, "start_time"),
        ({"begin": 5, "end": 4}, "end_time"),
        ({"parameters": {"filter": {"type": "X"}}}, "filter"),
        ({"parameters": {"rrule": "FREQ=NEVER"}}, "rrule"),
        ({"tools": [{"type": "paint"}]}, "tools"),
        ({"tools": [{"type": "clip", "parameters": {"aoi": {"type": "Point", "coordinates": [5, 52]}}}]}, "clip"),
        ({"tools": [{"type": "cloud_filter", "parameters": {"rain_percent": {"lte": 1}}}]}, "cloud_filter"),
        ({"delivery": {"type": "ftp", "parameters": {}}}, "delivery.type"),
        ({"delivery": {"type": "amazon_s3", "parameters": {"bucket": "b"}}}, "aws_region"),
        ({"delivery": {"type": "destination", "parameters": {"ref": "pl:destinations/x"}}}, "does not exist"),
        ({"delivery": None}, "delivery"),
        ({"hosting": {"type": "sentinel_hub"}}, "exclude"),
        ({"notifications": {"webhook": {"url": "http://example.org", "topics": ["status.all"]}}}, "https"),
        ({"notifications": {"webhook": {"url": "https://example.org", "topics": ["all"]}}}, "topics"),
    ],
)
def test_what_is_no_subscription_is_refused_with_reasons(client, world, change, said):
    refused = client.post(ROOT, json=asked(world, **change))

    assert refused.status_code == 400
    error = refused.json()["error"]
    assert error["reason"] == "Request failed schema validation"
    assert any(said in detail for detail in error["details"]), error


def test_an_id_is_a_uuid(client):
    assert client.get(f"{ROOT}/nonsense").status_code == 400
    assert client.get(f"{ROOT}/{uuid.uuid4()}").json()["code"] == 404


def test_one_may_fail(client, world):
    made = create(client, asked(world, name="sandbox:failed"))
    world.clock.advance(30)
    assert client.get(f"{ROOT}/{made['id']}").json()["status"] == "failed"
