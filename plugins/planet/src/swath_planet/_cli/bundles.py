# SPDX-License-Identifier: Apache-2.0
"""Which bundles and item types there are: Planet's own list, and the snapshot where it does well enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from swath_planet._cli.account import unsigned
from swath_planet.bundles import SNAPSHOT, BundleTable

__all__ = ["bundle_table", "with_table"]

_T = TypeVar("_T")


def bundle_table(context: click.Context) -> BundleTable:
    """Read Planet's list as it is today: asset types by bundle, then by item type. It needs no account."""
    table: BundleTable = unsigned(context).orders.get_bundles()
    return table


def with_table(context: click.Context, make: Callable[[BundleTable], _T]) -> _T:
    """Make something by the snapshot, and where that refuses by Planet's list of today.

    Raises:
        SwathError: As the snapshot had it, if Planet's list cannot be read.
    """
    from swath.errors import InputError, SwathError

    try:
        return make(SNAPSHOT)
    except InputError:
        try:
            table = bundle_table(context)
        except SwathError:
            table = None
        if not table:
            raise
        return make(table)
