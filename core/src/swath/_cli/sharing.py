# SPDX-License-Identifier: Apache-2.0
"""Tells which of an order's options are for which provider: ``--bundle planet:visual``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from swath._cli.options import is_provider, order_arguments
from swath.errors import InputError

__all__ = ["caps_of", "shared_arguments"]

_REPLACED = ("bundle", "assets", "tools")
"""Options of which a provider's own words stand in the place of those for all."""


def shared_arguments(owners: Sequence[str], **given: Any) -> dict[str, dict[str, Any]]:
    """Read the options of an order into the keywords of `Provider.order`, for each provider.

    A word that begins with a provider's name and a colon is for that one only; others are for all.

    Args:
        owners: Providers of the items.
        **given: As `swath._cli.options.order_arguments` takes them.

    Raises:
        InputError: For a word that is for a provider of none of the items.
    """
    shared: dict[str, dict[str, Any]] = {}
    for owner in owners:
        mine = dict(given)
        for option in (*_REPLACED, "options"):
            own = [word for name, word in _parted(owners, option, given[option]) if name == owner]
            common = [word for name, word in _parted(owners, option, given[option]) if not name]
            mine[option] = own if own and option in _REPLACED else [*common, *own]
        shared[owner] = order_arguments(**mine)
    return shared


def caps_of(owners: Sequence[str], words: Iterable[str]) -> dict[str, float]:
    """Read caps: ``5`` for each provider, ``planet:5`` for one.

    Raises:
        InputError: For what is no amount.
    """
    caps: dict[str, float] = {}
    own: dict[str, float] = {}
    for name, word in _parted(owners, "max-cost", words):
        try:
            amount = float(word)
        except ValueError:
            raise InputError(
                f"--max-cost {word!r} is no amount", hint="write a number, or PROVIDER:NUMBER for one of several"
            ) from None
        if name:
            own[name] = amount
        else:
            caps = dict.fromkeys(owners, amount)
    return {**caps, **own}


def _parted(owners: Sequence[str], option: str, words: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Give each word with the provider that it is for; empty where it is for all."""
    for word in words:
        name, colon, rest = word.partition(":")
        if colon and name in owners:
            yield name, rest
        elif colon and is_provider(name):
            raise InputError(
                f"--{option.rstrip('s') if option in {'tools', 'options'} else option} {word!r} is for {name!r},"
                " of which there is no item",
                hint=f"the items are of: {', '.join(owners)}",
            )
        else:
            yield "", word
