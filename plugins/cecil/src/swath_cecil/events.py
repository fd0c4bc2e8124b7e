# SPDX-License-Identifier: Apache-2.0
"""Verifies and reads what Cecil posts to webhooks.

Cecil signs the raw body with the webhook's secret, and nothing else: there is no time stamp beside it, but the body
tells when it was recorded. It tries again after about 12 hours, three times, so that a delivery may be 36 hours old.

Source: the Cecil wire contract, 6, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final

from swath.errors import InvalidCredentials, UnexpectedResponse
from swath.hookspecs import Context
from swath.models import CredentialField, Order

__all__ = ["HEADER", "WEBHOOK_SECRET", "WINDOW", "event_of", "is_signed", "signature"]

HEADER: Final = "cecil-signature"
WINDOW: Final = dt.timedelta(hours=48)
"""How old a delivery may be: its last try comes after 36 hours."""
_AHEAD: Final = dt.timedelta(minutes=10)
"""How far another clock may be ahead of ours."""
WEBHOOK_SECRET: Final = CredentialField(
    name="webhook_secret",
    env="SWATH_CECIL_WEBHOOK_SECRET",
    title="Webhook secret",
    help="as the webhook was created with; deliveries that it did not sign are refused",
    required=False,
    identifies=False,
)


def signature(secret: str, body: bytes) -> str:
    """Sign a body as Cecil does: HMAC-SHA256 in lower-case hexadecimal digits."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(secret: str, body: bytes, given: str) -> bool:
    """Whether a signature is right; how much of it is does not show in the time it takes."""
    return hmac.compare_digest(signature(secret, body).encode(), given.strip().lower().encode())


def event_of(context: Context, headers: Mapping[str, str], body: bytes) -> Order | None:
    """Verify and read a delivery.

    Args:
        context: The opened account.
        headers: As they came.
        body: As it came, byte for byte.

    Returns:
        The subscription that it speaks of, as a reason to look: nothing else of it is believed. None if it is about
        none.

    Raises:
        InvalidCredentials: A secret is set, and its signature is missing or wrong, or it is too old.
        UnexpectedResponse: It is no JSON object.
    """
    secret = context.credentials.get(WEBHOOK_SECRET.name)
    if secret is not None:
        given = next((value for name, value in headers.items() if name.lower() == HEADER), "")
        if not given or not is_signed(secret.value.reveal(), body, given):
            raise InvalidCredentials(
                "the delivery to the webhook is not signed with the secret that is set for it",
                hint="set webhook_secret to what the webhook was created with",
                provider="cecil",
            )
    try:
        told: Any = json.loads(body)
    except ValueError as err:
        raise UnexpectedResponse("the delivery to the webhook is no JSON", provider="cecil") from err
    if not isinstance(told, Mapping):
        raise UnexpectedResponse("the delivery to the webhook is no JSON object", provider="cecil")
    if secret is not None:
        _require_recent(told.get("recorded_at"), context.time())
    payload = told.get("payload")
    found = payload.get("subscription_id") if isinstance(payload, Mapping) else None
    return Order(provider="cecil", id=found) if isinstance(found, str) and found else None


def _require_recent(text: Any, now: dt.datetime) -> None:
    """Refuse what was recorded too long ago: somebody may play it back.

    Raises:
        InvalidCredentials: It was, or it does not say when.
    """
    try:
        recorded = dt.datetime.fromisoformat(str(text))
    except ValueError:
        recorded = dt.datetime.min.replace(tzinfo=dt.UTC)
    if recorded.tzinfo is None:
        recorded = recorded.replace(tzinfo=dt.UTC)
    if not now - WINDOW <= recorded <= now + _AHEAD:
        raise InvalidCredentials(
            "the delivery to the webhook was recorded too long ago, or does not say when",
            hint="check this machine's clock; deliveries are taken for 48 hours",
            provider="cecil",
        )
