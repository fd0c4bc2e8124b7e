# SPDX-License-Identifier: Apache-2.0
"""What stands before every stand-in: the request log, the faults, and the control routes under ``/_sandbox/``."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
import traceback
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from attrs import asdict

from swath.sandbox.faults import Fault
from swath.sandbox.links import links_expired
from swath.sandbox.log import LoggedRequest
from swath.sandbox.world import AsgiApp, World

__all__ = ["TRANSPORT", "Front"]

TRANSPORT = "swath.sandbox.transport"
"""Key of ``scope["extensions"]`` under which the server puts the connection's asyncio transport."""

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign in to continue</h1></body></html>"
_SLOW_STEP_S = 0.02


class Front:
    """An ASGI application round a stand-in's.

    Args:
        app: The stand-in.
        provider: Whose it is, for log and faults.
        world: What it shares with the others.
    """

    def __init__(self, app: AsgiApp, *, provider: str, world: World) -> None:
        self._app = app
        self._provider = provider
        self._world = world

    async def __call__(self, scope: MutableMapping[str, Any], receive: _Receive, send: _Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"stand-ins serve http, not {scope['type']}")
        body = await _read(receive)
        if scope["path"].startswith("/_sandbox/"):
            await self._control(scope, body, send)
            return
        world, method, path = self._world, scope["method"], scope["path"]
        entry = world.log.add(
            provider=self._provider,
            method=method,
            path=path,
            query=scope["query_string"].decode("latin-1"),
            headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]],
            body=body,
            time=world.clock.now(),
            at=world.clock.monotonic(),
        )

        async def noted(message: _Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
            await send(message)

        told = _replay(body, receive)
        fault = world.faults.meet(self._provider, method, path)
        if fault is None:
            await self._serve(scope, told, noted, entry)
            return
        entry.fault = True
        await self._serve_badly(fault, scope, told, noted, entry)

    async def _serve(
        self, scope: MutableMapping[str, Any], receive: _Receive, send: _Send, entry: LoggedRequest
    ) -> None:
        """Pass a request on; a stand-in that breaks answers 500 and leaves its traceback in the log."""
        started = False
        held: list[_Message] = []

        async def watched(message: _Message) -> None:
            nonlocal started
            # Frameworks answer 500 first and raise then: the log must know why before the client hears of it.
            if held or message.get("status") == 500:
                held.append(message)
                return
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as err:  # a broken stand-in must show in the log, not on the terminal
            entry.error = traceback.format_exc()
            if started:
                raise
            if not held:
                await _answer(send, 500, {"message": f"the {self._provider} stand-in broke: {err!r}"})
        for message in held:
            await send(message)

    async def _serve_badly(
        self, fault: Fault, scope: MutableMapping[str, Any], receive: _Receive, send: _Send, entry: LoggedRequest
    ) -> None:
        if fault.delay_s:
            await asyncio.sleep(fault.delay_s)
        if fault.drop is not None:
            if fault.drop == "after":
                await self._serve(scope, receive, _discard, entry)
            await _cut(scope, receive, reset=fault.reset)
        elif fault.html:
            await _answer(send, 200, _PAGE, {"content-type": "text/html; charset=utf-8", **fault.headers})
        elif fault.status is not None:
            await _answer(send, fault.status, fault.body, fault.headers)
        else:
            if fault.ignore_range:
                scope = {**scope, "headers": [(k, v) for k, v in scope["headers"] if k not in {b"range", b"if-range"}]}
            mark = links_expired.set(fault.expire_links)
            sender = _BadSender(fault, scope, receive, send)
            try:
                await self._serve(scope, receive, sender, entry)
            finally:
                links_expired.reset(mark)

    async def _control(self, scope: MutableMapping[str, Any], body: bytes, send: _Send) -> None:
        log, faults, clock = self._world.log.only(self._provider), self._world.faults, self._world.clock
        status = 200
        answer: dict[str, Any] | None = None
        try:
            match scope["method"], scope["path"].rstrip("/").removeprefix("/_sandbox/"):
                case "GET", ("log" | "faults" | "hooks" | "clock") as what:
                    answer = self._told(what, scope["query_string"].decode())
                case "DELETE", "log":
                    log.clear()
                    status = 204
                case "POST", "faults":
                    status, answer = 201, {"faults": [asdict(fault) for fault in self._switch_on(json.loads(body))]}
                case "DELETE", "faults":
                    faults.clear()
                    status = 204
                case "POST", "clock":
                    answer = {"now": clock.advance(float(json.loads(body)["advance_s"])).isoformat()}
                case method, name:
                    status, answer = 404, {"message": f"no such control route: {method} /_sandbox/{name}"}
        except (KeyError, TypeError, ValueError, re.error) as err:
            status, answer = 400, {"message": f"not understood: {err!r}"}
        await _answer(send, status, answer)

    def _told(self, what: str, query: str) -> dict[str, Any]:
        """Give what a control route tells: the log, the faults, the webhooks posted, or the time."""
        world = self._world
        match what:
            case "log":
                asked = {name: found[-1] for name, found in parse_qs(query).items()}
                found = world.log.only(self._provider).entries(method=asked.get("method"), path=asked.get("path"))
                return {"requests": [entry.as_json() for entry in found]}
            case "faults":
                return {"faults": [asdict(fault) for fault in world.faults.active()]}
            case "hooks":
                sent = world.hooks.sent(provider=self._provider)
                return {"hooks": [{**asdict(one), "time": one.time.isoformat()} for one in sent]}
            case _:
                return {"now": world.clock.now().isoformat(), "speed": world.clock.speed}

    def _switch_on(self, asked: Any) -> list[Fault]:
        """Switch on what a client asks for: one fault or a list; this provider's unless it names another."""
        listed = asked if isinstance(asked, list) else [asked]
        faults = [Fault(**{"provider": self._provider, **one}) for one in listed]
        return [self._world.faults.add(fault) for fault in faults]


class _BadSender:
    """Sends a real answer, spoilt as a fault says."""

    def __init__(self, fault: Fault, scope: MutableMapping[str, Any], receive: _Receive, send: _Send) -> None:
        self._fault, self._scope, self._receive, self._send = fault, scope, receive, send
        self._sent = 0
        self._cut = False
        self._held: tuple[_Message, bytearray] | None = None

    async def __call__(self, message: _Message) -> None:
        if self._cut:
            return
        if message["type"] == "http.response.start":
            if self._fault.merge is not None:
                self._held = message, bytearray()
                return
            await self._send({**message, "headers": self._headers(message)})
            return
        if self._held is not None:
            head, whole = self._held
            whole += message.get("body", b"")
            if message.get("more_body", False):
                return
            self._held = None
            message = {"type": "http.response.body", "body": _merged(bytes(whole), self._fault, self._scope)}
            length = str(len(message["body"])).encode()
            kept = [(k, v) for k, v in head["headers"] if bytes(k).lower() != b"content-length"]
            head = {**head, "headers": [*kept, (b"content-length", length)]}
            await self._send({**head, "headers": self._headers(head)})
        block = bytearray(message.get("body", b""))
        fault, start = self._fault, self._sent
        if fault.flip_bit_at is not None and start <= fault.flip_bit_at < start + len(block):
            block[fault.flip_bit_at - start] ^= 1
        if fault.truncate_at is not None and start + len(block) > fault.truncate_at:
            await self._body(bytes(block[: fault.truncate_at - start]))
            await _cut(self._scope, self._receive, reset=fault.reset)
            self._cut = True
            return
        await self._body(bytes(block))
        if not message.get("more_body", False):
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _body(self, block: bytes) -> None:
        self._sent += len(block)
        step = len(block) or 1
        if self._fault.bytes_per_s is not None:
            step = max(1, round(self._fault.bytes_per_s * _SLOW_STEP_S))
        for start in range(0, len(block), step):
            if self._fault.bytes_per_s is not None:
                await asyncio.sleep(step / self._fault.bytes_per_s)
            await self._send({"type": "http.response.body", "body": block[start : start + step], "more_body": True})

    def _headers(self, message: _Message) -> list[tuple[bytes, bytes]]:
        fault = self._fault
        headers = [(bytes(name).lower(), bytes(value)) for name, value in message.get("headers", ())]
        added = {name.lower(): value for name, value in fault.headers.items()}
        if fault.content_range is not None and message["status"] == 206:
            added["content-range"] = fault.content_range
        dropped = {name.encode() for name in added} | ({b"content-length"} if fault.chunked else set())
        kept = [(name, value) for name, value in headers if name not in dropped]
        return kept + [(name.encode(), value.encode("latin-1")) for name, value in added.items()]


def _merged(body: bytes, fault: Fault, scope: MutableMapping[str, Any]) -> bytes:
    """Apply a fault's merge patch to an answer; one that is no JSON stays as it is."""
    try:
        told = json.loads(body)
    except ValueError:
        return body
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    own = f"{scope['scheme']}://{host}{scope['path']}{'?' if query else ''}{query}"
    return json.dumps(_patched(told, fault.merge, own)).encode()


def _patched(told: Any, patch: Any, own: str) -> Any:
    if not isinstance(patch, Mapping):
        return own if patch == "<self>" else patch
    base = dict(told) if isinstance(told, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            base.pop(name, None)
        else:
            base[name] = _patched(base.get(name), value, own)
    return base


async def _read(receive: _Receive) -> bytes:
    blocks: list[bytes] = []
    while True:
        message = await receive()
        blocks.append(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return b"".join(blocks)


def _replay(body: bytes, receive: _Receive) -> _Receive:
    """Give a `receive` that tells the body once more and then goes on with the real one."""
    told = False

    async def again() -> _Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _discard(message: _Message) -> None:
    """Take an answer that nobody will get."""


async def _cut(scope: MutableMapping[str, Any], receive: _Receive, *, reset: bool) -> None:
    """Close the TCP connection, what was written before still reaching the client unless it is a reset."""
    transport = scope.get("extensions", {}).get(TRANSPORT)
    if transport is None:
        raise RuntimeError("this server does not let the sandbox cut connections; run the stand-in by swath.sandbox")
    if reset:
        linger = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    else:
        transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: _Send, status: int, body: Any, headers: MutableMapping[str, str] | Any = None) -> None:
    """Send a whole answer: text as it is, anything else as JSON."""
    content = (
        b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body, default=str).encode()
    )
    head = {"content-length": str(len(content))}
    if body is not None:
        head["content-type"] = "text/plain; charset=utf-8" if isinstance(body, str) else "application/json"
    head.update({name.lower(): value for name, value in (headers or {}).items()})
    if status == 204:
        head.pop("content-length", None)
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in head.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": content, "more_body": False})
