# SPDX-License-Identifier: Apache-2.0
"""How the stand-in behaves: delays, lifetimes, and what nobody outside knows of the real service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

__all__ = ["Settings"]


@attrs.define(kw_only=True)
class Settings:
    """Switches of the stand-in. Delays are the real provider's; the sandbox's speed shortens them."""

    first_s: float = 600.0
    """Seconds from a subscription to its first chunk."""
    chunk_s: float = 60.0
    """Seconds between chunks, and from the last one to the end."""
    end: str = "completed"
    """How subscriptions end that are made from now on: ``completed``, ``partial``, ``failed``."""
    message: str = "No data found for the AOI."
    """What a subscription says that has not ended well."""
    steps: int = 4
    """How many time steps of a dataset a subscription delivers, the newest ones; at least 1."""
    tells_status: bool = True
    """Whether subscriptions tell their status and publications; servers before 0.1.18 did not."""
    refuses_early_listings: bool = False
    """Whether a listing of files is a 404 before anything has arrived, instead of an empty prefix."""
    credentials_s: float = 3600.0
    """Seconds that temporary credentials and signed links live."""
    checks_signatures: bool = True
    """Whether the bucket works out every request's signature, instead of looking at key and token only."""
    page: int = 1000
    """Most keys that one listing of a bucket gives."""
    old_key_s: float = 0.0
    """Seconds that an API key stays good after it was rotated."""
    nested_validation: bool = False
    """Whether a 422 puts its fields below ``params``."""

    def as_json(self) -> dict[str, Any]:
        """Give them as JSON has them."""
        return attrs.asdict(self)

    def change(self, wanted: Mapping[str, Any]) -> None:
        """Change those that are named.

        Raises:
            AttributeError: For a name that does not exist.
            TypeError: For a value of another kind.
            ValueError: For a value that is none of those it may have.
        """
        known = attrs.fields_dict(type(self))
        changed: dict[str, Any] = {}
        for name, value in wanted.items():
            if name not in known:
                raise AttributeError(f"there is no setting {name!r}")
            kind = type(known[name].default)
            is_whole = isinstance(value, int) and not isinstance(value, bool)
            changed[name] = float(value) if kind is float and is_whole else value
            if type(changed[name]) is not kind:
                raise TypeError(f"{name} is a {kind.__name__}, not {value!r}")
        if changed.get("end", self.end) not in {"completed", "partial", "failed"}:
            raise ValueError(f"subscriptions end completed, partial or failed, not {changed['end']}")
        if min(changed.get("steps", 1), changed.get("page", 1)) < 1:
            raise ValueError("steps and page are at least 1")
        for name, value in changed.items():
            setattr(self, name, value)
