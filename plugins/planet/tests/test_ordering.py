# SPDX-License-Identifier: Apache-2.0
"""The body of Planet's create call."""

from __future__ import annotations

import pytest

from swath.errors import InputError, NotSupported
from swath.models import OrderRequest, Secret
from swath_planet.bundles import SNAPSHOT, bundle_for_assets, bundles_of
from swath_planet.ordering import OPTIONS, order_body

TAG = "swath-0123456789abcdef"
ORDER = "785185aa-b39f-4b4c-a2d6-5c0a8f0e1d55"


@pytest.fixture
def request_of(scene):
    return lambda *items, **more: OrderRequest(items=items or (scene(),), tag=TAG, **more)


def test_body_is_the_smallest_that_planet_takes(request_of):
    assert order_body(request_of(name="field 12")) == {
        "name": "field 12 swath-0123456789abcdef",
        "source_type": "scenes",
        "products": [
            {
                "item_type": "PSScene",
                "item_ids": ["20260312_101530_23_24a9"],
                "product_bundle": "analytic_udm2",
            }
        ],
    }


def test_body_has_one_product_an_item_type(request_of, scene):
    items = [scene("a"), scene("b", "SkySatScene"), scene("c"), scene("a")]

    products = order_body(request_of(*items, bundle="visual"))["products"]

    assert [(one["item_type"], one["item_ids"]) for one in products] == [
        ("PSScene", ["a", "c"]),
        ("SkySatScene", ["b"]),
    ]


def test_bundle_and_fallbacks_are_joined_in_order(request_of):
    request = request_of(
        bundle=["analytic_8b_sr_udm2", "analytic_sr_udm2,analytic_udm2"],
        options={"fallback_bundles": ["analytic_udm2", "visual"]},
    )

    assert order_body(request)["products"][0]["product_bundle"] == (
        "analytic_8b_sr_udm2,analytic_sr_udm2,analytic_udm2,visual"
    )


def test_unknown_bundle_is_refused_with_the_valid_ones(request_of):
    with pytest.raises(InputError, match=r"no bundle 'analytic' for PSScene.*analytic_8b_sr_udm2") as caught:
        order_body(request_of(bundle="analytic"))

    assert "visual" in caught.value.details["valid"]["PSScene"]


def test_bundle_newer_than_the_snapshot_is_asked_for_once(request_of):
    asked = []

    def refresh():
        asked.append(1)
        return {"analytic_12b_udm2": {"PSScene": ("ortho_analytic_12b",)}}

    body = order_body(request_of(bundle="analytic_12b_udm2"), refresh=refresh)

    assert body["products"][0]["product_bundle"] == "analytic_12b_udm2"
    assert asked == [1]
    with pytest.raises(InputError, match="analytic_12b_udm2"):
        order_body(request_of(bundle="nothing"), refresh=refresh)


def test_item_type_without_a_usual_bundle_needs_one(request_of, scene):
    with pytest.raises(InputError, match="no usual bundle for TanagerScene"):
        order_body(request_of(scene("t", "TanagerScene")))


def test_assets_choose_the_smallest_bundle(request_of):
    body = order_body(request_of(assets=["ortho_analytic_8b_sr", "ortho_udm2"]))

    assert body["products"][0]["product_bundle"] == "analytic_8b_sr_udm2"
    assert bundle_for_assets("SkySatScene", ["ortho_analytic"]) == "analytic"
    assert bundle_for_assets("SkySatScene", ["ortho_analytic", "ortho_analytic_udm2"]) == "analytic_udm2"


def test_assets_of_two_bundles_are_refused_with_where_each_is(request_of):
    with pytest.raises(NotSupported, match=r"ortho_visual: visual.*ortho_analytic_8b_sr: analytic_8b_sr_udm2"):
        order_body(request_of(assets=["ortho_visual", "ortho_analytic_8b_sr"]))
    with pytest.raises(NotSupported, match="ortho_nothing: no bundle"):
        order_body(request_of(assets=["ortho_nothing"]))


def test_assets_that_the_bundle_lacks_are_refused(request_of):
    with pytest.raises(InputError, match=r"bundle 'visual' of PSScene holds no ortho_udm2"):
        order_body(request_of(bundle="visual", assets=["ortho_udm2"]))


