# SPDX-License-Identifier: Apache-2.0
"""Writes the demonstration's page: one file that opens without a network."""

from __future__ import annotations

import base64
import html
import importlib.resources
import json
import string
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swath._demo.run import crs_of

if TYPE_CHECKING:
    from swath._demo.run import Outcome
    from swath._demo.together import Together

__all__ = ["write_page"]

_COLOURS = ("#0b6e99", "#8a4fbf", "#2f8f4e", "#c2571a", "#b3266d", "#5c6b1e")
_STEPS = ("search", "quote", "order", "wait", "download", "verify", "load", "task")
_SPAN = 6.0
"""Degrees of longitude that the map shows at first, at the least."""


def write_page(
    outcomes: Sequence[Outcome], aoi: Mapping[str, Any], path: Path, together: Together | None = None
) -> Path:
    """Write the page.

    Args:
        outcomes: What each provider's run gave.
        aoi: The area that was asked for.
        path: Where the page goes.
        together: The dataset of all of them.

    Returns:
        The path.
    """
    from swath import __version__

    files = importlib.resources.files("swath._demo")
    template = string.Template(files.joinpath("page.html").read_text(encoding="utf-8"))
    land = json.loads(files.joinpath("land.json").read_text(encoding="utf-8"))
    colours = {out.name: _COLOURS[at % len(_COLOURS)] for at, out in enumerate(outcomes)}
    boxes = [item["bbox"] for out in outcomes for item in out.items if item.get("bbox")]
    page = template.substitute(
        count=len(outcomes),
        version=html.escape(__version__),
        step_heads="".join(f'<th class="n">{step} s</th>' for step in _STEPS),
        runs="".join(_run_row(out) for out in outcomes),
        view=_view(boxes, aoi),
        land="".join(_ring(ring) for ring in land["world"]),
        window=_box(land["window"]),
        detail="".join(_ring(ring) for ring in land["detail"]),
        grid=_grid(),
        shapes=_shapes(outcomes, colours),
        aoi=_outline(aoi),
        together=_together(outcomes, together),
        tasks="".join(_task(out) for out in outcomes if out.task is not None)
        or "<p>No provider here can be tasked.</p>",
        legend="".join(
            f'<span><span class="key" style="background:{colours[out.name]}"></span>{html.escape(out.title)}</span>'
            for out in outcomes
        ),
        arrays="".join(_array_row(out, one) for out in outcomes for one in out.loaded),
        pictures="".join(_picture(out, one) for out in outcomes for one in out.loaded if one.quicklook is not None),
    )
    path.write_text(page, encoding="utf-8")
    return path


def _ring(points: Iterable[Sequence[float]]) -> str:
    """Draw a ring; SVG's y axis points down, so latitude is negated."""
    return "M" + "L".join(f"{point[0]:g} {-point[1]:g}" for point in points) + "Z"


def _box(bounds: Sequence[float]) -> str:
    west, south, east, north = bounds
    return f'x="{west:g}" y="{-north:g}" width="{east - west:g}" height="{north - south:g}"'


def _outline(geometry: Mapping[str, Any] | None) -> str:
    if not geometry:
        return ""
    coordinates = geometry["coordinates"]
    polygons = coordinates if geometry["type"] == "MultiPolygon" else [coordinates]
    return "".join(_ring(ring) for polygon in polygons for ring in polygon)


def _grid() -> str:
    meridians = "".join(f"M{lon} -90V90" for lon in range(-180, 181, 5))
    return meridians + "".join(f"M-180 {lat}H180" for lat in range(-90, 91, 5))


def _view(boxes: Sequence[Sequence[float]], aoi: Mapping[str, Any]) -> str:
    ring = aoi["coordinates"][0]
    west = min([box[0] for box in boxes] + [point[0] for point in ring])
    south = min([box[1] for box in boxes] + [point[1] for point in ring])
    east = max([box[2] for box in boxes] + [point[0] for point in ring])
    north = max([box[3] for box in boxes] + [point[1] for point in ring])
    width = max(_SPAN, (east - west) * 1.6)
    height = max(_SPAN / 2.5, (north - south) * 1.6)
    return f"{(west + east - width) / 2:.4f} {-(south + north + height) / 2:.4f} {width:.4f} {height:.4f}"


def _shapes(outcomes: Sequence[Outcome], colours: Mapping[str, str]) -> str:
    """Draw the footprints, large ones first so that small ones stay in reach."""

    def size(pair: tuple[Outcome, Mapping[str, Any]]) -> float:
        west, south, east, north = pair[1]["bbox"]
        return float((east - west) * (north - south))

    pairs = [(out, item) for out in outcomes for item in out.items if item.get("bbox")]
    return "".join(_shape(i, colours[out.name], out.title) for out, i in sorted(pairs, key=size, reverse=True))


