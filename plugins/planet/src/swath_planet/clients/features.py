# SPDX-License-Identifier: Apache-2.0
"""The Features API, for coroutines."""

from __future__ import annotations

from swath_planet._api.features import Features
from swath_planet._names import NAMES
from swath_planet.clients.base import Client

__all__ = ["FeaturesClient"]


class FeaturesClient(Client, over=Features, **NAMES["features"]):
    """Areas that are stored with Planet."""
