# SPDX-License-Identifier: Apache-2.0
"""Runs search, quote, order, wait, download, verify and load with one script for all providers, and times each step."""

from __future__ import annotations

import contextlib
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
from swath._load import summarise, write_quicklook
from swath._open import make_provider
from swath.models import ProviderInfo, Quote

if TYPE_CHECKING:
    import pystac

    from swath._provider import Provider
    from swath.sandbox import Sandbox

__all__ = ["Loaded", "Outcome", "run_demo", "shape_of"]

AOI = {
    "type": "Polygon",
    "coordinates": [[[5.40, 52.42], [5.62, 52.42], [5.62, 52.55], [5.40, 52.55], [5.40, 52.42]]],
}
"""Fields, water and dikes: Flevoland, the Netherlands."""
WHEN = "2026-06-01/2026-06-20"
MOST = 4
"""Most collections to take from a provider."""


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


class _FastClock(SystemClock):
    """Waits as much shorter as the sandbox's orders are quicker."""

    def __init__(self, speed: float) -> None:
        self._speed = speed

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

    for old in ("data", "quicklooks", ".swath"):
        shutil.rmtree(directory / old, ignore_errors=True)
    directory.mkdir(parents=True, exist_ok=True)
    outcomes = []
    with Sandbox(list(providers) if providers else None, world=World(speed=speed, rate_limits=False)) as box:
        click.echo(
            f"Stand-in servers: {', '.join(f'{n} at {one.base_url}' for n, one in box.providers.items())}\n", err=True
        )
        for name in box.providers:
            outcomes.append(_one(name, box, directory))
            click.echo(err=True)
    _write_catalogue(outcomes, directory)
    page = write_page(outcomes, AOI, directory / "index.html")
    click.echo(f"The catalogue is {directory / 'catalog.json'}\nThe page is {page.resolve().as_uri()}\n", err=True)
    return outcomes


def given_for(info: ProviderInfo, env: Mapping[str, str]) -> dict[str, str]:
    """Pick what the stand-in's environment says for the credentials and settings that a plugin declares."""
    names = [(one.name, one.env) for one in info.credentials] + [(one.name, one.env) for one in info.settings]
    return {name: env[variable] for name, variables in names for variable in variables if variable in env}


def _one(name: str, box: Sandbox, directory: Path) -> Outcome:
    """Run the life cycle. Nothing below knows which provider it is."""
    from swath._registry import open_hooks

    info = open_hooks(name).describe()
    out = Outcome(name=name, title=info.title)
    home = directory / ".swath"
    with make_provider(
        name, profile="demo", given=dict(given_for(info, box.providers[name].env)), home=home
    ) as provider:
        with _timed(out, "search"):
            found = provider.search(intersects=AOI, datetime=WHEN).item_collection_as_dict()["features"]
            out.items = _clearest(found)
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
            order = provider.wait(order, timeout=600)
        out.state = order.state.value
        _say(out, "wait", out.state)
        with _timed(out, "download"):
            local = provider.download(order, directory / "data" / name)
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
    return out


def _clearest(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the item with the least cloud of each collection; the newest where none is told, as for radar."""
    best: dict[str, dict[str, Any]] = {}
    for item in items:
        kept = best.setdefault(item["collection"], item)
        if item["properties"].get("eo:cloud_cover", 100) < kept["properties"].get("eo:cloud_cover", 100):
            best[item["collection"]] = item
    return list(best.values())[:MOST]


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
            picture = write_quicklook(data, folder / f"{out.name}-{name}.png")
        out.loaded.append(Loaded(collection=name, summary=summary, quicklook=picture))
        _say(out, "load", f"{name}: {shape_of(summary)}, {summary.get('crs')}", since_s=before_s)


def shape_of(summary: Mapping[str, Any]) -> str:
    """Say in a few words how large an array is."""
    dims = summary.get("dims") or {}
    bands = len(summary.get("bands") or {})
    return f"{bands} bands of {' x '.join(map(str, dims.values()))} ({', '.join(dims)})"


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
    catalogue = {
        "type": "Catalog",
        "stac_version": "1.1.0",
        "id": "swath-demo",
        "title": "What swath demo fetched",
        "description": "Synthetic scenes made by the sandbox, searched, ordered and downloaded as from the providers.",
        "links": links,
    }
    (directory / "catalog.json").write_text(json.dumps(catalogue, indent=2), encoding="utf-8")
