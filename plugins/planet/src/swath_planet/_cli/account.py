# SPDX-License-Identifier: Apache-2.0
"""Which account the commands use and where its services are; how a wait is shown."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlsplit

import click
from attrs import field, frozen

from swath.commands import profile_of, without

if TYPE_CHECKING:
    from swath.hookspecs import Context
    from swath_planet._api.data import Data
    from swath_planet._api.destinations import Destinations
    from swath_planet._api.features import Features
    from swath_planet._api.mosaics import Mosaics
    from swath_planet._api.orders import Orders
    from swath_planet._api.quota import Quota
    from swath_planet._api.subscriptions import Subscriptions

__all__ = [
    "Choices",
    "Services",
    "attempts_options",
    "base_url_option",
    "checked_url",
    "chosen",
    "credentials_of",
    "open_account",
    "planet",
    "show_progress",
    "unsigned",
    "watching",
]

_SERVICE: Final = "swath_planet.service"
_OPENED: Final = "swath_planet.opened"


@frozen(kw_only=True)
class Choices:
    """What was said before the name of the command."""

    KEY: ClassVar[str] = "swath_planet.choices"

    profile: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    quiet: bool = False


def chosen(context: click.Context) -> Choices:
    """Give what was said before the name of the command."""
    found = context.meta.get(Choices.KEY)
    return found if isinstance(found, Choices) else Choices()


def base_url_option(path: str) -> Callable[[Any], Any]:
    """Make the option that says where one service is.

    Args:
        path: Of the service below the root of all.
    """

    def remember(context: click.Context, _parameter: click.Parameter, url: str | None) -> None:
        if url and not context.resilient_parsing:
            context.meta[_SERVICE] = (path, checked_url(url))

    return click.option(
        "-u",
        "--base-url",
        metavar="URL",
        expose_value=False,
        callback=remember,
        help=f"Where this service is.  [default: {path} below Planet's root]",
    )


def checked_url(url: str) -> str:
    """Refuse what is no address of a service.

    Raises:
        click.BadParameter: It is none.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise click.BadParameter(f"{url!r} is no address: it begins with https://", param_hint="--base-url")
    return url


class Services:
    """Planet's services, each made when it is first used.

    Args:
        context: The opened account.
        service: Path below the root and address of the one service that is somewhere else.
    """

    def __init__(self, context: Context, service: tuple[str, str] | None = None) -> None:
        self.context = context
        self._elsewhere = dict([service] if service else [])

    @cached_property
    def data(self) -> Data:
        """The Data API."""
        from swath_planet._api.data import Data

        return Data(self.context, self._elsewhere.get(Data.PATH))

    @cached_property
    def orders(self) -> Orders:
        """The Orders API."""
        from swath_planet._api.orders import Orders

        return Orders(self.context, self._elsewhere.get(Orders.PATH))

    @cached_property
    def subscriptions(self) -> Subscriptions:
        """The Subscriptions API."""
        from swath_planet._api.subscriptions import Subscriptions

        return Subscriptions(self.context, self._elsewhere.get(Subscriptions.PATH))

    @cached_property
    def features(self) -> Features:
        """The Features API."""
        from swath_planet._api.features import Features

        return Features(self.context, self._elsewhere.get(Features.PATH))

    @cached_property
    def mosaics(self) -> Mosaics:
        """The Basemaps API."""
        from swath_planet._api.mosaics import Mosaics

        return Mosaics(self.context, self._elsewhere.get(Mosaics.PATH))

    @cached_property
    def destinations(self) -> Destinations:
        """The Destinations API."""
        from swath_planet._api.destinations import Destinations

        return Destinations(self.context, self._elsewhere.get(Destinations.PATH))

    @cached_property
    def quota(self) -> Quota:
        """The Quota API."""
        from swath_planet._api.quota import Quota

        return Quota(self.context, self._elsewhere.get(Quota.PATH))


def planet(context: click.Context) -> Services:
    """Open the account that was chosen; once, for all that a command does.

    Raises:
        MissingCredentials: If nothing signs the requests.
    """
    opened = context.meta.get(_OPENED)
    if isinstance(opened, Services):
        return opened
    context.meta[_OPENED] = Services(open_account(context), context.meta.get(_SERVICE))
    return planet(context)


