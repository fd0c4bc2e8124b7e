# SPDX-License-Identifier: Apache-2.0
"""Runs the life cycle with one script for all providers, has something acquired where that can be, and times it."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import shutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import define, field

from swath._clock import SystemClock
from swath._demo.together import Together, read_together
from swath._load import summarise, write_quicklook
from swath._open import make_provider
from swath.errors import ApprovalNeeded, InputError
from swath.models import ProviderInfo, Quote

if TYPE_CHECKING:
    import pystac

    from swath._provider import Provider
    from swath.sandbox import Sandbox

__all__ = ["Loaded", "Outcome", "crs_of", "run_demo", "shape_of"]

AOI = {
    "type": "Polygon",
    "coordinates": [[[5.40, 52.42], [5.62, 52.42], [5.62, 52.55], [5.40, 52.55], [5.40, 52.42]]],
}
"""Fields, water and dikes: Flevoland, the Netherlands."""
WHEN = "2026-06-01/2026-06-20"
MOST = 4
"""Most collections to take from a provider."""
_CATALOGUE = "swath-demo"
"""Id of the catalogue that a run leaves."""
_LONGEST_S = 86_400.0
"""Most seconds to wait, by the fast clock."""
_FINE_M = 3.0
"""Pixels of this size and below, metres, are all the same to the demonstration."""
TASKED = {"type": "Point", "coordinates": [5.51, 52.485]}
"""Where something is acquired anew, at providers that can be tasked."""
WINDOW_DAYS = 8
MOST_PAID = 2000.0
"""Cap on the price of what is tasked, in the provider's unit."""


@define(kw_only=True)
class Loaded:
    """One dataset that was read."""

    collection: str
    summary: dict[str, Any]
    quicklook: Path | None = None


@define(kw_only=True)
class Outcome:
    """What one provider's run gave."""

    name: str
    title: str
    seconds: dict[str, float] = field(factory=dict)
    items: list[dict[str, Any]] = field(factory=list)
    quote: Quote | None = None
    state: str = ""
    orders: int = 0
    files: int = 0
    size: int = 0
    verified: int = 0
    loaded: list[Loaded] = field(factory=list)
    task: Tasked | None = None
    local: list[pystac.Item] = field(factory=list)
    """What was downloaded."""


@define(kw_only=True)
class Tasked:
    """One future acquisition: asked for, priced, approved, made and fetched."""

    id: str
    quote: Quote | None
    steps: list[tuple[str, str]]
    """What happened, with the provider's word for the state that came of it."""
    items: list[dict[str, Any]]
    files: int


class _FastClock(SystemClock):
    """Runs as much faster as the sandbox's orders are quicker; its time of day does not."""

    def __init__(self, speed: float) -> None:
        self._speed = speed

    def monotonic(self) -> float:
        """Give seconds that pass `speed` times as fast."""
        return super().monotonic() * self._speed

    def sleep(self, seconds: float, *, wake: threading.Event | None = None) -> bool:
        """Let a fraction of `seconds` pass."""
        return super().sleep(seconds / self._speed, wake=wake)


def run_demo(providers: Sequence[str] | None, directory: Path, *, speed: float = 60.0) -> list[Outcome]:
    """Run the demonstration and write the files, the catalogue and the page.

    Args:
        providers: Names; all installed ones that have a stand-in if None.
        directory: Where everything goes. What an earlier run left there is replaced.
        speed: How fast orders advance in the sandbox.

    Returns:
        One outcome a provider.
    """
    from swath._demo.page import write_page
    from swath.sandbox import Sandbox, World

    _clear(directory)
    directory.mkdir(parents=True, exist_ok=True)
    _write_catalogue([], directory)  # marks the folder as one of these, also if this run ends early
    outcomes = []
    with Sandbox(list(providers) if providers else None, world=World(speed=speed, rate_limits=False)) as box:
        click.echo(
            f"Stand-in servers: {', '.join(f'{n} at {one.base_url}' for n, one in box.providers.items())}\n", err=True
        )
        for name in box.providers:
            outcomes.append(_one(name, box, directory, speed))
            click.echo(err=True)
        together = _together(outcomes, box, directory, speed)
    _write_catalogue(outcomes, directory)
    page = write_page(outcomes, AOI, directory / "index.html", together)
    click.echo(f"The catalogue is {directory / 'catalog.json'}\nThe page is {page.resolve().as_uri()}\n", err=True)
    return outcomes


