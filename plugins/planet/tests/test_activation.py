# SPDX-License-Identifier: Apache-2.0
"""Single assets as an order: activated at the Data API, tracked and fetched like any other order."""

from __future__ import annotations

import datetime as dt
import hashlib
import re

import pytest

from swath._open import make_provider
from swath.errors import InputError, NotEntitled, NotFound, NotOrdered, OrderPartial, Rejected
from swath.models import DryRun, Order, OrderRequest, OrderState
from swath_planet import PlanetProvider
from swath_planet.activation import _id_of, _wanted_of
from swath_planet.assets import file_name_of, guess_asset_type

KEY, VIEWER = "sandbox-planet-key", "sandbox-planet-viewer"


class Clock:
    """The machine's, but what sleeps does not wait."""

    def __init__(self):
        self.ahead_s = 0.0

    def now(self):
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self.ahead_s)

    def monotonic(self):
        return self.now().timestamp()

    def sleep(self, seconds, *, wake=None):
        self.ahead_s += seconds
        return wake is not None and wake.is_set()


@pytest.fixture
def opened(world, base_url, tmp_path, monkeypatch):
    """Open the account anew, as a later process does: only the ledger is the same."""
    monkeypatch.setenv("SWATH_HOME", str(tmp_path / "home"))
    world.faults.clear()
    world.log.clear()

    def made(key=KEY):
        return make_provider(
            "planet",
            profile=None,
            given={"api_key": key, "base_url": base_url},
            plugin=PlanetProvider(),
            clock=Clock(),
        )

    yield made
    world.faults.clear()
    assert [entry.error for entry in world.log if entry.error] == []


_taken = iter(range(0, 1000, 3))


@pytest.fixture
def scenes(opened, world):
    """Give three scenes whose assets nobody has activated yet."""
    first = next(_taken)
    with opened() as planet:
        search = planet.search(
            collections=["PSScene"], bbox=[5.4, 52.3, 5.5, 52.38], datetime="2026-01-01/..", max_items=first + 3
        )
        found = list(search.items())[first:]
    world.log.clear()
    return found


def activations(world):
    return [entry.path for entry in world.log if entry.path.endswith("/activate")]


def test_assets_alone_are_activated_and_fetched(opened, world, scenes, tmp_path):
    with opened() as planet:
        order = planet.order(scenes[:2], assets=["ortho_visual", "ortho_analytic_4b_xml"])

        assert order.state is OrderState.SHIPPING
        assert order.progress == 0
        assert order.id == (
            f"assets:PSScene/{','.join(one.id for one in scenes[:2])}/ortho_visual,ortho_analytic_4b_xml"
        )
        order = planet.wait(order, progress=False)
        items = planet.download(order, tmp_path / "data", progress=False)

    assert order.state is OrderState.SUCCEEDED
    assert len(activations(world)) == 4
    assert not [entry for entry in world.log if entry.path.startswith("/compute/ops")], "no order was made"
    for scene, item in zip(scenes, items, strict=False):
        assert item.id == scene.id
        visual = item.assets["ortho_visual"]
        assert visual.href.endswith(f"{scene.id}_3B_Visual.tif")
        assert visual.extra_fields["file:checksum"].startswith("1220")
        assert [band["name"] for band in visual.extra_fields["bands"]] == ["red", "green", "blue", "alpha"]
        assert item.assets["ortho_analytic_4b_xml"].media_type == "application/xml"


def test_p07_files_have_the_md5_that_planet_publishes(opened, world, scenes, tmp_path):
    with opened() as planet:
        order = planet.wait(planet.order(scenes[:1], assets=["ortho_udm2"]), progress=False)
        (asset,) = PlanetProvider().download(planet._session.context, order)
        (item,) = planet.download(order, tmp_path / "data", progress=False)

    content = (tmp_path / "data" / scenes[0].id / asset.name).read_bytes()
    assert asset.checksum == "d50110" + hashlib.md5(content).hexdigest()
    assert asset.expires is not None
    assert item.assets["ortho_udm2"].extra_fields["file:size"] == len(content)


def test_p01_same_assets_are_one_order(opened, world, scenes):
    with opened() as planet:
        first = planet.order(scenes[:1], assets=["ortho_visual", "ortho_udm2"])
    with opened() as planet:
        second = planet.order(scenes[:1], assets=["ortho_udm2", "ortho_visual"])

    assert (second.id, second.tag) == (first.id, first.tag)
    assert len(activations(world)) == 2


