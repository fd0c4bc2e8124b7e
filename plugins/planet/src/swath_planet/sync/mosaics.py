# SPDX-License-Identifier: Apache-2.0
"""The Basemaps API, without coroutines."""

from __future__ import annotations

from swath_planet._api.mosaics import Mosaics
from swath_planet._names import NAMES
from swath_planet.sync.base import Api

__all__ = ["MosaicsAPI"]


class MosaicsAPI(Api, over=Mosaics, **NAMES["mosaics"]):
    """Basemaps: series, mosaics and quads."""
