# SPDX-License-Identifier: Apache-2.0
"""The options that have Planet host a result on Sentinel Hub, and what they make of a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from swath.commands import say

__all__ = ["hosted", "hosting_options", "note_hosting"]


def hosting_options(function: Any) -> Any:
    """Add the options."""
    for option in reversed(
        [
            click.option("--hosting", type=click.Choice(["sentinel_hub"]), help="Have Planet host the result there."),
            click.option("--collection-id", metavar="ID", help="Its collection.  [default: a new one]"),
            click.option("--create-configuration", is_flag=True, help="Also make a configuration for the collection."),
        ]
    ):
        function = option(function)
    return function


def note_hosting(hosting: str | None, *, collection_id: str | None, create_configuration: bool) -> None:
    """Say that a detail of the hosting has no effect where there is none."""
    if hosting is None and (collection_id or create_configuration):
        word = "--collection-id" if collection_id else "--create-configuration"
        say(f"Note: {word} has no effect without --hosting sentinel_hub.")


def hosted(
    request: dict[str, Any],
    block: Callable[[str | None, bool], dict[str, Any]],
    *,
    hosting: str | None,
    collection_id: str | None,
    create_configuration: bool,
) -> dict[str, Any]:
    """Add to a request where it is to be hosted.

    Args:
        request: As it is now.
        block: Writes that part of a request; given the collection, and whether to make a configuration for it.
        hosting: What the options say, as the next two.
        collection_id: Sentinel Hub's collection; None for a new one.
        create_configuration: Whether a configuration is made too.
    """
    note_hosting(hosting, collection_id=collection_id, create_configuration=create_configuration)
    return request if hosting is None else {**request, "hosting": block(collection_id, create_configuration)}
