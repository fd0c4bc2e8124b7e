# SPDX-License-Identifier: Apache-2.0
"""Organisations, their users and API keys, and the mails that carry keys."""

from __future__ import annotations

import datetime as dt
import re
import threading
import uuid
from typing import Any

from attrs import field, frozen

from swath.sandbox import World
from swath.sandbox.links import LinkState
from swath_cecil.sandbox.access import FULL_KEY, SMALL_KEY, Call, Organisation, Refusal, moment, not_found
from swath_cecil.sandbox.settings import Settings

__all__ = ["People", "User", "made_id"]

_LINK_LIFE_S = 7 * 24 * 3600.0
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")


@frozen(kw_only=True)
class User:
    """One user."""

    id: str
    organisation: Organisation = field(repr=False)
    first_name: str
    last_name: str
    email: str
    created_at: dt.datetime
    created_by: str

    def as_json(self) -> dict[str, Any]:
        """Give it as the service does."""
        return {
            "id": self.id, "first_name": self.first_name, "last_name": self.last_name, "email": self.email,
            "created_at": moment(self.created_at), "created_by": self.created_by,
        }  # fmt: skip


class People:
    """All users. Any thread may use it."""

    def __init__(self, world: World, settings: Settings) -> None:
        self._world, self._settings = world, settings
        self._lock = threading.Lock()
        self._users: dict[str, User] = {}
        self._keys: dict[str, tuple[str, dt.datetime | None]] = {}
        self.mails: list[dict[str, Any]] = []
        """What was sent by e-mail, oldest first: to whom, why, and a path under which the key waits."""
        large = Organisation(name="Example", is_verified=True)
        small = Organisation(name="Small", is_verified=False, max_subscriptions=3, max_total_area_ha=1000.0)
        self._first(FULL_KEY, large, "Ana", "Alvarez", "ana@example.org")
        self._first(SMALL_KEY, small, "Cem", "Celik", "cem@example.org")

    def _first(self, key: str, organisation: Organisation, first: str, last: str, email: str) -> None:
        name = made_id(self._world, "user", email)
        self._users[name] = User(
            id=name, organisation=organisation, first_name=first, last_name=last, email=email,
            created_at=dt.datetime(2025, 1, 7, 9, tzinfo=dt.UTC), created_by=name,
        )  # fmt: skip
        self._keys[key] = name, None

    def find(self, key: str) -> tuple[str, Organisation] | None:
        """Give the id and the organisation of the user that an API key belongs to."""
        with self._lock:
            user, until = self._keys.get(key, ("", None))
            if not user or (until is not None and self._world.clock.now() >= until):
                return None
            return user, self._users[user].organisation

    def create(self, call: Call) -> dict[str, Any]:
        """Make a user, and send a mail with a link to an API key."""
        first, last, email = call.text("first_name"), call.text("last_name"), call.text("email")
        if not _EMAIL.match(email):
            raise call.invalid("email", "is not an e-mail address")
        with self._lock:
            if any(one.email.lower() == email.lower() for one in self._users.values()):
                raise call.invalid("email", "is taken already")
            user = User(
                id=made_id(self._world, "user", email), organisation=call.organisation, first_name=first,
                last_name=last, email=email, created_at=self._world.clock.now(), created_by=call.user,
            )  # fmt: skip
            self._users[user.id] = user
            self._mail(user, "welcome")
        return user.as_json()

    def listed(self, call: Call) -> dict[str, Any]:
        """List the users of the caller's organisation."""
        with self._lock:
            return {"records": [one.as_json() for one in self._users.values() if one.organisation is call.organisation]}

    def get(self, call: Call) -> dict[str, Any]:
        """Show one user."""
        with self._lock:
            user = self._users.get(call.id())
        if user is None or user.organisation is not call.organisation:
            raise not_found("User", call.id())
        return user.as_json()

    def rotate(self, call: Call) -> dict[str, str]:
        """Give the caller a new API key in place of all others."""
        with self._lock:
            return {"new_api_key": self._new_key(call.user)}

    def recover(self, call: Call) -> dict[str, str]:
        """Send a link to a new key; the answer does not tell whether the address is known."""
        email = call.text("email")
        with self._lock:
            for user in self._users.values():
                if user.email.lower() == email.lower():
                    self._mail(user, "recovery")
        return {"message": "If the address belongs to an account, a link to a new API key is on its way to it."}

    def redeem(self, token: str) -> dict[str, str]:
        """Give the key that a mail's link leads to.

        Raises:
            Refusal: 404 for a link that has expired or was never sent.
        """
        ticket = self._world.links.read(token)
        kind, _, user = ticket.subject.partition(" ")
        if ticket.state is not LinkState.VALID or kind != "cecil-key":
            raise Refusal(404, "the link has expired")
        with self._lock:
            return {"api_key": self._new_key(user)}

    def _new_key(self, user: str) -> str:
        now = self._world.clock.now()
        until = now + dt.timedelta(seconds=self._settings.old_key_s)
        for key, (owner, already) in self._keys.items():
            if owner == user:
                self._keys[key] = owner, until if already is None else min(already, until)
        key = f"cecil-{self._world.key('cecil-key', user, len(self._keys)):016x}"
        self._keys[key] = user, None
        return key

    def _mail(self, user: User, kind: str) -> None:
        token = self._world.links.token(f"cecil-key {user.id}", _LINK_LIFE_S)
        self.mails.append({"to": user.email, "kind": kind, "link": f"/_cecil/keys/{token}"})


def made_id(world: World, *parts: object) -> str:
    """Make an id that is the same in every sandbox of the same seed."""
    return str(uuid.UUID(int=world.rng("cecil", *parts).getrandbits(128), version=4))
