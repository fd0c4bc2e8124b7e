# SPDX-License-Identifier: Apache-2.0
"""Drives Planet's official SDK and swath through the same faults and writes what came of it: ``make bench-faults``.

Each case has a stand-in of its own and a `FaultProxy` before it. The client runs a plain order in a process of its own,
first with the fault, then a second time without, ten minutes later on the sandbox's clock, as a user would. What counts
is seen from outside: the orders that the stand-in has, the files below the client's folder, the requests.
"""

from __future__ import annotations

import concurrent.futures
import datetime as dt
import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from attrs import field, frozen

from swath.sandbox import Sandbox, World
from swath.testing import FaultProxy

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
OUTPUT = ROOT / "docs" / "faults.md"
SDK_PYTHON = ROOT / ".venvs" / "peers-planet" / "bin" / "python"
PATIENCE_S = 4.0
"""Read timeout of both clients; the SDK's own is 125 s, swath's 60 s."""
CAP_S = 75.0
LATER_S = 600.0
AT_ONCE = 5
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR")

SEARCH: dict[str, Any] = {"path": r"/data/v1/(quick-search|searches)"}
ORDER: dict[str, Any] = {"method": "POST", "path": r"/compute/ops/orders/v2/?$"}
LOOK: dict[str, Any] = {"method": "GET", "path": r"/compute/ops/orders/v2/[^/]+$"}
FILE: dict[str, Any] = {"method": "GET", "path": r"/storage/.*\.tif$"}
SPEC = "/compute/ops/bundles/spec"
"""What the SDK fetches from elsewhere at the real service; not counted."""
LINK: dict[str, Any] = {"method": "GET", "path": r"/compute/ops/download/?$"}

CASES: dict[str, list[tuple[str, list[dict[str, Any]]]]] = {
    "No fault": [("none", [])],
    "Search": [
        ("503 once", [{**SEARCH, "status": 503}]),
        ("429, `Retry-After: 2`", [{**SEARCH, "status": 429, "retry_after_s": 2}]),
        ("429, `Retry-After` as a date", [{**SEARCH, "status": 429, "retry_after_s": 2, "retry_after_date": True}]),
        ("answer cut in the middle", [{**SEARCH, "cut": "body", "after": 200}]),
        ("HTML page with status 200", [{**SEARCH, "html": True}]),
    ],
    "Order: the request that costs money": [
        ("accepted, reply lost (connection closed)", [{**ORDER, "cut": "reply"}]),
        ("accepted, reply lost (connection reset)", [{**ORDER, "cut": "reply", "how": "reset"}]),
        ("accepted, reply never comes (stall)", [{**ORDER, "cut": "reply", "how": "stall"}]),
        ("accepted, reply cut in the middle", [{**ORDER, "cut": "body", "after": 50}]),
        ("accepted, a gateway says 502", [{**ORDER, "status": 502, "pass_on": True}]),
        ("accepted, a gateway says 504", [{**ORDER, "status": 504, "pass_on": True}]),
        ("accepted, HTML page with status 200", [{**ORDER, "html": True, "pass_on": True}]),
        ("not accepted, 500", [{**ORDER, "status": 500}]),
        ("not accepted, 503", [{**ORDER, "status": 503}]),
        ("not accepted, 429, `Retry-After: 2`", [{**ORDER, "status": 429, "retry_after_s": 2}]),
        ("not accepted, connection reset", [{**ORDER, "cut": "request", "after": 20, "how": "reset"}]),
    ],
    "Wait": [
        ("look answered 500", [{**LOOK, "status": 500}]),
        ("look answered 503", [{**LOOK, "status": 503}]),
        ("look answered 404 (order not visible yet)", [{**LOOK, "status": 404, "body": {"message": "no such order"}}]),
        ("look stalls", [{**LOOK, "cut": "reply", "how": "stall"}]),
    ],
    "Download": [
        ("file answered 500", [{**FILE, "status": 500}]),
        ("file answered 503", [{**FILE, "status": 503}]),
        ("connection closed in the middle of a file", [{**FILE, "cut": "body", "after": 3000}]),
        ("connection reset in the middle of a file", [{**FILE, "cut": "body", "after": 3000, "how": "reset"}]),
        ("stall in the middle of a file", [{**FILE, "cut": "body", "after": 3000, "how": "stall"}]),
        (
            "cut, then Range ignored",
            [{**FILE, "cut": "body", "after": 3000}, {**FILE, "ranged": True, "ignore_range": True}],
        ),
        (
            "cut, then another object",
            [{**FILE, "cut": "body", "after": 3000}, {**FILE, "call": 2, "changed": True}],
        ),
        ("file truncated, Content-Length agrees", [{**FILE, "truncate_at": 3000}]),
        ("one bit flipped", [{**FILE, "flip_bit_at": 3000}]),
        ("HTML page with status 200", [{**FILE, "html": True}]),
        ("link expired (403)", [{**LINK, "call": 2, "status": 403}]),
        ("stored object gone for once (404)", [{**FILE, "status": 404}]),
    ],
}


