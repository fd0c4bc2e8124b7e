# SPDX-License-Identifier: Apache-2.0
"""About what the machine can do: BASE LIST OUT CONNECTIONS [splice|recv]. Sockets, no checks, nothing made safe.

Files are fetched over CONNECTIONS kept connections; a single file in as many ranges. Its reading of the answer is good
for the bench's own nginx only.
"""

import os
import queue
import socket
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

base, listed, out, connections = sys.argv[1:5]
splices = (sys.argv[5] if len(sys.argv) > 5 else "splice") == "splice"
address = urlsplit(base)
work = queue.SimpleQueue()


def plan():
    lines = [line.split("\t") for line in Path(listed).read_text(encoding="utf-8").splitlines()]
    parts = int(connections) if len(lines) == 1 else 1
    for name, length, _ in lines:
        path, size = Path(out, name), int(length)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            if parts > 1:
                file.truncate(size)
        step = -(-size // parts)
        for first in range(0, size, step):
            work.put((name, path, first, min(step, size - first)))


def fetch():
    with socket.create_connection((address.hostname, address.port)) as link:
        ends = os.pipe() if splices else None
        if ends:
            import fcntl

            fcntl.fcntl(ends[1], 1031, 2**20)  # F_SETPIPE_SZ
        while True:
            try:
                name, path, first, size = work.get_nowait()
            except queue.Empty:
                return
            asked = f"GET /{name} HTTP/1.1\r\nHost: bench\r\nRange: bytes={first}-{first + size - 1}\r\n\r\n"
            link.sendall(asked.encode())
            head = b""
            while b"\r\n\r\n" not in head:
                head += link.recv(4096)
            body = head.partition(b"\r\n\r\n")[2]
            with path.open("r+b", buffering=0) as file:
                file.seek(first)
                file.write(body)
                copy(link, file, size - len(body), ends)


def copy(link, file, left, ends):
    if ends is None:
        buffer = memoryview(bytearray(2**18))
        while left:
            got = link.recv_into(buffer, min(left, len(buffer)))
            file.write(buffer[:got])
            left -= got
        return
    while left:
        got = os.splice(link.fileno(), ends[1], min(left, 2**20))
        left -= got
        while got:
            got -= os.splice(ends[0], file.fileno(), got)


plan()
threads = [threading.Thread(target=fetch) for _ in range(int(connections))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
