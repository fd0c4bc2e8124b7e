# SPDX-License-Identifier: Apache-2.0
"""``swath collections`` and ``swath search``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swath._cli.group import State, command
from swath._cli.options import as_json, open_for, run_search, search_options
from swath._cli.output import at_terminal, counted, print_json, print_table, say
from swath._cli.words import providers_like

if TYPE_CHECKING:
    from swath.models import ItemDict

__all__ = ["collections", "search"]

_KINDS = ("optical", "sar", "hyperspectral", "thermal", "elevation", "vegetation", "land-cover", "table")
"""As `swath._federation.kinds.KINDS` has them, which is not imported for the help."""


@command()
@click.argument("provider", shell_complete=providers_like)
@click.argument("collection", required=False)
@as_json
@click.pass_context
def collections(context: click.Context, /, *, provider: str, collection: str | None, as_json: bool) -> None:
    """List what PROVIDER has to search; with COLLECTION, which properties a filter may name there.

    \b
    swath collections planet
    swath collections planet PSScene
    """
    with open_for(context, provider) as opened:
        if collection is None:
            found = [entry.to_dict(include_self_link=False) for entry in opened.get_collections()]
            if as_json:
                print_json(found)
            else:
                print_table(["COLLECTION", "TITLE"], [[entry["id"], entry.get("title")] for entry in found])
            return
        schema = opened.queryables(collection)
        if as_json:
            print_json(schema)
            return
        rows = [[name, _kind(about), about.get("title", "")] for name, about in schema.get("properties", {}).items()]
        print_table(["PROPERTY", "TYPE", "TITLE"], rows)


def _kind(about: Any) -> str:
    if "enum" in about:
        return " | ".join(str(word) for word in about["enum"])
    kind = about.get("type", "")
    return " | ".join(kind) if isinstance(kind, list) else str(kind)


@command()
@click.argument("providers", nargs=-1, metavar="[PROVIDER...]", shell_complete=providers_like)
@click.option("--all", "everywhere", is_flag=True, help="Search all installed providers.")
@click.option("--kind", metavar="WORD", help=f"Only collections of this kind: {', '.join(_KINDS)}.")
@click.option(
    "--patience",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Of several: leave out one that gives nothing for so long.",
)
@search_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "geojson", "ndjson"]),
    help="What is printed.  [default: table at a terminal, geojson in a pipe]",
)
@click.option(
    "--save",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also write the items to this .geojson or .ndjson file.",
)
@as_json
@click.pass_context
def search(
    context: click.Context,
    /,
    *,
    providers: tuple[str, ...],
    everywhere: bool,
    kind: str | None,
    patience: float | None,
    form: str | None,
    save: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Search PROVIDER, or several at once. Every condition holds, whatever a provider itself can filter.

    The results of several are merged in the asked order, newest first by default; what each has given, and which has
    failed, is told on standard error.

    At a terminal the result is a table; in a pipe it is GeoJSON, which swath order, quote and download read.

    \b
    swath search planet -c PSScene --aoi field.geojson -d 2026-06 -f "eo:cloud_cover < 10"
    swath search sedas --bbox -4.2,50.3,-4.0,50.4 -d 2026-01/2026-03 --sortby -datetime -n 5
    swath search --all --kind sar --aoi field.geojson -d 2026-06 -n 20
    """
    if as_json and form not in {None, "geojson"}:
        raise click.UsageError(f"--json prints GeoJSON; leave it out for --format {form}")
    names = _chosen(providers, everywhere=everywhere)
    if len(names) == 1 and kind is None and patience is None:
        with open_for(context, names[0]) as opened:
            _, items, more = run_search(opened, **given)
    else:
        items, more = _search_several(context, names, kind=kind, patience_s=patience, **given)
    if save is not None:
        from swath._export import write_items

        write_items(iter(items), save)
        say(f"Saved {counted(len(items), 'item')} to {save}")
    form = "geojson" if as_json else form or ("table" if at_terminal() else "geojson")
    if form == "geojson":
        print_json({"type": "FeatureCollection", "features": items})
    elif form == "ndjson":
        for item in items:
            click.echo(json.dumps(item, ensure_ascii=False))
    else:
        _print_items(items)
    if more:
        say(f"More items match than --max-items={len(items)}.")
    elif not items:
        say("Nothing matches.")


def _chosen(providers: tuple[str, ...], *, everywhere: bool) -> list[str]:
    from swath._registry import list_plugins

    if everywhere == bool(providers):
        raise click.UsageError("name one or more providers, or pass --all")
    return sorted({entry.name for entry in list_plugins()}) if everywhere else list(dict.fromkeys(providers))


def _search_several(
    context: click.Context, names: list[str], *, kind: str | None, patience_s: float | None, **given: Any
) -> tuple[list[ItemDict], bool]:
    """Search, and tell what each has given."""
    from swath._open import open_several
    from swath.models import Part

    profile = context.ensure_object(State).profile
    with open_several(tuple(names), profile) as opened:
        found, items, more = run_search(opened, kind=kind, patience_s=patience_s, **given)
    told = []
    for one in getattr(found, "contributions", {}).values():
        if one.part is Part.FAILED and one.error is not None:
            say(f"{one.provider}: failed: {one.error.message}")
        elif one.part in {Part.SKIPPED, Part.LATE}:
            say(f"{one.provider}: {one.part.value}: {one.note}")
        else:
            told.append(f"{one.provider} {one.found}")
    if told:
        say(f"Found: {', '.join(told)}.")
    return items, more


def _print_items(items: list[ItemDict]) -> None:
    rows = []
    for item in items:
        properties = item["properties"]
        cloud = properties.get("eo:cloud_cover")
        rows.append(
            [
                item.get("collection"),
                item["id"],
                (properties.get("datetime") or properties.get("start_datetime") or "")[:19].replace("T", " "),
                None if cloud is None else f"{cloud:.0f} %",
                properties.get("platform"),
                properties.get("order:status"),
            ]
        )
    print_table(["COLLECTION", "ITEM", "TIME (UTC)", "CLOUD", "PLATFORM", "STATUS"], rows)
