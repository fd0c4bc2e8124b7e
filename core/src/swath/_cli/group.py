# SPDX-License-Identifier: Apache-2.0
"""Click groups that import a command only when it runs, and what all commands have in common."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem

__all__ = ["Command", "Group", "LazyGroup", "RootGroup", "State", "command"]


class State:
    """What the command line remembers of one run."""

    def __init__(self, show_more: Callable[[int], None] = lambda _count: None) -> None:
        self.verbose = 0
        self.profile: str | None = None
        self.when_stopped = ""
        """What to say to a person who interrupts now: what goes on, and how to come back to it."""
        self._show_more = show_more

    def be_verbose(self, count: int) -> None:
        """Show more of the log."""
        self.verbose = max(self.verbose, count)
        self._show_more(self.verbose)


def _verbose(context: click.Context, _parameter: click.Parameter, count: int) -> None:
    if count and not context.resilient_parsing:
        context.ensure_object(State).be_verbose(count)


def _profile(context: click.Context, _parameter: click.Parameter, name: str | None) -> None:
    if name and not context.resilient_parsing:
        context.ensure_object(State).profile = name


def _shared() -> list[click.Parameter]:
    """Make the options that every command has."""
    return [
        click.Option(
            ["--profile"],
            expose_value=False,
            callback=_profile,
            metavar="NAME",
            help="Which of several accounts.  [default: SWATH_PROFILE or 'default']",
        ),
        click.Option(
            ["-v", "--verbose"],
            count=True,
            expose_value=False,
            callback=_verbose,
            help="Log what is done; twice for every request and the traceback of an error.",
        ),
    ]


class Command(click.Command):
    """A command that also has the options which every command has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += _shared()


def command(name: str | None = None, **attributes: Any) -> Callable[[Callable[..., Any]], Command]:
    """Make a function a `Command`."""
    return click.command(name, cls=Command, **attributes)


class Group(click.Group):
    """A group that has these options too, and says which command was probably meant."""

    command_class = Command
    group_class = type

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += _shared()

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first word names, or say which was probably meant."""
        name = args[0]
        if self.get_command(ctx, name) is None and not ctx.resilient_parsing and not name.startswith("-"):
            from swath._suggest import suggest

            raise click.UsageError(
                f"No such command {name!r}; {suggest(name, self.list_commands(ctx), otherwise='commands')}", ctx
            )
        return super().resolve_command(ctx, args)


class LazyGroup(Group):
    """A group whose commands are named here and imported when one of them runs.

    Args:
        lazy: ``module:attribute`` and the one-line help, by command name.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of the life cycle."""
        return [*self._lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name in self._lazy:
            module, attribute = self._lazy[cmd_name][0].split(":")
            found: click.Command = getattr(importlib.import_module(module), attribute)
            return found
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their help, importing none."""
        rows = [(name, help_text) for name, (_, help_text) in self._lazy.items()]
        for name in super().list_commands(ctx):
            found = super().get_command(ctx, name)
            if found is not None and not found.hidden:
                rows.append((name, found.get_short_help_str(80)))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name, importing none."""
        found = [
            CompletionItem(name, help=help_text)
            for name, (_, help_text) in self._lazy.items()
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]


class RootGroup(LazyGroup):
    """The lazy group in which a name that is an installed provider's gives that provider's own commands."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command, or a provider, which is looked for once a run."""
        found = super().get_command(ctx, cmd_name)
        providers = ctx.meta.setdefault("swath.providers", {})
        if found is None and cmd_name not in providers:
            providers[cmd_name] = _of_provider(cmd_name)
        return found or providers.get(cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; that nobody reads its output any more, as `| head` does, is no failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # click itself would make it exit code 1
            ctx.exit(0)


def _of_provider(name: str) -> click.Command | None:
    from swath._registry import ProviderHooks, list_plugins, load_plugin

    if name not in {entry.name for entry in list_plugins()}:
        return None
    return ProviderHooks(name, load_plugin(name)).commands()
