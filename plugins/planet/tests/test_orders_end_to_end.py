# SPDX-License-Identifier: Apache-2.0
"""Orders with everything that Planet offers, through swath's own words, against the stand-in."""

from __future__ import annotations

import base64
import json
import logging
import pickle

import pytest

from swath._open import make_provider
from swath.errors import NotSupported, OrderFailed, Rejected
from swath.models import Heard, OrderState, Secret
from swath_planet._api.features import Features
from swath_planet.provider import PlanetProvider

# The stand-in draws with rasterio, whose own multiplication of transforms affine 3 will one day refuse.
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")
CANARY = "canary-c0ffee"
FIELD = {
    "type": "Polygon",
    "coordinates": [[[5.42, 52.32], [5.48, 52.32], [5.48, 52.36], [5.42, 52.36], [5.42, 52.32]]],
}
POST = r"/compute/ops/orders/v2$"


@pytest.fixture
def opened(served, tmp_path, hasty):
    """Open the account again and again, as processes of one machine would."""
    world, base_url = served
    world.faults.clear()
    world.log.clear()
    providers = []

    def made():
        given = {"api_key": "sandbox-planet-key", "base_url": base_url, "webhook_login": f"me:{CANARY}"}
        home = tmp_path / "home"
        providers.append(
            make_provider("planet", profile=None, given=given, plugin=PlanetProvider(), clock=hasty, home=home)
        )
        return providers[-1]

    yield made
    world.faults.clear()
    for provider in providers:
        provider.close()
    assert [entry.error for entry in world.log if entry.error] == []


@pytest.fixture
def planet(opened):
    return opened()


@pytest.fixture
def items(planet):
    return list(planet.search(collections=["PSScene"], intersects=FIELD, max_items=2).items())


def posted(world):
    return [one.body for one in world.log if one.method == "POST" and one.path.endswith("/compute/ops/orders/v2")]


def everything(**more):
    return {
        "bundle": ["analytic_8b_sr_udm2", "analytic_sr_udm2", "analytic_udm2"],
        "clip": FIELD,
        "tools": [
            {"harmonize": {"target_sensor": "sentinel-2"}},
            {"reproject": {"projection": "EPSG:32631", "resolution": 30, "kernel": "cubic"}},
            {"bandmath": {"b1": "(b2-b1)/(b2+b1)", "pixel_type": "32r"}},
            {"file_format": {"format": "cog"}},
        ],
        "order_type": "partial",
        "email": True,
        "webhook": Secret(f"https://me:{CANARY}@example.org/hook"),
        "name": "field 12",
        **more,
    }


def test_order_with_everything_reaches_planet_as_it_was_meant(planet, served, items):
    order = planet.order(
        items, **everything(stac=True, archive_type="zip", single_archive=True, hosting="sentinel_hub")
    )

    (body,) = posted(served[0])
    assert body["name"] == f"field 12 {order.tag}"
    assert body["products"] == [
        {
            "item_type": "PSScene",
            "item_ids": [item.id for item in items],
            "product_bundle": "analytic_8b_sr_udm2,analytic_sr_udm2,analytic_udm2",
        }
    ]
    assert [next(iter(tool)) for tool in body["tools"]] == ["harmonize", "clip", "reproject", "bandmath", "file_format"]
    assert body["delivery"] == {"archive_type": "zip", "single_archive": True}
    assert body["notifications"]["email"]
    assert body["notifications"]["webhook"]["per_order"]
    assert body["metadata"] == {"stac": {}}
    assert body["hosting"] == {"sentinel_hub": {}}


def test_order_with_tools_comes_home_whole(planet, items, tmp_path):
    order = planet.wait(planet.order(items[:1], **everything(webhook=None)))

    (item,) = planet.download(order, tmp_path / "data")

    images = [asset for asset in item.assets.values() if "bandmath" in str(asset.extra_fields.get("planet:tools"))]
    assert images
    assert {asset.extra_fields["swath:verified"] for asset in images} == {"checksum"}


@pytest.mark.parametrize("tool", ["composite", "coregister", "toar", "tile"])
def test_each_other_tool_is_accepted_and_delivered(planet, served, items, tool, tmp_path):
    settings = {"coregister": {"anchor_item": items[0].id}, "toar": {"scale_factor": 1000}, "tile": {"tile_size": 32}}
    order = planet.order(items, bundle="analytic_udm2", tools=[{tool: settings.get(tool, {})}])

    planet.download(planet.wait(order), tmp_path)

    assert posted(served[0])[0]["tools"] == [{tool: settings.get(tool, {})}]
    assert list(tmp_path.rglob("*.tif"))