def test_options_go_where_planet_wants_them(request_of):
    options = {
        "order_type": "partial",
        "archive_type": "zip",
        "single_archive": False,
        "archive_filename": "{{name}}.zip",
        "email": True,
        "webhook": "https://example.org/hook",
        "stac": True,
        "subscription_id": "12345",
        "hosting": "sentinel_hub",
        "prior_orders": ORDER,
    }

    body = order_body(request_of(options=options))

    assert body["order_type"] == "partial"
    assert body["delivery"] == {"archive_type": "zip", "archive_filename": "{{name}}.zip", "single_archive": False}
    assert body["notifications"] == {"email": True, "webhook": {"url": "https://example.org/hook", "per_order": True}}
    assert body["metadata"] == {"stac": {}}
    assert body["subscription_id"] == 12345
    assert body["hosting"] == {"sentinel_hub": {}}
    assert body["prior_orders"] == {"orders": [ORDER]}


def test_single_archive_means_zip(request_of):
    assert order_body(request_of(options={"single_archive": True}))["delivery"] == {
        "archive_type": "zip",
        "single_archive": True,
    }


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"colour": "red"}, "no order option colour"),
        ({"order_type": "half"}, "'half'"),
        ({"archive_type": "tar"}, "'tar'"),
        ({"email": "yes"}, "email is 'yes'"),
        ({"subscription_id": "plan A"}, "plan A"),
        ({"subscription_id": True}, "True"),
        ({"hosting": "elsewhere"}, "hosting"),
        ({"hosting": {"sentinel_hub": {"collection_id": "c", "create_configuration": True}}}, "both collection_id"),
        ({"hosting": {"sentinel_hub": {"colection": "c"}}}, "hosting"),
        ({"prior_orders": ["a"]}, "prior_orders names 'a'"),
        ({"prior_orders": []}, "prior_orders is"),
        ({"prior_orders": {"orders": [ORDER], "failures": "accept"}}, "failures of prior_orders is 'accept'"),
        ({"webhook": "ftp://example.org"}, "no web address"),
        ({"webhook": {"url": "https://example.org", "perorder": True}}, "more than url"),
        ({"webhook": {"per_order": True}}, "without url"),
    ],
)
def test_options_that_cannot_be_are_refused(request_of, options, said):
    with pytest.raises(InputError, match=said):
        order_body(request_of(options=options))


def test_stac_files_are_refused_where_planet_has_none(request_of):
    with pytest.raises(InputError, match="composites"):
        order_body(request_of(tools=[{"composite": {}}], options={"stac": True}))
    with pytest.raises(InputError, match="Earth Engine"):
        order_body(
            request_of(delivery={"google_earth_engine": {"project": "p", "collection": "c"}}, options={"stac": True})
        )


def test_delivery_is_checked_by_kind(request_of):
    destination = order_body(request_of(delivery={"destination": "pl:destinations/default"}))
    assert destination["delivery"] == {"destination": {"ref": "pl:destinations/default"}}
    with pytest.raises(InputError, match=r"lacks aws_region, aws_access_key_id, aws_secret_access_key"):
        order_body(request_of(delivery={"amazon_s3": {"bucket": "b"}}))
    with pytest.raises(InputError, match="no delivery 'ftp'"):
        order_body(request_of(delivery={"ftp": {}}))
    with pytest.raises(InputError, match=r"google_earth_engine has no path_prefix"):
        order_body(
            request_of(delivery={"google_earth_engine": {"project": "p", "collection": "c", "path_prefix": "x"}})
        )
    with pytest.raises(InputError, match="'my-bucket' is no reference"):
        order_body(request_of(delivery={"destination": "my-bucket"}))
    with pytest.raises(InputError, match="one place"):
        order_body(
            request_of(
                delivery={
                    "destination": "pl:destinations/a",
                    "google_earth_engine": {"project": "p", "collection": "c"},
                }
            )
        )


def test_p27_refused_delivery_repeats_no_secret(request_of):
    with pytest.raises(InputError) as caught:
        order_body(request_of(delivery={"amazon_s3": {"aws_secret_access_key": "canary-secret", "bucket": ""}}))

    assert "canary-secret" not in str(caught.value)


