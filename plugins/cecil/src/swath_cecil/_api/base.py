# SPDX-License-Identifier: Apache-2.0
"""What every call to Cecil stands on: the address, one request, and records out of answers."""

from __future__ import annotations

import json as json_module
import re
from collections.abc import Generator, Mapping
from functools import cache
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import attrs
import cattrs
import httpx

from swath.convert import make_converter, structure
from swath.decoding import decode_json
from swath.errors import SwathError, UnexpectedResponse
from swath.hookspecs import Context, Operation
from swath.models import Secret

__all__ = ["KeyAuth", "Service", "existing_of", "said_of"]

_T = TypeVar("_T")
_PREFIX: Final = "/v0/"
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class KeyAuth(httpx.Auth):
    """Signs requests to the API, and only those: files lie elsewhere, or at least below another path.

    Args:
        base_url: Where the API is.
        key: The API key: user name of HTTP's basic scheme, whose password is empty.
    """

    def __init__(self, base_url: str, key: Secret) -> None:
        self._path = f"{urlsplit(base_url).path.rstrip('/')}{_PREFIX}"
        self._basic = httpx.BasicAuth(key.reveal(), "")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign, or send as it is."""
        if request.url.path.startswith(self._path):
            yield from self._basic.auth_flow(request)
        else:
            yield request


@cache
def _converter() -> cattrs.Converter:
    return make_converter()


class Service:
    """One opened account at Cecil.

    Args:
        context: The opened account.
    """

    def __init__(self, context: Context) -> None:
        self.context = context

    @property
    def base_url(self) -> str:
        """Where the API is, without trailing slash."""
        return self.context.settings["base_url"].rstrip("/")

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        operation: Operation | None = None,
        auth: bool = True,
    ) -> Any:
        """Send one request and give what the answer's JSON holds; its text where it is none, None where it is empty.

        Args:
            method: HTTP method.
            path: Below ``/v0``.
            json: Body.
            params: Query parameters.
            operation: Whether it may be sent again; a GET reads, everything else writes, if None.
            auth: Whether to sign it.

        Raises:
            SwathError: By status; `said_of` gives the answer's body.
        """
        if operation is None:
            operation = Operation.READ if method == "GET" else Operation.WRITE
        url = f"{self.base_url}/v0{path}"
        answer = self.context.http.request(method, url, json=json, params=params, operation=operation, auth=auth)
        if not answer.content.strip():
            return None
        try:
            return decode_json(answer.content)
        except ValueError:
            return answer.text

    def record(self, kind: type[_T], method: str, path: str, **given: Any) -> _T:
        """Send one request and read the answer as a record.

        Raises:
            UnexpectedResponse: It is something else.
        """
        return self._read(self.call(method, path, **given), kind, f"the answer to {method} {path}")

    def records(self, kind: type[_T], path: str, *, archived: bool | None = None) -> list[_T]:
        """List records; each once, although the answer had it twice.

        Args:
            kind: Of the records.
            path: Below ``/v0``.
            archived: Whether to list those that are archived instead; None where nothing is.

        Raises:
            UnexpectedResponse: The answer is something else.
        """
        params = None if archived is None else {"archived": str(archived)}
        what = f"the answer to GET {path}"
        answer = self.call("GET", path, params=params)
        found = answer.get("records") if isinstance(answer, Mapping) else None
        if not isinstance(found, list):
            raise UnexpectedResponse(f"{what} has no records", provider="cecil")
        made = [self._read(one, kind, f"{what}, record {at}") for at, one in enumerate(found)]
        return list({getattr(one, "id", at): one for at, one in enumerate(made)}.values())

    def _read(self, payload: Any, kind: type[_T], what: str) -> _T:
        if not isinstance(payload, Mapping):
            raise UnexpectedResponse(f"{what} is no JSON object but {type(payload).__name__}", provider="cecil")
        known = {field.name for field in attrs.fields(kind)}  # type: ignore[arg-type]  # each is an attrs class
        # Servers of old wrote keys in camel case.
        plain = {(snake if (snake := _snake(key)) in known else key): value for key, value in payload.items()}
        try:
            return structure(_converter(), plain, kind, what=what)
        except UnexpectedResponse as err:
            err.provider = "cecil"
            raise


def _snake(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f"_{found[1].lower()}", key)


def said_of(err: SwathError) -> Any:
    """Give the body of a refusal: its JSON, ``{"message": text}`` where it is none, None where there is none."""
    body = err.details.get("body")
    if not isinstance(body, str) or not body.strip():
        return None
    try:
        return json_module.loads(body)
    except ValueError:
        return {"message": body}


def existing_of(err: SwathError) -> str | None:
    """Give the id of the subscription that a 409 says is there already."""
    if err.status_code != httpx.codes.CONFLICT:
        return None
    told = json_module.dumps(said_of(err))
    # Other conflicts, as of an archived area, name other things.
    found = _UUID.search(told) if "allow_duplicate" in told else None
    return found.group().lower() if found else None
