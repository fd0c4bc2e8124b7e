# SPDX-License-Identifier: Apache-2.0
"""What crosses the hooks that order and wait."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from attrs import evolve, field, frozen, validators

from swath.models._fields import ItemDict, aware, item_dicts, mappings, strings
from swath.models.finding import Interval, Query

_TAG = re.compile(r"swath-[0-9a-f]{16}")
_TAG_DIGITS = 16
_MARK_DIGITS = 10


def new_tag(fingerprint: str = "") -> str:
    """Make the tag by which swath finds an order again: ``swath-`` and 16 hexadecimal digits.

    Args:
        fingerprint: What is ordered, as hexadecimal digits. The first 10 of them begin the tag, so that the provider's
            list alone tells which order is for the same thing, even after the ledger is lost.
    """
    mark = tag_mark(fingerprint) if len(fingerprint) >= _MARK_DIGITS else "swath-"
    return mark + secrets.token_hex(8)[: _TAG_DIGITS - (len(mark) - len("swath-"))]


def tag_mark(fingerprint: str) -> str:
    """Give what the tags of all orders for the same thing begin with."""
    return f"swath-{fingerprint[:_MARK_DIGITS]}"


def find_tag(text: str | None) -> str | None:
    """Find swath's tag in an order's name or reference as the provider lists it."""
    found = _TAG.search(text or "")
    return found.group() if found else None


class OrderState(StrEnum):
    """Where an order stands, in the words of the STAC order extension, plus two of ours.

    Source: https://github.com/stac-extensions/order v1.1.0, read 2026-11. `partial` and `uncertain` are swath's.
    """

    ORDERED = "ordered"
    PENDING = "pending"
    SHIPPING = "shipping"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELED = "canceled"
    UNCERTAIN = "uncertain"

    @property
    def is_final(self) -> bool:
        """Whether the provider will not change it any more."""
        return self in _FINAL


_FINAL = frozenset({OrderState.SUCCEEDED, OrderState.PARTIAL, OrderState.FAILED, OrderState.CANCELED})


class _Named:
    """What is sent under a name."""

    __slots__ = ()
    name: str
    tag: str

    @property
    def reference(self) -> str:
        """The user's name and swath's tag in one line, for a provider's name or reference field."""
        return f"{self.name} {self.tag}".strip() if self.name else self.tag


@frozen(kw_only=True)
class OrderRequest(_Named):
    """What is to be ordered, complete: a plugin sends it as it is, once."""

    items: tuple[ItemDict, ...] = field(default=(), converter=item_dicts)
    """STAC Items as found; at most `ProviderInfo.max_items_per_order`."""
    collection: str | None = None
    """For providers that order a dataset over an area instead of items."""
    clip: ItemDict | None = None
    """Geometry to cut the data to; None delivers whole scenes."""
    assets: tuple[str, ...] = field(default=(), converter=strings)
    """Asset keys; empty means what the bundle or the provider's default holds."""
    bundle: tuple[str, ...] = field(default=(), converter=strings)
    """Provider's product bundle, wanted first, then fall-backs."""
    tools: tuple[Mapping[str, Any], ...] = field(default=(), converter=mappings)
    """Provider's processing steps in order, each ``{"name": {parameters}}``."""
    delivery: Mapping[str, Any] | None = None
    """Where the provider shall put the result itself; None means for download."""
    name: str = ""
    """The user's own name for the order."""
    tag: str = ""
    """Swath's tag. A plugin puts it where the provider's list shows it again."""
    options: Mapping[str, Any] = field(factory=dict)
    """Provider's own keywords, declared in `ProviderInfo.order_options`."""


