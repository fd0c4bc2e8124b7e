# SPDX-License-Identifier: Apache-2.0
"""Makes requests to buy out of what a user passed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from swath._arguments import mapping, steps, text, words
from swath._inputs import items_of, require_provider
from swath._suggest import suggest
from swath.errors import InputError
from swath.models import ItemDict, OrderRequest, ProviderInfo, Query, SubscribeRequest, TaskRequest

__all__ = ["order_request", "subscribe_request", "task_request"]


def order_request(
    info: ProviderInfo,
    what: Any,
    *,
    clip: Any = None,
    assets: Iterable[str] = (),
    bundle: str | Iterable[str] = (),
    tools: Iterable[Mapping[str, Any]] = (),
    delivery: Mapping[str, Any] | None = None,
    name: str = "",
    **options: Any,
) -> OrderRequest:
    """Read and check everything that `Provider.order` and `Provider.quote` take.

    Args:
        info: The provider, for its own options.
        what: Items, in any form.
        clip: Geometry, or True for the search's own area.
        assets: Asset keys.
        bundle: Provider's bundle and its fall-backs.
        tools: Processing steps.
        delivery: Where the provider shall put it.
        name: User's name for it.
        **options: Provider's own keywords.

    Raises:
        InputError: For an unknown keyword, no items, or items of another provider.
    """
    _check_options(
        "order", info, options, info.order_options, ["assets", "bundle", "clip", "tools", "delivery", "name"]
    )
    items = items_of(what)
    require_provider(items, info.name)
    return OrderRequest(
        items=items,
        clip=_area(what, clip),
        assets=words("assets", assets),
        bundle=words("bundle", bundle),
        tools=steps("tools", tools),
        delivery=mapping("delivery", delivery),
        name=text("name", name),
        options=options,
    )


def task_request(
    info: ProviderInfo,
    geometry: Any,
    datetime: Any,
    *,
    collection: str | None = None,
    filter: str | Mapping[str, Any] | None = None,  # noqa: A002 (STAC's name)
    filter_lang: str | None = None,
    name: str = "",
    **options: Any,
) -> TaskRequest:
    """Read and check everything that `Provider.task` and `Provider.opportunities` take.

    Raises:
        InputError: For an unknown keyword; InvalidGeometry, InvalidDatetime and InvalidFilter for what cannot be read.
    """
    from swath._query.build import build_query

    _check_options("task", info, options, info.task_options, ["collection", "filter", "name"])
    if geometry is None or datetime is None:
        raise InputError("a task needs a place and a time", hint="pass geometry and datetime='start/end'")
    query, _ = build_query(
        collections=collection,
        intersects=geometry,
        datetime=datetime,
        filter=filter,
        filter_lang=filter_lang,
    )
    assert query.intersects is not None  # noqa: S101 - both were given
    assert query.datetime is not None  # noqa: S101
    return TaskRequest(
        geometry=query.intersects,
        datetime=query.datetime,
        collection=collection,
        filter=query.filter,
        name=text("name", name),
        options=options,
    )


def subscribe_request(
    info: ProviderInfo,
    *,
    collections: str | Iterable[str] | None = None,
    bbox: Any = None,
    intersects: Any = None,
    datetime: Any = None,
    filter: str | Mapping[str, Any] | None = None,  # noqa: A002 (STAC's name)
    filter_lang: str | None = None,
    assets: Iterable[str] = (),
    bundle: str | Iterable[str] = (),
    tools: Iterable[Mapping[str, Any]] = (),
    delivery: Mapping[str, Any] | None = None,
    name: str = "",
    **options: Any,
) -> SubscribeRequest:
    """Read and check everything that `Provider.subscribe` takes.

    Raises:
        InputError: For an unknown keyword; InvalidGeometry, InvalidDatetime and InvalidFilter for what cannot be read.
    """
    from swath._query.build import build_query

    named = ["collections", "bbox", "intersects", "datetime", "filter", "assets", "bundle", "tools", "delivery", "name"]
    _check_options("subscribe", info, options, info.subscribe_options, named)
    query, _ = build_query(
        collections=collections,
        bbox=bbox,
        intersects=intersects,
        datetime=datetime,
        filter=filter,
        filter_lang=filter_lang,
    )
    return SubscribeRequest(
        query=query,
        assets=words("assets", assets),
        bundle=words("bundle", bundle),
        tools=steps("tools", tools),
        delivery=mapping("delivery", delivery),
        name=text("name", name),
        options=options,
    )


def _check_options(
    step: str, info: ProviderInfo, options: Mapping[str, Any], known: Mapping[str, str], named: list[str]
) -> None:
    """Refuse a keyword that this step does not have here."""
    for key in options:
        if key not in known:
            raise InputError(f"{step}() has no option {key!r} for {info.name}", hint=suggest(key, [*known, *named]))


def _area(what: Any, clip: Any) -> ItemDict | None:
    if clip is None or clip is False:
        return None
    if clip is True:
        query = getattr(what, "query", None)
        if not isinstance(query, Query) or query.intersects is None:
            raise InputError(
                "clip=True needs a search that had an area of interest", hint="pass the geometry itself as clip="
            )
        return query.intersects
    from swath._geometry.read import read_geometry

    return read_geometry(clip).geometry
