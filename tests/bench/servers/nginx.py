# SPDX-License-Identifier: Apache-2.0
"""nginx on loopback: one plain server, one that caps each connection at 50 MiB/s, one with TLS."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen
from harness import places

_CONFIG = """
{user}worker_processes 1; daemon off; pid {home}/nginx.pid; error_log {home}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; keepalive_timeout 600;
  default_type application/octet-stream; types {{ image/tiff tif; application/json json; }}
  client_body_temp_path {home}/t1; proxy_temp_path {home}/t2; fastcgi_temp_path {home}/t3;
  uwsgi_temp_path {home}/t4; scgi_temp_path {home}/t5;
  server {{ listen 127.0.0.1:{plain}; root {root}; }}
  server {{ listen 127.0.0.1:{capped}; root {root}; limit_rate 50m; }}
  server {{ listen 127.0.0.1:{tls} ssl; root {root}; ssl_certificate {certificate}; ssl_certificate_key {key}; }}
}}
"""


@frozen(kw_only=True)
class Served:
    """Where it listens."""

    plain: str
    capped: str
    tls: str
    certificate: Path
    """What a client is to trust."""


@contextlib.contextmanager
def serving(root: Path, home: Path) -> Iterator[Served]:
    """Serve a folder while the context lasts.

    Args:
        root: What is served.
        home: For its own files; made.
    """
    home.mkdir(parents=True, exist_ok=True)
    certificate, key = _certificate(home)
    plain, capped, tls = _free_ports(3)
    config = home / "nginx.conf"
    user = "" if os.geteuid() else "user root; "  # else its worker may not read what only root may
    config.write_text(
        _CONFIG.format(
            user=user, home=home, root=root, plain=plain, capped=capped, tls=tls, certificate=certificate, key=key
        ),
        encoding="utf-8",
    )
    command = [places.tool("nginx") or "nginx", "-p", str(home), "-c", str(config), "-e", str(home / "error.log")]
    running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(running, f"http://127.0.0.1:{plain}/", home)
        yield Served(
            plain=f"http://127.0.0.1:{plain}",
            capped=f"http://127.0.0.1:{capped}",
            tls=f"https://127.0.0.1:{tls}",
            certificate=certificate,
        )
    finally:
        running.terminate()
        running.wait()


def _certificate(home: Path) -> tuple[Path, Path]:
    certificate, key = home / "certificate.pem", home / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=bench"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    return certificate, key


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in held]


def _wait(running: subprocess.Popen[bytes], url: str, home: Path) -> None:
    for _ in range(200):
        if running.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    said = (home / "error.log").read_text(encoding="utf-8", errors="replace") if (home / "error.log").exists() else ""
    raise RuntimeError(f"nginx did not start: {said[-300:]}")
