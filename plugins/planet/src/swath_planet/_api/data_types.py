# SPDX-License-Identifier: Apache-2.0
"""Checks names of item types before they are sent, and spells them as Planet does."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from swath.errors import SwathError
from swath_planet.bundles import SNAPSHOT
from swath_planet.exceptions import ClientError
from swath_planet.itemtypes import ITEM_TYPES

if TYPE_CHECKING:
    from swath_planet._api.base import Service

__all__ = ["ItemTypes"]

_KNOWN: Final = frozenset(ITEM_TYPES) | {item_type for held in SNAPSHOT.values() for item_type in held}
_SPEC: Final = "/compute/ops/bundles/spec"
"""Where the bundle specification is, below the account's root."""


class ItemTypes:
    """The item types there are: those known here, and what the service's bundle specification adds.

    Args:
        service: Whose root has the specification. It is asked at most once, and only about a name not known here.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known = {name.lower(): name for name in _KNOWN}
        self._is_fresh = False

    def spelled(self, name: str) -> str:
        """Spell a name as Planet does; one that is not known here stays as it is. Makes no request."""
        return self._known.get(name.lower(), name)

    def checked(self, names: str | Iterable[str]) -> list[str]:
        """Spell names as Planet does, in the order given.

        Raises:
            ClientError: There are none, or one is no item type.
        """
        wanted = [names] if isinstance(names, str) else list(names)
        if not wanted:
            raise ClientError("there are no item types to search", hint="name at least one, for example ['PSScene']")
        for name in wanted:
            if not isinstance(name, str):
                raise ClientError(f"{name!r} is no item type", hint="item types are texts, for example 'PSScene'")
        if any(name.lower() not in self._known for name in wanted) and not self._is_fresh:
            self._refresh()
        for name in wanted:
            if name.lower() not in self._known:
                raise self._unknown(name)
        return [self._known[name.lower()] for name in wanted]

    def _refresh(self) -> None:
        """Learn the types of today; without an answer what is known here has to do."""
        service = self._service
        root = service.base_url.removesuffix(service.PATH) if service.base_url.endswith(service.PATH) else None
        try:
            spec = service.json("GET", (root or service.context.settings["base_url"].rstrip("/")) + _SPEC, auth=False)
        except SwathError:
            return
        self._is_fresh = True
        bundles = spec.get("bundles") if isinstance(spec, dict) else None
        for bundle in bundles.values() if isinstance(bundles, dict) else ():
            held = bundle.get("assets") if isinstance(bundle, dict) else None
            self._known.update({str(name).lower(): str(name) for name in held or ()})

    def _unknown(self, name: str) -> ClientError:
        near = difflib.get_close_matches(name.lower(), self._known, n=1, cutoff=0.6)
        guess = f"; did you mean {self._known[near[0]]!r}?" if near else ""
        valid = sorted(self._known.values())
        return ClientError(
            f"{name!r} is no item type of Planet's{guess}",
            hint=f"choose from {', '.join(valid)}",
            details={"valid": valid},
        )
