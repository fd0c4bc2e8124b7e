# SPDX-License-Identifier: Apache-2.0
"""The Destinations API: places to deliver to whose secrets Planet keeps.

Source: Planet's documentation of the Destinations API, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from swath_planet._api.base import Service
from swath_planet._api.creating import create
from swath_planet._api.paths import segment
from swath_planet._api.secrets import guarded
from swath_planet.exceptions import ClientError

__all__ = ["Destinations"]

_REF: Final = "pl:destinations/"
"""What a reference begins with; the rest is the id."""


class Destinations(Service):
    """The organisation's destinations, and which of them is the default."""

    PATH: ClassVar[str] = "/destinations/v1"
    BUCKET: ClassVar[str] = "destinations"

    def list_destinations(
        self,
        archived: bool | None = None,
        is_owner: bool | None = None,
        can_write: bool | None = None,
        is_default: bool | None = None,
    ) -> dict[str, Any]:
        """List the organisation's destinations; archived ones only when asked for.

        Args:
            archived: Only those that are archived, or are not.
            is_owner: Only those of the account itself, or of others.
            can_write: Only those that the account may change, or may not.
            is_default: Only the default, or all others.

        Returns:
            The answer, with the destinations at ``"destinations"``.
        """
        params = {"archived": archived, "is_owner": is_owner, "can_write": can_write, "is_default": is_default}
        return self._object("GET", "", params=params)

    def get_destination(self, destination_id: str) -> dict[str, Any]:
        """Read one destination."""
        return self._object("GET", _id(destination_id))

    def patch_destination(
        self, destination_id: str = "", request: Mapping[str, Any] | None = None, *, destination_ref: str = ""
    ) -> dict[str, Any]:
        """Change a destination.

        Args:
            destination_id: Which.
            request: Only what changes: ``name``, ``archive`` or the secrets in ``parameters``.
            destination_ref: What Planet's synchronous client calls `destination_id`.

        Raises:
            ClientError: Nothing is to change.
        """
        if not request:
            raise ClientError("Must provide what to change", hint="pass request={'name': ...} or {'archive': True}")
        with guarded(request) as body:
            return self._object("PATCH", _id(destination_id or destination_ref), json=body)

    def create_destination(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Make a destination, once: a request whose answer is lost is not sent again.

        Args:
            request: ``name``, ``type`` and ``parameters``.
        """
        made: dict[str, Any] = create(self, "", request)
        return made

    def set_default_destination(self, destination_id: str) -> dict[str, Any]:
        """Make a destination the organisation's default; for administrators and owners."""
        return self._object("PUT", "default", json={"destination_id": destination_id.removeprefix(_REF)})

    def unset_default_destination(self) -> None:
        """Leave the organisation without a default destination."""
        self.call("DELETE", "default")

    def get_default_destination(self) -> dict[str, Any]:
        """Read the organisation's default destination.

        Raises:
            NotFound: There is none.
        """
        return self._object("GET", "default")

    def _object(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.json(method, path, **given)
        return found


def _id(given: str) -> str:
    """Give a destination's id as a segment of a path; its reference will do too."""
    return segment(given.removeprefix(_REF), "destination")
