# SPDX-License-Identifier: Apache-2.0
"""What the awaitable clients have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from swath.aio import Bridge, Face
from swath.errors import SwathError
from swath_planet.exceptions import ClientError, translate

if TYPE_CHECKING:
    from swath_planet.session import Session

__all__ = ["Client"]


class Client(Face):
    """A service in a session, for coroutines. Its methods have the names and arguments of Planet's own SDK.

    Args:
        session: The opened account, which all its clients share.
        base_url: Where the service is; None for its usual place. The credentials go there.
    """

    def __init__(self, session: Session, base_url: str | None = None) -> None:
        if not hasattr(session, "context"):
            raise ClientError(f"a client needs a Session, not {type(session).__name__}")
        if base_url is not None:
            session.trust(base_url)
        self._session = session
        self._base_url = base_url
        self._service: Any = None

    def _bridge(self) -> Bridge:
        if self._session.bridge.closed:
            raise ClientError("the session is closed", hint="open a new one")
        return self._session.bridge

    def _below(self) -> Any:
        context = self._session.context()
        if self._service is None:
            self._service = self._over(context, self._base_url)
        return self._service

    @staticmethod
    def _told(err: SwathError) -> Exception:
        return translate(err)
