# SPDX-License-Identifier: Apache-2.0
"""Turns a refusing answer into the error that a caller can act on."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import httpx

from swath._http.redact import redact_text, redact_url
from swath.errors import (
    Gone,
    InvalidCredentials,
    NotEntitled,
    NotFound,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    Rejected,
    SwathError,
    Unavailable,
)
from swath.models import Secret

__all__ = ["body_of", "explain", "request_id_of", "status_error"]

_LONGEST = 600
_LONGEST_BODY = 65536
"""Of a refusal's body kept as it came; characters."""
_REQUEST_IDS = ("x-request-id", "x-correlation-id", "request-id", "x-amzn-requestid", "x-amz-request-id", "cf-ray")
_WORDS = ("message", "detail", "details", "description", "error_description", "errorMessage", "errorSummary", "reason")
_NESTS = ("error", "errors", "general", "field", "detail", "details", "faults")


def _sentences(body: Any, name: str = "") -> Iterator[str]:
    """Walk a decoded error body and yield what a person should read, with the field it is about."""
    if isinstance(body, str) and body.strip():
        yield f"{name}: {body.strip()}" if name else body.strip()
    elif isinstance(body, list):
        for entry in body:
            yield from _sentences(entry, name)
    elif isinstance(body, dict):
        yield from _of_object(body, name)


def _of_object(body: dict[str, Any], name: str) -> Iterator[str]:
    told = [key for key in _WORDS if isinstance(body.get(key), str)]
    nested = [key for key in _NESTS if key in body and key not in told]
    for key in told:
        yield from _sentences(body[key], name)
    for key in nested:
        yield from _sentences(body[key], name if key == "field" else "")
    if not told and not nested:
        for key, value in body.items():
            yield from _sentences(value, f"{name}.{key}" if name else str(key))


def explain(response: httpx.Response, secrets: Iterable[Secret] = ()) -> str:
    """Say in one line what a provider's error body says, secrets removed.

    Args:
        response: An answer whose body has been read.
        secrets: Values that must not be repeated.
    """
    text = response.text
    kind = response.headers.get("content-type", "")
    try:
        said = list(dict.fromkeys(_sentences(json.loads(text))))
    except ValueError:
        said = []
    if said:
        text = "; ".join(said)
    elif "html" in kind or text.lstrip().lower().startswith(("<!doctype html", "<html")):
        title = re.search(r"<(title|h1)[^>]*>(.*?)</\1>", text, re.IGNORECASE | re.DOTALL)
        text = html.unescape(title.group(2)) if title else "an HTML page"
    text = " ".join(redact_text(text, secrets).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def body_of(response: httpx.Response, secrets: Iterable[Secret] = ()) -> str:
    """Give an answer's body as it came, only secrets removed and cut off after 64 KiB."""
    return redact_text(response.text[:_LONGEST_BODY], secrets)


def request_id_of(response: httpx.Response) -> str | None:
    """Find the provider's own id of this request."""
    return next((response.headers[name] for name in _REQUEST_IDS if name in response.headers), None)


_KINDS: dict[int, type[SwathError]] = {
    401: InvalidCredentials,
    402: QuotaExceeded,
    403: NotEntitled,
    404: NotFound,
    410: Gone,
    429: RateLimited,
}


def status_error(
    response: httpx.Response, *, provider: str, secrets: Iterable[Secret] = (), outcome_unknown: bool = False
) -> SwathError:
    """Make the error for a status of 400 or above.

    Args:
        response: The refusing answer, body read.
        provider: Provider's name.
        secrets: Values that must not be repeated.
        outcome_unknown: Whether a request that must not repeat may have taken effect.
    """
    status = response.status_code
    kind = _KINDS.get(status)
    if kind is None:
        kind = Unavailable if status >= 500 else Rejected if status >= 400 else ProviderError
    said = explain(response, secrets)
    request = response.request
    message = f"{request.method} {redact_url(request.url)} answered {status} {response.reason_phrase}".rstrip()
    return kind(
        f"{message}: {said}" if said else message,
        provider=provider,
        status_code=status,
        request_id=request_id_of(response),
        details={"outcome_unknown": outcome_unknown, "said": said, "body": body_of(response, secrets)},
    )