def unsigned(context: click.Context) -> Services:
    """Give the services for what they tell anyone: no account is needed."""
    return Services(open_account(context, signed=False), context.meta.get(_SERVICE))


def open_account(context: click.Context, *, signed: bool = True) -> Context:
    """Open the account that was chosen; it closes when the command ends.

    Args:
        context: Of the command.
        signed: Whether requests are signed, which needs credentials.

    Raises:
        MissingCredentials: If nothing signs the requests.
    """
    from swath.native import close_context, open_context
    from swath_planet.provider import PlanetProvider

    choices = chosen(context)
    named = _credentials(choices) if signed else {}
    # That what was named hides what is kept is the purpose, and no surprise.
    with without("swath.credentials") if named else contextlib.nullcontext():
        account = open_context(
            "planet",
            plugin=PlanetProvider(),
            profile=profile_of(context),
            base_url=choices.base_url or _root_of(context.meta.get(_SERVICE)),
            signed=signed,
            **named,
        )
    context.find_root().call_on_close(lambda: close_context(account))
    return account


def credentials_of(context: click.Context) -> dict[str, str]:
    """Give the credentials in use that are no secrets; none where nothing signs requests."""
    from swath.errors import MissingCredentials

    try:
        account = open_account(context)
    except MissingCredentials:
        return {}
    return {
        name: found.value.reveal()
        for name, found in account.credentials.items()
        if name in {"auth_profile", "client_id"}
    }


def _credentials(choices: Choices) -> dict[str, Any]:
    """Give the credentials that were named: a profile goes before a client, a client before a key.

    Raises:
        click.UsageError: Half of a client is named.
    """
    from swath.oauth import variable

    if choices.profile:
        return {"auth_profile": choices.profile}
    if choices.client_id or choices.client_secret:
        found = {
            "client_id": choices.client_id or variable("PL_AUTH_CLIENT_ID"),
            "client_secret": choices.client_secret or variable("PL_AUTH_CLIENT_SECRET"),
        }
        for name, value in found.items():
            if not value:
                raise click.UsageError(f"--auth-{name.replace('_', '-')} is missing: a client has an id and a secret")
        return found
    return {"api_key": choices.api_key} if choices.api_key else {}


def _root_of(service: tuple[str, str] | None) -> str | None:
    """Give the root below which a service's address is, for the others that its commands need."""
    if service is None:
        return None
    path, url = service
    plain = url.rstrip("/")
    if plain.endswith(path):
        return plain.removesuffix(path)
    parts = urlsplit(plain)
    return f"{parts.scheme}://{parts.netloc}"


# --- waiting ---------------------------------------------------------------------------------------------------------


def attempts_options(function: Any) -> Any:
    """Add the options of a command that looks again and again."""
    for option in reversed(
        [
            click.option(
                "--delay",
                type=click.FloatRange(min=0),
                metavar="SECONDS",
                default=5,
                show_default=True,
                help="From one look to the next.",
            ),
            click.option(
                "--max-attempts",
                type=click.IntRange(min=0),
                metavar="N",
                default=200,
                show_default=True,
                help="Most looks; 0 for no limit.",
            ),
        ]
    ):
        function = option(function)
    return function


def show_progress(context: click.Context) -> bool:
    """Whether progress may be shown, which it is where someone looks: on a terminal."""
    return not chosen(context).quiet


@contextlib.contextmanager
def watching(context: click.Context, label: str) -> Iterator[Callable[[str], None] | None]:
    """Show the states that a wait comes through, where someone looks.

    Args:
        context: Of the command.
        label: What is waited for.

    Yields:
        What to tell each state, None where nobody looks.

    Raises:
        OrderTimeout: Within the block it was looked often enough.
    """
    from swath.errors import OrderTimeout
    from swath.progress import Event, shown
    from swath_planet.exceptions import ClientError

    with shown(None if show_progress(context) else False) as show:
        try:
            yield None if show is None else lambda state: show(Event(kind="wait", label=label, detail=state))
        except ClientError as err:
            if not err.message.startswith("Maximum number of attempts"):
                raise
            raise OrderTimeout(err.message, hint=err.hint, provider="planet") from err
