# SPDX-License-Identifier: Apache-2.0
"""``swath collections`` and ``swath search``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swath._cli.group import State
from swath._cli.options import as_json, begin_search, open_for, search_options
from swath._cli.outcome import exit_code_of, tell_contributions
from swath._cli.output import at_terminal, counted, print_json, print_table, say
from swath._cli.spread import SpreadCommand
from swath._cli.words import providers_like, read_bbox
from swath.errors import NotSupported

if TYPE_CHECKING:
    from swath._collections import CollectionSearch
    from swath._federation import Federation
    from swath._provider import Provider
    from swath._results import ItemSearch
    from swath.models import ItemDict

__all__ = ["KINDS", "chosen", "collections", "open_chosen", "search"]

KINDS = ("optical", "sar", "hyperspectral", "thermal", "elevation", "vegetation", "land-cover", "table")
"""As `swath._federation.kinds.KINDS` has them, which is not imported for the help."""


@click.command(cls=SpreadCommand)
@click.argument("provider", required=False, shell_complete=providers_like)
@click.argument("collection", required=False)
@click.option("--all", "everywhere", is_flag=True, help="Those of all installed providers.")
@click.option("--q", metavar="WORDS", help="Only with these words, for example: 'radar OR \"land cover\"'")
@click.option("--bbox", callback=read_bbox, metavar="W,S,E,N", help="Only where their extent meets it; degrees.")
@click.option("-d", "--datetime", metavar="WHEN", help="Only where their extent meets it; as in swath search.")
@click.option("-f", "--filter", "filter_", metavar="CQL2", help="Of their own fields, for example: license = 'other'")
@click.option("--filter-lang", type=click.Choice(["cql2-text", "cql2-json"]), help="What --filter is written in.")
@click.option("--query", multiple=True, metavar="TEXT", help="Older form: 'license=other'; may be repeated.")
@click.option("--sortby", metavar="KEYS", help="For example: -title")
@click.option("--fields", multiple=True, metavar="NAME", help="What of each to print as JSON; may be repeated.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", hidden=True)
@click.option("--max-collections", type=click.IntRange(min=1), metavar="N", help="Most in all.")
@click.option("--matched", is_flag=True, help="Print how many there are.")
@click.option("--save", type=click.Path(path_type=Path, dir_okay=False), metavar="PATH", help="Write them as JSON.")
@as_json
@click.pass_context
def collections(
    context: click.Context,
    /,
    *,
    provider: str | None,
    collection: str | None,
    everywhere: bool,
    matched: bool,
    save: Path | None,
    as_json: bool,
    filter_: str | None,
    query: tuple[str, ...],
    fields: tuple[str, ...],
    **given: Any,
) -> None:
    """List what PROVIDER has to search; with COLLECTION, which properties a filter may name there.

    \b
    swath collections planet
    swath collections planet PSScene
    swath collections --all --q "radar"
    """
    names = chosen((provider,) if provider else (), everywhere=everywhere)
    with _opened(context, names) as opened:
        if collection is None:
            search = opened.collection_search(
                filter=filter_, query=list(query) or None, fields=list(fields) or None, **given
            )
            _print_collections(search, matched=matched, save=save, as_json=as_json or bool(fields))
            return
        schema = opened.queryables(collection)
        if as_json:
            print_json(schema)
            return
        rows = [[name, _kind(about), about.get("title", "")] for name, about in schema.get("properties", {}).items()]
        print_table(["PROPERTY", "TYPE", "TITLE"], rows)


def _print_collections(search: CollectionSearch, *, matched: bool, save: Path | None, as_json: bool) -> None:
    if matched:
        click.echo(search.matched() if as_json else counted(search.matched(), "collection") + " matched")
        return
    found = list(search.collections_as_dicts())
    if save is not None:
        _write(save, found)
        say(f"Saved {counted(len(found), 'collection')} to {save}")
    elif as_json:
        print_json(found)
    else:
        print_table(["COLLECTION", "TITLE"], [[entry["id"], entry.get("title")] for entry in found])


def _write(path: Path, value: Any) -> None:
    try:
        path.write_text(json.dumps(value, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as err:
        from swath.errors import TargetNotWritable

        raise TargetNotWritable(f"{path} cannot be written: {err.strerror}") from err


def _opened(context: click.Context, names: list[str]) -> Provider | Federation:
    return open_for(context, names[0]) if len(names) == 1 else open_chosen(context, names)


def _kind(about: Any) -> str:
    if "enum" in about:
        return " | ".join(str(word) for word in about["enum"])
    kind = about.get("type", "")
    return " | ".join(kind) if isinstance(kind, list) else str(kind)


@click.command(cls=SpreadCommand)
@click.argument("providers", nargs=-1, metavar="[PROVIDER...]", shell_complete=providers_like)
@click.option("--all", "everywhere", is_flag=True, help="Search all installed providers.")
@click.option("--kind", metavar="WORD", help=f"Only collections of this kind: {', '.join(KINDS)}.")
@click.option(
    "--patience",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Of several: leave out one that gives nothing for so long.",
)
@search_options
@click.option("--fields", multiple=True, metavar="NAME", help="What of each item to give; -NAME leaves out.")
@click.option("--method", type=click.Choice(["GET", "POST"]), hidden=True)
@click.option("--matched", is_flag=True, help="Print how many match, where that can be counted.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "geojson", "ndjson", "geoparquet", "arrow"]),
    help="What is printed.  [default: table at a terminal, geojson in a pipe]",
)
@click.option(
    "--save",
    metavar="PATH",
    help="Also write the items: FILE.geojson, .ndjson, .parquet or .arrow, or FOLDER/ for a STAC catalogue.",
)
@click.option(
    "--map", "on_map", metavar="FILE", help="Also draw the items into this .html file, which needs no network."
)
@click.option("--explain", is_flag=True, help="Run it, and print how it was answered instead of the items.")
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
    matched: bool,
    form: str | None,
    save: str | None,
    on_map: str | None,
    explain: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Search PROVIDER, or several at once. Every condition holds, whatever a provider itself can filter.

    The results of several are merged in the asked order, newest first by default; what each has given, and which has
    failed, is told on standard error.

    At a terminal the result is a table; in a pipe it is GeoJSON, which swath order, quote and download read. They read
    what --save writes, too.

    \b
    swath search planet -c PSScene --aoi field.geojson -d 2026-06 -f "eo:cloud_cover < 10"
    swath search sedas --bbox -4.2,50.3,-4.0,50.4 -d 2026-01/2026-03 --sortby -datetime -n 5
    swath search --all --kind sar --aoi field.geojson -d 2026-06 -n 20
    """
    _check_form(form, as_json=as_json, explain=explain)
    if on_map is not None and Path(on_map).suffix.lower() not in {".html", ".htm"}:
        raise click.UsageError(f"--map writes HTML, and {on_map!r} does not end in .html")
    names = chosen(providers, everywhere=everywhere)
    given["fields"] = list(given["fields"]) or None
    if matched:
        _print_matched(context, names, as_json=as_json, kind=kind, **given)
        return
    is_one = len(names) == 1 and kind is None and patience is None
    several = {} if is_one else {"kind": kind, "patience_s": patience}
    with open_for(context, names[0]) if is_one else open_chosen(context, names) as opened:
        found = begin_search(opened, exactly=explain, **several, **given)
        if explain:
            _tell(found, as_json=as_json)
        items = list(found.items_as_dicts()) if save or on_map or not explain else []
        outcome = list(getattr(found, "contributions", {}).values())
    most = given["max_items"]
    shown = items[:most]
    if save is not None:
        from swath._export import write_items

        write_items(iter(shown), save)
        say(f"Saved {counted(len(shown), 'item')} to {save}")
    if on_map is not None:
        _draw(found, shown, on_map, names)
    if not explain:
        _print(shown, "geojson" if as_json else form or ("table" if at_terminal() else "geojson"))
        tell_contributions(outcome, shown)
        if len(items) > most:
            say(f"More items match than --max-items={most}.")
        elif not items:
            say("Nothing matches.")
    if code := exit_code_of(outcome, everywhere=everywhere):
        context.exit(code)


