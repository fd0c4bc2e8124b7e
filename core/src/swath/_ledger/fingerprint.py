# SPDX-License-Identifier: Apache-2.0
"""Says whether two orders are for the same thing."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

import attrs

from swath._ledger.codec import redact
from swath.models import OrderRequest, Secret, SubscribeRequest, TaskRequest

__all__ = ["fingerprint"]

_VERSION = 1
_NAMES_ONLY = frozenset({"tag", "name"})
"""What an order is called does not make it another order."""


def fingerprint(provider: str, account: str, kind: str, request: OrderRequest | TaskRequest | SubscribeRequest) -> str:
    """Give a hash that is the same for the same order, however it was put.

    Items count by collection and id, in any order, each once; so do asset keys. Bundles and tools keep their order,
    which has a meaning. Options that are None count as absent, 10 and 10.0 are one number. Secrets in `delivery`
    and the user information of URLs do not count: an order with a renewed key is still the same order.

    Args:
        provider: Entry-point name.
        account: `swath.hookspecs.Context.account`.
        kind: ``"order"``, ``"task"`` or ``"subscribe"``.
        request: What is ordered; its tag and name do not count.

    Returns:
        64 hexadecimal digits.
    """
    content = [_VERSION, provider, account, kind, _canonical(request)]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # Lone surrogates can come from file names in options; they must not stop an order.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(value: Any) -> Any:  # noqa: C901 - a table: one line or two for each type
    """Give one form to all values that mean the same."""
    if attrs.has(type(value)):
        return _record(value)
    if isinstance(value, Secret):
        return _canonical(value.reveal())
    if isinstance(value, Enum):
        return _canonical(value.value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return redact(str(value))
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, Mapping):
        return {str(key): _canonical(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, (list, tuple)):
        return [_canonical(inner) for inner in value]
    if isinstance(value, (set, frozenset)):
        return sorted((_canonical(inner) for inner in value), key=lambda inner: json.dumps(inner, sort_keys=True))
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, int):
        return value
    # A numpy number means the number it shows: anything else that is no JSON counts as its text.
    item = getattr(value, "item", None)
    return _canonical(item()) if callable(item) else str(value)


def _record(request: Any) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for declared in attrs.fields(type(request)):
        held = getattr(request, declared.name)
        if declared.name in _NAMES_ONLY:
            continue
        if declared.name == "items":
            made["items"] = sorted({(str(item.get("collection") or ""), str(item.get("id"))) for item in held})
        elif declared.name == "assets":
            made["assets"] = sorted(set(held))
        elif declared.name == "delivery":
            made["delivery"] = _canonical(redact(held))
        else:
            made[declared.name] = _canonical(held)
    # A field that is empty counts as absent, so that one that swath learns later changes no older fingerprint.
    return {name: held for name, held in made.items() if held not in (None, [], {}, "")}
