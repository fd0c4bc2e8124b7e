# SPDX-License-Identifier: Apache-2.0
"""``swath planet features``: areas of interest kept at Planet."""

from __future__ import annotations

from typing import Any

import click

from swath.commands import Group, say
from swath_planet._cli.account import base_url_option, planet
from swath_planet._cli.output import limit as limit_option
from swath_planet._cli.output import pretty as pretty_option
from swath_planet._cli.output import print_list, print_one
from swath_planet._cli.values import Json

__all__ = ["features"]

_COMPACT = ("id", "title", "description")


@click.group(cls=Group)
@base_url_option("/features/v1/ogc/my")
def features() -> None:
    """Areas of interest kept at Planet.

    Where an area is asked for, a reference to a feature does as well: pl:features/my/COLLECTION/FEATURE
    """


@features.group("collections")
def collections() -> None:
    """Collections of features."""


@collections.command("create")
@click.option("-t", "--title", required=True, metavar="TEXT", help="Title of the collection.")
@click.option("-d", "--description", "--desc", "description", metavar="TEXT", help="What is in it.")
@pretty_option
@click.pass_context
def create(context: click.Context, /, *, title: str, description: str | None, pretty: bool) -> None:
    """Make a collection, and print its id."""
    print_one(planet(context).features.create_collection(title, description), pretty=pretty)


@collections.command("list")
@click.option("--compact", is_flag=True, help="Only ids, titles and descriptions.")
@limit_option
@pretty_option
@click.pass_context
def list_collections(context: click.Context, /, *, compact: bool, limit: int, pretty: bool) -> None:
    """List the collections, as a JSON list."""
    found: Any = planet(context).features.list_collections(limit=limit)
    if compact:
        found = ({key: one.get(key) for key in _COMPACT} for one in found)
    print_list(found, pretty=pretty, limit=limit)


@collections.command("get", short_help="Show a collection.")
@click.argument("collection_id")
@pretty_option
@click.pass_context
def get_collection(context: click.Context, /, *, collection_id: str, pretty: bool) -> None:
    """Show the collection COLLECTION_ID."""
    print_one(planet(context).features.get_collection(collection_id), pretty=pretty)


@collections.command("delete", short_help="Delete a collection and all in it.")
@click.argument("collection_id")
@pretty_option
@click.pass_context
def delete_collection(context: click.Context, /, *, collection_id: str, pretty: bool) -> None:  # noqa: ARG001  nothing is printed
    """Delete the collection COLLECTION_ID and all in it."""
    planet(context).features.delete_collection(collection_id)
    say(f"Deleted the collection {collection_id}.")


@features.group("items")
def items() -> None:
    """The features of a collection."""


@items.command("list", short_help="List the features of a collection.")
@click.argument("collection_id")
@limit_option
@pretty_option
@click.pass_context
def list_items(context: click.Context, /, *, collection_id: str, limit: int, pretty: bool) -> None:
    """List the features of the collection COLLECTION_ID, as a JSON list."""
    print_list(planet(context).features.list_items(collection_id, limit=limit), pretty=pretty, limit=limit)


def _one_of(collection_id: str, feature_id: str | None) -> tuple[str, str]:
    """Read which feature is meant: by two ids, or by one reference.

    Raises:
        click.UsageError: No feature is named.
    """
    if feature_id is None and collection_id.startswith("pl:"):
        from swath_planet.geojson import split_ref

        collection_id, feature_id = split_ref(collection_id)
    if not feature_id:
        raise click.UsageError("name the feature too: COLLECTION_ID FEATURE_ID, or pl:features/my/COLLECTION/FEATURE")
    return collection_id, feature_id


@items.command("get", short_help="Show a feature.")
@click.argument("collection_id")
@click.argument("feature_id", required=False)
@pretty_option
@click.pass_context
def get_item(context: click.Context, /, *, collection_id: str, feature_id: str | None, pretty: bool) -> None:
    """Show a feature, named by the ids of its collection and itself, or by its reference."""
    print_one(planet(context).features.get_item(*_one_of(collection_id, feature_id)), pretty=pretty)


@items.command("delete", short_help="Delete a feature.")
@click.argument("collection_id")
@click.argument("feature_id", required=False)
@pretty_option
@click.pass_context
def delete_item(context: click.Context, /, *, collection_id: str, feature_id: str | None, pretty: bool) -> None:  # noqa: ARG001  nothing is printed
    """Delete a feature, named by the ids of its collection and itself, or by its reference."""
    collection, feature = _one_of(collection_id, feature_id)
    planet(context).features.delete_item(collection, feature)
    say(f"Deleted the feature {feature} of {collection}.")


@items.command("add", short_help="Add features to a collection.")
@click.argument("collection_id")
@click.argument("filename", metavar="FILE", type=Json())
@click.option("--property-id", metavar="NAME", help="Property whose value becomes the feature's id.")
@pretty_option
@click.pass_context
def add(
    context: click.Context,
    /,
    *,
    collection_id: str,
    filename: dict[str, Any],
    property_id: str | None,
    pretty: bool,
) -> None:
    """Add what FILE holds to the collection COLLECTION_ID, and print references to it.

    FILE is GeoJSON: a Feature, a FeatureCollection or a geometry; in a file, itself, or - for standard input.
    """
    made = planet(context).features.add_items(collection_id, filename, property_id=property_id)
    print_one(made, pretty=pretty)
