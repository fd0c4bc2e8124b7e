# SPDX-License-Identifier: Apache-2.0
"""What is known of an order's cost."""

from __future__ import annotations

import pytest
from shapely.geometry import box, mapping

from swath.models import OrderRequest
from swath_planet.quoting import area_ha, quote_of


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
