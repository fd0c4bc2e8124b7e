# SPDX-License-Identifier: Apache-2.0
"""Single assets as an order: the Data API prepares them, one by one, and no order is made at the Orders API.

Such an order's id says all that it is of, so that any process can go on with it:
``assets:PSScene/ITEM,ITEM/ortho_visual,ortho_udm2``, further item types after ``+``. Preparing an asset twice is the
same as once, at Planet too.

Source: Planet's documentation of the Data API (activation), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, unquote

from attrs import evolve, frozen

from swath.errors import InputError, InvalidCredentials, NotEntitled, NotFound, NotOrdered, Rejected
from swath.hookspecs import Context
from swath.models import Asset, Order, OrderRequest, OrderState
from swath_planet._api.data import Data
from swath_planet._api.data_assets import MAX_REACTIVATIONS, expiry_of, md5_of
from swath_planet.assets import facts_of, file_name_of

__all__ = ["activate", "active_assets", "is_activation", "is_for_activation", "look", "refuse_cancel"]

_HEAD: Final = "assets:"


@frozen(kw_only=True)
class _Wanted:
    """One asset that was asked for."""

    item_type: str
    item_id: str
    asset_type: str

    @property
    def key(self) -> str:
        """Its name within the order."""
        return f"{self.item_type}/{self.item_id}/{self.asset_type}"


def is_for_activation(request: OrderRequest) -> bool:
    """Whether a request is for single assets as they are: `assets`, and nothing that only an order can do."""
    options = [value for value in request.options.values() if value is not None]
    plain = not (request.bundle or request.clip or request.tools or request.delivery or options)
    return bool(request.assets and request.items) and plain


def is_activation(order: Order) -> bool:
    """Whether an order is one of ours."""
    return order.id.startswith(_HEAD)


# --- the id ----------------------------------------------------------------------------------------------------------


def _id_of(request: OrderRequest) -> str:
    by_type: dict[str, list[str]] = {}
    for item in request.items:
        item_type = item.get("properties", {}).get("planet:item_type") or item.get("collection")
        if not item_type or not item.get("id"):
            raise InputError(
                f"item {item.get('id')!r} does not say its item type",
                hint="pass items as swath found them, with collection",
                provider="planet",
            )
        ids = by_type.setdefault(str(item_type), [])
        if item["id"] not in ids:
            ids.append(item["id"])
    assets = ",".join(_quoted(dict.fromkeys(request.assets)))
    return _HEAD + "+".join(
        f"{quote(name, safe='')}/{','.join(_quoted(ids))}/{assets}" for name, ids in by_type.items()
    )


def _quoted(words: Iterable[str]) -> Iterator[str]:
    return (quote(word, safe="") for word in words)


def _wanted_of(order_id: str) -> list[_Wanted]:
    """Read an order's id.

    Raises:
        NotFound: It is none of ours.
    """
    wanted = []
    for group in order_id.removeprefix(_HEAD).split("+"):
        parts = [[unquote(word) for word in part.split(",")] for part in group.split("/")]
        if len(parts) != 3 or not all(word for words in parts for word in words):
            raise NotFound(
                f"{order_id!r} names no assets", hint="see which orders there are with: swath orders", provider="planet"
            )
        (item_type,), ids, assets = parts
        wanted += [_Wanted(item_type=item_type, item_id=i, asset_type=a) for i in ids for a in assets]
    return wanted


def _by_item(wanted: Iterable[_Wanted]) -> dict[tuple[str, str], list[_Wanted]]:
    grouped: dict[tuple[str, str], list[_Wanted]] = {}
    for one in wanted:
        grouped.setdefault((one.item_type, one.item_id), []).append(one)
    return grouped


def _few(texts: Iterable[str], between: str = ", ") -> str:
    """Name the first three of what may be hundreds."""
    every = list(texts)
    return between.join(every[:3]) + (f"{between}and {len(every) - 3} more" if len(every) > 3 else "")


# --- the hooks -------------------------------------------------------------------------------------------------------


def activate(context: Context, request: OrderRequest) -> Order:
    """Have assets prepared. Everything is looked up first: nothing is prepared where one of them cannot be.

    Args:
        context: The opened account.
        request: One that `is_for_activation`.

    Returns:
        The order, delivered already where all were prepared before.

    Raises:
        InputError: An item does not exist or lacks one of the assets.
        NotEntitled: The account may not download one of them.
    """
    order_id = _id_of(request)
    data = Data(context)
    found: dict[str, dict[str, Any]] = {}
    refused: dict[str, str] = {}
    wanted = _wanted_of(order_id)
    for (item_type, item_id), group in _by_item(wanted).items():
        try:
            assets = data.list_item_assets(item_type, item_id)
        except NotFound:
            raise InputError(
                f"Planet has no {item_type} {item_id!r}; nothing was activated", provider="planet", step="order"
            ) from None
        missing = [one.asset_type for one in group if one.asset_type not in assets]
        if missing:
            refused[item_id] = f"has no {', '.join(missing)}; it has {', '.join(sorted(assets)) or 'none'}"
            continue
        found |= {one.key: assets[one.asset_type] for one in group}
    if refused:
        named = _few((f"{item_id} {why}" for item_id, why in refused.items()), "; ")
        raise InputError(
            f"{len(refused)} of {len(request.items)} items lack an asset, and nothing was activated: {named}",
            hint="leave these items out, or choose other assets",
            provider="planet",
            step="order",
            details={"items": refused},
        )
    _check_rights(found)
    for asset in found.values():
        _ask_for(data, asset)
    order = Order(provider="planet", id=order_id, tag=request.tag, request=request, created=context.time())
    return _judged(order, wanted, {key: str(asset.get("status")) for key, asset in found.items()})


def _check_rights(assets: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse what the account may not download.

    Raises:
        NotEntitled: Naming it.
    """
    rights = {key: asset.get("_permissions") for key, asset in assets.items()}
    barred = [key for key, granted in rights.items() if granted is not None and "download" not in granted]
    if barred:
        raise NotEntitled(
            f"the account may not download {_few(barred)}; nothing was activated",
            hint="ask Planet for access, or search with filter=\"order:status = 'orderable'\"",
            provider="planet",
            step="order",
        )


