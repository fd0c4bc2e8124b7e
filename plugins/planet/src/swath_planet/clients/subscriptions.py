# SPDX-License-Identifier: Apache-2.0
"""The Subscriptions API, for coroutines."""

from __future__ import annotations

from swath_planet._api.subscriptions import Subscriptions
from swath_planet._names import NAMES
from swath_planet.clients.base import Client

__all__ = ["SubscriptionsClient"]


class SubscriptionsClient(Client, over=Subscriptions, **NAMES["subscriptions"]):
    """Subscriptions: what makes, tells and ends them."""
