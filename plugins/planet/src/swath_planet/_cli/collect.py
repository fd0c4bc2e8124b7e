# SPDX-License-Identifier: Apache-2.0
"""``swath planet collect``."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import click

from swath.commands import command
from swath.errors import InputError
from swath_planet._cli.output import pretty as pretty_option
from swath_planet._cli.output import print_one
from swath_planet._cli.values import text_of
from swath_planet.exceptions import GeoJSONError
from swath_planet.geojson import as_featurecollection

__all__ = ["collect"]


@command()
@click.argument("source", metavar="FILE")
@pretty_option
@click.pass_context
def collect(context: click.Context, /, *, source: str, pretty: bool) -> None:
    """Join records, one a line in FILE or on standard input (-), into one JSON document.

    GeoJSON features become a FeatureCollection, anything else a list.

    \b
    swath planet data search PSScene --limit 5 | swath planet collect - > scenes.geojson
    """
    try:
        text, name = text_of(source, context, literal="")
    except ValueError as err:
        raise click.BadParameter(str(err), context, param_hint="FILE") from err
    records: list[Any] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            records.append(json.loads(line))
        except ValueError as err:
            raise InputError(
                f"line {number} of {name} is no JSON: {err}", hint="give one record a line, as swath planet prints them"
            ) from err
    joined: Any = records
    with contextlib.suppress(GeoJSONError):
        joined = as_featurecollection(records)
    print_one(joined, pretty=pretty)