def test_sizes_are_limited(request_of, scene):
    scenes = [scene(f"i{number}") for number in range(501)]
    with pytest.raises(InputError, match="501 items, and Planet takes at most 500"):
        order_body(request_of(*scenes))
    assert order_body(request_of(*scenes[:500]))

    collects = [scene(f"i{number}", "SkySatCollect") for number in range(51)]
    with pytest.raises(InputError, match="at most 50 with SkySatCollect"):
        order_body(request_of(*collects, options={"archive_type": "zip"}))
    assert order_body(request_of(*collects))


def test_order_without_items_or_types_is_refused(request_of, scene):
    with pytest.raises(InputError, match="no items"):
        order_body(OrderRequest(tag=TAG))
    bare = scene()
    del bare["collection"], bare["properties"]["planet:item_type"]
    with pytest.raises(InputError, match="item type"):
        order_body(request_of(bare))


def test_p39_saved_item_needs_no_more_than_id_and_collection(request_of):
    body = order_body(request_of({"id": "a", "collection": "PSScene", "properties": {}}))

    assert body["products"][0]["item_ids"] == ["a"]


def test_snapshot_holds_every_default():
    assert "analytic_udm2" in bundles_of("PSScene")
    assert all(isinstance(assets, tuple) for by_type in SNAPSHOT.values() for assets in by_type.values())


def test_options_have_one_line_of_help():
    assert all(text and "\n" not in text for text in OPTIONS.values())


CLOUDS = {
    "amazon_s3": {
        "bucket": "b",
        "aws_region": "r",
        "aws_access_key_id": Secret("k"),
        "aws_secret_access_key": Secret("s"),
        "path_prefix": "p",
    },
    "azure_blob_storage": {
        "account": "a",
        "container": "c",
        "sas_token": Secret("s"),
        "storage_endpoint_suffix": "x",
        "path_prefix": "p",
    },
    "google_cloud_storage": {"bucket": "b", "credentials": Secret("c"), "path_prefix": "p"},
    "google_earth_engine": {"project": "p", "collection": "c"},
    "oracle_cloud_storage": {
        "bucket": "b",
        "namespace": "n",
        "region": "r",
        "customer_access_key_id": Secret("k"),
        "customer_secret_key": Secret("s"),
    },
    "s3_compatible": {
        "endpoint": "https://example.org",
        "bucket": "b",
        "region": "r",
        "access_key_id": Secret("k"),
        "secret_access_key": Secret("s"),
        "use_path_style": False,
    },
    "destination": {"ref": "pl:destinations/mine", "path_prefix": "p"},
}


@pytest.mark.parametrize("kind", CLOUDS)
def test_every_kind_of_delivery_is_written_as_given(request_of, kind):
    assert order_body(request_of(delivery={kind: CLOUDS[kind]}))["delivery"] == {kind: CLOUDS[kind]}


def test_destination_may_be_named_alone(request_of):
    assert order_body(request_of(delivery={"destination": "default"}))["delivery"] == {
        "destination": {"ref": "pl:destinations/default"}
    }


def test_webhook_may_be_a_secret(request_of):
    webhook = Secret("https://user:canary@example.org/hook")

    body = order_body(request_of(options={"webhook": webhook}))

    assert body["notifications"] == {"webhook": {"url": webhook, "per_order": True}}
    assert "canary" not in repr(body)


@pytest.mark.parametrize(
    ("items", "more", "said"),
    [
        (["PSScene", "SkySatScene"], {"tools": [{"composite": {}}]}, "tool composite takes items of one type"),
        (["SkySatScene"], {"tools": [{"harmonize": {}}]}, "harmonize is for PSScene, not for SkySatScene"),
        (
            ["PSScene"],
            {"tools": [{"bandmath": {"b1": "b1"}}], "bundle": ["analytic_udm2", "basic_analytic_udm2"]},
            "bandmath does not work on basic_analytic_udm2",
        ),
        (["PSScene"], {"tools": [{"tile": {"tile_size": 1.5}}]}, "tile_size is 1.5"),
        (["PSScene"], {"tools": [{"tile": {"tile_size": 9, "name_template": "{x}"}}]}, "name_template is '{x}'"),
        (["PSScene"], {"tools": [{"merge": {}}]}, "merge is for basemap orders only.*order_request"),
    ],
)
def test_tools_that_do_not_fit_the_order_are_refused(request_of, scene, items, more, said):
    with pytest.raises(InputError, match=said):
        order_body(request_of(*[scene(kind, kind) for kind in items], **more))
