# SPDX-License-Identifier: Apache-2.0
"""Finds the items that quote and order are about: read from a file or a pipe, or looked up by the names in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from swath._cli.options import is_provider, open_owners
from swath._cli.piping import items_in, piped, read_items
from swath.errors import InputError, NotFound

if TYPE_CHECKING:
    import click

    from swath.models import ItemDict

__all__ = ["wanted_items"]

_EXAMPLE = "swath search ... | swath order -, or: echo planet PSScene 20260601_101112_00_2414 | swath order -"


def wanted_items(context: click.Context, source: str) -> dict[str, list[ItemDict]]:
    """Give the items of a file or, for ``-``, of standard input, by the provider whose they are.

    Items may be GeoJSON or one a line, as ``swath search`` prints them. Plain text, in a pipe or a file ``.txt``, names
    one item a line: provider, collection and id, or provider and id. What is named is looked up.

    Raises:
        InputError: If there are none, or it does not say whose one is.
        NotFound: A provider does not have one of the ids.
    """
    if source == "-":
        text = piped(_EXAMPLE)
        return _looked_up(context, text, "standard input") if _is_plain(text) else items_in(text, "standard input")
    if source.endswith(".txt"):
        try:
            return _looked_up(context, Path(source).read_text(encoding="utf-8"), source)
        except (OSError, UnicodeDecodeError) as err:
            raise InputError(f"{source} cannot be read: {err}", hint="pass a text file of items") from err
    return read_items(source)


def _is_plain(text: str) -> bool:
    """Whether text is neither JSON nor meant to be."""
    if not text.strip() or text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except ValueError:
        return True
    return False


def _looked_up(context: click.Context, text: str, source: str) -> dict[str, list[ItemDict]]:
    named = _named(text, source)
    found: dict[str, list[ItemDict]] = {}
    with open_owners(context, named) as several:
        for owner, wanted in named.items():
            collections = {collection for collection, _ in wanted}
            ids = list(dict.fromkeys(one for _, one in wanted))
            search = several[owner].search(ids=ids, collections=None if "" in collections else sorted(collections))
            items = list(search.items_as_dicts())
            chosen = found.setdefault(owner, [])
            for collection, one in dict.fromkeys(wanted):
                same = [item for item in items if item["id"] == one and collection in {"", item.get("collection")}]
                if len(same) != 1:
                    _refuse(owner, one, same)
                if same[0] not in chosen:
                    chosen.append(same[0])
    return found


def _refuse(owner: str, one: str, same: list[ItemDict]) -> None:
    if same:
        names = ", ".join(sorted(str(item.get("collection")) for item in same))
        raise InputError(f"{one!r} is in several collections of {owner}: {names}", hint="name one before the id")
    raise NotFound(f"there is no item {one!r}", provider=owner, step="search", hint="see what there is: swath search")


def _named(text: str, source: str) -> dict[str, list[tuple[str, str]]]:
    """Read collections and ids, by provider."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in text.splitlines():
        words = line.split()
        if not words:
            continue
        if len(words) not in {2, 3} or not is_provider(words[0]):
            raise InputError(
                f"{source} has the line {line[:80]!r}, which names no item",
                hint="a line is provider, collection and id, for example: planet PSScene 20260601_101112_00_2414",
            )
        found.setdefault(words[0], []).append((words[1] if len(words) == 3 else "", words[-1]))
    if not found:
        raise InputError(f"{source} holds no items", hint="name one a line: provider, collection and id")
    return found