def _check_form(form: str | None, *, as_json: bool, explain: bool) -> None:
    if as_json and form not in {None, "geojson"}:
        raise click.UsageError(f"--json prints GeoJSON; leave it out for --format {form}")
    if explain and form is not None:
        raise click.UsageError(f"--explain prints no items; leave out --format {form}, or add --json")
    if form in {"geoparquet", "arrow"} and at_terminal():
        raise click.UsageError(f"--format {form} is not for a terminal; send it to a file or a pipe, or use --save")


def _draw(search: ItemSearch, items: list[ItemDict], path: str, names: list[str]) -> None:
    from swath._map import show

    title = f"Items of {', '.join(names)}"
    made = show(iter(items), title=title, area=search.query.intersects, most=len(items) or 1)
    say(f"Drew {counted(made.count, 'item')} on {made.save(path)}")


def _tell(found: ItemSearch, *, as_json: bool) -> None:
    """Print how a search was answered; where there is nothing else to print, it fails as the search did."""
    told = found.explain()
    print_json(told.to_dict()) if as_json else click.echo(str(told))
    if not hasattr(found, "contributions") and (failure := told.providers[0].error) is not None:
        raise failure


def _print(items: list[ItemDict], form: str) -> None:
    if form == "geojson":
        print_json({"type": "FeatureCollection", "features": items})
    elif form == "ndjson":
        for item in items:
            click.echo(json.dumps(item, ensure_ascii=False))
    elif form == "table":
        _print_items(items)
    else:
        from swath._export import stream_items

        stream_items(iter(items), sys.stdout.buffer, form)


def _print_matched(context: click.Context, names: list[str], *, as_json: bool, kind: str | None, **given: Any) -> None:
    """Print how many items match, fetching none."""
    with _opened(context, names) as opened:
        several = {} if kind is None else {"kind": kind}
        found = begin_search(opened, **{**given, **several, "max_items": None}).matched()
    if found is None:
        raise NotSupported(
            f"{', '.join(names)} cannot count what matches",
            hint="leave out --matched; at most --max-items are fetched",
        )
    click.echo(found if as_json else counted(found, "item") + " matched")


def chosen(providers: tuple[str, ...], *, everywhere: bool) -> list[str]:
    """Say which providers are meant by their names, or by ``--all``."""
    from swath._registry import list_plugins

    if everywhere == bool(providers):
        raise click.UsageError("name one or more providers, or pass --all")
    return sorted({entry.name for entry in list_plugins()}) if everywhere else list(dict.fromkeys(providers))


def open_chosen(context: click.Context, names: list[str]) -> Federation:
    """Open several providers; what cannot be opened is reported with the search."""
    from swath._open import open_several

    return open_several(tuple(names), context.ensure_object(State).profile)


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
