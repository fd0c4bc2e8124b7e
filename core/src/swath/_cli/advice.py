# SPDX-License-Identifier: Apache-2.0
"""Says an error in the words of the command line: the library's hints speak Python."""

from __future__ import annotations

import re
from typing import Final

from swath import errors

__all__ = ["hint_of", "message_of"]

_DEFAULTS: Final = {
    errors.SwathError.default_hint: "run it again with -vv for the whole exchange",
    errors.NotOrdered.default_hint: "order it first: swath order ITEMS --wait",
    errors.OrderPartial.default_hint: "take what is there with: swath wait ORDER --accept-partial, "
    "or order the missing items again",
    errors.OrderUncertain.default_hint: "do not send it again blindly: the same swath order looks for it at the "
    "provider; once you have seen there that it does not exist, add --again",
    errors.CostExceeded.default_hint: "raise --max-cost, order fewer items, or add --allow-unknown-cost where the cost "
    "is unknown",
    errors.TooLarge.default_hint: "name a coarser --resolution or a smaller --bbox",
}
"""Hints of whole classes that are calls of Python, and what one types instead."""
_FLAG: Final = re.compile(r"\b([a-z_]+)=True\b")
_OPTION: Final = re.compile(
    r"(?<![\w?&])(assets|bands|bbox|bundle|clip|crs|max_cost|resolution|timeout)=(?:'([^']*)'|(\.\.\.|[\d.]*\d))?"
)


def message_of(err: errors.SwathError) -> str:
    """Say what happened, at which provider."""
    prefix = f"{err.provider}: " if err.provider and not err.message.startswith(f"{err.provider}:") else ""
    request = f" (request id {err.request_id})" if err.request_id else ""
    return f"{prefix}{err.message}{request}"


def hint_of(err: errors.SwathError) -> str:
    """Say what to type next."""
    hint = _DEFAULTS.get(err.hint, err.hint)
    hint = _FLAG.sub(lambda found: _option(found[1]), hint)
    hint = _OPTION.sub(lambda found: f"{_option(found[1])} {found[2] or found[3] or ''}".rstrip(), hint)
    hint = hint.replace("that download() wrote to", "that swath download wrote to")
    return hint.replace("PROVIDER", err.provider) if err.provider else hint


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
