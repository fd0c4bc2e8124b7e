# SPDX-License-Identifier: Apache-2.0
"""The Destinations API: clouds of users' own that orders and subscriptions deliver to."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Mapping
from typing import Any

from attrs import define, field
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from swath.sandbox import World
from swath_planet.sandbox.access import Account, Accounts, Call, Refusal
from swath_planet.sandbox.service import SECRETS, masked, millis, routes, slug

__all__ = ["KINDS", "Destination", "Destinations", "DestinationsApi", "missing_parameter"]

ROOT = "/destinations/v1"
_PER_S = 3
_MOST = 50
KINDS: Mapping[str, tuple[str, ...]] = {
    "amazon_s3": ("bucket", "aws_region", "aws_access_key_id", "aws_secret_access_key"),
    "azure_blob_storage": ("account", "container", "sas_token"),
    "google_cloud_storage": ("bucket", "credentials"),
    "google_earth_engine": ("project", "collection"),
    "oracle_cloud_storage": ("bucket", "namespace", "region", "customer_access_key_id", "customer_secret_key"),
    "s3_compatible": ("endpoint", "bucket", "region", "access_key_id", "secret_access_key"),
}
"""What each kind of delivery needs."""
_OPTIONAL: Mapping[str, tuple[str, ...]] = {
    "amazon_s3": ("explicit_sse",),
    "azure_blob_storage": ("storage_endpoint_suffix",),
    "google_earth_engine": ("credentials",),
    "s3_compatible": ("use_path_style",),
}

_SWITCHES: Mapping[str, tuple[str, ...]] = {"amazon_s3": ("explicit_sse",), "s3_compatible": ("use_path_style",)}
"""What can be changed beside secrets: Planet's own program sends these with new secrets."""


@define(kw_only=True)
class Destination:
    """One place to deliver to."""

    id: str
    owner: str
    name: str
    type: str
    parameters: dict[str, Any] = field(repr=False)
    created: dt.datetime
    updated: dt.datetime
    archived: dt.datetime | None = None

    @property
    def ref(self) -> str:
        """What orders and subscriptions know it by."""
        return f"pl:destinations/{self.id}"


class Destinations:
    """The destinations of all accounts. Any thread may use it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._destinations: dict[str, Destination] = {}
        self._defaults: dict[str, str] = {}
        self._made = 0
        self._lock = threading.RLock()

    def create(self, account: Account, name: str, kind: str, parameters: Mapping[str, Any]) -> Destination:
        """Make one.

        Raises:
            Refusal: 409 for a name that is taken, 400 where there are too many.
        """
        with self._lock:
            own = self.of(account)
            if len(own) >= _MOST:
                raise _refusal(400, f"an organization may have {_MOST} destinations at most")
            self._check_name(account, name)
            self._made += 1
            now, token = self._world.clock.now(), f"{self._world.key('planet destination', self._made):016x}"[:5]
            made = Destination(
                id=f"{slug(name)}-{token}", owner=account.user, name=name, type=kind, parameters=dict(parameters),
                created=now, updated=now,
            )  # fmt: skip
            self._destinations[made.id] = made
            return made

    def of(self, account: Account) -> list[Destination]:
        """List an account's destinations, oldest first."""
        with self._lock:
            return [one for one in self._destinations.values() if one.owner == account.user]

    def find(self, account: Account, destination_id: str) -> Destination:
        """Give one by its id.

        Raises:
            Refusal: 404.
        """
        found = self._destinations.get(destination_id)
        if found is None or found.owner != account.user:
            raise _refusal(404, f"destination {destination_id!r} not found")
        return found

    def default(self, account: Account) -> Destination | None:
        """Give the default destination, if there is one."""
        with self._lock:
            return self._destinations.get(self._defaults.get(account.user, ""))

    def set_default(self, account: Account, destination: Destination | None) -> None:
        """Make one the default, or none."""
        with self._lock:
            if destination is None:
                self._defaults.pop(account.user, None)
            else:
                self._defaults[account.user] = destination.id

    def change(self, account: Account, destination: Destination, body: Mapping[str, Any]) -> None:
        """Change name, secrets or archiving.

        Raises:
            Refusal: 400 for anything else, 409 for a name that is taken.
        """
        unknown = set(body) - {"name", "parameters", "archive"}
        if unknown:
            raise _refusal(400, f"{min(unknown)} cannot be changed")
        parameters, name = body.get("parameters") or {}, body.get("name", destination.name)
        if not isinstance(parameters, Mapping) or not isinstance(body.get("archive", False), bool):
            raise _refusal(400, "parameters must be an object and archive true or false")
        changing = {one for one in destination.parameters if one in SECRETS} | {*_SWITCHES.get(destination.type, ())}
        fixed = [one for one in parameters if one not in changing]
        if fixed:
            raise _refusal(400, f"parameter {fixed[0]} cannot be changed")
        with self._lock:
            if name != destination.name:
                self._check_name(account, name)
                destination.name = name
            destination.parameters.update(parameters)
            destination.updated = self._world.clock.now()
            if "archive" in body:
                destination.archived = destination.updated if body["archive"] else None
                if body["archive"] and self._defaults.get(account.user) == destination.id:
                    del self._defaults[account.user]

    def check_ref(self, account: Account, reference: Any) -> str | None:
        """Say what is wrong with a reference of a delivery; None where nothing is."""
        if reference == "pl:destinations/default":
            return None if self.default(account) else "no default destination is set"
        found = self._destinations.get(str(reference).removeprefix("pl:destinations/"))
        if found is None or found.owner != account.user or reference != found.ref:
            return f"destination {reference!r} does not exist"
        return f"destination {reference!r} is archived" if found.archived else None

    def _check_name(self, account: Account, name: Any) -> None:
        if not isinstance(name, str) or not name.strip():
            raise _refusal(400, "name is required")
        if any(one.name == name for one in self.of(account)):
            raise _refusal(409, f"a destination named {name!r} exists already")


