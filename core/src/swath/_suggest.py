# SPDX-License-Identifier: Apache-2.0
"""Says which word was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["suggest"]


def suggest(word: str, known: Iterable[str], *, otherwise: str = "it has") -> str:
    """Make a hint: the nearest known words, or all of them.

    Args:
        word: What was written.
        known: What could have been.
        otherwise: How the list of all begins where nothing is near.
    """
    words = list(known)
    lowered = {known_word.lower(): known_word for known_word in words}
    near = difflib.get_close_matches(word.lower(), lowered, 3, 0.6)
    if near:
        return f"did you mean {' or '.join(repr(lowered[found]) for found in near)}?"
    return f"{otherwise}: {', '.join(words) or 'none'}"
