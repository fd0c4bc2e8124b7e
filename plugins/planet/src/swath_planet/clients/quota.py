# SPDX-License-Identifier: Apache-2.0
"""The quota reservations API, for coroutines."""

from __future__ import annotations

from swath_planet._api.quota import Quota
from swath_planet._names import NAMES
from swath_planet.clients.base import Client

__all__ = ["QuotaClient"]


class QuotaClient(Client, over=Quota, **NAMES["quota"]):
    """Quota: reservations, their jobs, products."""
