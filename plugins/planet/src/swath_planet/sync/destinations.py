# SPDX-License-Identifier: Apache-2.0
"""The Destinations API, without coroutines."""

from __future__ import annotations

from swath_planet._api.destinations import Destinations
from swath_planet._names import NAMES
from swath_planet.sync.base import Api

__all__ = ["DestinationsAPI"]


class DestinationsAPI(Api, over=Destinations, **NAMES["destinations"]):
    """Places that orders and subscriptions deliver to."""
