# SPDX-License-Identifier: Apache-2.0
"""``swath doctor``: what is wrong with this installation."""

from __future__ import annotations

import click

from swath._cli.group import State, command
from swath._cli.options import as_json
from swath._cli.output import print_json

__all__ = ["doctor"]

_MARKS = {"ok": "ok  ", "warn": "WARN", "fail": "FAIL"}


@command()
@click.argument("providers", nargs=-1, metavar="[PROVIDER...]")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="Patience with each address.",
)
@as_json
@click.pass_context
def doctor(context: click.Context, /, *, providers: tuple[str, ...], timeout: float, as_json: bool) -> None:
    """Check credentials, network, clock, proxy, disk, ledger and plugins.

    What it prints holds no secret and can be pasted into a report. Nothing is changed, and no credential is sent.
    Exits with 1 if something is broken.
    """
    from attrs import asdict

    from swath._credentials import choose_profile
    from swath._doctor import Level, examine

    profile = choose_profile(context.ensure_object(State).profile)
    found = examine(profile=profile, providers=providers, timeout_s=timeout)
    failed = [one for one in found if one.level is Level.FAIL]
    if as_json:
        print_json({"ok": not failed, "findings": [asdict(one) for one in found]})
    else:
        part = ""
        for one in found:
            if one.part != part:
                part = one.part
                click.echo(part)
            click.echo(f"  {_MARKS[one.level]}  {one.name}: {one.text}")
            if one.hint:
                click.echo(f"        {one.hint}")
        odd = sum(one.level is Level.WARN for one in found)
        click.echo(f"{len(failed)} broken, {odd} worth knowing, {len(found) - len(failed) - odd} in order")
    if failed:
        context.exit(1)
