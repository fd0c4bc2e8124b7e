# SPDX-License-Identifier: Apache-2.0
"""The quota reservations API, without coroutines."""

from __future__ import annotations

from swath_planet._api.quota import Quota
from swath_planet._names import NAMES
from swath_planet.sync.base import Api

__all__ = ["QuotaAPI"]


class QuotaAPI(Api, over=Quota, **NAMES["quota"]):
    """Quota: reservations, their jobs, products."""
