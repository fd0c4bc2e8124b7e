# SPDX-License-Identifier: Apache-2.0
"""What the words of a command line may be: JSON from anywhere, lists, times, areas, ids."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from swath.commands import piped

__all__ = [
    "COMPARATOR",
    "BoundingBox",
    "CommaList",
    "DateTime",
    "Geometry",
    "Json",
    "SecretText",
    "Uuid",
    "json_option",
    "text_of",
]

if TYPE_CHECKING:
    _ParamType = click.ParamType[Any]
else:
    _ParamType = click.ParamType  # generic since click 8.2 only

COMPARATOR: Final = click.Choice(["gt", "gte", "lt", "lte"])
"""How a field is compared."""
_READ: Final = "swath_planet.standard_input"
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?)?")


def text_of(value: str, context: click.Context | None, *, literal: str = "{[") -> tuple[str, str]:
    """Give the text that an option names, and what to call it.

    Args:
        value: A literal, the name of a file, or ``-`` for standard input.
        context: Of the command; standard input is read once for all its options.
        literal: What a literal begins with.

    Raises:
        ValueError: With the reason why there is none.
    """
    if value == "-":
        if context is not None and context.meta.setdefault(_READ, 0):
            raise ValueError("standard input can only be read once")
        if context is not None:
            context.meta[_READ] = 1
        return piped("swath planet ... - < file.json"), "standard input"
    if not value.strip():
        raise ValueError("it is empty")
    if literal and value.lstrip()[0] in literal:
        return value, "the value"
    try:
        return Path(value).read_text(encoding="utf-8"), value
    except FileNotFoundError:
        otherwise = ", and JSON itself would begin with { or [" if literal else ""
        raise ValueError(f"there is no file {value!r}{otherwise}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{value} is no text") from None
    except OSError as err:
        raise ValueError(f"{value} cannot be read: {err.strerror}") from err


def _parsed(text: str, name: str, *, lines: bool) -> Any:
    """Read JSON, or where `lines` may be, JSON of one record a line."""
    if not text.strip():
        raise ValueError(f"{name} is empty")
    try:
        return json.loads(text)
    except ValueError as err:
        if lines:
            try:
                return [json.loads(line) for line in text.splitlines() if line.strip()]
            except ValueError:
                pass
        raise ValueError(f"{name} is no JSON: {err}") from err


class Json(_ParamType):
    """JSON: itself, in a file, or on standard input (``-``).

    Args:
        kind: `dict` or `list`; None for either. A list may also be given as one record a line.
    """

    name = "JSON"

    def __init__(self, kind: type | None = dict) -> None:
        self.kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the value."""
        if not isinstance(value, str):
            return value
        try:
            text, name = text_of(value, ctx)
            found = _parsed(text, name, lines=self.kind is not dict)
        except ValueError as err:
            self.fail(str(err), param, ctx)
        if self.kind is list and isinstance(found, dict):
            found = [found]
        if not isinstance(found, self.kind or (dict, list)):
            self.fail(f"{name} is not {'an array' if self.kind is list else 'an object'} of JSON", param, ctx)
        if not found:
            self.fail(f"{name} is an empty JSON document", param, ctx)
        return found


def json_option(*names: str, kind: type | None = dict, help: str, **more: Any) -> Callable[[Any], Any]:  # noqa: A002  click's word
    """Make an option that takes JSON."""
    return click.option(*names, type=Json(kind), help=f"{help} JSON, a file, or - for standard input.", **more)


