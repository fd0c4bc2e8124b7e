# SPDX-License-Identifier: Apache-2.0
"""The Orders API, without coroutines."""

from __future__ import annotations

from swath_planet._api.orders import Orders
from swath_planet._names import NAMES
from swath_planet.sync.base import Api

__all__ = ["OrdersAPI"]


class OrdersAPI(Api, over=Orders, **NAMES["orders"]):
    """Orders: what makes, tells and fetches them."""
