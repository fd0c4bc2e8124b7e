# SPDX-License-Identifier: Apache-2.0
"""What a notebook shows of a search: what is asked, and what is known by now. Nothing is run for it."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from swath.models import ItemDict, Query

__all__ = ["card"]

_SHOWN = 10
_LEFT = "style='text-align:left'"
_COLUMNS = ("Collection", "Item", "Time (UTC)", "Cloud", "Provider")


def card(title: str, query: Query, state: str, items: Sequence[ItemDict] | None) -> str:
    """Write it as HTML.

    Args:
        title: What it is.
        query: What is searched.
        state: What is known, in a sentence.
        items: The results, None if they were not read yet.
    """
    rows = "".join(
        f"<tr><th scope='row' {_LEFT}>{_safe(name)}</th><td {_LEFT}>{_safe(value)}</td></tr>"
        for name, value in _asked(query)
    )
    return (
        f"<div><strong>{_safe(title)}</strong><p>{_safe(state)}</p><table>{rows}</table>{_table(items)}"
        "<p><code>.explore()</code> shows a map.</p></div>"
    )


def _asked(query: Query) -> list[tuple[str, Any]]:
    when = query.datetime
    area = query.intersects
    told = {
        "Collections": ", ".join(query.collections),
        "Ids": ", ".join(query.ids[:5]) + (f" and {len(query.ids) - 5} more" if len(query.ids) > 5 else ""),
        "Area": "" if area is None else _area(area),
        "Time": "" if when is None else f"{when.start or '..'} / {when.end or '..'}",
        "Filter": "" if query.filter is None else _filter(query.filter),
        "Sorted by": ", ".join(f"{'-' if key.descending else ''}{key.property}" for key in query.sortby),
        "Most items": "" if query.max_items is None else query.max_items,
    }
    return [(name, value) for name, value in told.items() if value != ""]


def _filter(condition: Mapping[str, Any]) -> str:
    from cql2 import Expr

    return str(Expr(dict(condition)).to_text())


def _area(area: Any) -> str:
    from swath.stac.extents import bbox_of

    west, south, east, north = bbox_of(area)
    return f"{area['type']} within {west:.4g}, {south:.4g}, {east:.4g}, {north:.4g} (W, S, E, N)"


def _table(items: Sequence[ItemDict] | None) -> str:
    if not items:
        return ""
    head = "".join(f"<th scope='col' {_LEFT}>{name}</th>" for name in _COLUMNS)
    body = "".join(_row(item) for item in items[:_SHOWN])
    more = f"<p>and {len(items) - _SHOWN:,} more</p>" if len(items) > _SHOWN else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _row(item: ItemDict) -> str:
    properties = item.get("properties") or {}
    cloud = properties.get("eo:cloud_cover")
    cells = (
        item.get("collection") or "-",
        item.get("id"),
        str(properties.get("datetime") or properties.get("start_datetime") or "-")[:19].replace("T", " "),
        f"{cloud:.0f} %" if isinstance(cloud, int | float) else "-",
        properties.get("swath:provider") or "-",
    )
    return "<tr>" + "".join(f"<td {_LEFT}>{_safe(cell)}</td>" for cell in cells) + "</tr>"


def _safe(value: Any) -> str:
    text = str(value)
    return html.escape(text if len(text) <= 300 else f"{text[:299]}…")