def test_p02_order_goes_on_in_a_later_process_by_its_id(opened, world, scenes, tmp_path):
    with opened() as planet:
        order_id = planet.order(scenes[:1], assets=["ortho_visual"]).id
    with opened() as planet:
        order = planet.wait(order_id, progress=False)
    with opened() as planet:
        (item,) = planet.download(order_id, tmp_path / "data", progress=False)

    assert order.state is OrderState.SUCCEEDED
    assert "ortho_visual" in item.assets


def test_id_alone_says_what_to_look_at(opened, world, scenes):
    with opened() as planet:
        made = planet.order(scenes[:1], assets=["ortho_visual"])
        context = planet._session.context
        seen = PlanetProvider().wait(context, Order(provider="planet", id=made.id))

    assert seen.native_state == "activating"
    assert seen.message == "0 of 1 assets are active"


def test_id_of_several_item_types_is_read_back():
    items = [
        {"id": "a+b", "properties": {"planet:item_type": "PSScene"}},
        {"id": "c", "collection": "SkySatScene", "properties": {}},
    ]

    order_id = _id_of(OrderRequest(items=items, assets=["x", "y", "x"]))

    assert order_id == "assets:PSScene/a%2Bb/x,y+SkySatScene/c/x,y"
    assert [one.key for one in _wanted_of(order_id)] == [
        "PSScene/a+b/x", "PSScene/a+b/y", "SkySatScene/c/x", "SkySatScene/c/y",
    ]  # fmt: skip


@pytest.mark.parametrize("order_id", ["assets:", "assets:PSScene", "assets:PSScene//ortho_visual", "assets:a/b/c/d"])
def test_broken_id_is_not_found(opened, order_id):
    with opened() as planet, pytest.raises(NotFound):
        PlanetProvider().wait(planet._session.context, Order(provider="planet", id=order_id))


def test_assets_that_are_active_are_delivered_at_once(opened, world, scenes):
    with opened() as planet:
        planet.wait(planet.order(scenes[:1], assets=["ortho_visual"]), progress=False)
        world.log.clear()
        again = planet.order(scenes[:1], assets=["ortho_visual"], again=True)

    assert again.state is OrderState.SUCCEEDED
    assert activations(world) == []


def test_look_asks_only_for_what_is_not_active(opened, world, scenes):
    with opened() as planet:
        planet.wait(planet.order(scenes[:1], assets=["ortho_visual"]), progress=False)
        order = planet.order(scenes[:2], assets=["ortho_visual"])
        world.log.clear()
        planet.wait(order, progress=False)

    looked = {entry.path for entry in world.log}
    assert looked == {f"/data/v1/item-types/PSScene/items/{scenes[1].id}/assets"}


def test_item_without_the_asset_is_refused_before_anything_is_activated(opened, world, scenes):
    with opened() as planet, pytest.raises(InputError, match=f"{scenes[0].id} has no ortho_nothing") as caught:
        planet.order(scenes, assets=["ortho_visual", "ortho_nothing"])

    assert set(caught.value.details["items"]) == {one.id for one in scenes}
    assert activations(world) == []


def test_unknown_item_is_refused(opened, world, scenes):
    lost = scenes[0].clone()
    lost.id = "20260101_000000_00_0000"

    with opened() as planet, pytest.raises(InputError, match="no PSScene '20260101_000000_00_0000'"):
        planet.order([lost], assets=["ortho_visual"])


def test_p30_account_without_rights_is_not_entitled(opened, world, scenes):
    with opened(VIEWER) as planet, pytest.raises(NotEntitled, match="may not download"):
        planet.order(scenes[:1], assets=["ortho_visual"])

    assert activations(world) == []


def test_p30_refused_activation_is_no_wrong_key(opened, world, scenes):
    world.faults.add(path="/activate$", status=401, body={"message": "no"}, times=None)

    with opened() as planet, pytest.raises(NotEntitled, match="may not activate"):
        planet.order(scenes[:1], assets=["ortho_visual"])


def test_failed_activation_may_be_ordered_again(opened, world, scenes):
    world.faults.add(path="/activate$", status=400, call=2)

    with opened() as planet:
        with pytest.raises(Rejected):
            planet.order(scenes[:1], assets=["ortho_visual", "ortho_udm2"])
        order = planet.wait(planet.order(scenes[:1], assets=["ortho_visual", "ortho_udm2"]), progress=False)

    assert order.state is OrderState.SUCCEEDED


