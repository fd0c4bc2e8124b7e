# SPDX-License-Identifier: Apache-2.0
"""Checks Planet's own keywords of an order and where it is to be delivered, before anything is sent.

No message repeats a value that may be secret.

Source: Planet's documentation of the Orders API (create request, delivery, notifications), read 2026-11.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from swath.errors import InputError
from swath.models import Secret
from swath_planet._clouds import DEFAULT_DESTINATION

__all__ = ["OPTIONS", "check_options", "delivery_block", "notifications_block", "refuse"]

OPTIONS: Final[Mapping[str, str]] = {
    "order_type": "'full' (default): one missing item fails the order; 'partial': deliver what there is",
    "fallback_bundles": "product bundles to try for items that lack the wanted one (also bundle=[wanted, next, ...])",
    "archive_type": "'zip' delivers archives instead of files",
    "single_archive": "True: one archive for the whole order; False: one for each item",
    "archive_filename": "name of the archive; may hold {{name}} and {{order_id}}",
    "email": "True: Planet sends an e-mail when the order is done",
    "webhook": "URL that Planet calls when the order is done, or {'url': ..., 'per_order': ...}; may be a swath.Secret",
    "stac": "True: Planet adds its own STAC files (swath writes STAC either way)",
    "subscription_id": "number of the quota plan to draw from",
    "hosting": "'sentinel_hub', or {'sentinel_hub': {'collection_id': ...}} or {... {'create_configuration': True}}",
    "prior_orders": "ids of orders to wait for, or {'orders': [...], 'failures': 'skip', 'partials': 'accept'}",
}
"""Planet's own keywords of an order, each with one line of help."""

_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "amazon_s3": ("bucket", "aws_region", "aws_access_key_id", "aws_secret_access_key"),
    "azure_blob_storage": ("account", "container", "sas_token"),
    "google_cloud_storage": ("bucket", "credentials"),
    "google_earth_engine": ("project", "collection"),
    "oracle_cloud_storage": ("bucket", "namespace", "region", "customer_access_key_id", "customer_secret_key"),
    "s3_compatible": ("endpoint", "bucket", "region", "access_key_id", "secret_access_key"),
    "destination": ("ref",),
}
"""Keys that each kind of delivery needs."""
_OPTIONAL: Final[Mapping[str, tuple[str, ...]]] = {
    "azure_blob_storage": ("storage_endpoint_suffix", "path_prefix"),
    "google_earth_engine": (),
    "s3_compatible": ("use_path_style", "path_prefix"),
}
"""Keys that it may have besides; `path_prefix` where nothing is said."""


def refuse(message: str, hint: str) -> InputError:
    """Make the error for what Planet would refuse."""
    return InputError(message, hint=hint, provider="planet")


def _choice(what: str, value: Any, allowed: Iterable[str]) -> None:
    if value is not None and value not in allowed:
        raise refuse(f"{what} is {value!r}", f"pass {' or '.join(map(repr, allowed))}")


# --- keywords --------------------------------------------------------------------------------------------------------