class CommaList(_ParamType):
    """Words with commas between them, none of them empty.

    Args:
        convert: What each becomes.
    """

    name = "A,B,..."

    def __init__(self, convert: Callable[[str], Any] = str) -> None:
        self.element = convert

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Take the list apart."""
        if not isinstance(value, str):
            return value
        parts = [part.strip() for part in value.split(",")]
        if not all(parts):
            self.fail(f"{value!r} has an empty element", param, ctx)
        try:
            return [self.element(part) for part in parts]
        except ValueError:
            self.fail(f"{value!r} is no list of numbers", param, ctx)


class DateTime(_ParamType):
    """A date or a time, UTC where no zone is said; what comes out is UTC without a zone."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the time."""
        if not isinstance(value, str):
            return value
        try:
            found = dt.datetime.fromisoformat(value.upper()) if _TIME.fullmatch(value) else None
        except ValueError:
            found = None
        if found is None:
            self.fail(f"{value!r} is no time such as 2026-06-30 or 2026-06-30T12:00:00Z", param, ctx)
        return found.astimezone(dt.UTC).replace(tzinfo=None) if found.tzinfo else found


class Geometry(Json):
    """An area: GeoJSON from anywhere, or a reference to a feature that is kept at Planet."""

    name = "AREA"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the area."""
        from swath.errors import InputError
        from swath_planet.geojson import as_geom_or_ref

        found = value if isinstance(value, str) and value.startswith("pl:") else super().convert(value, param, ctx)
        try:
            return as_geom_or_ref(found)
        except InputError as err:
            self.fail(f"{err.message}", param, ctx)


class BoundingBox(_ParamType):
    """Four numbers: west, south, east, north."""

    name = "W,S,E,N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the box."""
        if not isinstance(value, str):
            return value
        try:
            west, south, east, north = (float(part) for part in value.split(","))
        except ValueError:
            self.fail(f"{value!r} is not W,S,E,N: four numbers, degrees", param, ctx)
        if not south <= north:
            self.fail(f"{value!r} has its north below its south; the sequence is W,S,E,N", param, ctx)
        return [west, south, east, north]


def piped_ids(context: click.Context | None) -> list[str]:
    """Read ids from standard input: of records as commands print them, of a FeatureCollection, or plain words.

    Raises:
        ValueError: With the reason why there are none.
    """
    text, name = text_of("-", context)
    if not text.lstrip().startswith(("{", "[")):
        found: list[Any] = text.replace(",", " ").split()
    else:
        parsed = _parsed(text, name, lines=True)
        records = parsed if isinstance(parsed, list) else [parsed]
        records = [
            one for record in records for one in (record.get("features", [record]) if _is_object(record) else [record])
        ]
        found = [record.get("id") if _is_object(record) else record for record in records]
    if not found:
        raise ValueError(f"{name} is empty")
    if not all(isinstance(one, str) for one in found):
        raise ValueError(f"{name} holds records without an id")
    return found


def _is_object(record: Any) -> bool:
    return isinstance(record, dict)


class Uuid(_ParamType):
    """An id as Planet gives them to orders, or on standard input (``-``) the record of one.

    Args:
        several: Whether there may be several on standard input; what comes out is a list then.
    """

    name = "UUID"

    def __init__(self, *, several: bool = False) -> None:
        self.several = several

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Check the id."""
        if not isinstance(value, str):
            return value
        try:
            given = piped_ids(ctx) if value == "-" else [value]
        except ValueError as err:
            self.fail(str(err), param, ctx)
        if len(given) > 1 and not self.several:
            self.fail(f"standard input holds {len(given)} orders; this takes one", param, ctx)
        for one in given:
            try:
                uuid.UUID(one)
            except ValueError:
                self.fail(f"{one!r} is no UUID", param, ctx)
        found = [str(uuid.UUID(one)) for one in given]
        return found if self.several else found[0]


class SecretText(_ParamType):
    """A secret: itself, or on standard input (``-``)."""

    name = "SECRET"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the secret."""
        from swath.models import Secret

        if not isinstance(value, str):
            return value
        try:
            found = text_of("-", ctx)[0].strip() if value == "-" else value
        except ValueError as err:
            self.fail(str(err), param, ctx)
        if not found:
            self.fail("it is empty", param, ctx)
        return Secret(found)
