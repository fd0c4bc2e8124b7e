# SPDX-License-Identifier: Apache-2.0
"""Says what to type next where the library's hints speak Python."""

from __future__ import annotations

import re
from typing import Any, Final

import click

from swath.commands import LazyGroup
from swath.errors import SwathError

__all__ = ["AdvisingGroup", "advice"]

_PROGRAM = "swath planet"
_WORDS: Final = (
    (r"call wait\('([^']*)'\) first", rf"wait for it with: {_PROGRAM} orders wait \1"),
    (
        r"activate it with activate_asset\(\), then pass what wait_asset\(\) gives",
        f"activate it with {_PROGRAM} data asset-activate, then wait with {_PROGRAM} data asset-wait",
    ),
    (r"call activate_asset\(\) first", f"do it with: {_PROGRAM} data asset-activate"),
    (r"\b(?:pass|with) more max_attempts or a longer delay", "with a larger --max-attempts or a longer --delay"),
    (r"\bmax_attempts=(\d+)", r"--max-attempts \1"),
    (r"list_searches\(\) or create_search\(\)", f"{_PROGRAM} data search-list"),
    (r"list_orders\(name='([^']*)'\)", rf"{_PROGRAM} orders list --name '\1'"),
    (r"^pass what get_asset\(\) gives$", f"see what there is with: {_PROGRAM} data asset-list"),
    (r"^correct the value and call again$", "correct it and run the command again"),
)
"""What hints say, and what one types instead."""


def advice(hint: str) -> str:
    """Put a hint in the words of the command line."""
    for pattern, words in _WORDS:
        hint = re.sub(pattern, words, hint)
    return hint


class AdvisingGroup(LazyGroup):
    """A group whose commands' errors say what to type next."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except SwathError as err:
            err.hint = advice(err.hint)
            raise
