# SPDX-License-Identifier: Apache-2.0
"""Reads what Planet posts to the webhook of an order.

Planet signs nothing. What there is are basic credentials in the webhook's URL, which Planet then sends along: where a
login is set for the account, a delivery without it is refused. Without one anybody may post; all that a delivery can do
is to have swath look at an order that it knows already.

Source: Planet's documentation of the Orders API (notifications), read 2026-11.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import uuid
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from swath.errors import InvalidCredentials, UnexpectedResponse
from swath.hookspecs import Context
from swath.models import CredentialField, Order

__all__ = ["WEBHOOK_LOGIN", "event_of"]

WEBHOOK_LOGIN: Final = CredentialField(
    name="webhook_login",
    env="SWATH_PLANET_WEBHOOK_LOGIN",
    title="Webhook login",
    help="USER:PASSWORD as in the webhook's URL, https://USER:PASSWORD@...; deliveries without it are refused",
    required=False,
    identifies=False,
)


def event_of(context: Context, headers: Mapping[str, str], body: bytes) -> Order | None:
    """Verify and read a delivery.

    Args:
        context: The opened account.
        headers: As they came.
        body: As it came.

    Returns:
        The order that it speaks of, as a reason to look: nothing else of it is believed. None if it is about no order.

    Raises:
        InvalidCredentials: A login is set, and the delivery has none or another.
        UnexpectedResponse: It is no JSON object.
    """
    login = context.credentials.get(WEBHOOK_LOGIN.name)
    if login is not None:
        _require(login.value.reveal(), headers)
    try:
        told: Any = json.loads(body)
    except ValueError as err:
        raise UnexpectedResponse("the delivery to the webhook is no JSON", provider="planet") from err
    if not isinstance(told, Mapping):
        raise UnexpectedResponse("the delivery to the webhook is no JSON object", provider="planet")
    for key, kind in (("order_id", "order"), ("subscription_id", "subscription")):
        if _is_uuid(told.get(key)):
            return Order(provider="planet", id=str(told[key]), kind=kind)
    return None


def _require(login: str, headers: Mapping[str, str]) -> None:
    """Refuse a delivery without the login; how much of it is right does not show in the time it takes.

    Raises:
        InvalidCredentials: It has none or another.
    """
    given = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
    scheme, _, text = given.partition(" ")
    try:
        sent = base64.b64decode(text.strip(), validate=True) if scheme.lower() == "basic" else b""
    except binascii.Error:
        sent = b""
    # In a URL signs are escaped that the header has plain.
    plain, escaped = (secrets.compare_digest(sent, one.encode()) for one in (unquote(login), login))
    if not (plain or escaped):
        raise InvalidCredentials(
            "the delivery to the webhook does not carry the login that is set for it",
            hint="put USER:PASSWORD of webhook_login into the URL that the order names as its webhook",
            provider="planet",
        )


def _is_uuid(value: Any) -> bool:
    try:
        uuid.UUID(hex=value)
    except (ValueError, TypeError, AttributeError):
        return False
    return True
