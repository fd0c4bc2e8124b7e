# SPDX-License-Identifier: Apache-2.0
"""The Destinations API, for coroutines."""

from __future__ import annotations

from swath_planet._api.destinations import Destinations
from swath_planet._names import NAMES
from swath_planet.clients.base import Client

__all__ = ["DestinationsClient"]


class DestinationsClient(Client, over=Destinations, **NAMES["destinations"]):
    """Places that orders and subscriptions deliver to."""
