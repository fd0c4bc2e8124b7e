# SPDX-License-Identifier: Apache-2.0
"""Who may call, and what refusals look like."""

from __future__ import annotations

import base64
import binascii
import json
import threading
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attrs import field, frozen
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from swath.sandbox import World

__all__ = ["FULL_KEY", "MATE_KEY", "POOR_KEY", "Account", "Accounts", "Call", "Refusal", "endpoint", "validation"]

FULL_KEY = "sandbox-capella-key-".ljust(64, "0")
"""API key of the user who manages the organisation."""
MATE_KEY = "sandbox-capella-mate-".ljust(64, "0")
"""API key of another user of the same organisation."""
POOR_KEY = "sandbox-capella-poor-".ljust(64, "0")
"""API key of a user of an organisation without money."""
_TOKEN_LIFE_S = 3600.0
_MOST_KEYS = 3
"""That a user may have."""
_PASSWORD = "sandbox"  # noqa: S105 - it lets anyone into a stand-in on loopback


class Refusal(Exception):
    """An answer of status 400 and above; raised, it ends the request."""

    def __init__(self, status: int, message: str, code: str | None = None, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.more = more

    def body(self) -> dict[str, Any]:
        """Give the body."""
        if self.code is None:
            return {"message": self.message}
        return {"error": {"message": self.message, "code": self.code, **self.more}}

    def response(self) -> Response:
        """Give it as the answer."""
        return JSONResponse(self.body(), status_code=self.status)


def validation(message: str, path: str) -> Refusal:
    """Make the answer to a body that breaks a rule."""
    detail = [{"message": message, "code": "invalid", "path": path}]
    return Refusal(400, message, "VALIDATION_ERROR", detail=detail)


def not_found(what: str, name: str) -> Refusal:
    """Make the answer to an id that nobody knows."""
    return Refusal(404, f"{what} not found: {name}", "NOT_FOUND")


@frozen(kw_only=True)
class Account:
    """One user."""

    key: str = field(repr=False)
    user: str
    organisation: str
    organisation_name: str
    email: str
    roles: tuple[str, ...]
    funded: bool = True

    def as_json(self) -> dict[str, Any]:
        """Give it as ``GET /user`` does."""
        return {
            "id": self.user,
            "organizationId": self.organisation,
            "email": self.email,
            "roles": list(self.roles),
            "organization": {"name": self.organisation_name},
            "apiEnvironmentRole": "production",
        }


def _id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.sandbox.capella"))


_ACCOUNTS = (
    Account(
        key=FULL_KEY, user=_id("ana"), organisation=_id("example"), organisation_name="Example",
        email="ana@example.org", roles=("organization-manager",),
    ),
    Account(
        key=MATE_KEY, user=_id("ben"), organisation=_id("example"), organisation_name="Example",
        email="ben@example.org", roles=(),
    ),
    Account(
        key=POOR_KEY, user=_id("cem"), organisation=_id("poor"), organisation_name="Poor",
        email="cem@example.org", roles=(), funded=False,
    ),
)  # fmt: skip


class Accounts:
    """The users that the stand-in knows."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.all = _ACCOUNTS
        self._by_key = {account.key: account for account in _ACCOUNTS}
        self._revoked: set[str] = set()
        self._lock = threading.Lock()

    def find(self, request: Request) -> Account | None:
        """Find the caller; None where no credential came at all.

        Raises:
            Refusal: 401 for a credential that is not known, or has expired.
        """
        scheme, _, value = request.headers.get("authorization", "").strip().partition(" ")
        if not scheme:
            return None
        account = self._by_key.get(value.strip()) if scheme.lower() == "apikey" else None
        if scheme.lower() == "bearer":
            account = self._of_token(value.strip())
        if account is None:
            raise Refusal(401, "Unauthorized")
        return account

    def _of_token(self, token: str) -> Account | None:
        ticket = self._world.links.read(token)
        if token in self._revoked or ticket.state.value != "valid":
            return None
        return next((one for one in self.all if f"capella-token {one.user}" == ticket.subject), None)

    def exchange(self, request: Request) -> dict[str, Any]:
        """Answer the old token exchange: any user's e-mail address with the password ``sandbox``.

        Raises:
            Refusal: 401 for any other pair.
        """
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        try:
            email, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            email = password = ""
        account = next((one for one in self.all if one.email == email), None)
        if scheme.lower() != "basic" or account is None or password != _PASSWORD:
            raise Refusal(401, "Unauthorized")
        token = self._world.links.token(f"capella-token {account.user}", _TOKEN_LIFE_S)
        return {
            "accessToken": token,
            "refreshToken": f"r-{token}",
            "expiresIn": int(_TOKEN_LIFE_S),
            "tokenType": "Bearer",
        }

    def make_key(self, call: Call) -> dict[str, Any]:
        """Make another API key of the caller's; its value is shown this once.

        Raises:
            Refusal: 400 for one too many.
        """
        account = call.user
        with self._lock:
            mine = [key for key, owner in self._by_key.items() if owner is account]
            if len(mine) >= _MOST_KEYS:
                raise Refusal(400, f"a user has at most {_MOST_KEYS} keys", "VALIDATION_ERROR")
            key = f"{self._world.key('api key', account.user, len(mine)):064x}"
            self._by_key[key] = account
        return {
            "id": _id(key),
            "description": call.query.get("description", ""),
            "key_value": key,
            "user_id": account.user,
            "created_at": f"{self._world.clock.now():%Y-%m-%dT%H:%M:%SZ}",
        }

    def revoke(self, request: Request) -> None:
        """End the token that came with a request."""
        self._revoked.add(request.headers.get("authorization", "").partition(" ")[2].strip())


@frozen(kw_only=True)
class Call:
    """A request that has passed the gate."""

    request: Request
    account: Account | None
    body: Any

    @property
    def user(self) -> Account:
        """Who calls.

        Raises:
            Refusal: 401 without a credential.
        """
        if self.account is None:
            raise Refusal(401, "Unauthorized")
        return self.account

    @property
    def root(self) -> str:
        """Scheme, host and port that the client used."""
        return f"{self.request.url.scheme}://{self.request.url.netloc}"

    @property
    def path(self) -> Mapping[str, str]:
        """Parameters of the path."""
        found: Mapping[str, str] = self.request.path_params
        return found

    @property
    def query(self) -> Mapping[str, str]:
        """Query parameters, the last of each name."""
        return self.request.query_params

    def object(self) -> dict[str, Any]:
        """Give the body, which must be a JSON object.

        Raises:
            Refusal: 400 if it is not.
        """
        if not isinstance(self.body, dict):
            raise validation("the body must be a JSON object", "")
        return self.body


def endpoint(
    accounts: Accounts, handler: Callable[[Call], Any], *, anonymous: bool = False, status: int = 200
) -> Callable[[Request], Awaitable[Response]]:
    """Make an endpoint of a function that gives the JSON body of the answer; it runs on a worker thread.

    Args:
        accounts: Who may call.
        handler: Gives the body, or a whole response.
        anonymous: Whether it may be called without a credential.
        status: Of its answer.
    """

    async def serve(request: Request) -> Response:
        raw = await request.body()
        try:
            call = Call(request=request, account=accounts.find(request), body=_parsed(raw))
            if not anonymous:
                _ = call.user
            made = await run_in_threadpool(handler, call)
        except Refusal as refusal:
            return refusal.response()
        if isinstance(made, Response):
            return made
        return Response(status_code=204) if made is None else JSONResponse(made, status_code=status)

    return serve


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        raise validation("the body is not valid JSON", "") from None
