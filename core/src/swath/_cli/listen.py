# SPDX-License-Identifier: Apache-2.0
"""``swath listen``: webhooks wake the orders that they speak of."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import click

from swath._cli.group import command
from swath._cli.options import open_for
from swath._cli.output import say
from swath._cli.words import providers_like
from swath.errors import InputError, MissingExtra

if TYPE_CHECKING:
    import uvicorn

__all__ = ["listen"]


@command()
@click.argument("providers", nargs=-1, required=True, metavar="PROVIDER...", shell_complete=providers_like)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes any free one.")
@click.pass_context
def listen(context: click.Context, /, *, providers: tuple[str, ...], host: str, port: int) -> None:
    """Take webhooks of PROVIDERs in, until interrupted.

    Each is verified, written down once, and taken as a reason to look at the order that it speaks of; swath wait in
    other terminals wakes at once. Deliveries go to http://HOST:PORT/PROVIDER. TLS is the business of a proxy in front.
    """
    try:
        import uvicorn
    except ImportError as err:
        raise MissingExtra("swath listen needs uvicorn", hint="pip install 'swath[listen]'") from err

    from swath._ledger import open_ledger
    from swath._listening import Listener

    with contextlib.ExitStack() as stack:
        opened = {name: stack.enter_context(open_for(context, name)) for name in dict.fromkeys(providers)}
        for name, provider in opened.items():
            if not provider.supports("event"):
                raise InputError(f"{name} sends no webhooks that its plugin can read", provider=name)
        ledger = open_ledger()
        stack.callback(ledger.close)
        takers = {name: one._receiver() for name, one in opened.items()}  # noqa: SLF001 - its other half
        listener = stack.enter_context(Listener(takers, ledger))
        config = uvicorn.Config(listener, host=host, port=port, log_level="warning", access_log=False, lifespan="off")
        _serve(config, sorted(opened))
        heard = ", ".join(f"{count} {word}" for word, count in sorted(listener.counts.items())) or "nothing"
    say(f"Ended. Heard: {heard}.")


def _serve(config: uvicorn.Config, names: list[str]) -> None:
    """Serve until interrupted; say where, once it is so."""
    import uvicorn

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: list[Any] | None = None) -> None:
            await super().startup(sockets)
            for socket in (socket for one in self.servers for socket in one.sockets):
                host, port = socket.getsockname()[:2]
                for name in names:
                    click.echo(f"http://{host}:{port}/{name}")

    try:
        with contextlib.suppress(KeyboardInterrupt):
            Announcing(config).run()
    except SystemExit as err:  # what uvicorn says of a port that is taken
        raise InputError(f"{config.host}:{config.port} cannot be listened on", hint="choose another --port") from err
