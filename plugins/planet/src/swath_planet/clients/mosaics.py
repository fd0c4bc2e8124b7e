# SPDX-License-Identifier: Apache-2.0
"""The Basemaps API, for coroutines."""

from __future__ import annotations

from swath_planet._api.mosaics import Mosaics
from swath_planet._names import NAMES
from swath_planet.clients.base import Client

__all__ = ["MosaicsClient"]


class MosaicsClient(Client, over=Mosaics, **NAMES["mosaics"]):
    """Basemaps: series, mosaics and quads."""