def test_order_clipped_to_a_stored_area(planet, served, items, tmp_path):
    features = Features(planet._session.context)
    (ref,) = features.add_items(
        features.create_collection("fields"), {"type": "Feature", "id": "f12", "geometry": FIELD}
    )

    order = planet.order(items[:1], bundle="visual", tools=[{"clip": {"aoi": ref}}])
    planet.download(planet.wait(order), tmp_path)

    assert posted(served[0])[0]["tools"] == [{"clip": {"aoi": {"type": "ref", "content": ref}}}]
    assert [path for path in tmp_path.rglob("*.tif") if "_clip" in path.name]
    assert "Reserving its area would take" in planet.quote(items, tools=[{"clip": {"aoi": ref}}]).note


def test_item_that_lacks_the_bundle_comes_in_a_fall_back(planet, tmp_path):
    """Older scenes have four bands and no eight."""
    search = planet.search(collections=["PSScene"], intersects=FIELD, datetime="2019-01-01/2019-12-31", max_items=1)
    order = planet.order(search, bundle=["analytic_8b_sr_udm2", "analytic_udm2"])

    (item,) = planet.download(planet.wait(order), tmp_path)

    assert {asset.extra_fields.get("planet:bundle_type") for asset in item.assets.values()} >= {"analytic_udm2"}


def test_p27_secrets_of_an_order_are_nowhere(  # noqa: PLR0917  fixtures
    planet, opened, served, items, tmp_path, caplog
):
    """Not in the ledger, the dry run, the logs, the errors, the order; and the order goes on without them."""
    caplog.set_level(logging.DEBUG)
    bucket = {
        "bucket": "b",
        "aws_region": "eu-west-1",
        "aws_access_key_id": Secret(f"{CANARY}-id"),
        "aws_secret_access_key": Secret(f"{CANARY}-key"),
    }
    given = everything(delivery={"amazon_s3": bucket}, prior_orders="785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55")

    dry = planet.order(items, dry_run=True, **given)
    order = planet.order(items, **given)
    served[0].faults.add(method="POST", path=POST, status=400, body={"message": "no such bucket"})
    with pytest.raises(Rejected) as caught:
        planet.order(items, again=True, **given)
    again = opened()
    done = again.wait(order.id)

    assert done.state is OrderState.SUCCEEDED
    shown = [dry, order, done, caught.value, caught.value.details, again.orders(), caplog.text, pickle.dumps(order)]
    assert CANARY not in repr(shown)
    assert CANARY not in str(dry.requests[0].body)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if CANARY.encode() in path.read_bytes()]
    assert again.order(items, **given).id == order.id
    assert again.download(done, tmp_path / "data") is not None


def test_p01_order_without_an_answer_is_found_by_its_tag(planet, served, items):
    served[0].faults.add(method="POST", path=POST, drop="after")

    order = planet.order(items, **everything(name="lost"))

    assert order.id
    assert planet.order(items, **everything(name="lost")).id == order.id
    assert len(posted(served[0])) == 1


def test_p14_wait_raises_for_an_order_that_failed(planet, items):
    """The official SDK gives the word "failed" and goes on."""
    order = planet.order(items, bundle="analytic_udm2", name="sandbox:failed")

    with pytest.raises(OrderFailed, match="asked to let the order fail"):
        planet.wait(order)


def test_webhook_of_an_order_makes_swath_look(planet, items):
    order = planet.order(items, **everything(name="told"))
    body = json.dumps({"order_id": order.id, "items": []}).encode()
    login = {"Authorization": f"Basic {base64.b64encode(f'me:{CANARY}'.encode()).decode()}"}

    forged = planet.receive({}, body)
    taken = planet.receive(login, body)
    twice = planet.receive(login, body)

    assert (forged.heard, taken.heard, twice.heard) == (Heard.REFUSED, Heard.NEW, Heard.DUPLICATE)
    assert taken.order.id == order.id


def test_cancel_of_a_queued_order(planet, items):
    order = planet.order(items, bundle="analytic_udm2", name="dropped")

    assert planet.cancel(order).state is OrderState.CANCELED


def test_task_is_not_offered_and_says_what_is(planet):
    with pytest.raises(NotSupported, match=r"offers no 'task'; it takes: order, subscribe"):
        planet.task(FIELD, "2027-01-01/2027-02-01")