@frozen(kw_only=True)
class Run:
    """What one run of a client came to."""

    error: str | None
    step: str
    validation: str | None
    right: int
    """Files at their final name with the right bytes."""
    wrong: int
    """Files at their final name with other bytes."""
    orders: int
    """Orders that the stand-in has, of all runs."""
    requests: int
    seconds: float = field(eq=False)

    @property
    def is_right(self) -> bool:
        """Whether everything is there, right, and bought once."""
        return not self.error and not self.wrong and self.orders == 1


def drive(client: str, base_url: str, key: str, folder: Path, later_s: float) -> dict[str, Any]:
    """Run a client and give what it says."""
    python, script = (SDK_PYTHON, "planet_sdk_faults.py") if client == "planet" else (sys.executable, "swath_faults.py")
    more = [] if client == "planet" else [str(later_s)]
    kept = {name: value for name, value in os.environ.items() if name in KEPT}
    try:
        done = subprocess.run(
            [python, HERE / script, base_url, key, folder, str(PATIENCE_S), *more],
            env={**kept, "HOME": str(folder.parent)},
            cwd=folder.parent,
            capture_output=True,
            text=True,
            timeout=CAP_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"step": "?", "error": f"none in {CAP_S:g} s"}
    if done.returncode != 0:
        return {"step": "?", "error": (done.stderr.strip().splitlines() or ["?"])[-1][:80]}
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def truth(base_url: str, key: str) -> tuple[int, dict[str, set[str]]]:
    """Ask the stand-in itself which orders there are, and what their files are: SHA-256 by name."""
    with httpx.Client(base_url=base_url, auth=httpx.BasicAuth(key, ""), follow_redirects=True, timeout=60) as client:
        orders = client.get("/compute/ops/orders/v2").json()["orders"]
        known: dict[str, set[str]] = {}
        for listed in orders:
            order = client.get(f"/compute/ops/orders/v2/{listed['id']}").json()
            for result in order["_links"].get("results", []):
                content = client.get(result["location"]).content
                known.setdefault(Path(result["name"]).name, set()).add(hashlib.sha256(content).hexdigest())
        return len(orders), known


def case(client: str, rules: list[dict[str, Any]]) -> tuple[Run, Run]:
    """Run a client under a fault, and once more without it."""
    world = World(speed=500.0, rate_limits=False)
    with Sandbox(["planet"], world=world) as box, tempfile.TemporaryDirectory() as place:
        running = box.providers["planet"]
        key = running.env["PL_API_KEY"]
        folder = Path(place, "data")
        folder.mkdir()
        runs = []
        with FaultProxy(running.base_url, seed=1, now=box.clock.now) as proxy:
            for rule in rules:
                proxy.add(**rule)
            for later_s in (0.0, LATER_S):
                if later_s:
                    if rules and not proxy.log(done=True):
                        raise RuntimeError(f"{client}: the rule {rules} met nothing")
                    proxy.clear()
                    box.clock.advance(later_s)
                started_s = time.monotonic()
                told = drive(client, proxy.base_url, key, folder, later_s)
                seconds = time.monotonic() - started_s
                requests = sum(one.target != SPEC for one in proxy.log())
                orders, known = truth(running.base_url, key)
                found = [
                    hashlib.sha256(path.read_bytes()).hexdigest() in known[path.name]
                    for path in folder.rglob("*")
                    if path.is_file() and path.name in known
                ]
                runs.append(
                    Run(
                        error=told["error"],
                        step=told["step"],
                        validation=told.get("validation"),
                        right=sum(found),
                        wrong=len(found) - sum(found),
                        orders=orders,
                        requests=requests,
                        seconds=seconds,
                    )
                )
        return runs[0], runs[1]


def worded(run: Run) -> str:
    """Say what a run came to."""
    spoilt = f"**{run.wrong} wrong file{'s' if run.wrong > 1 else ''}**"
    if run.error:
        return f"`{run.error}`" + (f", {spoilt} kept" if run.wrong else "")
    if run.wrong:
        seen = "validation finds it" if run.validation else "validation finds nothing"
        return f"{spoilt}, no error ({seen})"
    return "right" if run.orders == 1 else "all files right"


