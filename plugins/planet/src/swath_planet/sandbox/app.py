# SPDX-License-Identifier: Apache-2.0
"""Puts the stand-in together: one origin for all of Planet's services."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from swath.sandbox import StandIn, World
from swath_planet.sandbox.access import FULL_KEY, Accounts, Refusal
from swath_planet.sandbox.activation import Assets
from swath_planet.sandbox.authority import Authority
from swath_planet.sandbox.data import DataApi
from swath_planet.sandbox.destinations import Destinations, DestinationsApi
from swath_planet.sandbox.feature_store import FeatureStore
from swath_planet.sandbox.features import FeaturesApi
from swath_planet.sandbox.files import Cache
from swath_planet.sandbox.grants import Grants
from swath_planet.sandbox.holdings import Holdings
from swath_planet.sandbox.mosaics import MosaicsApi
from swath_planet.sandbox.order_book import OrderBook
from swath_planet.sandbox.orders import OrdersApi
from swath_planet.sandbox.quota import QuotaApi
from swath_planet.sandbox.subscriptions import SubscriptionsApi

__all__ = ["build"]


def build(world: World) -> StandIn:
    """Make the stand-in; further services of Planet's are added to the routes here."""
    grants = Grants(world)
    accounts, holdings, cache, features = Accounts(grants.user_of), Holdings(world), Cache(), FeatureStore(world)
    destinations = Destinations(world)
    services = (
        DataApi(world, accounts, holdings, Assets(world, holdings, cache), cache, features=features),
        OrdersApi(
            world, accounts, holdings, OrderBook(world, holdings, cache), features=features, destinations=destinations
        ),
        FeaturesApi(world, accounts, features),
        DestinationsApi(world, accounts, destinations),
        SubscriptionsApi(world, accounts, holdings, features=features, destinations=destinations),
        MosaicsApi(world, accounts, holdings, cache),
        QuotaApi(world, accounts, features),
    )

    async def login(request: Request) -> Response:
        try:
            return JSONResponse(accounts.login(await request.json()))
        except ValueError:
            return JSONResponse({"message": "Request body is not valid JSON", "errors": []}, status_code=400)
        except Refusal as refusal:
            return refusal.response()

    app = Starlette(
        routes=[
            *(route for one in services for route in one.routes()),
            Route("/v0/auth/login", login, methods=["POST"]),
            *Authority(world, grants).routes(),
        ],
        exception_handlers={HTTPException: _refused},
    )
    app.router.redirect_slashes = False
    return StandIn(
        app=app,
        env=lambda base_url: {
            "PL_API_KEY": FULL_KEY,
            "SWATH_PLANET_URL": base_url,
            "SWATH_PLANET_AUTH_URL": f"{base_url}/auth/",
        },
        hosts=("api.planet.com", "tiles.planet.com", "login.planet.com", "services.sentinel-hub.com"),
    )


async def _refused(request: Request, error: Exception) -> Response:
    """Answer what no route is there for as Planet does: in JSON."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    text = "Method not allowed" if status == 405 else f"Path not found: {request.url.path}"
    return JSONResponse({"message": text, "errors": []}, status_code=status)
