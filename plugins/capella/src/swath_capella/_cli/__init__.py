# SPDX-License-Identifier: Apache-2.0
"""``swath capella``: what is Capella's own and no other provider has."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from swath.commands import Command, Group, profile_of, say

if TYPE_CHECKING:
    from swath.hookspecs import Context

__all__ = ["capella"]


@click.group(cls=Group)
def capella() -> None:
    """Capella's own: who is signed in, what may be spent, what was acquired for a task.

    Search, order, task and download by the commands that serve all providers: swath search capella --help.

    \b
    swath capella whoami
    swath capella collects 0b5c1c62-2f0e-4f0e-9d5a-6a0f4a9b7c21
    swath capella organization
    """


@contextlib.contextmanager
def _opened(context: click.Context) -> Iterator[Context]:
    from swath.native import close_context, open_context
    from swath_capella.provider import CapellaProvider

    account = open_context("capella", plugin=CapellaProvider(), profile=profile_of(context))
    try:
        yield account
    finally:
        close_context(account)


def _print(records: Any) -> None:
    click.echo(json.dumps(records, indent=2, ensure_ascii=False))


@capella.command("whoami", cls=Command)
@click.pass_context
def whoami(context: click.Context) -> None:
    """Print the user whom the key or token belongs to, as JSON."""
    from swath_capella._api.orders import Orders

    with _opened(context) as account:
        _print(Orders(account).user())


@capella.command("organization", cls=Command)
@click.pass_context
def organization(context: click.Context) -> None:
    """Print your organisation, as JSON, with what is left of its commitment where Capella says it."""
    from swath_capella._api.orders import Orders

    with _opened(context) as account:
        _print(Orders(account).object("GET", "/organization"))


@capella.command("collects", cls=Command)
@click.argument("task")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def collects(context: click.Context, task: str, *, as_json: bool) -> None:
    """List the acquisitions planned or made for TASK: time, satellite, angle off nadir and state."""
    from swath_capella._api.tasks import Requests

    with _opened(context) as account:
        found = Requests(account).collects(task)
    if as_json:
        _print(found)
        return
    if not found:
        say("Nothing is planned yet.")
    for one in found:
        click.echo("  ".join(_row(one)))


def _row(one: dict[str, Any]) -> Iterator[str]:
    history = one.get("collectStatusHistory") or [{}]
    access = one.get("accessProperties") or {}
    yield str(one.get("collectId"))
    yield str(one.get("windowOpen"))
    yield f"capella-{one.get('spacecraftId')}"
    yield f"{access.get('offNadirMin')} to {access.get('offNadirMax')} deg"
    yield f"{access.get('ascdsc')}, {access.get('lookDirection')}"
    yield str(history[0].get("code"))
