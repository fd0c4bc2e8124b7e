# SPDX-License-Identifier: Apache-2.0
"""The Data API, without coroutines."""

from __future__ import annotations

from swath_planet._api.data import Data
from swath_planet._names import NAMES
from swath_planet.sync.base import Api

__all__ = ["DataAPI"]


class DataAPI(Api, over=Data, **NAMES["data"]):
    """Searches, saved searches, items and their assets."""
