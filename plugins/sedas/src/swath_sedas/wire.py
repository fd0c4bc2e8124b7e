# SPDX-License-Identifier: Apache-2.0
"""SeDAS's payloads as records, and the one converter that reads them.

Source: the SeDAS wire contract and answers printed in public notebooks, read 2026-11. The service's own reference pages
could not be consulted, so only what every answer seen has is required.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

from attrs import field, fields, frozen
from cattrs import Converter

from swath.convert import make_converter, rename, structure
from swath.errors import Rejected, UnexpectedResponse
from swath.models import OrderState
from swath.stac import multihash

__all__ = [
    "ONLINE_KEY",
    "REQUEST_STATES",
    "SUSPICIOUS",
    "Product",
    "RequestAnswer",
    "Satellite",
    "SourceGroup",
    "TokenAnswer",
    "file_checksum",
    "products_in",
    "read",
    "wire_keys",
]

_T = TypeVar("_T")

ONLINE_KEY = "downloadUrl"
"""Present where the product can be fetched now; absent where it is only in the long-term archive."""

SUSPICIOUS = 200
"""Products in one answer from which on it may be cut off.

The service's cap is not documented. Answers of 231, 237, 251 and 256 products were seen where thousands matched, so
that a count below 256 proves nothing either; 200 leaves a margin.
"""

REQUEST_STATES: Mapping[str, OrderState] = {
    "REQUESTED": OrderState.PENDING,
    "PENDING": OrderState.PENDING,
    "ACCEPTED": OrderState.PENDING,
    "INPRODUCTION": OrderState.SHIPPING,
    "COMPLETED": OrderState.SHIPPING,
    "DELIVERED": OrderState.SHIPPING,
    "FAILED": OrderState.FAILED,
    "REJECTED": OrderState.FAILED,
    "CANCELLED": OrderState.CANCELED,
    "CANCELED": OrderState.CANCELED,
}
"""What a request's status means while it has no download URL; with one it has succeeded, whatever the word.

The words are those of a sibling product of the same maker; SeDAS itself was only seen to leave the status out.
"""

_HASHES = {32: "md5", 40: "sha1", 64: "sha256"}
"""Algorithm by length in hexadecimal digits: the service does not name it."""


@frozen(kw_only=True)
class TokenAnswer:
    """What a login gives."""

    token: str = field(repr=False)
    valid_until: dt.datetime | None = None


@frozen(kw_only=True)
class Product:
    """One product, as a search or a look-up gives it."""

    supplier_id: str
    """Mission product name: the key for look-up, request and file name."""
    coordinates_wkt: str
    start: dt.datetime
    stop: dt.datetime
    product_id: str | None = None
    """Internal id; nothing accepts it."""
    type: str | None = None
    """``ARCHIVE``, ``PLANNEDACQ`` or ``TASKING``."""
    satellite_name: str | None = None
    instrument_name: str | None = None
    mode_name: str | None = None
    sensor_type: str | None = None
    """``Optical`` or ``SAR``."""
    sensor_resolution: float | None = None
    """Metres."""
    orbit_direction: str | None = None
    area: float | None = None
    """Square metres."""
    aoi_coverage_percent: float | None = None
    """Share of the searched area that it covers."""
    useful_area_percent: float | None = None
    """Share of it that lies in the searched area."""
    cloud_coverage_percent: float | None = None
    product_type: str | None = None
    polarisation: str | None = None
    latency: str | None = None
    ql: str | None = None
    thumbnail: str | None = None
    vendor_specific: Mapping[str, Any] | None = None
    download_url: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class RequestAnswer:
    """What the service says of a request to the long-term archive."""

    request_id: str | int | None = None
    supplier_id: str | None = None
    status: str | None = None
    download_url: str | None = field(default=None, repr=False)
    message: str | None = None
    error_message: str | None = None

    @property
    def id(self) -> str:
        """The request's id as text; empty where the answer has none."""
        return "" if self.request_id is None else str(self.request_id)

    @property
    def state(self) -> OrderState:
        """Where the request stands, in our words. A word that is not known is `pending`."""
        if self.download_url:
            return OrderState.SUCCEEDED
        if not self.status:
            return OrderState.SHIPPING
        return REQUEST_STATES.get(self.status.upper(), OrderState.PENDING)

    @property
    def is_unknown(self) -> bool:
        """Whether the service uses a word for its state that is not documented."""
        return bool(self.status) and not self.download_url and str(self.status).upper() not in REQUEST_STATES

    @property
    def reason(self) -> str:
        """The provider's last words, empty where it said nothing."""
        return self.error_message or self.message or ""


@frozen(kw_only=True)
class Satellite:
    """One satellite that the account may search."""

    name: str
    description: str | None = None
    information_url: str | None = None


@frozen(kw_only=True)
class SourceGroup:
    """One group of satellites, as the operator made it."""

    name: str
    description: str | None = None


_SPELT = {"coordinates_wkt": "coordinatesWKT"}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return _SPELT.get(name) or first + "".join(word.capitalize() for word in rest)


@lru_cache(maxsize=1)
def _converter() -> Converter:
    """Make the converter when it is first needed: its hooks are compiled."""
    converter = make_converter()
    for record in (TokenAnswer, Product, RequestAnswer, Satellite, SourceGroup):
        names = [one.name for one in fields(record)]
        rename(converter, record, **{name: _camel(name) for name in names if _camel(name) != name})
    return converter


def wire_keys(record: type) -> frozenset[str]:
    """Give the keys of a record as they are spelt on the wire."""
    return frozenset(_camel(one.name) for one in fields(record))


def read(payload: Any, record: type[_T], *, what: str) -> _T:
    """Read a payload as a record.

    Args:
        payload: As `json` parsed it.
        record: One of this module's records, or ``list[...]`` of one.
        what: What it is, for the error.

    Raises:
        UnexpectedResponse: It does not have the documented form.
    """
    return structure(_converter(), payload, record, what=what)


def products_in(answer: Any, *, what: str) -> list[dict[str, Any]]:
    """Take the products out of a search's answer.

    Args:
        answer: As `json` parsed it.
        what: What it is, for the error.

    Raises:
        Rejected: The answer holds an error in place of products.
        UnexpectedResponse: It has no list of products.
    """
    if not isinstance(answer, dict):
        raise UnexpectedResponse(f"{what} is no object but {type(answer).__name__}")
    said = answer.get("errorMessage")
    if said and not answer.get("products"):
        code = answer.get("errorCode")
        raise Rejected(f"{what} holds an error: {said}" + (f" (code {code})" if code else ""))
    products = answer.get("products")
    if not isinstance(products, list) or not all(isinstance(one, dict) for one in products):
        raise UnexpectedResponse(f"{what} has no list of products under the key 'products'")
    return products


def file_checksum(vendor_specific: Mapping[str, Any] | None) -> str | None:
    """Find the checksum of a product's archive, as multihash.

    Args:
        vendor_specific: The product's ``vendorSpecific``.

    Returns:
        None where there is none, or none whose algorithm its length tells.
    """
    for key, value in (vendor_specific or {}).items():
        if key.lower() == "filehash" and isinstance(value, str):
            digest = value.strip().lower()
            algorithm = _HASHES.get(len(digest))
            if algorithm and all(char in "0123456789abcdef" for char in digest):
                return multihash(algorithm, digest)
    return None
