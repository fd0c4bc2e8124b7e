# SPDX-License-Identifier: Apache-2.0
"""Plays a scenario of this folder and notes what came of every step.

A scenario is a script that imports Cecil's SDK and calls `play` with what it does. It is given a `Seen`, whose calls
carry out one step each, and prints one JSON object: what every step gave or raised, and which methods were called with
which arguments. This module knows no client: the scenario passes its own on.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import math
import time
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from scenario_steps import PLAIN_ERRORS, ROOT, UNKNOWN, Steps, advance, as_json, carry_out, fault, sandbox

__all__ = [
    "DAY_S", "FORESTS", "HANSEN", "KEY", "LAND_COVER", "ROOT", "SMALL_KEY", "SPECIES", "UNKNOWN",
    "advance", "arrived", "asked", "deliver", "fault", "named", "play", "receiver", "sandbox", "settings", "square",
    "subscribed", "turn",
]  # fmt: skip

KEY = "sandbox-cecil-key"
SMALL_KEY = "sandbox-cecil-small"
FORESTS = "4d8bd6ba-b751-4c46-8e70-5000e6d8b212"
HANSEN = "9659ec1d-7091-4f8b-9db5-e9fe07d2f508"
LAND_COVER = "a4bb9aea-b6df-4d19-9083-38357f8fa76c"
SPECIES = "f30f2125-c472-43c7-85c8-52f0d4b1d160"
DAY_S = 86_400
OWN_ERRORS = ("Error", "HTTPError", "DuplicateSubscriptionError", "SDKError", "SubscriptionFailedError")


class Seen(Steps):
    """What a scenario has seen so far; of an error the classes and attributes that callers can tell."""

    def warns(self, label, function, *args, **options):
        """Carry out a step that must succeed; note what it gives, and of which categories it warns in which words."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            value = self(label, function, *args, **options)
        self.note(f"{label}, warnings", [one.category.__name__ for one in caught if one.category is UserWarning])
        return value, [str(one.message) for one in caught if one.category is UserWarning]

    @staticmethod
    def plain(value):
        """Give a value as JSON types."""
        return plain(value)

    def told(self, err):
        """Give an error's classes, and what it knows of a refusal."""
        kinds = [one for one in type(err).__mro__ if self._is_own(one) or one in PLAIN_ERRORS]
        told = {"raised": [one.__name__ for one in kinds] or [type(err).__name__]}
        for name in ("status_code", "status", "response_body", "subscription_id", "status_message"):
            if self._is_own(type(err)) and getattr(err, name, None) is not None:
                told[name] = getattr(err, name)
        return told

    def _is_own(self, kind):
        return kind.__name__ in OWN_ERRORS and kind is getattr(self.errors, kind.__name__, None)


def plain(value):
    """Give a value as JSON types; arrays and tables by their whole content."""
    kind = type(value).__name__
    if kind == "Dataset" and hasattr(value, "data_vars"):
        return raster(value)
    if kind == "GeoDataFrame":
        return table(value)
    if kind == "CRS":
        return value.to_epsg()
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return plain(value.item())
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat() if value.tzinfo else f"naive {value.isoformat()}"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    for way in ("model_dump", "to_dict"):
        if hasattr(value, way):
            return {"is": kind, **plain(getattr(value, way)())}
    fields = getattr(type(value), "__attrs_attrs__", None)
    if fields is not None:
        return {"is": kind, **{one.name: plain(getattr(value, one.name)) for one in fields}}
    return as_json(value, plain)


def raster(found):
    """Give a raster dataset by what it says of itself, and digests of its numbers."""
    return {
        "sizes": dict(found.sizes),
        "attrs": plain(found.attrs),
        "coords": {
            name: {
                "dims": list(one.dims),
                "sha256": digest(one.values.astype("datetime64[ns]" if name == "time" else "f8")),
            }
            for name, one in sorted(found.coords.items())
            if name != "spatial_ref"
        },
        "variables": {name: variable(one) for name, one in sorted(found.data_vars.items())},
    }


def variable(one):
    """Give one variable of a raster dataset."""
    values = one.compute()
    return {
        "dims": list(one.dims),
        "dtype": str(one.dtype),
        "computed": str(values.dtype),
        "lazy": one.chunks is not None,
        # Where the name of the coordinate with the reference system stands differs from loader to loader.
        "attrs": plain({name: told for name, told in one.attrs.items() if name != "grid_mapping"}),
        "encoding": {name: plain(one.encoding[name]) for name in ("scale_factor", "add_offset", "_FillValue") if name in one.encoding},
        "sha256": digest(values.values),
        "mean": round(float(values.astype("f8").mean(skipna=True)), 6) if values.size else None,
    }  # fmt: skip


def digest(values):
    """Give the SHA-256 of an array's bytes."""
    return hashlib.sha256(values.tobytes()).hexdigest()


def table(found):
    """Give a table with geometries, row by row."""
    rows = [
        {name: one[name].wkt if hasattr(one[name], "wkt") else missing(one[name]) for name in found.columns}
        for _, one in found.iterrows()
    ]
    return {
        "columns": list(found.columns),
        "attrs": plain(found.attrs),
        "rows": plain(rows),
        "index": list(map(int, found.index)),
    }


def missing(value):
    """Give None for each of the ways in which tables lack a value."""
    if value is None or value != value:  # noqa: PLR0124 - not a number
        return None
    return value.to_pydatetime() if hasattr(value, "to_pydatetime") else value


def square(west, south, edge=0.01):
    """Make a square polygon of `edge` degrees."""
    east, north = west + edge, south + edge
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def named(client, name):
    """Give the id of a dataset by its name."""
    return next(one.id for one in client.list_datasets() if one.name == name)


def subscribed(client, dataset, geometry=None):
    """Subscribe to a dataset without noting it, and give the subscription."""
    area = client.create_aoi(geometry or square(132.5, -12.7))
    return client.create_subscription(area.id, dataset)


def settings(**changed):
    """Change how the stand-in behaves."""
    sandbox("PATCH", "/_cecil/settings", changed)


def deliver(subscription, count=1):
    """Bring the next chunks of a subscription."""
    sandbox("POST", f"/_cecil/subscriptions/{subscription.id}/deliver", {"count": count})


def turn(subscription, status, message=None):
    """Put a subscription into a state."""
    sandbox("POST", f"/_cecil/subscriptions/{subscription.id}", {"status": status, "status_message": message})


def asked(path):
    """Give the requests that the stand-in has seen, as method and path."""
    return [f"{one['method']} {one['path']}" for one in sandbox("GET", f"/_sandbox/log?path={path}")["requests"]]


@contextlib.contextmanager
def receiver():
    """Take webhooks; gives their URL and the list of their bodies and signatures."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((raw, self.headers.get("Cecil-Signature")))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hooks", got
    finally:
        server.shutdown()


def arrived(got, count):
    """Wait until so many webhooks have come."""
    until = time.monotonic() + 20
    while len(got) < count and time.monotonic() < until:
        time.sleep(0.01)
    return len(got)


def reach_the_bucket():
    """Lead pyarrow to the sandbox: no variable of the environment does (contract 8.2)."""
    with contextlib.suppress(ImportError):
        import pyarrow.fs

        made = pyarrow.fs.S3FileSystem
        place = {"scheme": "http", "endpoint_override": ROOT.partition("//")[2]}
        pyarrow.fs.S3FileSystem = lambda *args, **options: made(*args, **{**options, **place})


def play(scenario, errors):
    """Carry out a scenario, and print what came of it."""

    def reaching(seen):
        reach_the_bucket()
        scenario(seen)

    carry_out(reaching, Seen(errors))
