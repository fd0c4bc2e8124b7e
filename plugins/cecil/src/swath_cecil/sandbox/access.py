# SPDX-License-Identifier: Apache-2.0
"""Who may call, in either spelling, and what refusals look like."""

from __future__ import annotations

import base64
import binascii
import json
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attrs import define, field, frozen
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

__all__ = [
    "FULL_KEY", "SMALL_KEY", "Call", "Organisation", "Refusal", "conflict", "endpoint", "moment", "not_found",
]  # fmt: skip

FULL_KEY = "sandbox-cecil-key"
"""API key of the first user of a verified organisation."""
SMALL_KEY = "sandbox-cecil-small"
"""API key of a user of an organisation that is not verified."""
_VERSION = "cecil-python-sdk-version"
_CAMEL = re.compile(r"(?<=[a-z0-9])([A-Z])")


class Refusal(Exception):
    """An answer of status 400 and above; raised, it ends the request."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = {"message": body} if isinstance(body, str) else body

    def response(self) -> Response:
        """Give it as the answer."""
        return JSONResponse(self.body, status_code=self.status)


def conflict(text: str) -> Refusal:
    """Make the answer to what the state of things does not allow: an array of one text."""
    return Refusal(409, [text])


def not_found(what: str, name: str) -> Refusal:
    """Make the answer to an id that nobody knows."""
    return Refusal(404, f"{what} {name} not found")


def moment(when: Any) -> str | None:
    """Write a time as the service does: UTC with milliseconds; None stays None."""
    return None if when is None else f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z"


@define(kw_only=True, eq=False)
class Organisation:
    """Who pays."""

    name: str
    is_verified: bool
    monthly_limit_ha: int = 200_000
    max_subscriptions: int | None = None
    max_total_area_ha: float | None = None


_NOBODY = Organisation(name="", is_verified=False)


@frozen(kw_only=True)
class Call:
    """A request that has passed the gate."""

    request: Request
    organisation: Organisation
    user: str
    """Id of the user; empty for a caller without a key."""
    body: Any
    """With names in snake_case, whichever came."""
    is_old: bool
    """Whether the client is the official one of 0.1.9 or before, which spells its bodies in camelCase."""
    nested: bool = field(repr=False)

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
    def archived(self) -> bool:
        """What the query says of archived things."""
        told = self.request.query_params.get("archived", "False").lower()
        if told not in {"true", "false"}:
            raise Refusal(400, f"archived is true or false, not {told}")
        return told == "true"

    def id(self, name: str = "id") -> str:
        """Give an id of the path or the query.

        Raises:
            Refusal: 400 if it is no UUID.
        """
        return _uuid(self.path.get(name) or self.request.query_params.get(name) or "", name)

    def object(self) -> dict[str, Any]:
        """Give the body, which must be a JSON object.

        Raises:
            Refusal: 400 if it is not.
        """
        if not isinstance(self.body, dict):
            raise Refusal(400, "the body must be a JSON object")
        return self.body

    def text(self, name: str) -> str:
        """Give a field of the body that must be a text with something in it.

        Raises:
            Refusal: 422 if it is not.
        """
        value = self.object().get(name)
        if not isinstance(value, str) or not value.strip():
            raise self.invalid(name, "is required")
        return value

    def text_or_none(self, name: str) -> str | None:
        """Give a field of the body that may be absent, null or a text; an empty text counts as null.

        Raises:
            Refusal: 422 if it is something else.
        """
        value = self.object().get(name)
        if value is not None and not isinstance(value, str):
            raise self.invalid(name, "must be a string")
        return value or None

    def uuid(self, name: str) -> str:
        """Give a field of the body that must be an id.

        Raises:
            Refusal: 400 or 422 if it is not.
        """
        return _uuid(self.text(name), name)

    def invalid(self, name: str, message: str) -> Refusal:
        """Make the answer to a field that breaks a rule; its name comes in camelCase, as the service has it."""
        head, *rest = name.split("_")
        fields = {head + "".join(part.capitalize() for part in rest): message}
        return Refusal(422, {"params": fields} if self.nested else fields)


def endpoint(
    find: Callable[[str], tuple[str, Organisation] | None],
    handler: Callable[[Call], Any],
    *,
    status: int = 200,
    anonymous: bool = False,
    nested: Callable[[], bool] = lambda: False,
) -> Callable[[Request], Awaitable[Response]]:
    """Make an endpoint of a function that gives the JSON body of the answer; it runs on a worker thread.

    Args:
        find: Gives the user's id and organisation for an API key.
        handler: Gives the body; None for 204; or a whole response.
        status: Of its answer.
        anonymous: Whether it may be called without a key.
        nested: Whether a 422 puts its fields below ``params``.
    """

    async def serve(request: Request) -> Response:
        raw = await request.body()
        try:
            user, organisation = ("", _NOBODY) if anonymous else _known(find, request)
            body = _parsed(raw)
            call = Call(
                request=request, organisation=organisation, user=user, body=_snake(body),
                is_old=_is_old(request.headers.get(_VERSION), body), nested=nested(),
            )  # fmt: skip
            made = await run_in_threadpool(handler, call)
        except Refusal as refusal:
            return refusal.response()
        if isinstance(made, Response):
            return made
        return Response(status_code=204) if made is None else JSONResponse(made, status_code=status)

    return serve


def _known(find: Callable[[str], tuple[str, Organisation] | None], request: Request) -> tuple[str, Organisation]:
    """Give who calls.

    Raises:
        Refusal: 401 for a key that is missing or unknown.
    """
    found = find(_key(request))
    if found is None:
        raise Refusal(401, "Unauthorized: the API key is not known")
    return found


def _key(request: Request) -> str:
    """Give the API key of a request: the user's name of its Basic credentials."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    try:
        pair = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        pair = ""
    return pair.partition(":")[0] if scheme.lower() == "basic" else ""


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        raise Refusal(400, "the body is not valid JSON") from None


def _snake(body: Any) -> Any:
    """Spell the names of a body in snake_case; what is inside its values (geometries) stays as it is."""
    if not isinstance(body, dict):
        return body
    return {_CAMEL.sub(r"_\1", name).lower(): value for name, value in body.items()}


def _is_old(version: str | None, body: Any) -> bool:
    if version is None:
        return isinstance(body, dict) and any(_CAMEL.search(name) for name in body)
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    return numbers <= (0, 1, 9)


def _uuid(text: str, name: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise Refusal(400, f"{name} is not a UUID: {text}") from None
