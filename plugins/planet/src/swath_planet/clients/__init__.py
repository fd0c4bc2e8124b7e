# SPDX-License-Identifier: Apache-2.0
"""The awaitable clients, one module a service. They are imported when they are first used."""

from __future__ import annotations

from swath_planet._lazy import lazily

_HOMES = {
    "DataClient": "swath_planet.clients.data",
    "DestinationsClient": "swath_planet.clients.destinations",
    "FeaturesClient": "swath_planet.clients.features",
    "MosaicsClient": "swath_planet.clients.mosaics",
    "OrdersClient": "swath_planet.clients.orders",
    "QuotaClient": "swath_planet.clients.quota",
    "SubscriptionsClient": "swath_planet.clients.subscriptions",
}

__getattr__, __dir__ = lazily(__name__, _HOMES)
