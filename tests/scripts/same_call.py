# SPDX-License-Identifier: Apache-2.0
"""Makes one and the same call in a script, a running loop, a thread, after a fork; prints what each gave as JSON."""

import asyncio
import json
import os
import sys
import threading

import swath

provider = swath.open(sys.argv[1])
query = json.loads(sys.argv[2])


def call():
    return [item["id"] for item in provider.search(**query).items_as_dicts()]


async def within_a_loop():
    return call()


def forked():
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, json.dumps(call()).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as answer:
        found = json.loads(answer.read())
    _, status = os.waitpid(child, 0)
    assert status == 0
    return found


def in_a_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(call()))
    thread.start()
    thread.join()
    return found[0]


ways = {
    "script": call,
    "running loop": lambda: asyncio.run(within_a_loop()),
    "thread": in_a_thread,
    "after a fork": forked,
    "after the fork, in the parent": call,
}
print(json.dumps({name: way() for name, way in ways.items()}))
