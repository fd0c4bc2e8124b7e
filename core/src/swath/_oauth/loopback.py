# SPDX-License-Identifier: Apache-2.0
"""A listener on this machine that a browser comes back to, once."""

from __future__ import annotations

import contextlib
import hmac
import queue
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from swath.errors import ConfigurationError

__all__ = ["Loopback"]

_HOSTS = frozenset({"127.0.0.1", "localhost"})
_PAGE = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>swath</title></head>'
    '<body style="font-family:sans-serif;margin:4em"><h1>{title}</h1><p>{text}</p></body></html>'
)


class Loopback:
    """Listens at 127.0.0.1 for one redirect of an authorisation, whose ``state`` must be the one that was sent.

    Whatever else arrives (an icon, a guess with another state, another host's name) is refused, and waiting goes on.

    Args:
        redirect_uri: The registered address; None for any free port.
        state: What the redirect must carry.

    Raises:
        ConfigurationError: If the address is not on this machine, or its port is taken.
    """

    def __init__(self, redirect_uri: str | None, *, state: str) -> None:
        parts = urlsplit(redirect_uri or "http://127.0.0.1/")
        if parts.scheme != "http" or parts.hostname not in _HOSTS:
            raise ConfigurationError(
                f"the browser cannot come back to {redirect_uri!r}",
                hint="use a loopback address, for example http://127.0.0.1:8080",
            )
        self._path, self._state = parts.path or "/", state
        self._answers: queue.Queue[dict[str, str]] = queue.Queue()
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", parts.port or 0), self._handler())
        except OSError as err:
            raise ConfigurationError(
                f"nothing can listen at 127.0.0.1:{parts.port}: {err.strerror or err}",
                hint="end what uses that port, or sign in with --device-code",
            ) from err
        self._server.daemon_threads = True
        port = self._server.server_address[1]
        self.redirect_uri = redirect_uri if parts.port else f"http://{parts.hostname}:{port}{self._path}"
        """What the authorisation request names."""
        self._thread = threading.Thread(target=self._serve, name="swath-loopback", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait(self, timeout_s: float) -> Mapping[str, str] | None:
        """Give the query of the redirect; None if it has not come in `timeout_s` seconds."""
        with contextlib.suppress(queue.Empty):
            return self._answers.get(timeout=timeout_s)
        return None

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.05)

    def _take(self, target: str, host: str) -> tuple[int, str, str]:
        """Judge one request.

        Returns:
            Status, title and text of the page.
        """
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if parts.path != self._path or host.partition(":")[0] not in _HOSTS:
            return 404, "Not here", "Nothing is at this address."
        if not hmac.compare_digest(query.get("state", "").encode(), self._state.encode()):
            return 400, "Not this sign-in", "This answer belongs to another sign-in, and was ignored."
        if "error" not in query and not query.get("code"):
            return 400, "No answer", "The answer holds no code, and was ignored."
        self._answers.put(query)
        if "error" in query:
            return 200, "Not signed in", "Access was not granted. You can close this window."
        return 200, "Signed in", "You can close this window and go back to your program."

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self._take

        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_GET(self) -> None:
                status, title, text = take(self.path, self.headers.get("host", ""))
                body = _PAGE.format(title=title, text=text).encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.send_header("Referrer-Policy", "no-referrer")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing: the request line holds the code."""

        return Handler