def _ask_for(data: Data, asset: dict[str, Any]) -> None:
    """Activate one asset; none that is active or on its way is asked for.

    Raises:
        NotEntitled: Planet refuses it; its status is then that of a wrong key, which has just let us look.
    """
    try:
        data.activate_asset(asset)
    except InvalidCredentials as err:
        raise NotEntitled(
            f"the account may not activate {asset.get('type')!r}", provider="planet", status_code=err.status_code
        ) from err


def look(context: Context, order: Order) -> Order:
    """Look at what is not active yet. An asset that Planet has dropped again is asked for again, three times at most.

    Args:
        context: The opened account.
        order: As last seen; its id alone is enough.
    """
    wanted = _wanted_of(order.id)
    statuses: dict[str, str] = dict(order.raw.get("assets") or {})
    renewals: dict[str, int] = dict(order.raw.get("activated_again") or {})
    failed = dict(order.failed_items)
    data = Data(context)
    waiting = [one for one in wanted if statuses.get(one.key) != "active" and one.item_id not in failed]
    for (item_type, item_id), group in _by_item(waiting).items():
        try:
            assets = data.list_item_assets(item_type, item_id)
        except NotFound:
            failed[item_id] = "Planet has withdrawn the item"
            continue
        for one in group:
            asset = assets.get(one.asset_type)
            if asset is None:
                failed[item_id] = f"Planet has withdrawn {one.asset_type}"
                continue
            statuses[one.key] = str(asset.get("status"))
            if asset.get("status") == "inactive":
                renewals[one.key] = renewals.get(one.key, 0) + 1
                if renewals[one.key] > MAX_REACTIVATIONS:
                    failed[item_id] = f"{one.asset_type} does not become active"
                    continue
                _ask_for(data, asset)
    seen = evolve(order, failed_items=failed, raw={"activated_again": renewals})
    return _judged(seen, wanted, statuses)


def _judged(order: Order, wanted: Sequence[_Wanted], statuses: Mapping[str, str]) -> Order:
    """Say where an order stands by its assets."""
    failed = order.failed_items
    active = sum(statuses.get(one.key) == "active" for one in wanted)
    kept = [one for one in wanted if one.item_id not in failed]
    state = OrderState.SHIPPING
    if not kept:
        state = OrderState.FAILED
    elif all(statuses.get(one.key) == "active" for one in kept):
        state = OrderState.PARTIAL if failed else OrderState.SUCCEEDED
    reasons = _few((f"{item_id}: {why}" for item_id, why in failed.items()), "; ")
    return evolve(
        order,
        state=state,
        native_state="active" if state is OrderState.SUCCEEDED else "activating",
        progress=active / len(wanted),
        message=reasons or f"{active} of {len(wanted)} assets are active",
        raw={**order.raw, "assets": dict(statuses)},
    )


def active_assets(context: Context, order: Order) -> Iterator[Asset]:
    """List the files with links minted now and Planet's MD5.

    Raises:
        NotOrdered: Planet has dropped an asset meanwhile; it is being prepared again.
    """
    data = Data(context)
    wanted = [one for one in _wanted_of(order.id) if one.item_id not in order.failed_items]
    dropped = []
    for (item_type, item_id), group in _by_item(wanted).items():
        assets = data.list_item_assets(item_type, item_id)
        for one in group:
            asset = assets.get(one.asset_type) or {}
            if asset.get("status") == "active" and asset.get("location"):
                yield _file(one, asset)
                continue
            if asset.get("status") == "inactive":
                _ask_for(data, asset)
            dropped.append(one.key)
    if dropped:
        raise NotOrdered(
            f"Planet has dropped {_few(dropped)} again, and is preparing it anew",
            hint="run the same download again in some minutes",
            provider="planet",
            step="download",
        )


def _file(wanted: _Wanted, asset: Mapping[str, Any]) -> Asset:
    facts = facts_of(wanted.asset_type, wanted.item_type)
    return Asset(
        href=str(asset["location"]),
        name=file_name_of(wanted.item_type, wanted.item_id, wanted.asset_type),
        key=wanted.asset_type,
        item=wanted.item_id,
        checksum=md5_of(asset),
        media_type=facts.media_type,
        roles=facts.roles,
        expires=expiry_of(asset),
        fields={
            **facts.fields,
            "planet:item_type": wanted.item_type,
            "planet:asset_type": wanted.asset_type,
        },
    )


def refuse_cancel(order: Order) -> Order:
    """Say that an activation cannot be stopped.

    Raises:
        Rejected: Always.
    """
    raise Rejected(
        f"Planet has no way to stop the activation of {len(_wanted_of(order.id))} assets",
        hint="leave it: what is not downloaded is dropped again by itself",
        provider="planet",
        step="cancel",
    )
