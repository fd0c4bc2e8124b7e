# SPDX-License-Identifier: Apache-2.0
"""Runs stand-ins on loopback, each on a port and a thread of its own."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self

from swath.errors import MissingExtra, NotSupported, PluginBroken, ProviderNotFound
from swath.sandbox.clock import SandboxClock
from swath.sandbox.faults import Faults
from swath.sandbox.front import Front
from swath.sandbox.hooks import Outbox
from swath.sandbox.log import RequestLog
from swath.sandbox.world import StandIn, World

__all__ = ["Running", "Sandbox", "serve"]

_GROUP = "swath.providers"
_NEEDED = ("starlette", "uvicorn", "rasterio", "PIL")
_PATIENCE_S = 30.0


class Running:
    """One stand-in that is being served; a context manager that ends it.

    Args:
        name: The provider's.
        stand_in: What to serve.
        world: What it shares with others.
        host: Address to listen at.
        port: TCP port; 0 for any free one.
    """

    def __init__(self, name: str, stand_in: StandIn, world: World, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.name = name
        self.world = world
        self._socket = socket.create_server((host, port), backlog=2048)
        self.port: int = self._socket.getsockname()[1]
        self.base_url = f"http://{host}:{self.port}"
        """Where it is, without a slash at the end."""
        self.env: Mapping[str, str] = dict(stand_in.env(self.base_url))
        """Environment variables that point the provider's plugin at it."""
        self.log: RequestLog = world.log.only(name)
        """What clients asked of it."""
        self.hosts: tuple[str, ...] = stand_in.hosts
        """Production host names that it stands for."""
        self._ready = threading.Event()
        try:
            # It needs the extra, which is asked for before anything runs.
            from swath.sandbox.server import Server

            self._server = Server(Front(stand_in.app, provider=name, world=world), self._ready)
            self._thread = threading.Thread(target=self._run, name=f"swath-sandbox-{name}", daemon=True)
            self._thread.start()
            started = self._ready.wait(_PATIENCE_S) and self._server.started
        except BaseException:
            self._socket.close()
            raise
        if not started:
            self.stop()
            raise PluginBroken(f"the stand-in of {name!r} did not start in {_PATIENCE_S:g} s", provider=name)

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._ready.set()

    @contextlib.contextmanager
    def tls(self, context: ssl.SSLContext) -> Iterator[int]:
        """Serve over TLS too, at another port of loopback that this gives, while the context lasts."""
        with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
            end = self._server.listen_tls(listener, context)
            try:
                yield listener.getsockname()[1]
            finally:
                end()

    def stop(self) -> None:
        """End it and close its connections; a second call does nothing."""
        self._server.end()
        self._thread.join(_PATIENCE_S)
        self._socket.close()
        self.world.hooks.stop(self.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def serve(name: str, stand_in: StandIn, world: World | None = None, *, port: int = 0) -> Running:
    """Serve one stand-in that is not (or not yet) behind a provider plugin's hook.

    Args:
        name: The provider's name, for log and faults.
        stand_in: What to serve.
        world: The world the stand-in was made with.
        port: TCP port; 0 for any free one.

    Returns:
        The stand-in, ready to answer.
    """
    _require_extra()
    return Running(name, stand_in, world or World(), port=port)


class Sandbox:
    """The stand-ins of several providers, running while the context lasts.

    Example::

        with Sandbox(["planet"], speed=1000) as sandbox:
            os.environ.update(sandbox.env)
            ...

    Args:
        providers: Entry-point names; None for all installed providers that have a stand-in.
        speed: How many times faster than the real provider orders come to their end, > 0.
        seed: What is in the catalogues.
        world: A ready world, instead of `speed` and `seed`.
        ports: TCP port by provider; any free one where none is named.

    Raises:
        MissingExtra: If ``swath[sandbox]`` is not installed.
    """

    def __init__(
        self,
        providers: Sequence[str] | None = None,
        *,
        speed: float = 1.0,
        seed: int = 0,
        world: World | None = None,
        ports: Mapping[str, int] | None = None,
    ) -> None:
        _require_extra()
        self.world = world or World(seed, speed)
        self.providers: dict[str, Running] = {}
        """The running stand-ins, by provider."""
        self.left_out: dict[str, str] = {}
        """Why an installed provider that was not asked for by name does not run, by provider."""
        self._asked = tuple(providers) if providers is not None else None
        self._ports = dict(ports or {})

    @property
    def clock(self) -> SandboxClock:
        """The clock that orders and links go by."""
        return self.world.clock

    @property
    def faults(self) -> Faults:
        """The fault switch."""
        return self.world.faults

    @property
    def log(self) -> RequestLog:
        """What clients asked, of all stand-ins."""
        return self.world.log

    @property
    def hooks(self) -> Outbox:
        """The webhooks that stand-ins post."""
        return self.world.hooks

    @property
    def env(self) -> dict[str, str]:
        """Environment variables that point every provider's plugin at its stand-in."""
        return {name: value for running in self.providers.values() for name, value in running.env.items()}

    def start(self) -> Self:
        """Start all stand-ins; they answer when this returns.

        Raises:
            ProviderNotFound: No plugin of that name is installed.
            NotSupported: A provider that was named has no stand-in.
            PluginBroken: A plugin cannot be loaded or its stand-in does not start.
        """
        try:
            for name, entry in _entries(self._asked).items():
                try:
                    stand_in = _stand_in(name, entry, self.world)
                except (NotSupported, PluginBroken) as err:
                    if self._asked is not None:
                        raise
                    self.left_out[name] = err.message
                else:
                    self.providers[name] = Running(name, stand_in, self.world, port=self._ports.get(name, 0))
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop all stand-ins."""
        running, self.providers = list(self.providers.values()), {}
        for one in running:
            one.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def _require_extra() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtra(
            f"the sandbox needs {', '.join(missing)}, not installed here",
            hint='install the extra: pip install "swath[sandbox]"',
        )


def _entries(asked: Sequence[str] | None) -> dict[str, importlib.metadata.EntryPoint]:
    installed = {entry.name: entry for entry in importlib.metadata.entry_points(group=_GROUP)}
    if asked is None:
        return dict(sorted(installed.items()))
    unknown = [name for name in asked if name not in installed]
    if unknown:
        raise ProviderNotFound(
            f"no provider named {unknown[0]!r} is installed",
            hint=f"installed: {', '.join(sorted(installed)) or 'none'}",
        )
    return {name: installed[name] for name in asked}


def _stand_in(name: str, entry: importlib.metadata.EntryPoint, world: World) -> StandIn:
    """Ask a plugin for its stand-in."""
    try:
        make = getattr(entry.load()(), "sandbox", None)
        stand_in = make(world=world) if make is not None else None
    except Exception as err:  # a plugin's code may fail in any way
        raise PluginBroken(f"the stand-in of {name!r} cannot be made: {err!r}", provider=name) from err
    if stand_in is None:
        raise NotSupported(f"{name!r} has no stand-in server", provider=name)
    if not isinstance(stand_in, StandIn):
        raise PluginBroken(f"the sandbox hook of {name!r} gave {type(stand_in).__name__}, not a StandIn", provider=name)
    return stand_in
