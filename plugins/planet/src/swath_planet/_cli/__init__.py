# SPDX-License-Identifier: Apache-2.0
"""``swath planet``: Planet's own APIs from the command line, by the names of Planet's own program."""

from __future__ import annotations

import click

from swath.commands import most_verbose
from swath_planet._cli.advice import AdvisingGroup

__all__ = ["planet"]

_HERE = "swath_planet._cli"
_LEVELS = {"warning": 0, "info": 1, "debug": 2}


@click.group(
    cls=AdvisingGroup,
    lazy={
        "auth": (f"{_HERE}.auth:auth", "Sign in to Planet, see and choose profiles, print tokens."),
        "data": (f"{_HERE}.data:data", "Search the catalogue, get items and assets."),
        "orders": (f"{_HERE}.orders:orders", "Build, send, follow and fetch orders."),
        "subscriptions": (f"{_HERE}.subscriptions:subscriptions", "Orders that go on as new imagery arrives."),
        "features": (f"{_HERE}.features:features", "Areas of interest kept at Planet."),
        "mosaics": (f"{_HERE}.mosaics:mosaics", "Basemaps: mosaics, series of them, and their quads."),
        "destinations": (f"{_HERE}.destinations:destinations", "Buckets that Planet may deliver to."),
        "quota": (f"{_HERE}.quota:quota", "Products, reservations of quota, and their jobs."),
        "collect": (f"{_HERE}.collect:collect", "Join records, one a line, into one JSON document."),
    },
)
@click.option(
    "--auth-profile", metavar="NAME", help="Use this profile of Planet's own program.  [default: PL_AUTH_PROFILE]"
)
@click.option("--auth-client-id", metavar="ID", help="OAuth client.  [default: PL_AUTH_CLIENT_ID]")
@click.option("--auth-client-secret", metavar="SECRET", help="Its secret.  [default: PL_AUTH_CLIENT_SECRET]")
@click.option(
    "--auth-api-key",
    metavar="KEY",
    help="API key.  [default: PL_API_KEY, or what swath auth login planet kept]",
)
@click.option("--base-url", metavar="URL", help="Where Planet's services are.  [default: SWATH_PLANET_URL, or Planet]")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.version_option(package_name="swath-planet", message="%(package)s, version %(version)s")
@click.option("--verbosity", type=click.Choice(list(_LEVELS)), help="As -v (info) and -vv (debug).")
@click.pass_context
def planet(
    context: click.Context,
    /,
    *,
    auth_profile: str | None,
    auth_client_id: str | None,
    auth_client_secret: str | None,
    auth_api_key: str | None,
    base_url: str | None,
    quiet: bool,
    verbosity: str | None,
) -> None:
    """Planet's own APIs. Scripts for Planet's own program work with 'swath planet' instead of 'planet'.

    Standard output is JSON: one record a line, or indented with --pretty. A secret on the command line can be seen by
    other users of the machine: prefer swath planet auth login, or the environment.

    \b
    swath planet data filter --range cloud_cover lt 0.1 > filter.json
    swath planet data search PSScene --filter filter.json --limit 5
    swath planet orders request 20260312_101530_23_24a9 --item-type PSScene --bundle visual --name look > order.json
    swath planet orders create order.json
    """
    from swath_planet._cli.account import Choices, checked_url

    if verbosity:
        most_verbose(context, _LEVELS[verbosity])
    context.meta[Choices.KEY] = Choices(
        profile=auth_profile,
        client_id=auth_client_id,
        client_secret=auth_client_secret,
        api_key=auth_api_key,
        base_url=checked_url(base_url) if base_url else None,
        quiet=quiet,
    )
