# SPDX-License-Identifier: Apache-2.0
"""Who may see a secret."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

__all__ = ["Origins", "origin_of"]

_PORTS = {"https": 443, "http": 80}


def origin_of(url: str) -> tuple[str, str, int] | None:
    """Give scheme, host and port of a URL; None where it has no web origin."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not parts.hostname:
        return None
    return scheme, parts.hostname.lower().rstrip("."), port or _PORTS[scheme]


class Origins:
    """The origins that a provider's credentials may be sent to.

    Args:
        urls: URLs, of which scheme, host and port count. A look-alike host, another port or plain http is another
        origin.
    """

    def __init__(self, urls: Iterable[str]) -> None:
        self._known = {origin for url in urls if (origin := origin_of(url)) is not None}

    def add(self, url: str) -> None:
        """Let one more origin see them. Only for what the user named, never for what an answer did."""
        origin = origin_of(url)
        if origin is not None:
            self._known = self._known | {origin}

    def __contains__(self, url: object) -> bool:
        return origin_of(str(url)) in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(f"{scheme}://{host}:{port}" for scheme, host, port in sorted(self._known))

    @staticmethod
    def is_same(one: str, other: str) -> bool:
        """Whether two URLs have the same origin."""
        return origin_of(one) is not None and origin_of(one) == origin_of(other)

    @staticmethod
    def is_downgrade(here: str, there: str) -> bool:
        """Whether a redirect leads from https to http."""
        return here.lower().startswith("https:") and not there.lower().startswith("https:")
