# SPDX-License-Identifier: Apache-2.0
"""What the smaller services of the stand-in have in common: routes, pages, words for times and ids."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from swath.sandbox import World
from swath_planet.sandbox.access import Accounts, Call, Refusal, endpoint

__all__ = ["SECRETS", "Row", "interval", "masked", "millis", "routes", "slug", "whole_number"]

Row = tuple[str, str, Callable[[Call], Response]]
"""Method, path below the service's root, and what answers."""

SECRETS = frozenset({
    "aws_access_key_id", "aws_secret_access_key", "sas_token", "credentials", "customer_access_key_id",
    "customer_secret_key", "access_key_id", "secret_access_key",
})  # fmt: skip
"""Names of delivery parameters that are never told again."""


def routes(
    world: World, accounts: Accounts, root: str, name: str, table: Iterable[Row], *, per_s: float
) -> list[Route]:
    """Make a service's routes, which share one rate limit; an empty path answers with and without a slash.

    Args:
        world: Holds the limiters.
        accounts: Holds the keys.
        root: Where the service lies, without a slash at the end.
        name: Of the service, for its rate limit.
        table: What it answers.
        per_s: Requests a second.
    """
    made = []
    for method, path, function in table:
        served = endpoint(world, accounts, name, per_s)(function)
        spellings = (path,) if path else ("", "/")
        made += [Route(f"{root}{spelling}", served, methods=[method]) for spelling in spellings]
    return made


def whole_number(
    query: Mapping[str, str], name: str, default: int, *, least: int, most: int, refuse: Callable[[str], Refusal]
) -> int:
    """Read a whole number from a query.

    Raises:
        Refusal: As `refuse` makes it, for what is none or out of range.
    """
    value = query.get(name)
    if value is None or value == "":
        return default
    if not value.isascii() or not value.isdecimal() or not least <= int(value) <= most:
        raise refuse(f"{name} must be {least} to {most}, not {value!r}")
    return int(value)


def interval(query: Mapping[str, str], name: str, refuse: Callable[[str], Refusal]) -> tuple[dt.datetime, dt.datetime]:
    """Read an instant, ``a/b``, ``a/..`` or ``../b`` from a query; an instant means its whole second, or day.

    Raises:
        Refusal: As `refuse` makes it, for anything else.
    """
    low, high = dt.datetime.min.replace(tzinfo=dt.UTC), dt.datetime.max.replace(tzinfo=dt.UTC)
    value = query.get(name)
    if value is None:
        return low, high
    first, slash, last = value.partition("/")
    try:
        start = low if first in {"", ".."} else _instant(first)
        if not slash:
            return start, start + (dt.timedelta(days=1) if len(first) == 10 else dt.timedelta(seconds=1))
        return start, high if last in {"", ".."} else _instant(last)
    except (ValueError, OverflowError) as err:
        raise refuse(f"invalid value {value!r} for {name}") from err


def _instant(text: str) -> dt.datetime:
    time = dt.datetime.fromisoformat(text)
    return time.astimezone(dt.UTC) if time.tzinfo else time.replace(tzinfo=dt.UTC)


def millis(time: dt.datetime) -> str:
    """Write a time to the millisecond."""
    return time.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def slug(text: str) -> str:
    """Give a title as a part of an id."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40] or "x"


def masked(value: Any) -> Any:
    """Give a part of a request without what is secret in it."""
    if isinstance(value, Mapping):
        return {name: "<REDACTED>" if name in SECRETS else masked(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    return re.sub(r"//[^/@\s]+@", "//<REDACTED>@", value) if isinstance(value, str) else value
