# SPDX-License-Identifier: Apache-2.0
"""Many GETs of one small document: CLIENT URL TIMES [AT_ONCE]."""

import sys
from concurrent.futures import ThreadPoolExecutor

client, url, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
at_once = int(sys.argv[4]) if len(sys.argv) > 4 else 1


def run(get):
    if at_once == 1:
        for _ in range(times):
            get()
        return
    with ThreadPoolExecutor(at_once) as pool:
        for _ in pool.map(lambda _: get(), range(times)):
            pass


def swath():
    from swath._clock import SystemClock
    from swath._http.client import HttpClient, Settings
    from swath._http.origins import Origins

    http = HttpClient(Settings(provider="x", account="a", origins=Origins([]), clock=SystemClock()))
    run(lambda: http.request("GET", url))
    http.close()


def httpx():
    import httpx

    with httpx.Client(timeout=60) as http:
        run(lambda: http.get(url))


def httpx_async():
    import asyncio

    import httpx

    async def main():
        async with httpx.AsyncClient(timeout=60) as http:
            await gather(lambda: http.get(url))

    asyncio.run(main())


async def gather(get):
    import asyncio

    left = iter(range(times))

    async def worker():
        for _ in left:
            await get()

    await asyncio.gather(*(worker() for _ in range(at_once)))


def urllib3():
    import urllib3

    pool = urllib3.PoolManager(maxsize=at_once)
    run(lambda: pool.request("GET", url))


def planet():
    import asyncio

    import planet

    async def main():
        async with planet.Session(auth=planet.Auth.from_key("bench")) as session:
            session._limiter.cadence = 0
            await gather(lambda: session.request("GET", url))

    asyncio.run(main())


def capella():
    from capella_console_client import CapellaConsoleClient

    http = CapellaConsoleClient(no_auth=True, base_url=url.rpartition("/")[0])._sesh
    run(lambda: http.get(url))


def sockets():
    import socket
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port)) as link:
        asked = f"GET {parts.path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()

        def get():
            link.sendall(asked)
            link.recv(65536)

        run(get)


globals()[client]()