def test_evicted_asset_is_activated_again_while_waiting(opened, world, scenes):
    with opened() as planet:
        order = planet.order(scenes[:1], assets=["ortho_visual"])
        world.faults.add(path=r"/assets$", merge={"ortho_visual": {"status": "inactive"}}, times=2)
        order = planet.wait(order, progress=False)

    assert order.state is OrderState.SUCCEEDED
    assert len(activations(world)) == 3


def test_asset_that_never_becomes_active_fails_its_item(opened, world, scenes):
    with opened() as planet:
        order = planet.order(scenes[:2], assets=["ortho_visual"])
        world.faults.add(path=f"{scenes[0].id}/assets$", merge={"ortho_visual": {"status": "inactive"}}, times=None)

        with pytest.raises(OrderPartial, match="does not become active"):
            planet.wait(order, progress=False)
        order = planet.wait(order, accept_partial=True, progress=False)

    assert set(order.failed_items) == {scenes[0].id}


def test_evicted_asset_is_prepared_anew_before_a_download(opened, world, scenes, tmp_path):
    with opened() as planet:
        order = planet.wait(planet.order(scenes[:1], assets=["ortho_visual"]), progress=False)
        world.faults.add(path=r"/assets$", merge={"ortho_visual": {"status": "inactive", "location": None}})
        with pytest.raises(NotOrdered, match="preparing it anew"):
            planet.download(order, tmp_path / "data", progress=False)

        assert planet.download(order, tmp_path / "data", progress=False)


def test_p20_dead_link_is_minted_again(opened, world, scenes, tmp_path):
    with opened() as planet:
        order = planet.wait(planet.order(scenes[:1], assets=["ortho_visual"]), progress=False)
        world.faults.add(path="/data/v1/download", expire_links=True)

        (item,) = planet.download(order, tmp_path / "data", progress=False)

    assert "ortho_visual" in item.assets


def test_activation_cannot_be_cancelled(opened, world, scenes):
    with opened() as planet:
        order = planet.order(scenes[:1], assets=["ortho_visual"])
        with pytest.raises(Rejected, match="no way to stop"):
            planet.cancel(order)


def test_dry_run_activates_nothing(opened, world, scenes):
    with opened() as planet:
        run = planet.order(scenes[:1], assets=["ortho_visual"], dry_run=True)

    assert isinstance(run, DryRun)
    assert re.search(r"/data/v1/assets/.+/activate$", run.requests[0].url)
    assert activations(world) == []


@pytest.mark.parametrize(
    "more",
    [{"bundle": "visual"}, {"clip": [5.4, 52.3, 5.5, 52.38]}, {"tools": [{"toar": {}}]}, {"order_type": "partial"}],
)
def test_what_only_an_order_can_do_is_an_order(opened, world, scenes, more):
    with opened() as planet:
        order = planet.order(scenes[:1], assets=["ortho_analytic_4b"] if "bundle" not in more else (), **more)

    assert not order.id.startswith("assets:")
    assert [entry.path for entry in world.log if entry.method == "POST"] == ["/compute/ops/orders/v2"]


@pytest.mark.parametrize(
    ("item_type", "asset_type", "name"),
    [
        ("PSScene", "ortho_visual", "a_3B_Visual.tif"),
        ("PSScene", "ortho_analytic_4b", "a_3B_AnalyticMS.tif"),
        ("PSScene", "ortho_analytic_8b_sr", "a_3B_AnalyticMS_SR_8b.tif"),
        ("PSScene", "basic_analytic_4b_rpc", "a_1B_AnalyticMS_RPC.TXT"),
        ("PSScene", "ortho_analytic_3b", "a_ortho_analytic_3b.tif"),
        ("SkySatScene", "ortho_pansharpened_udm2", "a_pansharpened_udm2.tif"),
        ("SkySatScene", "basic_analytic_rpc", "a_basic_analytic_rpc.txt"),
        ("TanagerScene", "ortho_sr_hdf5", "a_ortho_sr_hdf5.h5"),
        ("HawkScene", "night_vision", "a_night_vision"),
    ],
)
def test_files_are_named_as_planet_names_them(item_type, asset_type, name):
    assert file_name_of(item_type, "a", asset_type) == name
    told = guess_asset_type(item_type, "a", name)
    assert told in {asset_type, None}
