# SPDX-License-Identifier: Apache-2.0
"""Reads where an order of Planet's stands."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Final

from attrs import evolve

from swath.models import Order, OrderState, find_tag
from swath_planet.wire import STATES, OrderPayload, OrderWord, read

__all__ = ["SETTLE_S", "is_secret_name", "order_seen", "without_secrets"]

SETTLE_S: Final = 60.0
"""Seconds for which a finished order that shows no results yet counts as still shipping."""
_SECRET_KEY = re.compile(r"secret|token|password|access_key|credentials|sas|authorization", re.IGNORECASE)
_CLOUDS: Final = frozenset(
    {
        "amazon_s3",
        "azure_blob_storage",
        "google_cloud_storage",
        "google_earth_engine",
        "oracle_cloud_storage",
        "s3_compatible",
        "destination",
    }
)


def order_seen(payload: object, *, known: Order | None = None, now: dt.datetime | None = None) -> Order:
    """Read an order as Planet shows it.

    Args:
        payload: The order's JSON.
        known: The order as last seen; its request and tag are kept.
        now: Time of day, to give a just finished order time to show its results.

    Raises:
        UnexpectedResponse: It does not have the documented form.
    """
    seen = read(payload, OrderPayload, "order")
    state = STATES.get(seen.state, OrderState.PENDING)
    message = seen.last_message or ""
    failed: dict[str, str] = {}
    hints = [_hint_text(one) for one in seen.error_hints or ()]
    if state in {OrderState.FAILED, OrderState.PARTIAL}:
        message = "; ".join(dict.fromkeys([*filter(None, [message]), *filter(None, hints)]))
        failed = _failed_items(seen, hints)
    if _is_settling(seen, now):
        state, message = OrderState.SHIPPING, "finished; the list of files is not there yet"
    base = known or Order(provider="planet")
    return evolve(
        base,
        id=seen.id,
        tag=base.tag or find_tag(seen.name) or "",
        state=state,
        native_state=str(seen.state),
        created=seen.created_on or base.created,
        updated=seen.last_modified or base.updated,
        message=message,
        failed_items=failed,
        raw=without_secrets(payload),
    )


def _is_settling(seen: OrderPayload, now: dt.datetime | None) -> bool:
    """Whether it ended so recently that its results may only be late."""
    if seen.state not in {OrderWord.SUCCESS, OrderWord.PARTIAL} or seen.results or now is None:
        return False
    if _CLOUDS & (seen.delivery or {}).keys():
        return False
    ended = seen.last_modified or seen.created_on
    return ended is not None and 0 <= (now - ended).total_seconds() < SETTLE_S


def _hint_text(hint: Any) -> str:
    """Say one of Planet's error hints in words."""
    if isinstance(hint, str):
        return hint.strip()
    if isinstance(hint, Mapping):
        return "; ".join(f"{key}: {value}" for key, value in hint.items())
    return str(hint) if hint else ""


def _failed_items(seen: OrderPayload, hints: list[str]) -> dict[str, str]:
    """Name the items that will not come, with the reason: those that a hint names, and those without a file."""
    asked = seen.item_ids
    reasons = {one: hint for hint in hints for one in asked if _names(hint, one)}
    general = (
        "; ".join(hint for hint in hints if not any(_names(hint, one) for one in asked)) or seen.last_message or ""
    )
    if seen.state == OrderWord.FAILED:
        return {one: reasons.get(one, general or "the order failed") for one in asked}
    delivered = [one.name for one in seen.results if one.delivery == "success"]
    files = [name for name in delivered if not name.endswith(("manifest.json", ".zip"))]
    lost = [one for one in asked if files and not any(_names(name, one) for name in files)]
    return {one: reasons.get(one) or general or "not delivered" for one in asked if one in reasons or one in lost}


def _names(text: str, item_id: str) -> bool:
    """Whether a text has the id as a word of its own, or at the head of a file name."""
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(item_id)}(?![0-9A-Za-z])", text) is not None


def is_secret_name(name: object) -> bool:
    """Whether a parameter of this name is secret."""
    return _SECRET_KEY.search(str(name)) is not None


def without_secrets(payload: object) -> dict[str, Any]:
    """Copy an answer without credentials and signed links."""
    cleaned = _cleaned(payload)
    return cleaned if isinstance(cleaned, dict) else {}


def _cleaned(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: "<redacted>" if is_secret_name(key) and inner else _cleaned(inner)
            for key, inner in value.items()
            if key != "location"
        }
    if isinstance(value, list | tuple):
        return [_cleaned(one) for one in value]
    if isinstance(value, str):
        return re.sub(r"(?<=://)[^/@\s]+@", "", value)
    return value
