# SPDX-License-Identifier: Apache-2.0
"""Signs in with Planet's official command line and SDK, unchanged, and uses the sessions.

    python planet_signing_in.py COMMAND ARGUMENT...

``cli`` runs the official command line with the arguments that follow. ``search ROOT`` searches with the user's default
session; ``search ROOT PROFILE`` with a profile. It runs in
an environment of its own, which has the package `planet` and nothing of ours. Prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import pathlib
import subprocess
import sys

import planet


def cli(*arguments):
    """Run the command line that is installed beside this Python."""
    program = pathlib.Path(sys.executable).parent / "planet"
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=120, check=False)
    return {"code": done.returncode, "out": done.stdout, "err": done.stderr}


async def search(root, profile=None):
    """Search with a session that was begun elsewhere."""
    auth = planet.Auth.from_profile(profile) if profile else planet.Auth.from_user_default_session()
    async with planet.Session(auth=auth) as session:
        data = session.client("data", base_url=f"{root}/data/v1")
        return {"ids": [one["id"] async for one in data.list_searches(limit=1)], "ready": auth.is_initialized()}


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    print(json.dumps(cli(*rest) if command == "cli" else asyncio.run(search(*rest))))
