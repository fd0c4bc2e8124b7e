# SPDX-License-Identifier: Apache-2.0
"""``swath providers``, ``swath plugins``, ``swath completion``."""

from __future__ import annotations

from typing import Any

import click

from swath._cli.group import command
from swath._cli.options import as_json
from swath._cli.output import print_json, print_table, say

__all__ = ["completion", "plugins", "providers"]


@command()
@as_json
def providers(as_json: bool) -> None:
    """List the installed providers, importing none."""
    from swath._registry import list_plugins

    entries = list_plugins()
    if as_json:
        print_json([{"name": e.name, "distribution": e.distribution, "version": e.version} for e in entries])
        return
    if not entries:
        say("No provider is installed. For example: pip install 'swath[planet]'")
    print_table(["PROVIDER", "DISTRIBUTION", "VERSION"], [[e.name, e.distribution, e.version] for e in entries])


@command()
@as_json
@click.pass_context
def plugins(context: click.Context, /, *, as_json: bool) -> None:
    """Import every installed plugin, register its hooks, and say which are broken. Exits with 1 if one is."""
    from swath._registry import EXTENSIONS, PROVIDERS, ProviderHooks, list_plugins, load_plugin
    from swath.errors import SwathError

    rows: list[dict[str, Any]] = []
    for group in (PROVIDERS, EXTENSIONS):
        for entry in list_plugins(group):
            row: dict[str, Any] = {
                "name": entry.name,
                "kind": group.rpartition(".")[2].removesuffix("s"),
                "distribution": entry.distribution,
                "version": entry.version,
                "state": "ok",
                "hooks": [],
                "reason": "",
            }
            try:
                plugin = load_plugin(entry.name, group)
                if group == PROVIDERS:
                    hooks = ProviderHooks(entry.name, plugin)
                    hooks.describe()
                    row["hooks"] = sorted(hooks.own)
            except SwathError as err:
                row["state"] = "broken"
                row["reason"] = err.message
            rows.append(row)
    if as_json:
        print_json(rows)
    else:
        columns = ["NAME", "KIND", "DISTRIBUTION", "VERSION", "STATE", "HOOKS OR REASON"]
        table = [
            [r["name"], r["kind"], r["distribution"], r["version"], r["state"], r["reason"] or " ".join(r["hooks"])]
            for r in rows
        ]
        print_table(columns, table)
    if any(row["state"] != "ok" for row in rows):
        context.exit(1)


@command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, /, *, shell: str) -> None:
    """Print the completion script for a shell.

    \b
    swath completion bash >> ~/.bashrc
    swath completion zsh  >> ~/.zshrc
    swath completion fish > ~/.config/fish/completions/swath.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    root = context.find_root().command
    if found is None:  # pragma: no cover (the three shells are click's own)
        raise click.UsageError(f"no completion for {shell}")
    click.echo(found(root, {}, "swath", "_SWATH_COMPLETE").source())
