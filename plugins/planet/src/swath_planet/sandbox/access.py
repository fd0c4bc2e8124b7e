# SPDX-License-Identifier: Apache-2.0
"""Who may call, how often, and what refusals look like."""

from __future__ import annotations

import base64
import binascii
import functools
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attrs import field, frozen
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from swath.sandbox import Verdict, World

__all__ = ["FULL_KEY", "VIEWER_KEY", "Account", "Accounts", "Call", "Refusal", "bad_query", "endpoint"]

FULL_KEY = "sandbox-planet-key"
"""API key of the account that may do everything."""
VIEWER_KEY = "sandbox-planet-viewer"
"""API key of the account that may search and nothing else."""

_KEYS = {"full": FULL_KEY, "viewer": VIEWER_KEY}
"""Keys of the same accounts, by the word that access tokens carry."""
_MOST_BYTES = 1 << 20
_PASSWORD = "sandbox"  # noqa: S105 - it lets anyone into a stand-in on loopback
_NO_KEY = {"message": "Please enter your API key.", "errors": []}


@frozen(kw_only=True)
class Account:
    """One API key."""

    key: str = field(repr=False)
    user: str
    entitled: bool
    """Whether it may activate, order and download."""


class Refusal(Exception):
    """An answer of status 400 and above; raised, it ends the request."""

    def __init__(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """Give it as the answer."""
        return JSONResponse(self.body, status_code=self.status, headers=self.headers)


def bad_query(message: str, field_name: str | None = None) -> Refusal:
    """Make the Data API's answer to a query it cannot take."""
    fields = {} if field_name is None else {field_name: [{"message": message}]}
    return Refusal(400, {"general": [{"message": message}], "field": fields})


class Accounts:
    """The accounts that the stand-in knows.

    Args:
        user_of: Says whose an access token is, ``"full"`` or ``"viewer"``; None for one that is not good.
    """

    def __init__(self, user_of: Callable[[str], str | None]) -> None:
        self._user_of = user_of
        self._by_key = {
            FULL_KEY: Account(key=FULL_KEY, user="1", entitled=True),
            VIEWER_KEY: Account(key=VIEWER_KEY, user="2", entitled=False),
        }

    def find(self, request: Request) -> Account:
        """Find the account of a request by any scheme: api-key, Basic, Bearer or query parameter.

        Raises:
            Refusal: 401 without a credential that is known.
        """
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        match scheme.lower():
            case "api-key":
                key = value.strip()
            case "basic":
                key = _decoded(value).partition(":")[0]
            case "bearer":
                key = _key_in_jwt(value) or _KEYS.get(self._user_of(value.strip()) or "", "")
            case _:
                key = request.query_params.get("api_key", "")
        account = self._by_key.get(key)
        if account is None:
            raise Refusal(401, _NO_KEY)
        return account

    def login(self, body: Any) -> dict[str, str]:
        """Answer the legacy login: any e-mail address with the password ``sandbox`` gets a token of the full account.

        Raises:
            Refusal: 401 for any other pair.
        """
        if not isinstance(body, dict) or "@" not in str(body.get("email", "")) or body.get("password") != _PASSWORD:
            raise Refusal(401, {"message": "Invalid email or password", "errors": []})
        parts = ({"alg": "none", "typ": "JWT"}, {"email": body["email"], "api_key": FULL_KEY})
        encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
        return {"token": ".".join([*encoded, "sandbox"])}


@frozen(kw_only=True)
class Call:
    """A request that has passed the gate."""

    request: Request
    account: Account
    body: Any
    """The parsed JSON body; None without one."""

    @property
    def path(self) -> Mapping[str, str]:
        """Parameters of the path."""
        params: Mapping[str, str] = self.request.path_params
        return params

    @property
    def query(self) -> Mapping[str, str]:
        """Query parameters, the last of each name."""
        return self.request.query_params

    @property
    def root(self) -> str:
        """Scheme, host and port that the client used."""
        return f"{self.request.url.scheme}://{self.request.url.netloc}"

    def url(self, path: str) -> str:
        """Give an absolute URL at the host that the client used."""
        return f"{self.root}{path}"

    def need_right(self, what: str) -> None:
        """Refuse an account that may only search.

        Raises:
            Refusal: 403.
        """
        if not self.account.entitled:
            raise Refusal(403, {"message": f"You do not have permission to {what}.", "errors": []})


Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(
    world: World, accounts: Accounts, name: str, per_s: float, *, auth: bool = True
) -> Callable[[Callable[[Call], Response]], Endpoint]:
    """Make a route of a function: it is called on a worker thread, for requests that pass key, rate and size checks.

    Args:
        world: Holds the limiters.
        accounts: Holds the keys.
        name: The endpoint class that is limited, each key by itself.
        per_s: Requests a second.
        auth: Whether a key is needed.
    """

    def decorate(function: Callable[[Call], Response]) -> Endpoint:
        @functools.wraps(function)
        async def route(request: Request) -> Response:
            try:
                account = accounts.find(request) if auth else Account(key="", user="", entitled=False)
                _pace(world.limiter(f"planet {account.key} {name}", per_s).take())
                call = Call(request=request, account=account, body=_parsed(await request.body()))
                return await run_in_threadpool(function, call)
            except Refusal as refusal:
                return refusal.response()

        return route

    return decorate


def _pace(verdict: Verdict) -> None:
    if not verdict.allowed:
        headers = {"Retry-After": verdict.retry_after} if verdict.announce else {}
        raise Refusal(429, {"message": "Rate limit exceeded", "errors": []}, headers)


def _parsed(body: bytes) -> Any:
    if len(body) > _MOST_BYTES:
        raise Refusal(413, {"message": f"Request body is larger than {_MOST_BYTES} bytes", "errors": []})
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError as err:
        raise bad_query(f"Request body is not valid JSON: {err}") from err


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _key_in_jwt(token: str) -> str:
    """Give the key that a legacy token carries; the stand-in does not look at its signature."""
    parts = token.strip().split(".")
    if len(parts) != 3:
        return ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return ""
    return str(claims.get("api_key", "")) if isinstance(claims, dict) else ""