class DestinationsApi:
    """Everything below ``/destinations/v1``."""

    def __init__(self, world: World, accounts: Accounts, destinations: Destinations) -> None:
        self._world, self._accounts, self._destinations = world, accounts, destinations

    def routes(self) -> list[Route]:
        """List the routes."""
        table = [
            ("GET", "", self._list),
            ("POST", "", self._create),
            ("GET", "/default", self._get_default),
            ("PUT", "/default", self._set_default),
            ("DELETE", "/default", self._unset_default),
            ("GET", "/{id}", self._get),
            ("PATCH", "/{id}", self._patch),
        ]
        return routes(self._world, self._accounts, ROOT, "destinations", table, per_s=_PER_S)

    def _list(self, call: Call) -> Response:
        told = [self._told(call, one) for one in self._destinations.of(call.account)]
        for name, read in (
            ("archived", lambda one: one["archived"] is not None),
            ("is_owner", lambda one: one["ownership"]["is_owner"]),
            ("can_write", lambda one: one["permissions"]["can_write"]),
            ("is_default", lambda one: one["default"]),
        ):
            asked = call.query.get(name)
            if asked not in {None, "true", "false"}:
                raise _refusal(400, f"{name} must be true or false, not {asked!r}")
            told = [one for one in told if asked is None or read(one) is (asked == "true")]
        return JSONResponse({"destinations": told, "_links": {"_self": str(call.request.url)}})

    def _create(self, call: Call) -> Response:
        call.need_right("create destinations")
        body = call.body if isinstance(call.body, dict) else {}
        kind, parameters = str(body.get("type")), body.get("parameters")
        if kind not in KINDS:
            raise _refusal(400, f"unknown destination type {kind!r}")
        if not isinstance(parameters, dict):
            raise _refusal(400, "parameters is required")
        missing = missing_parameter(kind, parameters)
        if missing is not None:
            raise _refusal(400, f"{kind}: {missing} is required")
        allowed = {*KINDS[kind], *_OPTIONAL.get(kind, ()), "path_prefix"}
        unknown = set(parameters) - allowed
        if unknown:
            raise _refusal(400, f"{kind}: unknown parameter {min(unknown)!r}")
        name = body.get("name") or parameters.get("bucket") or parameters.get("container")
        made = self._destinations.create(call.account, str(name or ""), kind, parameters)
        return JSONResponse(self._told(call, made), status_code=201)

    def _get(self, call: Call) -> Response:
        return JSONResponse(self._told(call, self._destinations.find(call.account, call.path["id"])))

    def _patch(self, call: Call) -> Response:
        call.need_right("change destinations")
        found = self._destinations.find(call.account, call.path["id"])
        if not isinstance(call.body, dict) or not call.body:
            raise _refusal(400, "the body must name what to change")
        self._destinations.change(call.account, found, call.body)
        return JSONResponse(self._told(call, found))

    def _get_default(self, call: Call) -> Response:
        found = self._destinations.default(call.account)
        if found is None:
            raise _refusal(404, "no default destination is set")
        return JSONResponse(self._told(call, found))

    def _set_default(self, call: Call) -> Response:
        call.need_right("change destinations")
        body = call.body if isinstance(call.body, dict) else {}
        found = self._destinations.find(call.account, str(body.get("destination_id") or ""))
        if found.archived:
            raise _refusal(400, "an archived destination cannot be the default")
        self._destinations.set_default(call.account, found)
        return JSONResponse(self._told(call, found))

    def _unset_default(self, call: Call) -> Response:
        call.need_right("change destinations")
        self._destinations.set_default(call.account, None)
        return Response(status_code=204)

    def _told(self, call: Call, one: Destination) -> dict[str, Any]:
        default = self._destinations.default(call.account)
        return {
            "id": one.id,
            "name": one.name,
            "type": one.type,
            "parameters": masked(one.parameters),
            "archived": millis(one.archived) if one.archived else None,
            "default": default is one,
            "created": millis(one.created),
            "updated": millis(one.updated),
            "ownership": {"owner_id": one.owner, "is_owner": True},
            "permissions": {"can_write": call.account.entitled},
            "pl:ref": one.ref,
            "_links": {"_self": call.url(f"{ROOT}/{one.id}")},
        }


def missing_parameter(kind: str, parameters: Mapping[str, Any]) -> str | None:
    """Give the first parameter that a delivery of this kind lacks."""
    return next((name for name in KINDS[kind] if not parameters.get(name)), None)


def _refusal(status: int, text: str) -> Refusal:
    return Refusal(status, {"code": status, "message": text})
