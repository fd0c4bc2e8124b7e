# SPDX-License-Identifier: Apache-2.0
"""Orders and receipts as JSON text: nothing lost, and no secret kept.

JSON's own types stand for themselves. What JSON has not is an object ``{"$swath": kind, "value": ...}``: datetimes,
dates, tuples, swath's records and enums, and an object that has a key ``$swath`` itself.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from enum import Enum
from numbers import Integral, Real
from typing import Any, TypeVar

import attrs

from swath.errors import InputError, LedgerError
from swath.models import (
    Asset,
    Interval,
    Order,
    OrderRequest,
    OrderState,
    Query,
    Quote,
    Receipt,
    Secret,
    SortKey,
    SubscribeRequest,
    TaskRequest,
    Verification,
)

__all__ = ["REDACTED", "decode", "encode", "redact", "without_secrets"]

REDACTED = "<redacted>"
"""What stands in a secret's place."""
_MARK = "$swath"
_REQUESTS = (OrderRequest, TaskRequest, SubscribeRequest)
_RECORDS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Asset, Interval, Order, Query, Quote, Receipt, SortKey, *_REQUESTS)
}
_Request = TypeVar("_Request", bound=OrderRequest | TaskRequest | SubscribeRequest)
_AS_IT_IS = frozenset({bool, float, int, str})
_ENUMS: dict[str, type[Enum]] = {kind.__name__: kind for kind in (OrderState, Verification)}
_SECRET = re.compile(r"(?i)secret|token|passw|passphrase|key|credential|sas|authorization|signature|cookie")
"""Names in what a user passes. Wide: a keyword too much is only unreadable later, a secret too much is on disk."""
_USERINFO = re.compile(r"(?<=://)[^/?#@\s]+@")
"""User and password within a URL, as webhooks have them."""
_MAY_HOLD_SECRETS = ("delivery", "options", "tools")
"""Fields of a request into which users put keys to their own storage."""
_SECRET_IN_ANSWER = re.compile(
    r"(?i)secret|passw|passphrase|credential|authorization|cookie|(access|api|account|private|storage)[-_]?key|"
    r"(^|[-_])(sas|(access|auth|bearer|refresh|security|session|sas)[-_]?token)$|^token$"
)
"""Names in a provider's answer. Narrower: object keys and page tokens there are no secrets, and plugins read them."""


def redact(value: Any, names: re.Pattern[str] = _SECRET) -> Any:
    """Copy a value with each secret in it replaced: under a telling name, in the front of a URL, and every `Secret`."""
    if isinstance(value, Secret):
        return REDACTED
    if type(value) is str and "@" in value:
        return _USERINFO.sub(f"{REDACTED}@", value)
    if isinstance(value, Mapping):
        return {
            key: REDACTED if names.search(str(key)) and _says_something(inner) else redact(inner, names)
            for key, inner in value.items()
        }
    if isinstance(value, (list, tuple)):
        return type(value)([redact(inner, names) for inner in value]) if type(value) in {list, tuple} else value
    return value


def without_secrets(request: _Request) -> _Request:
    """Copy a request as it may be kept, shown and pickled: secrets that the user passed in it are replaced."""
    names = [name for name in _MAY_HOLD_SECRETS if hasattr(request, name)]
    return attrs.evolve(request, **{name: redact(getattr(request, name)) for name in names})


def _says_something(value: object) -> bool:
    return not (value is None or isinstance(value, bool) or value in ("", b""))


def encode(value: Order | OrderRequest | TaskRequest | SubscribeRequest | Receipt) -> str:
    """Write a record as JSON text. Secrets in its request and raw answer, and signatures of links, are left out.

    Raises:
        InputError: If an option or another field holds what cannot be written.
    """
    # As ASCII: a name that is no valid Unicode, which providers and file systems can give, must not stop an order.
    return json.dumps(_plain(value, type(value).__name__), separators=(",", ":"))


