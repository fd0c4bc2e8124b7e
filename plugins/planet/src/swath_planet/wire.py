# SPDX-License-Identifier: Apache-2.0
"""Planet's payloads as records, and the one converter that reads them.

Keys that are not named here pass unread; lists and objects that Planet gives as ``null`` are None.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import field, frozen

from swath.convert import make_converter, rename, structure
from swath.models import OrderState

if TYPE_CHECKING:
    import cattrs

__all__ = [
    "FINAL_WORDS",
    "STATES",
    "Bucket",
    "Feature",
    "Links",
    "Manifest",
    "ManifestFile",
    "OrderList",
    "OrderPayload",
    "OrderWord",
    "Product",
    "ResultLink",
    "ResultLinks",
    "SearchPage",
    "Stats",
    "converter",
    "read",
]

_T = TypeVar("_T")


# --- Data API --------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Feature:
    """One item as the Data API lists it."""

    id: str
    properties: Mapping[str, Any]
    geometry: Mapping[str, Any] | None = None
    links: Mapping[str, Any] | None = None
    permissions: tuple[str, ...] | None = None
    """What the account may download, as ``assets.ortho_visual:download``."""
    assets: tuple[str, ...] | None = None
    """Asset types that the item has."""


@frozen(kw_only=True)
class SearchPage:
    """One page of a search."""

    features: tuple[Feature, ...]
    links: Mapping[str, Any] | None = None

    @property
    def next(self) -> str | None:
        """Address of the next page; None ends."""
        found = (self.links or {}).get("_next")
        return found if isinstance(found, str) and found else None


@frozen(kw_only=True)
class Bucket:
    """One bar of a histogram."""

    count: int


@frozen(kw_only=True)
class Stats:
    """How many items a filter finds, by interval of time."""

    buckets: tuple[Bucket, ...]


# --- Orders API ------------------------------------------------------------------------------------------------------


class OrderWord(StrEnum):
    """Planet's words for where an order stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


STATES: Mapping[str, OrderState] = {
    OrderWord.QUEUED: OrderState.ORDERED,
    OrderWord.RUNNING: OrderState.SHIPPING,
    OrderWord.SUCCESS: OrderState.SUCCEEDED,
    OrderWord.PARTIAL: OrderState.PARTIAL,
    OrderWord.FAILED: OrderState.FAILED,
    OrderWord.CANCELLED: OrderState.CANCELED,
}
"""Our state for each of Planet's words; a word that is not here is pending."""


FINAL_WORDS = frozenset({OrderWord.SUCCESS, OrderWord.PARTIAL, OrderWord.FAILED, OrderWord.CANCELLED})
"""Words after which nothing changes."""


@frozen(kw_only=True)
class Product:
    """What one line of an order asks for."""

    item_type: str | None = None
    item_ids: tuple[str, ...] | None = None
    product_bundle: str | None = None


@frozen(kw_only=True)
class ResultLink:
    """One file of a finished order."""

    name: str
    """Path that begins with the order's id."""
    delivery: str = "success"
    """``pending``, ``success`` or ``failed``."""
    location: str | None = field(default=None, repr=False)
    """Signed address; absent where Planet delivered to a bucket."""
    expires_at: str | None = None


@frozen(kw_only=True)
class ResultLinks:
    """Where an order's results are."""

    results: tuple[ResultLink, ...] | None = None


@frozen(kw_only=True)
class OrderPayload:
    """An order as the Orders API shows it."""

    id: str
    state: OrderWord | str
    name: str | None = None
    created_on: dt.datetime | None = None
    last_modified: dt.datetime | None = None
    last_message: str | None = None
    error_hints: tuple[Any, ...] | None = None
    products: tuple[Product, ...] | None = None
    tools: tuple[Mapping[str, Any], ...] | None = None
    delivery: Mapping[str, Any] | None = None
    links: ResultLinks | None = None

    @property
    def results(self) -> tuple[ResultLink, ...]:
        """The files, none where there are none yet."""
        return (self.links.results if self.links else None) or ()

    @property
    def item_ids(self) -> tuple[str, ...]:
        """All items that were asked for."""
        return tuple(one for product in self.products or () for one in product.item_ids or ())


@frozen(kw_only=True)
class Links:
    """Links of a page of orders."""

    next: str | None = None


@frozen(kw_only=True)
class OrderList:
    """One page of the account's orders."""

    orders: tuple[Mapping[str, Any], ...]
    links: Links | None = None


@frozen(kw_only=True)
class ManifestFile:
    """One file as the order's manifest has it."""

    path: str
    """Relative to the order's folder."""
    media_type: str | None = None
    size: int | None = None
    """Bytes."""
    digests: Mapping[str, Any] | None = None
    """Hexadecimal digests by ``md5`` and ``sha256``."""
    annotations: Mapping[str, Any] | None = None

    def note(self, name: str) -> str | None:
        """Give one of Planet's annotations, ``planet/NAME``."""
        found = (self.annotations or {}).get(f"planet/{name}")
        return found if isinstance(found, str) and found else None


@frozen(kw_only=True)
class Manifest:
    """What an order delivered."""

    files: tuple[ManifestFile, ...] = ()


def converter(*, forbid_extra_keys: bool = False) -> cattrs.Converter:
    """Make a converter for Planet's payloads.

    Args:
        forbid_extra_keys: Whether keys that no record names are errors, for tests of recorded payloads.
    """
    made = make_converter(forbid_extra_keys=forbid_extra_keys)
    rename(made, Feature, links="_links", permissions="_permissions")
    for record in (SearchPage, OrderPayload, OrderList):
        rename(made, record, links="_links")
    return made


@lru_cache(maxsize=1)
def _shared() -> cattrs.Converter:
    return converter()


def read(payload: object, kind: type[_T], what: str) -> _T:
    """Read a payload as a record.

    Args:
        payload: As JSON gave it.
        kind: The record.
        what: What it is, for the error.

    Raises:
        UnexpectedResponse: It does not have the documented form.
    """
    return structure(_shared(), payload, kind, what=f"Planet's {what}")
