# SPDX-License-Identifier: Apache-2.0
"""One opened account of the native client: who it is, what it says, and how its errors are called."""

from __future__ import annotations

import getpass
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final, TypeVar, cast

from attrs import evolve

from swath.errors import CredentialError, ProviderError, SwathError
from swath.hookspecs import Context, hookimpl
from swath.native import open_context, trust
from swath_capella._api.orders import Orders
from swath_capella.exceptions import AuthenticationError, MissingKeyError, translate
from swath_capella.provider import CapellaProvider

__all__ = ["LOG", "Session", "native"]

LOG: Final = logging.getLogger("swath.capella")
_SCHEMES: Final = {"token": "Bearer", "api_key": "ApiKey"}
_Method = TypeVar("_Method", bound=Callable[..., Any])


class _One(CapellaProvider):
    """Capella's plugin that signs with one credential, whatever else is lying about."""

    def __init__(self, name: str | None) -> None:
        self._name = name

    @hookimpl
    def authenticate(self, context: Context) -> Any:
        """Sign with the one, else as always."""
        if self._name is not None:
            context = evolve(context, credentials={self._name: context.credentials[self._name]})
        return super().authenticate(context)


class Session:
    """An account; see `swath_capella.CapellaConsoleClient` for the arguments."""

    def __init__(
        self,
        *,
        api_key: str | None,
        token: str | None,
        verbose: bool,
        base_url: str | None,
        search_url: str | None,
        no_auth: bool,
    ) -> None:
        self._level = logging.INFO if verbose else logging.DEBUG
        self._user: dict[str, Any] | None = None
        given = {"token": (token or "").strip(), "api_key": (api_key or "").strip()}
        chosen = next((name for name, value in given.items() if value), None)
        place: dict[str, Any] = {"base_url": base_url.rstrip("/")} if base_url else {}
        if no_auth:
            self.context = open_context("capella", plugin=_One(None), signed=False, **place)
        elif chosen:
            place[chosen] = given[chosen]
            self.context = open_context("capella", plugin=_One(chosen), **place)
        else:
            self.context = open_context("capella", plugin=_One(None), **place)
            if not any(name in self.context.credentials for name in _SCHEMES):
                self.context = open_context("capella", plugin=_One("api_key"), api_key=_asked(), **place)
        self.scheme = None if no_auth else _scheme(self.context, chosen)
        self.base_url = self.context.settings["base_url"].rstrip("/")
        self.search_url = search_url or f"{self.base_url}/catalog/search"
        if search_url:
            trust(self.context, search_url)

    def tell(self, text: str, *values: object) -> None:
        """Note what is done; at INFO for a verbose client."""
        LOG.log(self._level, text, *values)

    def check(self) -> None:
        """Ask who is signed in.

        Raises:
            AuthenticationError: Capella refuses.
        """
        try:
            user = self.user()
        except (ProviderError, CredentialError) as err:
            if err.status_code is None:
                raise
            way = {"ApiKey": "API key", "Bearer": "token"}.get(self.scheme or "", "nothing")
            raise AuthenticationError(
                f"Unable to authenticate with {self.base_url} by {way}: {translate(err, self.scheme).message}",
                translate(err, self.scheme).code,
                status_code=err.status_code,
                request_id=err.request_id,
                details=err.details,
            ) from err
        self.tell("successfully authenticated as %s", user.get("email"))

    def user(self, *, anew: bool = False) -> dict[str, Any]:
        """Give who is signed in, asked for once unless `anew`."""
        if self._user is None or anew:
            self._user = Orders(self.context).user()
        return self._user

    @property
    def known_user(self) -> str:
        """Id of the user, if it is known; else empty, which means the caller to the service."""
        return str((self._user or {}).get("id") or "")

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Raise the swath errors of a block under Capella's names."""
        try:
            yield
        except SwathError as err:
            made = translate(err, self.scheme)
            if made is err:
                raise
            raise made from err


def _scheme(context: Context, chosen: str | None) -> str | None:
    found = chosen or next((name for name in _SCHEMES if name in context.credentials), None)
    return None if found is None else _SCHEMES[found]


def _asked() -> str:
    """Ask for the API key, at a terminal only.

    Raises:
        MissingKeyError: Nobody can be asked, or nothing was said.
    """
    key = ""
    if sys.stdin is not None and sys.stdin.isatty():
        key = getpass.getpass("Capella API key: ").strip()
    if not key:
        raise MissingKeyError(
            "there is no API key and no token",
            hint="pass api_key or token, or set the environment variable CAPELLA_API_KEY; no_auth=True searches open "
            "data without",
        )
    return key


def native(method: _Method) -> _Method:
    """Let a method of the client, whose account is its ``session``, raise errors under Capella's names."""

    @wraps(method)
    def call(self: Any, *given: Any, **named: Any) -> Any:
        with self.session.translated():
            return method(self, *given, **named)

    return cast("_Method", call)
