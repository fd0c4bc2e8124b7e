# SPDX-License-Identifier: Apache-2.0
"""A person's session in a program: begun, looked at and renewed, under the names of Planet's own SDK."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from swath.auth import Token
from swath.errors import ExpiredCredentials, MissingCredentials
from swath.hookspecs import Context
from swath.models import Secret
from swath.native import close_context, open_context
from swath.oauth import BearerAuth, DeviceCode, FilePlace, tell_on_terminal
from swath_planet.exceptions import ClientError, translated
from swath_planet.profiles import write_profile
from swath_planet.provider import PlanetProvider
from swath_planet.signing import HeldSession, flows_for, signed_in

__all__ = ["SessionOwner", "unsigned"]


class SessionOwner:
    """Credentials, and the session they may be; nothing is sent before it is used.

    Args:
        options: Gives the credentials to open an account with.
        held: The session, where there is one.
    """

    def __init__(self, options: Callable[[], Mapping[str, Any]], *, held: HeldSession | None = None) -> None:
        self._options = options
        self._held = held

    def __repr__(self) -> str:
        return f"<swath_planet.Auth{'' if self._held is None else f' of profile {self._held.profile.name!r}'}>"

    def options(self) -> dict[str, Any]:
        """Give the keywords of `swath.native.open_context`: credentials, and the plugin where it holds a session."""
        return dict(self._options())

    @translated()
    def user_login(self, allow_open_browser: bool | None = False, allow_tty_prompt: bool | None = False) -> None:
        """Sign a person in; a key or a machine needs nothing.

        Args:
            allow_open_browser: Whether a browser may be opened here.
            allow_tty_prompt: Whether the page and code may be shown on the terminal.

        Raises:
            ClientError: Neither is allowed.
        """
        held = self._held
        if held is None or held.profile.client is None:
            return
        with unsigned(held) as context:
            flows = flows_for(context, held.profile)
            if held.profile.machine:
                signed_in(context, held, flows.client_credentials())
                return
            if not allow_open_browser and not allow_tty_prompt:
                raise ClientError(
                    "A sign-in needs a browser or the terminal, and neither is allowed.",
                    hint="pass allow_open_browser=True or allow_tty_prompt=True",
                )
            tell = tell_on_terminal(opens=bool(allow_open_browser))
            if held.profile.kind.startswith("oidc_auth_code"):
                token = flows.authorize(tell)
            else:
                code = flows.start_device()
                tell(code.verification_uri, code=code.user_code, complete=code.verification_uri_complete)
                token = flows.complete_device(code)
            _keep(context, held, token)

    @translated()
    def device_user_login_initiate(self) -> dict[str, Any]:
        """Begin a sign-in by device code.

        Returns:
            The answer of RFC 8628: show ``verification_uri`` and ``user_code`` to the person.
        """
        held = self._by_device()
        with unsigned(held) as context:
            code = flows_for(context, held.profile).start_device()
        made = {
            "device_code": code.device_code.reveal(),
            "user_code": code.user_code,
            "verification_uri": code.verification_uri,
            "verification_uri_complete": code.verification_uri_complete,
            "expires_in": code.expires_in,
            "interval": code.interval,
        }
        return {name: value for name, value in made.items() if value is not None}

    @translated()
    def device_user_login_complete(self, login_initialization_info: dict[str, Any]) -> None:
        """Wait until the person has approved, and keep the session.

        Args:
            login_initialization_info: What `device_user_login_initiate` gave.
        """
        held, info = self._by_device(), login_initialization_info
        code = DeviceCode(
            verification_uri=str(info["verification_uri"]),
            user_code=str(info["user_code"]),
            device_code=Secret(str(info["device_code"])),
            expires_in=float(info["expires_in"]),
            interval=float(info.get("interval", 5)),
        )
        with unsigned(held) as context:
            token = flows_for(context, held.profile).complete_device(code)
            _keep(context, held, token)

    def is_initialized(self) -> bool:
        """Say whether there is something to sign with; nothing is sent, and an end is not looked at."""
        held = self._held
        if held is not None and held.profile.client is not None:
            return held.profile.machine or held.place.read() is not None
        try:
            close_context(self._open())
        except MissingCredentials:
            return False
        return True

    @translated()
    def ensure_initialized(
        self, allow_open_browser: bool | None = False, allow_tty_prompt: bool | None = False
    ) -> None:
        """Make sure that requests can be signed: renew what is over, and sign in anew where that fails.

        Args:
            allow_open_browser: Whether a browser may be opened here.
            allow_tty_prompt: Whether the page and code may be shown on the terminal.

        Raises:
            CredentialError: They cannot.
        """
        try:
            context = self._open()
            try:
                auth = getattr(context.http, "auth", None)
                if isinstance(auth, BearerAuth):
                    auth.token()
            finally:
                close_context(context)
        except (MissingCredentials, ExpiredCredentials):
            if self._held is None or not (allow_open_browser or allow_tty_prompt):
                raise
            self.user_login(allow_open_browser, allow_tty_prompt)

    # --- parts ------------------------------------------------------------------------------------------------------

    def _open(self) -> Context:
        return open_context("planet", **{"plugin": PlanetProvider(), **self.options()})

    def _by_device(self) -> HeldSession:
        if self._held is None or not self._held.profile.kind.startswith("oidc_device_code"):
            raise ClientError("Device login is not supported for the current authentication mechanism.")
        return self._held


def _keep(context: Context, held: HeldSession, token: Token) -> None:
    if isinstance(held.place, FilePlace):
        write_profile(held.profile)
    signed_in(context, held, token)


@contextlib.contextmanager
def unsigned(held: HeldSession | None = None, **settings: Any) -> Iterator[Context]:
    """Open an account that signs nothing, as while a person signs in."""
    context = open_context("planet", plugin=PlanetProvider(held), signed=False, **settings)
    try:
        yield context
    finally:
        close_context(context)
