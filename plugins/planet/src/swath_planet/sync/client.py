# SPDX-License-Identifier: Apache-2.0
"""All services at once, without coroutines."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Self

from swath_planet.session import CLIENTS, Session

if TYPE_CHECKING:
    from swath_planet.sync.data import DataAPI
    from swath_planet.sync.destinations import DestinationsAPI
    from swath_planet.sync.features import FeaturesAPI
    from swath_planet.sync.mosaics import MosaicsAPI
    from swath_planet.sync.orders import OrdersAPI
    from swath_planet.sync.quota import QuotaAPI
    from swath_planet.sync.subscriptions import SubscriptionsAPI

__all__ = ["Planet"]


class Planet:
    """Planet's services, each an attribute: ``data``, ``orders``, ``subscriptions`` and so on.

    Example::

        planet = Planet()
        for item in planet.data.search(["PSScene"], limit=5):
            print(item["id"])

    Args:
        session: The account, also that of awaitable clients; a new `Session` if None.
        base_url: Where all services are, each under its usual path; Planet itself if None. The credentials go there.
    """

    data: DataAPI
    """Search, items, assets."""
    orders: OrdersAPI
    """Orders and what they deliver."""
    subscriptions: SubscriptionsAPI
    """Standing orders."""
    features: FeaturesAPI
    """Stored areas."""
    mosaics: MosaicsAPI
    """Basemaps."""
    destinations: DestinationsAPI
    """Places to deliver to."""
    quota: QuotaAPI
    """Quota reservations."""

    def __init__(self, session: Session | None = None, base_url: str | None = None) -> None:
        self._session = session or Session()
        self._base_url = None if base_url is None else base_url.rstrip("/")

    def __getattr__(self, name: str) -> Any:
        """Make a service's client when it is first used."""
        if name not in CLIENTS:
            msg = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(msg)
        kind = getattr(importlib.import_module(f"swath_planet.sync.{name}"), f"{name.capitalize()}API")
        base_url = None if self._base_url is None else self._base_url + kind._over.PATH  # noqa: SLF001  made here
        made = kind(self._session, base_url)
        self.__dict__[name] = made
        return made

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *CLIENTS})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the session, also for others who use it."""
        self._session.close()