def plain_text(text: str) -> str:
    """Give text that any database takes; what is no valid Unicode shows as its escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")


def decode(text: str) -> Any:
    """Read what `encode` wrote. Fields that this swath does not know are passed over.

    Raises:
        LedgerError: If it is something else.
    """
    try:
        return json.loads(text, object_hook=_revive)
    except (ValueError, TypeError, KeyError, AttributeError) as err:
        raise LedgerError(
            f"a record of the ledger cannot be understood ({type(err).__name__})",
            hint="upgrade swath if a newer one has written it; else move the ledger away and look at the provider",
        ) from err


def _plain(value: Any, path: str) -> Any:  # noqa: C901, PLR0912 - a table: one line or two for each type
    """Turn a value into JSON's own types."""
    if value is None or type(value) in _AS_IT_IS:
        return value
    if isinstance(value, Secret):
        return REDACTED
    if attrs.has(type(value)):
        return _record(value, path)
    if isinstance(value, Enum):
        known = type(value).__name__ in _ENUMS
        return {_MARK: type(value).__name__, "value": value.value} if known else _plain(value.value, path)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise InputError(f"{path} is a time without a zone: {value!r}", hint="pass an aware datetime")
        return {_MARK: "datetime", "value": value.astimezone(dt.UTC).isoformat()}
    if isinstance(value, dt.date):
        return {_MARK: "date", "value": value.isoformat()}
    if isinstance(value, Mapping):
        return _mapping(value, path)
    if isinstance(value, tuple):
        return {_MARK: "tuple", "value": [_plain(inner, f"{path}[{at}]") for at, inner in enumerate(value)]}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [_plain(inner, f"{path}[{at}]") for at, inner in enumerate(value)]
    if isinstance(value, (set, frozenset)):
        return _plain(sorted(value, key=repr), path)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    raise InputError(
        f"{path} holds {type(value).__name__}, which cannot be written to the ledger",
        hint="pass text, numbers, times, lists and mappings of these",
    )


def _mapping(value: Mapping[Any, Any], path: str) -> dict[str, Any]:
    made = {}
    for key, inner in value.items():
        if not isinstance(key, str):
            raise InputError(f"{path} has the key {key!r}, which is no text", hint="use text for the names of options")
        made[key] = _plain(inner, f"{path}.{key}")
    # As pairs, for an object that looks like one of ours would be read as one.
    return {_MARK: "mapping", "value": [list(pair) for pair in made.items()]} if _MARK in made else made


def _record(value: Any, path: str) -> dict[str, Any]:
    kind = type(value).__name__
    if kind not in _RECORDS:
        raise InputError(
            f"{path} holds {kind}, which cannot be written to the ledger",
            hint="pass text, numbers, times, lists and mappings of these",
        )
    made: dict[str, Any] = {}
    for declared in attrs.fields(type(value)):
        held = getattr(value, declared.name)
        if type(value) in _REQUESTS and declared.name in _MAY_HOLD_SECRETS:
            held = redact(held)
        elif kind == "Order" and declared.name == "raw":
            held = _storable(redact(held, _SECRET_IN_ANSWER))
        elif kind == "Asset" and declared.name == "href":
            held = held.split("?", 1)[0].split("#", 1)[0]
        made[declared.name] = _plain(held, f"{path}.{declared.name}")
    return {_MARK: kind, "value": made}


def _storable(answer: Any) -> Any:
    """Give an answer as it is, or, where a plugin has put something strange into it, that as text: it was paid for."""
    try:
        _plain(answer, "raw")
    except InputError:
        return json.loads(json.dumps(answer, default=str, skipkeys=True))
    return answer


def _revive(held: dict[str, Any]) -> Any:
    """Make a value of an object in the text; its inner ones have been made before it."""
    if _MARK not in held:
        return held
    kind, value = held[_MARK], held["value"]
    if kind in _RECORDS:
        known = {declared.name for declared in attrs.fields(_RECORDS[kind])}
        return _RECORDS[kind](**{name: inner for name, inner in value.items() if name in known})
    if kind in _ENUMS:
        return _ENUMS[kind](value)
    if kind == "datetime":
        return dt.datetime.fromisoformat(value)
    if kind == "date":
        return dt.date.fromisoformat(value)
    if kind == "tuple":
        return tuple(value)
    if kind == "mapping":
        return dict(value)
    raise ValueError(kind)
