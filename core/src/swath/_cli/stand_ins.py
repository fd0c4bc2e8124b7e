# SPDX-License-Identifier: Apache-2.0
"""``swath sandbox`` and ``swath demo``."""

from __future__ import annotations

import contextlib
import json
import shlex
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import click

from swath._cli.group import command
from swath._cli.options import as_json
from swath._cli.output import print_json, print_table, say
from swath._cli.words import providers_like

__all__ = ["demo", "sandbox"]


@command()
@click.argument("providers", nargs=-1, metavar="[PROVIDER...]", shell_complete=providers_like)
@click.option(
    "--json", "as_json", is_flag=True, help="Once ready, print one JSON object: base_url and env by provider."
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0.001),
    metavar="FACTOR",
    default=10.0,
    show_default=True,
    help="How fast orders advance.",
)
@click.option("--seed", type=int, metavar="N", default=0, show_default=True, help="What the scenes look like.")
@click.option("--limits/--no-limits", default=True, help="Enforce the providers' rate limits.  [default: limits]")
@click.option(
    "--proxy", is_flag=True, help="Also run a proxy that leads the providers' own https:// addresses to the stand-ins."
)
def sandbox(providers: tuple[str, ...], *, as_json: bool, speed: float, seed: int, limits: bool, proxy: bool) -> None:
    """Run stand-in servers of the providers on this machine, until interrupted.

    They are real HTTP servers that keep state: what is ordered advances by a clock and is delivered as real files.

    \b
    swath sandbox                    prints the environment that points swath at them
    swath sandbox planet --json      one JSON object, for programs
    swath sandbox --proxy            for programs that cannot be pointed elsewhere, such as a provider's own tools
    """
    from swath.sandbox import Interception, Sandbox, World

    world = World(seed=seed, speed=speed, rate_limits=limits)
    with contextlib.ExitStack() as stack:
        box = stack.enter_context(Sandbox(list(providers) or None, world=world))
        if threading.current_thread() is threading.main_thread():
            # A supervisor ends programs by this signal: it ends as cleanly as by Ctrl-C.
            stack.callback(signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, signal.default_int_handler))
        ready: dict[str, Any] = {
            name: {"base_url": one.base_url, "env": dict(one.env)} for name, one in box.providers.items()
        }
        if proxy:
            way = stack.enter_context(Interception(box))
            ready["proxy"] = {"base_url": way.base_url, "env": dict(way.env)}
        if as_json:
            click.echo(json.dumps(ready))
        else:
            for name, told in ready.items():
                click.echo(f"# {name}: {told['base_url']}")
                for key, value in told["env"].items():
                    click.echo(f"export {key}={shlex.quote(value)}")
            say("Ready. Set these in another terminal; interrupt (Ctrl-C) to end.")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            say("Ended.")


@command()
@click.argument("providers", nargs=-1, metavar="[PROVIDER...]", shell_complete=providers_like)
@click.option(
    "-o",
    "--to",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default="swath-demo",
    show_default=True,
    help="Where the files, the catalogue and the page go.",
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0.001),
    metavar="FACTOR",
    default=60.0,
    show_default=True,
    help="How fast orders advance.",
)
@as_json
def demo(providers: tuple[str, ...], directory: Path, speed: float, as_json: bool) -> None:
    """Run search, quote, order, wait, download, verify and load on every installed provider, against the sandbox.

    No account and no network is needed. Open the page that it writes in a browser.
    """
    from swath._demo import run_demo, shape_of

    outcomes = run_demo(list(providers) or None, directory, speed=speed)
    if as_json:
        print_json(
            [
                {
                    "provider": out.name,
                    "items": [item["id"] for item in out.items],
                    "state": out.state,
                    "orders": out.orders,
                    "files": out.files,
                    "verified": out.verified,
                    "bytes": out.size,
                    "seconds": out.seconds,
                    "loaded": [{"collection": one.collection, **one.summary} for one in out.loaded],
                }
                for out in outcomes
            ]
        )
        return
    rows = [
        [
            out.name,
            one.collection,
            sum(item.get("collection") == one.collection for item in out.items),
            f"{out.size / 1e6:.1f}" if at == 0 else "",
            f"{sum(out.seconds.values()):.1f}" if at == 0 else "",
            shape_of(one.summary),
            one.summary.get("crs"),
        ]
        for out in outcomes
        for at, one in enumerate(out.loaded)
    ]
    print_table(["PROVIDER", "COLLECTION", "ITEMS", "MB", "SECONDS", "ARRAY", "CRS"], rows)
