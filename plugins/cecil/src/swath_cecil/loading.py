# SPDX-License-Identifier: Apache-2.0
"""Reads items: local files by core's loader, tables by Cecil's rules, and what was not downloaded, where it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from swath.hookspecs import Context
from swath.models import ItemDict, LoadOptions

__all__ = ["load"]


def load(context: Context, items: Sequence[ItemDict], options: LoadOptions) -> Any:
    """Read items; None leaves them to core.

    Args:
        context: The opened account.
        items: STAC Items.
        options: What to read and how.
    """
    return None
