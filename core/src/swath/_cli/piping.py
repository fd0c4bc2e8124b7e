# SPDX-License-Identifier: Apache-2.0
"""Reads what other commands printed: items and orders, from a pipe or a saved file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from swath.errors import InputError

if TYPE_CHECKING:
    from swath.models import ItemDict

__all__ = ["holds_orders", "items_in", "order_ids", "piped", "read_items"]


def read_items(source: str) -> dict[str, list[ItemDict]]:
    """Read items from a file or, for ``-``, standard input, by the provider whose they are.

    Raises:
        InputError: If there are none, or one does not say whose it is.
    """
    from swath._export import read_items as read_file

    if source == "-":
        return items_in(piped("swath search ... | swath order -"), "standard input")
    return _owned(read_file(Path(source)), source, hint="widen the search")


def items_in(text: str, source: str) -> dict[str, list[ItemDict]]:
    """Read items from text that came through a pipe, as `read_items` does."""
    from swath._export import parse_items

    return _owned(parse_items(text, source), source, hint="see what the command before the pipe said")


def _owned(items: list[ItemDict], source: str, *, hint: str) -> dict[str, list[ItemDict]]:
    if not items:
        raise InputError(f"{source} holds no items", hint=hint)
    found: dict[str, list[ItemDict]] = {}
    for item in items:
        owner = (item.get("properties") or {}).get("swath:provider")
        if not isinstance(owner, str) or not owner:
            raise InputError(
                f"item {item.get('id')!r} does not say whose it is (swath:provider: {owner or 'none'})",
                hint="pass what swath search printed; its items say whose they are",
            )
        found.setdefault(owner, []).append(item)
    return found


def piped(example: str) -> str:
    """Give what is piped into standard input.

    Args:
        example: Of a pipe, for the hint.

    Raises:
        InputError: If standard input is a terminal, closed, or no text.
    """
    if sys.stdin is None or sys.stdin.isatty():
        raise InputError("nothing is piped into standard input", hint=f"for example: {example}")
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as err:
        raise InputError(f"standard input is no text: {err}", hint=f"for example: {example}") from err


def holds_orders(text: str) -> bool:
    """Whether text is what ``swath order``, ``wait`` or ``orders`` prints as JSON."""
    try:
        payload = json.loads(text)
    except ValueError:
        return False
    records = payload if isinstance(payload, list) else [payload]
    return bool(records) and all(isinstance(one, dict) and "state" in one and "type" not in one for one in records)


def order_ids(text: str) -> list[str]:
    """Read order ids from what ``swath order``, ``wait`` or ``orders`` printed as JSON, or from plain words.

    Raises:
        InputError: For a table, which is for people, or other JSON.
    """
    if holds_orders(text):
        payload = json.loads(text)
        return [record["id"] or record["tag"] for record in (payload if isinstance(payload, list) else [payload])]
    words = text.split()
    if words[:2] == ["PROVIDER", "ORDER"] or text.lstrip().startswith(("{", "[")):
        raise InputError(
            "what is piped in are no order ids", hint="add --json, for example: swath order ... --json | swath wait -"
        )
    return words
