# SPDX-License-Identifier: Apache-2.0
"""What searching several providers at once gives back beside the items."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from swath.errors import SwathError

__all__ = ["Contribution", "Part"]


class Part(StrEnum):
    """How a provider took part in a search."""

    RUNNING = "running"
    """Its results have not been read to the end yet."""
    DONE = "done"
    """All that it has is in the result."""
    TRUNCATED = "truncated"
    """The search ended at `max_items`; it may have more."""
    SKIPPED = "skipped"
    """It was not asked: it has nothing of that kind, none of the collections, or not what the filter is about."""
    LATE = "late"
    """It took too long, and was left out from there on."""
    FAILED = "failed"
    """It could not be searched, or not to the end."""


@frozen(kw_only=True)
class Contribution:
    """What one provider gave to a search over several."""

    provider: str
    part: Part = Part.RUNNING
    found: int = 0
    """Items in the result until now."""
    seconds: float = 0.0
    """Until its last page had come."""
    error: SwathError | None = None
    """Why it failed."""
    note: str = ""
    """Why it was skipped or left out."""
