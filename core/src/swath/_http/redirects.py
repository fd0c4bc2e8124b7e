# SPDX-License-Identifier: Apache-2.0
"""Judges each redirect anew: where it leads, and what may be taken there."""

from __future__ import annotations

import httpx

from swath._http.origins import Origins
from swath._http.redact import redact_url
from swath.errors import UnexpectedResponse

__all__ = ["leads_elsewhere", "redirected"]

_STATUSES = frozenset({301, 302, 303, 307, 308})
_CROSS_ORIGIN_HEADERS = frozenset({"accept", "accept-encoding", "range", "if-range", "user-agent"})


def leads_elsewhere(response: httpx.Response) -> bool:
    """Whether an answer is a redirect."""
    return response.status_code in _STATUSES and bool(response.headers.get("location"))


def redirected(request: httpx.Request, response: httpx.Response, *, provider: str, origins: Origins) -> httpx.Request:
    """Make the request that a redirect asks for, unsigned.

    Args:
        request: What was sent.
        response: The redirect.
        provider: For errors.
        origins: Those that may see secrets; a body, which may hold one, goes to no other origin than its own and these.

    Raises:
        UnexpectedResponse: It leads nowhere, or where it must not be followed to.
    """
    here = str(request.url)
    try:
        target = request.url.join(response.headers["location"])
    except httpx.InvalidURL as err:
        raise UnexpectedResponse(
            f"{redact_url(here)} redirects to something that is no URL", provider=provider
        ) from err
    there = str(target)
    if Origins.is_downgrade(here, there):
        raise UnexpectedResponse(
            f"{redact_url(here)} redirects from https to {redact_url(target)}; refused, as anyone could read along",
            provider=provider,
            hint="report it to the provider",
        )
    if target.scheme not in {"http", "https"}:
        raise UnexpectedResponse(
            f"{redact_url(here)} redirects to {redact_url(target)}, which is no web address", provider=provider
        )
    headers = httpx.Headers(request.headers)
    for name in ("authorization", "host", "content-length", "cookie"):
        headers.pop(name, None)
    if not Origins.is_same(here, there):
        headers = httpx.Headers({k: v for k, v in headers.items() if k.lower() in _CROSS_ORIGIN_HEADERS})
    method, content = request.method, request.content
    if response.status_code == 303 or (response.status_code in {301, 302} and method == "POST"):
        method, content = ("HEAD" if method == "HEAD" else "GET"), b""
        headers.pop("content-type", None)
    if content and not Origins.is_same(here, there) and there not in origins:
        raise UnexpectedResponse(
            f"{redact_url(here)} wants what was sent to it to be sent to {redact_url(target)} too; refused, as it may "
            "hold a secret",
            provider=provider,
            hint="report it to the provider",
        )
    return httpx.Request(method, target, headers=headers, content=content or None, extensions=request.extensions)