def _shape(item: Mapping[str, Any], colour: str, title: str) -> str:
    properties = item["properties"]
    when = (properties.get("datetime") or properties.get("start_datetime") or "")[:16].replace("T", " ")
    about = html.escape(f"{title}: {item['id']}, {item.get('collection')}, {when} UTC", quote=True)
    return (
        f'<path class="shape" tabindex="0" role="img" aria-label="{about}" fill="{colour}" stroke="{colour}" '
        f'd="{_outline(item.get("geometry"))}"><title>{about}</title></path>'
    )


def _run_row(out: Outcome) -> str:
    quote = out.quote
    amount = "unknown" if quote is None or quote.amount is None else f"{quote.amount:g} {quote.unit or ''}"
    times = "".join(
        f'<td class="n">{out.seconds[step]:.2f}</td>' if step in out.seconds else '<td class="n soft">&ndash;</td>'
        for step in _STEPS
    )
    return (
        f'<tr><td>{html.escape(out.title)}</td><td class="n">{len(out.items)}</td><td class="n">{out.orders}</td>'
        f'<td>{html.escape(amount)}</td><td class="n">{out.verified}</td><td class="n">{out.size / 1e6:.1f}</td>'
        f'{times}<td class="n">{sum(out.seconds.values()):.1f}</td></tr>'
    )


def _task(out: Outcome) -> str:
    """Tell how a future acquisition went."""
    task = out.task
    if task is None:
        return ""
    steps = "".join(
        f"<li>{html.escape(what)}" + (f" <code>{html.escape(word)}</code>" if word else "") + "</li>"
        for what, word in task.steps
    )
    price = (
        "unknown"
        if task.quote is None or task.quote.amount is None
        else f"{task.quote.amount:g} {task.quote.unit or ''}"
    )
    came = ", ".join(html.escape(str(item["id"])) for item in task.items)
    return (
        f'<div class="task"><h3>{html.escape(out.title)}</h3><p class="soft">Price: {html.escape(price)}. '
        f"It took {out.seconds.get('task', 0):.1f} s.</p><ol>{steps}</ol>"
        f"<p>{len(task.items)} items came of it, {task.files} files: <code>{came}</code></p></div>"
    )


def _array_row(out: Outcome, one: Any) -> str:
    summary = one.summary
    sizes = summary.get("dims") or {}
    dims = f"{' x '.join(map(str, sizes.values()))} ({', '.join(sizes)})"
    if summary.get("kind") == "table":
        dims = f"{summary['rows']} rows of {len(summary['columns'])} columns"
    bands = list(summary.get("bands") or {})
    shown = ", ".join(bands[:8]) + (f" and {len(bands) - 8} more" if len(bands) > 8 else "")
    cells = (out.title, one.collection, dims, summary.get("dtype", ""), crs_of(summary))
    plain = "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells)
    return f'<tr>{plain}<td class="long">{html.escape(shown)}</td></tr>'


def _together(outcomes: Sequence[Outcome], made: Together | None) -> str:
    """Tell of the dataset of all providers, and show each one's layer."""
    if made is None:
        return "<p>Fewer than two providers gave a raster there.</p>"
    titles = {out.name: out.title for out in outcomes}
    sizes = made.summary["dims"]
    rows = "".join(
        f"<tr><td>{html.escape(titles[name])}</td><td><code>{html.escape(item)}</code></td>"
        f"<td>{html.escape(', '.join(made.bands[name]))}</td></tr>"
        for name, item in zip(made.providers, made.items, strict=True)
    )
    figures = "".join(
        _figure(f"{titles[name]}: {', '.join(made.bands[name])}", path) for name, path in made.pictures.items()
    )
    size = f"{' x '.join(map(str, sizes.values()))} ({', '.join(sizes)})"
    call = f"crs='{made.summary['crs']}', resolution={made.summary['resolution'][0]:g}, bbox=..."
    return (
        f"<p><code>everyone.load(items, bands=[...], {call})</code> gave one dataset of {len(made.summary['bands'])} "
        f"bands, {size}. Where an item lacks a band, it is filled with nodata and said so.</p>"
        '<div class="scroll"><table><thead><tr><th>Provider</th><th>Item</th><th>Its bands</th></tr></thead>'
        f'<tbody>{rows}</tbody></table></div><div class="pictures">{figures}</div>'
    )


def _picture(out: Outcome, one: Any) -> str:
    return _figure(f"{out.title}, {one.collection}", one.quicklook)


def _figure(text: str, path: Path) -> str:
    data = base64.b64encode(path.read_bytes()).decode()
    caption = html.escape(text)
    return (
        f'<figure><img alt="{caption}" src="data:image/png;base64,{data}"><figcaption>{caption}</figcaption></figure>'
    )
