# SPDX-License-Identifier: Apache-2.0
"""What a provider says of itself, and the secrets it needs."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NoReturn, Protocol

from attrs import field, frozen

from swath.models._fields import strings

if TYPE_CHECKING:
    from swath.hookspecs import Context


class Secret:
    """A value that shows itself only when asked by `reveal`; it does not print, format or pickle."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the value itself, for the one place that sends it."""
        return self._value

    def masked(self) -> str:
        """Give stars and, where the value is long enough to afford it, its last four characters."""
        return f"****{self._value[-4:]}" if len(self._value) >= 12 else "****"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and secrets.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return "Secret('****')"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        msg = "a Secret does not pickle; open the provider again where it is needed"
        raise TypeError(msg)


@frozen(kw_only=True)
class Credential:
    """One credential that was found, and where."""

    name: str
    """Name of the `CredentialField`."""
    value: Secret = field(repr=False)
    source: str
    """``"argument"``, ``"environment PL_API_KEY"``, ``"keyring"``, ``"profile file"`` or the path of a file of
    another tool's (`KeptIn`)."""


@frozen(kw_only=True)
class KeptIn:
    """A JSON file of the user's, which another tool of the provider writes and swath only reads a credential from."""

    path: str
    """Where it is; ``~`` is the home folder."""
    key: str | None = None
    """Top-level key of the credential; None if the file's being there is what counts."""
    value: str = ""
    """The credential, if `key` is None."""


def _kept_in(value: Iterable[KeptIn] | KeptIn) -> tuple[KeptIn, ...]:
    return (value,) if isinstance(value, KeptIn) else tuple(value)


@frozen(kw_only=True)
class CredentialField:
    """One value that a user must or may give to sign in."""

    name: str
    """Keyword of `swath.open`, for example ``"api_key"``."""
    env: tuple[str, ...] = field(default=(), converter=strings)
    """Environment variables it is read from, first match wins."""
    title: str = ""
    """What a person would call it."""
    help: str = ""
    """Where a user gets one."""
    secret: bool = True
    required: bool = True
    kept_in: tuple[KeptIn, ...] = field(default=(), converter=_kept_in)
    """Where other tools keep it, asked last, first match wins."""
    identifies: bool = True
    """Whether it says whose account it is. False for what only guards something, as a webhook's password: with or
    without it, the orders are the same account's."""


@frozen(kw_only=True)
class LoginMethod:
    """One of several ways to sign in. A provider that names ways needs the fields of one of them, not of all."""

    name: str
    """``"api-key"``, ``"device-code"``, ``"browser"`` or ``"m2m"``: an option of ``swath auth login``."""
    title: str
    """What a person would call it."""
    fields: tuple[str, ...] = field(converter=strings)
    """Names of the `CredentialField`s that it is made of, all needed."""
    takes: tuple[str, ...] = field(default=(), converter=strings)
    """Further words that `sign_in` takes from ``--with``, for example ``"client_id"``."""
    sign_in: Callable[[Context, Mapping[str, str], Tell], Mapping[str, str]] | None = field(
        default=None, repr=False, eq=False
    )
    """Does it with a person elsewhere: given an account that signs nothing, what the user passed, and how to show
    something; gives the fields to keep. None: the fields are asked for."""


class Tell(Protocol):
    """How a sign-in speaks to the person."""

    def __call__(self, url: str, *, code: str | None = None, complete: str | None = None) -> None:
        """Ask them to open a page.

        Args:
            url: The page.
            code: What they type there.
            complete: The same page with the code filled in.
        """


def _login_methods(value: Iterable[LoginMethod]) -> tuple[LoginMethod, ...]:
    return tuple(value)


@frozen(kw_only=True)
class SettingField:
    """One setting that is no secret, for example the service's base URL."""

    name: str
    """Keyword of `swath.open`, for example ``"base_url"``."""
    env: tuple[str, ...] = field(default=(), converter=strings)
    default: str | None = None
    title: str = ""
    origin: bool = False
    """Whether the value is a URL whose origin may see the credentials."""


def _credential_fields(value: Iterable[CredentialField]) -> tuple[CredentialField, ...]:
    return tuple(value)


def _setting_fields(value: Iterable[SettingField]) -> tuple[SettingField, ...]:
    return tuple(value)


@frozen(kw_only=True)
class ProviderInfo:
    """What a provider's plugin says of itself without opening anything."""

    name: str
    """Entry-point name, for example ``"planet"``."""
    title: str
    """Name as people write it."""
    description: str = ""
    url: str = ""
    """Home page."""
    credentials: tuple[CredentialField, ...] = field(default=(), converter=_credential_fields)
    logins: tuple[LoginMethod, ...] = field(default=(), converter=_login_methods)
    """Ways to sign in, where there are several: of two whose fields are found at the same place, the first is used."""
    settings: tuple[SettingField, ...] = field(default=(), converter=_setting_fields)
    origins: tuple[str, ...] = field(default=(), converter=strings)
    """Further origins (``https://host``) that may see the credentials, beside the settings marked so."""
    limits: Mapping[str, float] = field(factory=dict)
    """Requests a second, by bucket. ``"default"`` serves every request that names no bucket."""
    max_items_per_order: int | None = None
    """Core splits larger orders."""
    tagged: bool = False
    """Whether orders of every kind carry swath's tag, so that a lost reply can be reconciled."""
    tagged_kinds: tuple[str, ...] = field(default=(), converter=strings)
    """Kinds (``"task"``, ``"subscription"``) that carry it where not all do."""
    lists_states: bool = False
    """Whether the `orders` hook tells the state, message and progress of an order just as `wait` does, so that many
    orders can be watched by the list."""
    order_options: Mapping[str, str] = field(factory=dict)
    """Provider's own keywords of `order`, each with one line of help."""
    task_options: Mapping[str, str] = field(factory=dict)
    """Provider's own keywords of `task`, each with one line of help."""
    subscribe_options: Mapping[str, str] = field(factory=dict)
    """Provider's own keywords of `subscribe`, each with one line of help."""
    reviews: tuple[str, ...] = field(default=(), converter=strings)
    """Kinds (``"task"``, ``"subscription"``) that cost nothing until the user has approved the provider's price."""
    poll_s: float = 5.0
    """Seconds between the first looks at an order."""
