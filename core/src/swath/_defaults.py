# SPDX-License-Identifier: Apache-2.0
"""What core answers where a provider leaves a hook to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from swath.hookspecs import hookimpl
from swath.models import ItemDict, LoadOptions

__all__ = ["CoreDefaults"]


class CoreDefaults:
    """Core's own implementations; each runs last."""

    @hookimpl(trylast=True)
    def load(self, items: Sequence[ItemDict], options: LoadOptions) -> Any:
        """Read GeoTIFF, JPEG 2000, members of zip archives, GeoJSON and Parquet by the items' bands."""
        from swath._load import load_items

        return load_items(items, options)