@frozen(kw_only=True)
class TaskRequest(_Named):
    """A future acquisition to be made.

    The split is STAPI's: a constraint in `filter` narrows which acquisitions will do, an order parameter in `options`
    says how the order itself is handled.

    Source: https://github.com/stapi-spec/stapi-spec, product, opportunity and order specifications, read 2026-11.
    """

    geometry: ItemDict
    """Point or area, GeoJSON, WGS 84."""
    datetime: Interval
    """When it may be acquired."""
    collection: str | None = None
    """What is tasked: a product or mode of the provider; None for its default."""
    filter: Mapping[str, Any] | None = None
    """Constraints, as CQL2 JSON over the collection's queryables."""
    name: str = ""
    tag: str = ""
    options: Mapping[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class SubscribeRequest(_Named):
    """A standing order: all that will match from now on, or acquisitions made again and again."""

    query: Query
    """What shall come: collections, area, time and filter."""
    assets: tuple[str, ...] = field(default=(), converter=strings)
    bundle: tuple[str, ...] = field(default=(), converter=strings)
    tools: tuple[Mapping[str, Any], ...] = field(default=(), converter=mappings)
    delivery: Mapping[str, Any] | None = None
    name: str = ""
    tag: str = ""
    options: Mapping[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class Quote:
    """What an order would cost. Unknown is None, never 0."""

    amount: float | None = None
    """Total, in `unit`; 0 only where the provider says it is free."""
    unit: str | None = None
    """``"EUR"``, ``"ha"``, ``"km2"``, ``"scenes"``, ..."""
    remaining: float | None = None
    """Quota left before this order, in `unit`."""
    items: Mapping[str, float | None] = field(factory=dict)
    """Amount of each item, by id."""
    note: str = ""
    """How sure it is, in the provider's or plugin's words."""


def _orders(value: Iterable[Order]) -> tuple[Order, ...]:
    return tuple(value)


@frozen(kw_only=True)
class Order:
    """An order as last seen."""

    provider: str
    id: str = ""
    """The provider's own id; empty while it is not known."""
    tag: str = ""
    """Swath's tag: the key in the ledger, known before the order is sent."""
    kind: str = "order"
    """``"order"``; ``"task"`` for a future acquisition; ``"subscription"`` for a standing order; ``"direct"`` for what
    needed none; ``"group"`` for several that belong together."""
    state: OrderState = OrderState.ORDERED
    native_state: str = ""
    """The provider's own word."""
    request: OrderRequest | TaskRequest | SubscribeRequest | None = field(default=None, repr=False)
    created: dt.datetime | None = field(default=None, validator=aware)
    updated: dt.datetime | None = field(default=None, validator=aware)
    expires: dt.datetime | None = field(default=None, validator=aware)
    """When the provider will forget the delivery."""
    progress: float | None = field(
        default=None, validator=validators.optional(validators.and_(validators.ge(0), validators.le(1)))
    )
    """Fraction from 0 to 1, or None where the provider gives none."""
    message: str = ""
    """The provider's last words on it: progress, or the reason of a failure."""
    quote: Quote | None = field(default=None, repr=False)
    """What it was quoted at before it was sent, where somebody asked (a cap or a budget); or what the provider's review
    says it costs."""
    awaits_approval: bool = False
    """Whether it goes ahead only once it is approved: see `Provider.approve`."""
    failed_items: Mapping[str, str] = field(factory=dict)
    """Items that will not be delivered, each with the provider's reason."""
    delivered: tuple[ItemDict, ...] = field(default=(), converter=item_dicts, repr=False)
    """STAC Items that came of it, where those are not the ordered ones: of a task, a subscription, a dataset over an
    area."""
    parts: tuple[Order, ...] = field(default=(), converter=_orders)
    """The orders of a group: what was too large for one is sent as several."""
    raw: Mapping[str, Any] = field(factory=dict, repr=False)
    """The provider's last answer, secrets removed."""

    @property
    def items(self) -> tuple[ItemDict, ...]:
        """The STAC Items that came of it, where those are others than the ordered ones; else the ordered ones."""
        if self.parts:
            return tuple(item for part in self.parts for item in part.items)
        return self.delivered or self.ordered

    @property
    def ordered(self) -> tuple[ItemDict, ...]:
        """The STAC Items that were ordered; none where what was ordered were no items."""
        if self.parts:
            return tuple(item for part in self.parts for item in part.ordered)
        return self.request.items if isinstance(self.request, OrderRequest) else ()

    @property
    def leaves(self) -> tuple[Order, ...]:
        """The simple orders in it: its parts, or itself."""
        return self.parts or (self,)

    def seen(self, state: OrderState, **changes: Any) -> Order:
        """Copy it with a new state and whatever else a look has shown."""
        return evolve(self, state=state, **changes)


@frozen(kw_only=True)
class DryRequest:
    """A request that would have been sent."""

    method: str
    url: str
    """With its query; values of secrets read ``<redacted>``."""
    body: Any = None
    """What its JSON body holds, or its text; secrets read ``<redacted>``, swath's tag ``swath-0000000000000000``."""


def _dry_requests(value: Iterable[DryRequest]) -> tuple[DryRequest, ...]:
    return tuple(value)


@frozen(kw_only=True)
class DryRun:
    """What `Provider.order` would have done. Nothing was sent that buys, and nothing was written to the ledger."""

    provider: str
    requests: tuple[DryRequest, ...] = field(default=(), converter=_dry_requests)
    """The first request of each order that changes something at the provider; none where none is needed."""
    existing: tuple[Order, ...] = field(default=(), converter=_orders)
    """Orders that stand already and would be given instead of being sent again."""
    direct: tuple[Order, ...] = field(default=(), converter=_orders)
    """What the plugin would give without sending anything, for items that need no order."""
    quote: Quote | None = None
    """What it would cost, where a cap or a budget asked."""
