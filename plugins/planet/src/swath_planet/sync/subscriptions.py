# SPDX-License-Identifier: Apache-2.0
"""The Subscriptions API, without coroutines."""

from __future__ import annotations

from swath_planet._api.subscriptions import Subscriptions
from swath_planet._names import NAMES
from swath_planet.sync.base import Api

__all__ = ["SubscriptionsAPI"]


class SubscriptionsAPI(Api, over=Subscriptions, **NAMES["subscriptions"]):
    """Subscriptions: what makes, tells and ends them."""
