# SPDX-License-Identifier: Apache-2.0
"""Planet for swath: PlanetScope, SkySat and the rest of Planet's catalogue.

Most people never import this package: ``swath.open("planet")`` does. Who knows Planet's own SDK finds its names here,
over the same HTTP, downloads and credentials: `Session` and the awaitable clients, `Planet` without coroutines, and
builders of filters and requests. Nothing is imported before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from swath_planet._lazy import lazily

if TYPE_CHECKING:
    from swath_planet import (
        data_filter,
        exceptions,
        geojson,
        order_request,
        reporting,
        subscription_request,
    )
    from swath_planet.auth import Auth, PlanetOAuthScopes
    from swath_planet.clients.data import DataClient
    from swath_planet.clients.destinations import DestinationsClient
    from swath_planet.clients.features import FeaturesClient
    from swath_planet.clients.mosaics import MosaicsClient
    from swath_planet.clients.orders import OrdersClient
    from swath_planet.clients.quota import QuotaClient
    from swath_planet.clients.subscriptions import SubscriptionsClient
    from swath_planet.io import collect
    from swath_planet.provider import PlanetProvider
    from swath_planet.session import Session
    from swath_planet.sync.client import Planet

__all__ = [
    "Auth",
    "DataClient",
    "DestinationsClient",
    "FeaturesClient",
    "MosaicsClient",
    "OrdersClient",
    "Planet",
    "PlanetOAuthScopes",
    "PlanetProvider",
    "QuotaClient",
    "Session",
    "SubscriptionsClient",
    "collect",
    "data_filter",
    "exceptions",
    "geojson",
    "order_request",
    "reporting",
    "subscription_request",
]

_HOMES = {
    "Auth": "swath_planet.auth",
    "DataClient": "swath_planet.clients.data",
    "DestinationsClient": "swath_planet.clients.destinations",
    "FeaturesClient": "swath_planet.clients.features",
    "MosaicsClient": "swath_planet.clients.mosaics",
    "OrdersClient": "swath_planet.clients.orders",
    "Planet": "swath_planet.sync.client",
    "PlanetOAuthScopes": "swath_planet.auth",
    "PlanetProvider": "swath_planet.provider",
    "QuotaClient": "swath_planet.clients.quota",
    "Session": "swath_planet.session",
    "SubscriptionsClient": "swath_planet.clients.subscriptions",
    "collect": "swath_planet.io",
    "data_filter": "swath_planet.data_filter",
    "exceptions": "swath_planet.exceptions",
    "geojson": "swath_planet.geojson",
    "order_request": "swath_planet.order_request",
    "reporting": "swath_planet.reporting",
    "subscription_request": "swath_planet.subscription_request",
    "sync": "swath_planet.sync",
}
"""Module of each public name."""

_find, __dir__ = lazily(__name__, _HOMES)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name == "__version__":
        import importlib.metadata

        return importlib.metadata.version("swath-planet")
    return _find(name)
