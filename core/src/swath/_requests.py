# SPDX-License-Identifier: Apache-2.0
"""Makes an order request out of what a user passed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from swath._arguments import mapping, steps, text, words
from swath._inputs import items_of, require_provider
from swath._suggest import suggest
from swath.errors import InputError
from swath.models import ItemDict, OrderRequest, ProviderInfo, Query

__all__ = ["order_request"]


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
    known = info.order_options
    for key in options:
        if key not in known:
            every = [*known, "assets", "bundle", "clip", "tools", "delivery", "name"]
            raise InputError(f"order() has no option {key!r} for {info.name}", hint=suggest(key, every))
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
