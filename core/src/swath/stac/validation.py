# SPDX-License-Identifier: Apache-2.0
"""Validates Items and Collections offline, against pystac's core schemas and our own of the extensions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from swath.errors import InputError, InvalidDatetime, InvalidItem, MissingExtra
from swath.stac import names
from swath.stac.extensions import extensions_of
from swath.stac.times import parse_timestamp

__all__ = ["problems", "validate"]

_SHOWN = 8


def validate(made: Any, *, schemas: Mapping[str, Mapping[str, Any]] | None = None) -> None:
    """Check that an Item or Collection is valid STAC 1.1, without network.

    Args:
        made: Item or Collection as dict, or anything with ``to_dict()``, as a `pystac.Item`.
        schemas: JSON Schemas of further extensions by URL, for what swath itself has none.

    Raises:
        InvalidItem: It is not; all problems are listed with their JSON path, and are in ``details["problems"]``.
        MissingExtra: `jsonschema` is not installed.
    """
    found = problems(made, schemas=schemas)
    if not found:
        return
    plain = made if isinstance(made, Mapping) else made.to_dict()
    shown = found[:_SHOWN] + ([f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else [])
    raise InvalidItem(
        f"{plain.get('type', 'item')} {plain.get('id')!r} is no valid STAC {names.STAC_VERSION}: {'; '.join(shown)}",
        details={"problems": found, "id": plain.get("id")},
    )


def problems(made: Any, *, schemas: Mapping[str, Mapping[str, Any]] | None = None) -> list[str]:
    """List what keeps an Item or Collection from being valid STAC 1.1; empty where it is.

    Args:
        made: Item or Collection as dict, or anything with ``to_dict()``.
        schemas: JSON Schemas of further extensions by URL.

    Returns:
        One line a problem: JSON path, then what is wrong.

    Raises:
        MissingExtra: `jsonschema` is not installed.
        InputError: It is neither Item nor Collection.
    """
    plain = made if isinstance(made, Mapping) else made.to_dict()
    kind = {"Feature": "item", "Collection": "collection"}.get(str(plain.get("type")))
    if kind is None:
        raise InputError(
            f"type {plain.get('type')!r} is neither a STAC Item ('Feature') nor a 'Collection'",
            hint="pass one Item or Collection, as dict or pystac object",
        )
    # Through JSON and back: what only looks like JSON (a tuple, a datetime) is not valid.
    try:
        plain = json.loads(json.dumps(plain, allow_nan=False))
    except (TypeError, ValueError) as err:
        return [f"$: is no JSON: {err}"]
    found = list(_errors(_core_schema(kind), plain))
    further = dict(schemas or {})
    for url in plain.get("stac_extensions") or ():
        schema = further.get(url) or _extension_schemas().get(url)
        if schema is None:
            found.append(f"$.stac_extensions: no schema of {url} is at hand offline; pass schemas={{url: schema}}")
            continue
        found += [line for line in _errors(schema, plain) if line not in found]
    undeclared = sorted(set(extensions_of(plain)) - set(plain.get("stac_extensions") or ()))
    found += [f"$.stac_extensions: lacks {url}, whose fields are in use" for url in undeclared]
    return found


def _errors(schema: Mapping[str, Any], plain: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line for each place where a document does not fit a schema."""
    validator = _validator_class()(schema, registry=_registry(), format_checker=_format_checker())
    for error in sorted(validator.iter_errors(plain), key=lambda error: (error.json_path, error.message)):
        yield from _lines(error)


def _lines(error: Any) -> Iterator[str]:
    """Yield what is behind one error: for alternatives, the branch that came nearest."""
    from jsonschema.exceptions import best_match

    said = error
    while said.context:
        # "must be null" is the branch for items without geometry: it says nothing of those that have one.
        likely = [one for one in said.context if one.validator_value != "null"] or said.context
        said = best_match(likely)
    text = said.message if len(said.message) <= 200 else f"{said.message[:197]}..."
    yield f"{said.json_path}: {text}"


def _validator_class() -> Any:
    """Import the validator when it is first needed."""
    try:
        from jsonschema import Draft7Validator
    except ImportError as err:
        raise MissingExtra(
            "validating STAC needs the package jsonschema, which is not installed",
            hint='install it with: pip install "swath[testing]"',
        ) from err
    return Draft7Validator


@lru_cache(maxsize=1)
def _extension_schemas() -> dict[str, Mapping[str, Any]]:
    """Read our schemas of the extensions, by URL."""
    folder = files("swath").joinpath("testing", "schemas")
    found = [json.loads(path.read_text(encoding="utf-8")) for path in folder.iterdir() if path.name.endswith(".json")]
    return {schema["$id"]: schema for schema in found}


@lru_cache(maxsize=1)
def _core_schemas() -> dict[str, Mapping[str, Any]]:
    """Read the core schemas that pystac ships, by URL."""
    from pystac.validation.local_validator import get_local_schema_cache

    return dict(get_local_schema_cache())


def _core_schema(kind: str) -> Mapping[str, Any]:
    """Give the core schema of an item or collection."""
    return _core_schemas()[f"https://schemas.stacspec.org/v{names.STAC_VERSION}/{kind}-spec/json-schema/{kind}.json"]


@lru_cache(maxsize=1)
def _registry() -> Any:
    """Make the registry by which schemas find each other. It retrieves nothing: an unknown URL is an error."""
    from referencing import Registry, Resource

    known = _core_schemas() | _extension_schemas()
    return Registry().with_resources([(url, Resource.from_contents(schema)) for url, schema in known.items()])


@lru_cache(maxsize=1)
def _format_checker() -> Any:
    """Check the formats that STAC uses; jsonschema's own checks of these need further packages."""
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=())

    def is_time(value: object) -> bool:
        if isinstance(value, str):
            try:
                parse_timestamp(value)
            except InvalidDatetime:
                return False
        return True

    def is_absolute(value: object) -> bool:
        return not isinstance(value, str) or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value) is not None

    checker.checks("date-time")(is_time)
    checker.checks("iri")(is_absolute)
    return checker
