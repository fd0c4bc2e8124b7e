# SPDX-License-Identifier: Apache-2.0
"""The Data API, for coroutines."""

from __future__ import annotations

from swath_planet._api.data import Data
from swath_planet._names import NAMES
from swath_planet.clients.base import Client

__all__ = ["DataClient"]


class DataClient(Client, over=Data, **NAMES["data"]):
    """Searches, saved searches, items and their assets."""