def _clear(directory: Path) -> None:
    """Remove what an earlier run left in a folder.

    Raises:
        InputError: If anything else is in it.
    """
    try:
        is_ours = json.loads((directory / "catalog.json").read_bytes()).get("id") == _CATALOGUE
    except (OSError, ValueError, AttributeError):
        is_ours = False
    if not is_ours and directory.is_dir() and any(directory.iterdir()):
        raise InputError(
            f"{directory} has files in it that are not of an earlier demonstration",
            hint="name a new folder: swath demo -o FOLDER",
        )
    for old in ("data", "quicklooks", ".swath"):
        shutil.rmtree(directory / old, ignore_errors=True)


def given_for(info: ProviderInfo, env: Mapping[str, str]) -> dict[str, str]:
    """Pick what the stand-in's environment says for the credentials and settings that a plugin declares."""
    names = [(one.name, one.env) for one in info.credentials] + [(one.name, one.env) for one in info.settings]
    return {name: env[variable] for name, variables in names for variable in variables if variable in env}


def _one(name: str, box: Sandbox, directory: Path, speed: float) -> Outcome:
    """Run the life cycle. Nothing below knows which provider it is."""
    from swath._registry import open_hooks

    out = Outcome(name=name, title=open_hooks(name).describe().title)
    with _opened(name, box, directory, speed) as provider:
        with _timed(out, "search"):
            found = provider.search(intersects=AOI, datetime=WHEN).item_collection_as_dict()["features"]
            out.items = [item for item in _clearest(found) if _can_be_ordered(provider, item)][:MOST]
        _say(out, "search", f"{len(found)} items; the clearest of each collection: {_names(out.items)}")
        with _timed(out, "quote"):
            out.quote = provider.quote(out.items)
        amount = "unknown" if out.quote.amount is None else f"{out.quote.amount:g} {out.quote.unit or ''}"
        _say(out, "quote", amount)
        with _timed(out, "order"):
            order = provider.order(out.items, name="swath demo")
        out.orders = len(order.leaves)
        _say(out, "order", f"{out.orders} placed, {order.state.value}: {order.id}")
        with _timed(out, "wait"):
            order = provider.wait(order, timeout=_LONGEST_S)
        out.state = order.state.value
        _say(out, "wait", out.state)
        with _timed(out, "download"):
            local = out.local = provider.download(order, directory / "data" / name)
        sizes = [
            asset.extra_fields["file:size"]
            for item in local
            for asset in item.assets.values()
            if "file:size" in asset.extra_fields
        ]
        out.files, out.size = len(sizes), sum(sizes)
        _say(out, "download", f"{out.files} files, {out.size / 1e6:.1f} MB")
        _verify(out, directory / "data" / name)
        _load(out, provider, local, directory / "quicklooks")
        if provider.supports("task"):
            _task(out, provider, box, directory / "data" / f"{name}-tasked")
    return out


def _opened(name: str, box: Sandbox, directory: Path, speed: float) -> Provider:
    """Open the account at a stand-in."""
    from swath._registry import open_hooks

    given = dict(given_for(open_hooks(name).describe(), box.providers[name].env))
    return make_provider(name, profile="demo", given=given, home=directory / ".swath", clock=_FastClock(speed))


def _together(outcomes: Sequence[Outcome], box: Sandbox, directory: Path, speed: float) -> Together | None:
    """Read one raster of each provider onto one grid."""
    rasters: dict[str, list[pystac.Item]] = {}
    for out in outcomes:
        on_the_ground = {
            one.collection
            for one in out.loaded
            if one.summary["kind"] == "raster" and one.summary["crs"] and "complex" not in one.summary["dtype"]
        }
        rasters[out.name] = [item for item in out.local if item.collection_id in on_the_ground]
    made = read_together(
        [_opened(out.name, box, directory, speed) for out in outcomes], rasters, AOI, directory / "quicklooks"
    )
    if made is not None:
        what = f"{len(made.providers)} providers, one dataset on one grid: {shape_of(made.summary)}"
        click.echo(f"{'all':<8} {'load':<9} {made.seconds:6.2f} s  {what}, {made.summary['crs']}\n", err=True)
    return made


def _task(out: Outcome, provider: Provider, box: Sandbox, folder: Path) -> None:
    """Have something acquired: nothing is bought before the provider's price is approved."""
    start = box.clock.now()
    with _timed(out, "task"):
        order: Any = provider.task(TASKED, (start, start + dt.timedelta(days=WINDOW_DAYS)), name="swath demo")
        steps = [("asked for", order.native_state)]
        try:
            order = provider.wait(order, timeout=_LONGEST_S)
        except ApprovalNeeded as err:
            order = err.details["order"]
            steps.append((err.message.partition("' ")[2] or err.message, order.native_state))
            order = provider.approve(order, max_cost=MOST_PAID)
            steps.append(
                (f"approved, at most {MOST_PAID:g} {order.quote.unit if order.quote else ''}", order.native_state)
            )
            order = provider.wait(order, timeout=_LONGEST_S)
        steps.append(("acquired and delivered", order.native_state))
        local = provider.download(order, folder)
    fetched = [one for item in local for one in item.assets.values() if "file:size" in one.extra_fields]
    items = [item.to_dict(transform_hrefs=False) for item in local]
    out.task = Tasked(id=order.id, quote=order.quote, steps=steps, items=items, files=len(fetched))
    words = ", ".join(f"{what} ({word})" if word else what for what, word in steps)
    _say(out, "task", f"{words}: {_names(items)}, {len(fetched)} files")


