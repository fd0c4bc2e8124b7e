# SPDX-License-Identifier: Apache-2.0
"""A plain file server for measurements: serves one folder with Range support, as fast as Python's sendfile goes."""

import re
import socket
import sys
import threading
from pathlib import Path


def answer(connection: socket.socket, root: Path) -> None:
    with connection:
        reader = connection.makefile("rb")
        while line := reader.readline():
            path = line.split()[1].decode()
            wanted = None
            while (header := reader.readline()) not in {b"\r\n", b""}:
                found = re.match(rb"(?i)range:\s*bytes=(\d+)-(\d*)", header)
                wanted = found or wanted
            file = root / path.lstrip("/")
            size = file.stat().st_size
            first = int(wanted[1]) if wanted else 0
            last = int(wanted[2]) if wanted and wanted[2] else size - 1
            status = f"206 Partial Content\r\nContent-Range: bytes {first}-{last}/{size}" if wanted else "200 OK"
            head = f"HTTP/1.1 {status}\r\nContent-Length: {last - first + 1}\r\nContent-Type: image/tiff\r\n"
            head += f'Accept-Ranges: bytes\r\nETag: "{size:x}"\r\n\r\n'
            connection.sendall(head.encode())
            with file.open("rb") as source:
                connection.sendfile(source, first, last - first + 1)


def main(root: str) -> None:
    server = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(server.getsockname()[1], flush=True)
    while True:
        connection, _ = server.accept()
        threading.Thread(target=answer, args=(connection, Path(root)), daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1])
