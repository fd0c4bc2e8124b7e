# SPDX-License-Identifier: Apache-2.0
"""How the stand-in behaves where the real service's behaviour is not known or changes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from attrs import asdict, define, field, setters, validators

__all__ = ["Settings"]


def _pattern(_: object, attribute: Any, value: str | None) -> None:
    if value is not None:
        try:
            re.compile(value)
        except re.error as err:
            raise ValueError(f"{attribute.name} is no regular expression: {err}") from err


def _at_least_0(_: object, attribute: Any, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise ValueError(f"{attribute.name} must be a number, 0 or more, not {value!r}")


def _count(_: object, attribute: Any, value: object) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise ValueError(f"{attribute.name} must be a whole number, 1 or more, not {value!r}")


@define(kw_only=True, on_setattr=[setters.convert, setters.validate])
class Settings:
    """The switches. They hold for the next request on."""

    token_s: float = field(default=3600.0, validator=_at_least_0)
    """Seconds that a token from a login lives."""
    dead_token_status: int = field(default=401, validator=validators.in_((400, 401, 403)))
    """What is answered to a dead token; 400 names the token in its text."""
    result_cap: int = field(default=256, validator=_count)
    """Products in an answer at most: the newest."""
    rolling_s: float = field(default=4 * 86400.0, validator=_at_least_0)
    """Seconds that a product stays online after its publication."""
    online_percent: float = field(default=3.0, validator=[_at_least_0, validators.le(100)])
    """How many of the older products are online all the same, percent."""
    pending_s: float = field(default=60.0, validator=_at_least_0)
    """Seconds that a request waits for its turn, at speed 1."""
    production_s: float = field(default=540.0, validator=_at_least_0)
    """Seconds that it then takes to bring a product back, at speed 1."""
    ready_after_polls: int | None = field(default=None, validator=_count)
    """A request is ready at this look, whatever the time; None leaves it to the clock."""
    restored_s: float = field(default=3 * 86400.0, validator=_at_least_0)
    """Seconds that a restored product stays online."""
    fail: str | None = field(default=None, validator=[validators.optional(validators.instance_of(str)), _pattern])
    """Requests for products in whose name this regular expression is found end as FAILED."""
    refuse: str | None = field(default=None, validator=[validators.optional(validators.instance_of(str)), _pattern])
    """Requests for such products are answered with 400."""
    open_downloads: bool = field(default=False, validator=validators.instance_of(bool))
    """Whether products can be fetched without a token."""
    wrong_hash: bool = field(default=False, validator=validators.instance_of(bool))
    """Whether Filehash is that of other bytes."""

    def change(self, values: Mapping[str, Any]) -> None:
        """Set several at once; if one is wrong none is.

        Raises:
            ValueError: A name or value is not known.
        """
        unknown = set(values) - set(asdict(self))
        if unknown:
            raise ValueError(f"no such setting: {', '.join(sorted(unknown))}")
        try:
            changed = Settings(**{**asdict(self), **values})
        except TypeError as err:
            raise ValueError(str(err.args[0])) from err
        for name in values:
            setattr(self, name, getattr(changed, name))

    def as_json(self) -> dict[str, Any]:
        """Give them as JSON types."""
        known: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return known
