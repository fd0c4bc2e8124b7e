# SPDX-License-Identifier: Apache-2.0
"""Lets clients reach the stand-ins under the providers' own ``https://`` addresses."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from swath.errors import NotSupported, PluginBroken
from swath.sandbox.certificates import make_authority
from swath.sandbox.runner import Running, Sandbox

__all__ = ["Interception"]

_PATIENCE_S = 30.0
_HEAD_S = 30.0
_HEAD_BYTES = 16 << 10
_BLOCK = 64 << 10
_TLS_PORT = 443
_DIRECT = "127.0.0.1,localhost"
_RESET = struct.pack("ii", 1, 0)


class Interception:
    """A proxy on loopback that leads the providers' host names to the stand-ins and every other name nowhere.

    For programs that cannot be pointed elsewhere: they talk TLS to ``https://api.planet.com`` and the like, trust a
    throw-away certificate authority by their environment, and find the stand-in there. Links in its answers carry the
    host that was asked for. Nothing of such a program reaches the internet: all other hosts are refused.

    Example::

        with Sandbox(["planet"]) as sandbox, Interception(sandbox) as proxy:
            subprocess.run(["planet", "orders", "list"], env={**os.environ, **sandbox.env, **proxy.env})

    Args:
        sandbox: The running stand-ins; those that declare no hosts stay out.
        port: TCP port; 0 for any free one.
    """

    def __init__(self, sandbox: Sandbox, *, port: int = 0) -> None:
        self.base_url = ""
        """Where the proxy is, once it runs."""
        self.env: Mapping[str, str] = {}
        """Environment variables that send a program through it and let the program trust it."""
        self.hosts: Mapping[str, str] = {}
        """The provider whose stand-in answers, by host name."""
        self._sandbox = sandbox
        self._port = port
        self._ends: dict[str, int] = {}
        self._held = contextlib.ExitStack()
        self._ready = threading.Event()

    def start(self) -> Self:
        """Start it; it takes connections when this returns.

        Raises:
            MissingExtra: If ``swath[sandbox]`` is not installed whole.
            NotSupported: No running stand-in declares a host.
            PluginBroken: Two stand-ins declare the same host, or the proxy does not start.
        """
        by_host = _by_host(self._sandbox.providers)
        with contextlib.ExitStack() as stack:
            authority = make_authority(sorted(by_host))
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="swath-sandbox-"))
            trusted = Path(folder, "ca.pem")
            trusted.write_bytes(authority.pem)
            ports = {
                one.name: stack.enter_context(one.tls(authority.context))
                for one in {running.name: running for running in by_host.values()}.values()
            }
            self._ends = {host: ports[running.name] for host, running in by_host.items()}
            listener = stack.enter_context(socket.create_server(("127.0.0.1", self._port), backlog=256))
            self._run(listener, stack)
            self._held = stack.pop_all()
        self.hosts = {host: running.name for host, running in sorted(by_host.items())}
        self.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        ways = {"HTTPS_PROXY": self.base_url, "NO_PROXY": _DIRECT}
        self.env = {
            **ways,
            # Where both spellings are set the small one wins: one that is there already would lead past this proxy.
            **{name.lower(): value for name, value in ways.items()},
            "SSL_CERT_FILE": str(trusted),
            "REQUESTS_CA_BUNDLE": str(trusted),
        }
        return self

    def stop(self) -> None:
        """Stop it and cut what goes through it; a second call does nothing."""
        self._held.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _run(self, listener: socket.socket, stack: contextlib.ExitStack) -> None:
        """Serve on a thread of its own until the stack is closed."""
        loop, done = asyncio.new_event_loop(), asyncio.Event()
        self._ready.clear()
        thread = threading.Thread(
            target=self._serve, args=(loop, listener, done), name="swath-sandbox-proxy", daemon=True
        )
        thread.start()

        def end() -> None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                loop.call_soon_threadsafe(done.set)
            thread.join(_PATIENCE_S)

        stack.callback(end)
        if not self._ready.wait(_PATIENCE_S):
            raise PluginBroken(f"the sandbox's proxy did not start in {_PATIENCE_S:g} s")

    def _serve(self, loop: asyncio.AbstractEventLoop, listener: socket.socket, done: asyncio.Event) -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(self._accept(listener, done))

    async def _accept(self, listener: socket.socket, done: asyncio.Event) -> None:
        tunnels: set[asyncio.Task[None]] = set()

        def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # A task of ours: one that the server makes of a coroutine complains when it is cancelled.
            task = asyncio.ensure_future(self._take(reader, writer))
            tunnels.add(task)
            task.add_done_callback(tunnels.discard)

        server = await asyncio.start_server(take, sock=listener, limit=_HEAD_BYTES)
        self._ready.set()
        await done.wait()
        server.close()
        left = list(tunnels)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)
        for _ in range(2):  # what was closed is told so in the loop's next rounds, and there are none after this
            await asyncio.sleep(0)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read a client's request for a tunnel; give it or refuse it."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError), contextlib.closing(writer):
            try:
                async with asyncio.timeout(_HEAD_S):
                    head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.LimitOverrunError:
                await _refuse(writer, "431 Request Header Fields Too Large", "The request's head is too large.")
                return
            method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
            target = rest.partition(" ")[0]
            host, _, port = target.rpartition(":")
            end = self._ends.get(host.lower().rstrip("."))
            if method != "CONNECT":
                await _refuse(writer, "405 Method Not Allowed", "This proxy only makes tunnels (CONNECT).")
            elif end is None or port != str(_TLS_PORT):
                reached = ", ".join(f"{host}:{_TLS_PORT}" for host in sorted(self._ends))
                await _refuse(writer, "403 Forbidden", f"{target} is not in the sandbox; it has {reached}.")
            else:
                await _tunnel(reader, writer, end)


def _by_host(providers: Mapping[str, Running]) -> dict[str, Running]:
    found: dict[str, Running] = {}
    for running in providers.values():
        for host in running.hosts:
            other = found.setdefault(host.lower(), running)
            if other is not running:
                raise PluginBroken(f"the stand-ins of {other.name!r} and {running.name!r} both stand for {host}")
    if not found:
        raise NotSupported(
            f"no stand-in that runs ({', '.join(sorted(providers)) or 'none does'}) says which hosts it stands for",
            hint="set `hosts` in the StandIn that the plugin's sandbox hook returns, or use the base_url of each",
        )
    return found


async def _refuse(writer: asyncio.StreamWriter, status: str, text: str) -> None:
    body = f"{text}\n".encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


async def _tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Carry bytes both ways until both sides have ended, or one breaks off."""
    there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    ways = [
        asyncio.ensure_future(_carry(reader, there_writer)),
        asyncio.ensure_future(_carry(there_reader, writer)),
    ]
    try:
        await asyncio.gather(*ways)
    except OSError:
        # Faults reset connections: the client must see the same as without a tunnel.
        _reset(writer)
        _reset(there_writer)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.wait(ways)
        there_writer.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while block := await reader.read(_BLOCK):
        writer.write(block)
        await writer.drain()
    writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):  # it may be gone already
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
