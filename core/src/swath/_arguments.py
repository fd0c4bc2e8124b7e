# SPDX-License-Identifier: Apache-2.0
"""Judges plain arguments of public calls, before anything is done with them."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from swath.errors import InputError, TargetNotWritable

__all__ = ["count", "folder", "mapping", "number", "steps", "text", "words"]


def text(name: str, value: Any) -> str:
    """Take a string.

    Raises:
        InputError: For anything else.
    """
    if not isinstance(value, str):
        raise InputError(f"{name} is a text, not {value!r:.80}", hint=f"pass {name} as a string")
    return value


def words(name: str, value: Any) -> tuple[str, ...]:
    """Take one string, several, or None for none.

    Raises:
        InputError: For anything else.
    """
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Iterable) and not isinstance(value, bytes | Mapping):
        listed = tuple(value)
        if all(isinstance(one, str) for one in listed):
            return listed
    raise InputError(f"{name} cannot be {value!r:.80}", hint=f"pass {name} as a string or a list of strings")


def steps(name: str, value: Any) -> tuple[Mapping[str, Any], ...]:
    """Take several mappings, or None for none.

    Raises:
        InputError: For anything else.
    """
    if value is None:
        return ()
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
        listed = tuple(value)
        if all(isinstance(one, Mapping) for one in listed):
            return listed
    raise InputError(f"{name} cannot be {value!r:.80}", hint=f"pass {name} as a list of dicts, one a step")


def mapping(name: str, value: Any) -> Mapping[str, Any] | None:
    """Take a mapping, or None.

    Raises:
        InputError: For anything else.
    """
    if value is not None and not isinstance(value, Mapping):
        raise InputError(f"{name} cannot be {value!r:.80}", hint=f"pass {name} as a dict")
    return value


def number(name: str, value: Any) -> float | None:
    """Take a number of 0 or more, or None.

    Raises:
        InputError: For anything else.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value) or value < 0:
        raise InputError(f"{name}={value!r:.80} is no number of 0 or more", hint=f"pass {name} as a number, or None")
    return value


def count(name: str, value: Any) -> int:
    """Take a whole number of 1 or more.

    Raises:
        InputError: For anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(f"{name}={value!r:.80} is no whole number of 1 or more", hint=f"pass {name} as an int")
    return value


def folder(name: str, value: Any) -> Path:
    """Take the path of a folder, which need not be there.

    Raises:
        InputError: For what is no path.
        TargetNotWritable: For a path that no folder can have.
    """
    if not isinstance(value, str | os.PathLike) or not isinstance(os.fspath(value), str):
        raise InputError(f"{name} cannot be {value!r:.80}", hint=f"pass {name} as a string or a Path")
    if "\0" in os.fspath(value):
        raise TargetNotWritable(f"{name}={value!r:.80} is no path that a folder can have")
    return Path(value)
