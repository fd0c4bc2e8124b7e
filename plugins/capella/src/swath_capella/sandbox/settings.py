# SPDX-License-Identifier: Apache-2.0
"""How the stand-in behaves: delays, prices, and the oddities of the real service that can be switched on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

__all__ = ["Settings"]


@attrs.define(kw_only=True)
class Settings:
    """Switches of the stand-in. Delays are the real provider's; the sandbox's speed shortens them."""

    order_delay_s: float = 0.0
    """Seconds from an order's acceptance to ``completed``."""
    order_life_s: float = 3600.0
    """Seconds from an order's acceptance to its expiry."""
    link_life_s: float = 3600.0
    """Most seconds that a signed link lives."""
    reject_orders: bool = False
    """Whether orders are refused within a 2xx answer."""
    commitment: float = 1_000_000.0
    """US dollars that the organisation may spend."""
    foreign_next_links: bool = True
    """Whether links to further pages name an internal host, as the real service's do."""
    repeat_across_pages: bool = False
    """Whether the last item of a page comes again as the first of the next."""
    chunked_metadata: bool = True
    """Whether extended metadata comes without Content-Length."""
    task_end: str = "completed"
    """How tasks end that go ahead: ``completed``, ``rejected``, ``expired``, ``error``, ``anomaly`` (retried)."""
    review_s: float = 60.0
    """Seconds until a task is priced."""
    step_s: float = 300.0
    """Seconds between the later states of a task."""
    repeat_lead: int = 10
    """How many tasks a repeat request spawns ahead of time."""

    def as_json(self) -> dict[str, Any]:
        """Give them as JSON has them."""
        return attrs.asdict(self)

    def change(self, wanted: Mapping[str, Any]) -> None:
        """Change those that are named.

        Raises:
            AttributeError: For a name that does not exist.
            TypeError: For a value of another kind.
        """
        known = attrs.fields_dict(type(self))
        for name, value in wanted.items():
            if name not in known:
                raise AttributeError(f"there is no setting {name!r}")
            kind = type(known[name].default)
            if kind is float and isinstance(value, int) and not isinstance(value, bool):
                value = float(value)  # noqa: PLW2901 - JSON has one kind of number
            if type(value) is not kind:
                raise TypeError(f"{name} is a {kind.__name__}, not {value!r}")
        for name, value in wanted.items():
            setattr(self, name, value)
