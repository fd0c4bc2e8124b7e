# SPDX-License-Identifier: Apache-2.0
"""What is known of an order's cost."""

from __future__ import annotations

import pytest
from shapely.geometry import box, mapping

from swath.models import OrderRequest
from swath_planet._api.features import Features
from swath_planet._api.quota import Quota
from swath_planet.quoting import Reservation, area_ha, quote_of, reservations_of


def test_p03_unknown_cost_is_none_and_never_zero(scene):
    quote = quote_of(OrderRequest(items=[scene("a"), scene("b")]))

    assert quote.amount is None
    assert quote.unit is None
    assert quote.items == {"a": None, "b": None}


def test_note_gives_the_area_of_each_item(scene):
    quote = quote_of(OrderRequest(items=[scene("a")]))

    assert "of whole footprints is 45,571" in quote.note
    assert "(a: 45,571" in quote.note


def test_note_counts_only_what_lies_in_the_clip_area(scene):
    inside = mapping(box(4.1, 52.0, 4.25, 52.2))

    whole, half = (quote_of(OrderRequest(items=[scene("a")], clip=clip)).note for clip in (None, inside))

    assert "within the clip area" in half
    assert float(half.split(" is ")[1].split(" ha")[0].replace(",", "")) == pytest.approx(
        float(whole.split(" is ")[1].split(" ha")[0].replace(",", "")) / 2, rel=1e-3
    )


def test_note_says_what_it_does_not_know(scene):
    quote = quote_of(OrderRequest(items=[scene("a"), {**scene("b"), "geometry": None}]))

    assert "b: unknown" in quote.note
    assert "1 without a measurable footprint" in quote.note


def test_note_stays_short_for_many_items(scene):
    note = quote_of(OrderRequest(items=[scene(f"i{number}") for number in range(50)])).note

    assert "in 50 items" in note
    assert "and 40 more" in note


def test_note_counts_within_a_clip_tool(scene):
    inside = {"clip": {"aoi": mapping(box(4.1, 52.0, 4.25, 52.2))}}

    assert "within the clip area" in quote_of(OrderRequest(items=[scene("a")], tools=[inside])).note


def test_quota_left_is_told_and_is_not_the_price(scene):
    one = Reservation(product="Fields", cost=12.34, remaining=80.0, unit="hectares")
    other = Reservation(product="Other", cost=None, remaining=None, unit=None)
    request = OrderRequest(items=[scene("a")])

    quote, both = quote_of(request, [one]), quote_of(request, [one, other])

    assert (quote.amount, quote.unit, quote.remaining) == (None, "hectares", 80.0)
    assert "would take 12.3 hectares of 'Fields', where 80.0 are left" in quote.note
    assert (both.amount, both.unit, both.remaining) == (None, None, None)
    assert "or unknown of 'Other', where unknown are left" in both.note


def test_stored_area_is_estimated_at_planet(native, scene, sent):
    features = native(Features)
    collection = features.create_collection("fields")
    field = {"type": "Feature", "id": "f12", "properties": {}, "geometry": mapping(box(5.4, 52.3, 5.41, 52.31))}
    (ref,) = features.add_items(collection, field)
    context = native(Quota).context

    found = reservations_of(context, OrderRequest(items=[scene("a")], tools=[{"clip": {"aoi": ref}}]))

    assert len(found) == 2
    assert all(one.cost and one.remaining and one.unit == "hectares" for one in found)
    assert found == reservations_of(
        context, OrderRequest(items=[scene("a")], tools=[{"clip": {"aoi": {"type": "ref", "content": ref}}}])
    )


def test_quota_that_planet_does_not_tell_is_unknown(native, served, scene):
    context = native(Quota).context
    served[0].faults.add(path="/account/v1", status=403, times=None)
    ref = {"clip": {"aoi": "pl:features/my/farms/f12"}}

    assert reservations_of(context, OrderRequest(items=[scene("a")], tools=[ref])) == ()
    assert reservations_of(context, OrderRequest(items=[scene("a")])) == ()


@pytest.mark.parametrize(
    ("geometry", "hectares"),
    [
        # One degree by one degree at the equator and at 60 degrees north, on the WGS 84 ellipsoid.
        (mapping(box(10, 0, 11, 1)), 1_230_878),
        (mapping(box(10, 60, 11, 61)), 613_000),
        ({"type": "Point", "coordinates": [0, 0]}, None),
        ({"type": "Polygon", "coordinates": "nonsense"}, None),
    ],
)
def test_area_is_true_to_a_percent(geometry, hectares):
    found = area_ha(geometry)

    assert found == (None if hectares is None else pytest.approx(hectares, rel=0.01))


def test_area_leaves_holes_out():
    whole = mapping(box(0, 0, 1, 1))
    holed = {
        "type": "Polygon",
        "coordinates": [whole["coordinates"][0], mapping(box(0.25, 0.25, 0.75, 0.75))["coordinates"][0]],
    }

    assert area_ha(holed) == pytest.approx(area_ha(whole) * 0.75, rel=1e-3)


def test_area_apart_from_the_clip_is_zero():
    assert area_ha(mapping(box(0, 0, 1, 1)), mapping(box(5, 5, 6, 6))) == 0
