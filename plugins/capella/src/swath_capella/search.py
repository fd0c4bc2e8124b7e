# SPDX-License-Identifier: Apache-2.0
"""The classes of search results, where Capella's own client has them."""

from __future__ import annotations

from swath_capella._native.results import (
    GroupbyResult,
    RepeatRequestSearchResult,
    SearchResult,
    StacSearchResult,
    TaskingRequestSearchResult,
)

__all__ = [
    "GroupbyResult",
    "RepeatRequestSearchResult",
    "SearchResult",
    "StacSearchResult",
    "TaskingRequestSearchResult",
]
