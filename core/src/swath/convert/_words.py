# SPDX-License-Identifier: Apache-2.0
"""Says in words why a payload does not fit, and where."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

import cattrs
from cattrs.errors import BaseValidationError, ClassValidationError, ForbiddenExtraKeysError, IterableValidationError


def problems(err: BaseException, path: str, converter: cattrs.Converter) -> list[str]:
    """List what is wrong, a line each: path, then why."""
    if not isinstance(err, (ClassValidationError, IterableValidationError)):
        return [f"{path}: {_why(err)}"]
    found: list[str] = []
    if isinstance(err, ClassValidationError):
        fields, plain = err.group_exceptions()
        for inner, field in fields:
            found += problems(inner, f"{path}.{_wire_name(err.cl, field.name, converter)}", converter)
    else:
        places, plain = err.group_exceptions()
        for inner, place in places:
            found += problems(inner, f"{path}[{place.index!r}]", converter)
    return found + [f"{path}: {_why(inner)}" for inner in plain]


def _wire_name(record: type, name: str, converter: cattrs.Converter) -> str:
    """Name a field as the provider does."""
    hook = converter.get_structure_hook(record)
    renamed = getattr(hook, "overrides", {}).get(name)
    return renamed.rename if renamed is not None and renamed.rename else name


def _why(err: BaseException) -> str:
    """Say in words why one value does not fit; a validator's own words are kept."""
    if isinstance(err, KeyError):
        return "is missing"
    if isinstance(err, ForbiddenExtraKeysError):
        return f"has keys that are not known: {', '.join(sorted(err.extra_fields))}"
    if isinstance(err, BaseValidationError):
        return "; ".join(_why(inner) for inner in err.exceptions)
    return str(err.args[0]) if err.args else type(err).__name__


def type_name(kind: Any) -> str:
    names = {str: "text", int: "an integer", float: "a number", bool: "true or false", types.NoneType: "null"}
    return names.get(kind, getattr(kind, "__name__", str(kind)))


def shown(value: Any) -> str:
    """Show a value briefly, in JSON's words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
