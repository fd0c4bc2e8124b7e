# SPDX-License-Identifier: Apache-2.0
"""What a native client stands on: its addresses, its opened account, one request at a time."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Mapping
from typing import Any, Self, cast
from urllib.parse import urlsplit

from swath.decoding import read_json
from swath.errors import InputError, MissingCredentials
from swath.hookspecs import Context, Operation
from swath_sedas.signing import SeDASAuth, base_url_of

__all__ = ["BASE_URL", "TEST_URL", "BlankCredentials", "Session"]

BASE_URL = "https://geobrowser.satapps.org/api/"
TEST_URL = "https://geobrowsertest.satapps.org/api/"


class BlankCredentials(MissingCredentials, ValueError):
    """User name or password is blank; a `ValueError` too, as in the provider's own client."""


class _Address:
    """An address that follows ``base_url`` until a subclass or an instance sets its own.

    Args:
        path: What comes after the base; None for the base itself.
    """

    def __init__(self, path: str | None = None) -> None:
        self._path = path

    def __get__(self, instance: Session | None, owner: type[Session]) -> str:
        if self._path is not None:
            holder = owner if instance is None else instance
            return f"{holder.base_url.rstrip('/')}/{self._path}"
        opened = None if instance is None else instance._context  # noqa: SLF001  its own class
        return BASE_URL if opened is None else base_url_of(opened)


class Session:
    """An account at SeDAS, opened at first use.

    Args:
        username: Of the SeDAS account.
        password: Of the SeDAS account.
    """

    base_url = cast("str", _Address())
    """Where the service is. Set it on a subclass or an instance for another; the three below follow."""
    authentication_url = cast("str", _Address("authentication"))
    search_url = cast("str", _Address("search"))
    sensor_url = cast("str", _Address("sensors"))

    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self.__password = password
        self._context: Context | None = None
        self._opened_for: tuple[str | None, ...] | None = None
        self._closer: weakref.finalize[..., Any] | None = None

    @classmethod
    def over(cls, context: Context) -> Self:
        """Make a client for an account that core has opened.

        Args:
            context: As the hooks are given it.
        """
        made = cls("", "")
        made._context = context
        return made

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        if self._closer is not None:
            self._closer()
            self._context, self._closer = None, None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def switch_to_dev(self) -> None:
        """Use the test instance of the service from now on."""
        for name in ("authentication_url", "search_url", "sensor_url"):
            self.__dict__.pop(name, None)
        self.base_url = TEST_URL

    def login(self) -> None:
        """Log in unless there is a token that still holds. Every call does so by itself.

        Raises:
            BlankCredentials: User name or password is blank; nothing was sent.
            InvalidCredentials: The provider does not accept them.
        """
        SeDASAuth(self._opened()).token()

    def _own(self, name: str) -> str | None:
        """Give an address that a subclass or this instance has set; None where it follows the default."""
        static = inspect.getattr_static(self, name)
        return None if isinstance(static, _Address) else str(static)

    def _opened(self) -> Context:
        """Open the account at first use, and again when an address or the user name was changed."""
        if self._opened_for is None and self._context is not None:
            return self._context
        wanted = (self._username, self.__password, self._own("base_url"), self._own("authentication_url"))
        if self._context is not None and wanted == self._opened_for:
            return self._context
        if not self._username or not self.__password:
            raise BlankCredentials(
                "username and password must not be blank",
                provider="sedas",
                hint="pass both to SeDASAPI(username, password)",
            )
        from swath.native import close_context, open_context

        self.close()
        _, _, base, authentication = wanted
        settings: dict[str, Any] = {
            name: value for name, value in (("base_url", base), ("authentication_url", authentication)) if value
        }
        context = open_context("sedas", username=self._username, password=self.__password, **settings)
        self._context, self._opened_for = context, wanted
        # The guide's scripts never close a client; its connections end with it.
        self._closer = weakref.finalize(self, close_context, context)
        return context

    def _address(self, name: str) -> str:
        """Give an address of this instance; the account must be open. It must be on the service's own host."""
        url: str = getattr(self, name)
        base = base_url_of(self._opened())
        if urlsplit(url)[:2] != urlsplit(base)[:2]:
            raise InputError(
                f"{name} {url!r} is not on the host of base_url {base!r}, where the token belongs",
                hint="set base_url to the service's address; the other addresses follow it",
            )
        return url

    def _ask(
        self,
        method: str,
        url: str,
        *,
        what: str,
        retry: bool,
        params: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> Any:
        """Send one request and decode its answer."""
        answer = self._opened().http.request(
            method,
            url,
            operation=Operation.READ if retry else Operation.ONCE,
            params=params,
            json=json,
            headers={"Accept": "application/json"},
        )
        return read_json(answer, provider="sedas", what=what)
