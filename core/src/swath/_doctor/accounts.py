# SPDX-License-Identifier: Apache-2.0
"""Examines each provider's account and addresses."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from swath._clock import Clock
from swath._credentials import resolve_credentials, resolve_settings, status
from swath._doctor.findings import Finding, Level
from swath._http.redact import redact_url
from swath.errors import SwathError
from swath.models import ProviderInfo, Secret

if TYPE_CHECKING:
    import httpx

__all__ = ["check_budget", "check_credentials", "check_network"]

_SKEW_BAD_S, _SKEW_ODD_S = 300.0, 30.0


def check_credentials(
    info: ProviderInfo, profile: str, environ: Mapping[str, str], secrets: list[Secret], *, needed: bool
) -> Iterator[Finding]:
    """Say where the credentials come from, and until when the kept token lives.

    Args:
        info: The provider.
        profile: Which account.
        environ: Environment variables.
        secrets: Given what was found, so that it can be kept out of the text.
        needed: Whether it is a failure that there are none.
    """
    try:
        standing = status(info, profile, environ=environ)
        missing = [one.name for one in standing if one.missing]
        if missing:
            yield Finding(
                part="credentials",
                name=info.name,
                level=Level.FAIL if needed else Level.WARN,
                text=f"no {(' or ' if info.logins else ', ').join(missing)} (profile {profile})",
                hint=f"sign in with: swath auth login {info.name}",
            )
            return
        found = resolve_credentials(info, arguments={}, profile=profile, environ=environ)
        expires = _expiry(info, profile, environ)
    except SwathError as err:
        yield Finding(part="credentials", name=info.name, level=Level.FAIL, text=err.message, hint=err.hint)
        return
    secrets += [one.value for one in found.values()]
    sources = ", ".join(f"{one.name} from {one.source}" for one in standing if one.source and one.used) or "none needed"
    hides = [f"{one.name} in {other}" for one in standing if one.used for other in one.shadowed]
    yield Finding(
        part="credentials",
        name=info.name,
        level=Level.WARN if hides else Level.OK,
        text=f"{sources}; {expires} (profile {profile})" + (f"; hides {', '.join(hides)}" if hides else ""),
        hint="another value is not used: unset one of the two" if hides else "",
        facts={"sources": {one.name: one.source for one in standing}, "token": expires},
    )


def _expiry(info: ProviderInfo, profile: str, environ: Mapping[str, str]) -> str:
    """Say until when the kept token lives; nothing is fetched."""
    from swath._session import open_session

    if environ is not os.environ:
        return "token not looked at"
    token = open_session(info.name, profile=profile).tokens.peek()
    if token is None:
        return "no token kept"
    return "token without an end" if token.expires is None else f"token until {token.expires:%Y-%m-%d %H:%M:%S} UTC"


def check_budget(info: ProviderInfo, profile: str, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Say which cap a month's orders have; one that cannot be understood stops every order."""
    from swath.budget import cap_of

    try:
        cap = cap_of(info.name, profile, environ)
    except SwathError as err:
        yield Finding(part="budget", name=info.name, level=Level.FAIL, text=err.message, hint=err.hint)
        return
    if cap is not None:
        unit = f" {cap.unit}" if cap.unit else ""
        yield Finding(part="budget", name=info.name, text=f"{cap.amount:g}{unit} a month, from {cap.source}")


def check_network(
    info: ProviderInfo,
    profile: str,
    environ: Mapping[str, str],
    *,
    clock: Clock,
    transport: httpx.BaseTransport | None,
    timeout_s: float,
) -> Iterator[Finding]:
    """Ask each of the provider's own addresses, unsigned."""
    from swath._http.client import HttpClient, Settings
    from swath._http.origins import Origins
    from swath._http.retry import RetryPolicy

    try:
        values = resolve_settings(info, arguments={}, profile=profile, environ=environ)
    except SwathError as err:
        yield Finding(part="network", name=info.name, level=Level.FAIL, text=err.message, hint=err.hint)
        return
    urls = dict.fromkeys(values[one.name] for one in info.settings if one.origin and values.get(one.name))
    http = HttpClient(
        Settings(
            provider=info.name,
            account="doctor",
            origins=Origins([]),
            clock=clock,
            retry=RetryPolicy(attempts=1),
            connect_s=timeout_s,
            read_s=timeout_s,
            transport=transport,
        )
    )
    try:
        for url in urls:
            yield from _address(info.name, url, http.request, clock)
    finally:
        http.close()


def _address(name: str, url: str, request: Callable[..., httpx.Response], clock: Clock) -> Iterator[Finding]:
    started_s = clock.monotonic()
    try:
        answer = request("GET", url, auth=False, accept=range(400, 600))
    except SwathError as err:
        yield Finding(part="network", name=name, level=Level.FAIL, text=err.message, hint=err.hint)
        return
    took_s = clock.monotonic() - started_s
    text = f"{redact_url(url)} answered {answer.status_code} in {took_s * 1000:.0f} ms"
    yield Finding(part="network", name=name, text=text, facts={"status": answer.status_code, "seconds": took_s})
    date = answer.headers.get("date")
    if date is None:
        return
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return
    theirs = theirs if theirs.tzinfo is not None else theirs.replace(tzinfo=dt.UTC)
    skew_s = (clock.now() - theirs).total_seconds() - took_s / 2
    level = Level.FAIL if abs(skew_s) > _SKEW_BAD_S else Level.WARN if abs(skew_s) > _SKEW_ODD_S else Level.OK
    way = "ahead of" if skew_s > 0 else "behind"
    yield Finding(
        part="clock",
        name=name,
        level=level,
        text=f"this clock is {abs(skew_s):.0f} s {way} the provider's",
        hint="set this machine's clock (NTP): tokens and links are judged by it" if level is not Level.OK else "",
        facts={"skew_s": round(skew_s, 1)},
    )