def check_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give Planet's own keywords as they are sent, without those that are None.

    Raises:
        InputError: There is no such keyword, or its value cannot be.
    """
    options = {key: value for key, value in given.items() if value is not None}
    unknown = sorted(options.keys() - OPTIONS.keys())
    if unknown:
        raise refuse(f"Planet has no order option {', '.join(unknown)}", f"choose from {', '.join(OPTIONS)}")
    _choice("order_type", options.get("order_type"), ("full", "partial"))
    _choice("archive_type", options.get("archive_type"), ("zip",))
    for key in ("single_archive", "email", "stac"):
        if not isinstance(options.get(key, False), bool):
            raise refuse(f"{key} is {options[key]!r}", "pass True or False")
    plan = options.get("subscription_id")
    if plan is not None:
        if isinstance(plan, bool) or not str(plan).isdecimal():
            raise refuse(f"subscription_id is {plan!r}", "pass the number of a quota plan")
        options["subscription_id"] = int(plan)
    if options.get("archive_type") is None and (options.get("single_archive") or options.get("archive_filename")):
        options["archive_type"] = "zip"
    if "hosting" in options:
        options["hosting"] = _hosting(options["hosting"])
    if "prior_orders" in options:
        options["prior_orders"] = _prior_orders(options["prior_orders"])
    return options


def _hosting(given: Any) -> dict[str, Any]:
    hint = "pass 'sentinel_hub' or {'sentinel_hub': {'collection_id': ...}}"
    if given == "sentinel_hub":
        return {"sentinel_hub": {}}
    if not isinstance(given, Mapping) or list(given) != ["sentinel_hub"]:
        raise refuse(f"hosting is {given!r}", hint)
    block = given["sentinel_hub"] or {}
    if not isinstance(block, Mapping) or not block.keys() <= {"collection_id", "create_configuration"}:
        raise refuse(f"hosting is {given!r}", hint)
    if block.get("collection_id") and block.get("create_configuration"):
        raise refuse("hosting has both collection_id and create_configuration", "pass one of them")
    return {"sentinel_hub": dict(block)}


def _prior_orders(given: Any) -> dict[str, Any]:
    block = dict(given) if isinstance(given, Mapping) else {"orders": given}
    ids = block.get("orders")
    ids = [ids] if isinstance(ids, str) else list(ids) if isinstance(ids, list | tuple) else []
    if not ids or not block.keys() <= {"orders", "failures", "partials"}:
        raise refuse(f"prior_orders is {given!r}", "pass ids of orders, or {'orders': [...], 'failures': 'skip'}")
    for one in ids:
        try:
            uuid.UUID(hex=one)
        except (ValueError, TypeError, AttributeError):
            raise refuse(
                f"prior_orders names {one!r}", "pass Planet's own ids of orders, as order.id has them"
            ) from None
    _choice("failures of prior_orders", block.get("failures"), ("fail", "skip"))
    _choice("partials of prior_orders", block.get("partials"), ("fail", "skip", "accept"))
    return {**block, "orders": ids}


# --- delivery and notifications --------------------------------------------------------------------------------------


def delivery_block(given: Mapping[str, Any] | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """Write the delivery block: a place of the user's own, an archive, both or neither.

    Args:
        given: One kind of delivery with its keys; secrets may be `swath.Secret`. Of a destination the reference alone
            is enough, or ``"default"``.
        options: As `check_options` gives them.

    Raises:
        InputError: There is no such kind of delivery, or it has too few or too many keys.
    """
    if len(given or {}) > 1:
        raise refuse(f"delivery names {', '.join(given or {})}", "name one place to deliver to")
    made = {kind: _place(kind, block) for kind, block in (given or {}).items()}
    for key in ("archive_type", "archive_filename", "single_archive"):
        if options.get(key) is not None:
            made[key] = options[key]
    return made


def _place(kind: str, block: Any) -> dict[str, Any]:
    if kind not in _NEEDED:
        raise refuse(f"Planet has no delivery {kind!r}", f"choose from {', '.join(_NEEDED)}")
    needed = _NEEDED[kind]
    if kind == "destination":
        block = {"ref": block} if isinstance(block, str) else block
    missing = [key for key in needed if not isinstance(block, Mapping) or not block.get(key)]
    if missing:
        raise refuse(f"delivery {kind} lacks {', '.join(missing)}", f"it needs {', '.join(needed)}")
    place = {key: value for key, value in block.items() if value is not None}
    allowed = {*needed, *_OPTIONAL.get(kind, ("path_prefix",))}
    unknown = [key for key in place if key not in allowed]
    if unknown:
        raise refuse(f"delivery {kind} has no {', '.join(unknown)}", f"it takes {', '.join(sorted(allowed))}")
    if kind == "destination":
        ref = place["ref"]
        place["ref"] = DEFAULT_DESTINATION if ref == "default" else ref
        if not str(place["ref"]).startswith("pl:destinations/"):
            raise refuse(f"destination {ref!r} is no reference", "pass 'pl:destinations/ID', or 'default'")
    return place


def notifications_block(options: Mapping[str, Any]) -> dict[str, Any]:
    """Write how Planet tells that the order is done.

    Raises:
        InputError: The webhook has no address that Planet could call.
    """
    made: dict[str, Any] = {}
    if options.get("email"):
        made["email"] = True
    webhook = options.get("webhook")
    if webhook is None:
        return made
    if isinstance(webhook, str | Secret):
        webhook = {"url": webhook, "per_order": True}
    if not isinstance(webhook, Mapping) or not webhook.get("url"):
        raise refuse(f"webhook is a {type(webhook).__name__} without url", "pass a URL or {'url': ...}")
    if not webhook.keys() <= {"url", "per_order"}:
        raise refuse("webhook has more than url and per_order", "pass {'url': ..., 'per_order': ...}")
    url = webhook["url"].reveal() if isinstance(webhook["url"], Secret) else str(webhook["url"])
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise refuse("the webhook's url is no web address", "pass https://USER:PASSWORD@HOST/PATH")
    made["webhook"] = dict(webhook)
    return made
