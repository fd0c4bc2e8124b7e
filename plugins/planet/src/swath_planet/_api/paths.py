# SPDX-License-Identifier: Apache-2.0
"""Writes ids into paths: whatever an id holds, it stays one segment."""

from __future__ import annotations

from urllib.parse import quote

from swath_planet.exceptions import ClientError

__all__ = ["segment"]


def segment(value: object, what: str) -> str:
    """Give an id as one segment of a path.

    Args:
        value: The id.
        what: What it is the id of, for the message.

    Raises:
        ClientError: It is empty, or ``.`` or ``..``: the request would go somewhere else.
    """
    text = "" if value is None else str(value)
    if not text.strip("."):
        raise ClientError(f"Must provide a {what} id", hint=f"{text!r} is none")
    return quote(text, safe="")
