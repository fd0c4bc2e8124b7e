# SPDX-License-Identifier: Apache-2.0
"""Who may call: accounts, their groups, and the tokens that logins give."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections.abc import Mapping

from attrs import field, frozen

from swath.sandbox import World
from swath_sedas.sandbox.products import stamp
from swath_sedas.sandbox.settings import Settings

__all__ = ["PASSWORD", "USER", "Account", "Accounts"]

USER = "sandbox"
"""The account that sees everything."""
PASSWORD = "sandbox-sedas-password"  # noqa: S105 - it lets anyone into a stand-in on loopback
_ALL = ("S1", "S2", "NovaSAR")


@frozen(kw_only=True)
class Account:
    """One user."""

    user: str
    password: str = field(repr=False)
    groups: tuple[str, ...] = _ALL
    """Source groups it may see."""


class Accounts:
    """The accounts, and which tokens are alive.

    Args:
        world: Its clock ends tokens.
        settings: How long they live.
    """

    def __init__(self, world: World, settings: Settings) -> None:
        self._world, self._settings = world, settings
        self._accounts: Mapping[str, Account] = {
            one.user: one
            for one in (
                Account(user=USER, password=PASSWORD),
                Account(user="sandbox-s2", password="sandbox-s2-password", groups=("S2",)),  # noqa: S106 - as above
            )
        }
        self._tokens: dict[str, tuple[Account, dt.datetime]] = {}
        self._count = 0
        self._lock = threading.Lock()

    def log_in(self, user: object, password: object) -> dict[str, str] | None:
        """Give a new token and its end; older ones live on. None for a wrong user or password."""
        account = self._accounts.get(user) if isinstance(user, str) else None
        if account is None or account.password != password:
            return None
        until = (self._world.clock.now() + dt.timedelta(seconds=self._settings.token_s)).replace(microsecond=0)
        with self._lock:
            self._count += 1
            token = hashlib.sha256(f"{self._world.seed} {user} {self._count}".encode()).hexdigest()[:40]
            self._tokens[token] = account, until
        return {"token": token, "validUntil": stamp(until)}

    def find(self, header: str | None) -> Account | None:
        """Give the account of an Authorization header, None where its token is not or no longer known."""
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() != "token":
            return None
        with self._lock:
            found = self._tokens.get(token.strip())
        return found[0] if found and self._world.clock.now() < found[1] else None

    def expire_all(self) -> int:
        """End all tokens; give how many there were."""
        with self._lock:
            count = len(self._tokens)
            self._tokens.clear()
        return count
