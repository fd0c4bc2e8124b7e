# SPDX-License-Identifier: Apache-2.0
"""The Orders API, for coroutines."""

from __future__ import annotations

from swath_planet._api.orders import Orders
from swath_planet._names import NAMES
from swath_planet.clients.base import Client

__all__ = ["OrdersClient"]


class OrdersClient(Client, over=Orders, **NAMES["orders"]):
    """Orders: what makes, tells and fetches them."""