def row(runs: tuple[Run, Run]) -> str:
    """Write the cells of one client."""
    first, second = runs
    orders = "1" if second.orders == 1 else f"**{second.orders}**"
    return f"{worded(first)} | {worded(second)} | {orders} | {first.requests}"


def page(results: dict[tuple[str, str, str], tuple[Run, Run]], seconds: float) -> str:
    """Write the page."""
    versions = subprocess.run(
        [SDK_PYTHON, "-c", "import planet, httpx; print(planet.__version__, httpx.__version__)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    lines = []
    counts = {
        client: {
            "survived": sum(r[0].is_right for k, r in results.items() if k[0] == client),
            "completed": sum(r[1].is_right for k, r in results.items() if k[0] == client),
            "wrong": sum(bool(r[0].wrong) for k, r in results.items() if k[0] == client),
            "kept": sum(bool(r[1].wrong) for k, r in results.items() if k[0] == client),
            "silent": sum(any(one.wrong and not one.error for one in r) for k, r in results.items() if k[0] == client),
            "twice": sum(r[1].orders > 1 for k, r in results.items() if k[0] == client),
        }
        for client in ("planet", "swath")
    }
    total = len(results) // 2
    summary = [
        ("whole, right and bought once, at once", "survived"),
        ("whole, right and bought once, after a second run", "completed"),
        ("a wrong file at its final name after the first run", "wrong"),
        ("a wrong file at its final name after the second run", "kept"),
        ("a wrong file and no error, in either run", "silent"),
        ("ordered twice", "twice"),
    ]
    lines += ["| of " + str(total) + " cases | `planet` SDK | swath |", "| --- | ---: | ---: |"]
    lines += [f"| {text} | {counts['planet'][word]} | {counts['swath'][word]} |" for text, word in summary]
    for group, cases in CASES.items():
        lines += ["", f"## {group}", ""]
        lines += [
            "| fault, once | SDK: first run | second run | orders | requests | swath: first run | second run | orders | requests |"
        ]
        lines += ["| --- | --- | --- | ---: | ---: | --- | --- | ---: | ---: |"]
        for name, _ in cases:
            cells = " | ".join(row(results[client, group, name]) for client in ("planet", "swath"))
            lines.append(f"| {name} | {cells} |")
    today = dt.datetime.now(dt.UTC).date().isoformat()
    return f"""<!-- Written by `make bench-faults`; do not edit. -->

# Faults, measured

What becomes of one plain order (search, order, wait, download) when the network does this to it, by Planet's official
Python SDK and by swath, through the same proxy (`swath.testing.FaultProxy`) before swath's stand-in of Planet.

Measured on {today}: planet {versions[0]} on httpx {versions[1]}, swath {importlib.metadata.version("swath")}, Python
{platform.python_version()}, in {seconds:.0f} s. Repeat it with `make bench-faults`.

- The fault meets one request; what is retried finds a healthy server. **Second run**: the same program again in the
  same folder, ten minutes later, without any fault. The SDK's program keeps the order's id in a file as soon as it has
  it, and then goes on with that order; swath keeps its own ledger.
- **orders** are those that the stand-in has after both runs: more than one is money spent twice. **requests** are
  those of the first run.
- A file is **wrong** if its bytes are not those of the server. "Validation" is the SDK's `validate_checksum`, which its
  program calls after each download; who does not call it learns nothing. swath has no such step: nothing unverified
  gets its final name.
- Both clients bear {PATIENCE_S:g} s of silence, to keep this short; their own defaults are 125 s and 60 s.
- Where nobody can know whether an order was accepted swath raises `OrderUncertain` and does not send it again before
  the provider's own list has shown which it is. That costs a second run where the SDK, by luck, comes right at once.
- A stand-in is not the service: what real gateways do more of is not known from here.

{chr(10).join(lines)}
"""


def main() -> int:
    """Run all cases and write the page."""
    if not SDK_PYTHON.exists():
        print("the official SDK is not installed: run `make peers`", file=sys.stderr)
        return 2
    started_s = time.monotonic()
    wanted = [
        (client, group, name, rules)
        for group, cases in CASES.items()
        for name, rules in cases
        for client in ("planet", "swath")
    ]
    results: dict[tuple[str, str, str], tuple[Run, Run]] = {}
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        futures = {pool.submit(case, client, rules): (client, group, name) for client, group, name, rules in wanted}
        for future in concurrent.futures.as_completed(futures):
            key = futures[future]
            results[key] = future.result()
            first, second = results[key]
            print(f"{key[0]:7}{key[2][:46]:48}{worded(first)} / {worded(second)} ({first.seconds:.0f} s)", flush=True)
    OUTPUT.write_text(page(results, time.monotonic() - started_s), encoding="utf-8")
    print(f"written: {OUTPUT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