def _clearest(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the item with the least cloud of each collection, the newest where none is told; the finest pixels first."""
    best: dict[str, dict[str, Any]] = {}
    for item in items:
        kept = best.setdefault(item["collection"], item)
        if item["properties"].get("eo:cloud_cover", 100) < kept["properties"].get("eo:cloud_cover", 100):
            best[item["collection"]] = item
    return sorted(best.values(), key=lambda item: max(item["properties"].get("gsd", 10.0), _FINE_M))


def _can_be_ordered(provider: Provider, item: dict[str, Any]) -> bool:
    """Whether it can be ordered without any option of the provider's own, such as a bundle."""
    try:
        provider.order([item], dry_run=True)
    except InputError:
        return False
    return True


def _names(items: Sequence[dict[str, Any]]) -> str:
    return ", ".join(item["id"] for item in items)


def _verify(out: Outcome, folder: Path) -> None:
    import swath

    with _timed(out, "verify"):
        report = swath.verify(folder)
    out.verified = len(report.files) - len(report.failed)
    _say(out, "verify", f"{out.verified} of {len(report.files)} files whole")


def _load(out: Outcome, provider: Provider, local: list[pystac.Item], folder: Path) -> None:
    """Load each collection on a grid of its own, and draw it."""
    collections: dict[str, list[pystac.Item]] = {}
    for item in local:
        collections.setdefault(item.collection_id or "items", []).append(item)
    for name, items in collections.items():
        before_s = out.seconds.get("load", 0.0)
        with _timed(out, "load"):
            data = provider.load(items)
            summary = summarise(data)
            picture = None
            if hasattr(data, "data_vars"):  # a table has no picture
                picture = write_quicklook(data, folder / f"{out.name}-{name}.png")
        out.loaded.append(Loaded(collection=name, summary=summary, quicklook=picture))
        _say(out, "load", f"{name}: {shape_of(summary)}, {crs_of(summary)}", since_s=before_s)


def shape_of(summary: Mapping[str, Any]) -> str:
    """Say in a few words how large an array is."""
    if "rows" in summary:
        return f"{summary['rows']} rows of {len(summary.get('columns') or ())} columns"
    dims = summary.get("dims") or {}
    bands = len(summary.get("bands") or {})
    return f"{bands} bands of {' x '.join(map(str, dims.values()))} ({', '.join(dims)})"


def crs_of(summary: Mapping[str, Any]) -> str:
    """Say where the pixels or rows of an array are."""
    return summary.get("crs") or ("no geometry" if summary.get("kind") == "table" else "as recorded")


@contextlib.contextmanager
def _timed(out: Outcome, step: str) -> Iterator[None]:
    started_s = time.perf_counter()
    try:
        yield
    finally:
        out.seconds[step] = out.seconds.get(step, 0.0) + time.perf_counter() - started_s


def _say(out: Outcome, step: str, text: str, *, since_s: float = 0.0) -> None:
    click.echo(f"{out.name:<8} {step:<9} {out.seconds[step] - since_s:6.2f} s  {text}", err=True)


def _write_catalogue(outcomes: Sequence[Outcome], directory: Path) -> None:
    links: list[dict[str, str]] = [{"rel": "root", "href": "./catalog.json", "type": "application/json"}]
    links += [
        {"rel": "child", "href": f"./data/{out.name}/catalog.json", "type": "application/json", "title": out.title}
        for out in outcomes
        if (directory / "data" / out.name / "catalog.json").exists()
    ]
    links += [
        {
            "rel": "child",
            "href": f"./data/{out.name}-tasked/catalog.json",
            "type": "application/json",
            "title": f"{out.title}, tasked",
        }
        for out in outcomes
        if (directory / "data" / f"{out.name}-tasked" / "catalog.json").exists()
    ]
    catalogue = {
        "type": "Catalog",
        "stac_version": "1.1.0",
        "id": _CATALOGUE,
        "title": "What swath demo fetched",
        "description": "Synthetic scenes made by the sandbox, searched, ordered and downloaded as from the providers.",
        "links": links,
    }
    (directory / "catalog.json").write_text(json.dumps(catalogue, indent=2), encoding="utf-8")
