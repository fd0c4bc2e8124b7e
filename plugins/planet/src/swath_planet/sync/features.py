# SPDX-License-Identifier: Apache-2.0
"""The Features API, without coroutines."""

from __future__ import annotations

from swath_planet._api.features import Features
from swath_planet._names import NAMES
from swath_planet.sync.base import Api

__all__ = ["FeaturesAPI"]


class FeaturesAPI(Api, over=Features, **NAMES["features"]):
    """Areas that are stored with Planet."""
