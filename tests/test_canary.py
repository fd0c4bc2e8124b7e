# SPDX-License-Identifier: Apache-2.0
"""One run through everything that swath does, well and badly, with secrets that must turn up nowhere."""

import contextlib
import io
import json
import logging
import os
import pickle
import subprocess
import sys
import traceback
import urllib.request
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from swath._open import make_provider
from swath.errors import SwathError
from swath.sandbox import Sandbox, World
from swath.testing.subject import BoxClock

DELIVERY = "canary-delivery-3c5b"
GIVEN = "canary-argument-77d0"
SEARCHES = {
    "capella": (
        {"collections": ["capella-geo"], "bbox": [5.4, 52.42, 5.6, 52.55], "datetime": "2026-05-01/2026-06-15", "max_items": 2},
        {},
    ),
    "planet": (
        {"collections": ["PSScene"], "bbox": [4.0, 52.0, 4.5, 52.3], "datetime": "2026-03-01/2026-03-10", "max_items": 2},
        {"bundle": "visual"},
    ),
    "sedas": (
        {"collections": ["sentinel-2-l1c"], "bbox": [5.4, 52.42, 5.6, 52.55], "datetime": "2026-02-01/2026-06-15",
         "filter": "\"order:status\" = 'orderable'", "max_items": 1},
        {},
    ),
}  # fmt: skip
BUYS = {"capella": r"/orders$", "planet": r"/orders/v2$", "sedas": r"/request/[^/]+$"}
FILES = {"capella": r"/capella-data/", "planet": r"/download/|/storage|/files", "sedas": r"/datamgr/"}


SECRETS = {"capella": "CAPELLA_API_KEY", "planet": "PL_API_KEY", "sedas": "SEDAS_PASSWORD"}


class Witness:
    """Keeps everything that a person, a log file or another program would see."""

    def __init__(self):
        self.seen: dict[str, bytes] = {}

    def saw(self, where, what):
        self.seen[f"{len(self.seen):03} {where}"] = what if isinstance(what, bytes) else str(what).encode()

    def try_(self, where, action):
        """Do something that may fail; keep the error in all its forms, or what came and its pickle."""
        try:
            result = action()
        except SwathError as err:
            self.saw(f"{where}: error", f"{err} {err!r} {err.hint} {err.details!r} {vars(err)!r}")
            self.saw(f"{where}: traceback", "".join(traceback.format_exception(err)))
            self.saw(f"{where}: pickled error", pickle.dumps(err))
            return err
        self.saw(f"{where}: repr", repr(result))
        with contextlib.suppress(TypeError, AttributeError):  # a lazy array or an iterator
            self.saw(f"{where}: pickle", pickle.dumps(result))
        return result

    def hits(self, secrets):
        return {
            (where, name)
            for where, data in self.seen.items()
            for name, secret in secrets.items()
            if secret.encode() in data
        }


@pytest.fixture
def run(tmp_path, monkeypatch):
    with Sandbox(list(SEARCHES), world=World(speed=50.0, rate_limits=False)) as box:
        for name, value in box.env.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("SWATH_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")

        def opened(name, **given):
            return make_provider(
                name, profile="default", given=given, home=tmp_path / "home", clock=BoxClock(box.clock)
            )

        yield box, opened, tmp_path


@pytest.fixture
def log():
    """Everything that is logged, at the finest level, as an application would write it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    # The stand-ins run in this process too; what a server logs of itself is not swath's.
    handler.addFilter(lambda record: not record.name.startswith("uvicorn"))
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in ("", "httpx", "httpcore", "swath")}
    root.addHandler(handler)
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def live(opened, name, witness, data):
    """Go through the whole life cycle."""
    search, options = SEARCHES[name]
    with opened(name) as provider:
        witness.saw(f"{name}: provider", repr(provider))
        witness.saw(f"{name}: context", repr(provider._session.context) + repr(provider._session))
        witness.try_(f"{name}: pickled provider", lambda: provider)
        witness.try_(f"{name}: authenticate", provider.authenticate)
        found = witness.try_(f"{name}: search", lambda: provider.search(**search))
        items = witness.try_(f"{name}: items", lambda: list(found.items_as_dicts()))
        delivery = {"amazon_s3": {"bucket": "b", "aws_region": "eu-west-1", "aws_access_key_id": DELIVERY,
                                  "aws_secret_access_key": DELIVERY}}  # fmt: skip
        witness.try_(f"{name}: dry run", lambda: provider.order(items, dry_run=True, delivery=delivery, **options))
        witness.try_(f"{name}: delivery", lambda: provider.order(items, delivery=delivery, **options))
        order = witness.try_(f"{name}: order", lambda: provider.order(items, **options))
        order = witness.try_(f"{name}: wait", lambda: provider.wait(order, timeout=1_000_000))
        assets = provider._session.hooks.download(provider._session.context, order)
        witness.try_(f"{name}: assets", lambda: repr(assets))
        local = witness.try_(f"{name}: download", lambda: provider.download(order, data / name))
        witness.try_(f"{name}: load", lambda: provider.load(local, bands=["red"]))
        witness.try_(f"{name}: orders", provider.orders)
    assert len(local) == len(items)
    return assets


def fail(run, name, witness, secret):
    """Fail in every way there is; the provider's words repeat the secret."""
    box, opened, data = run
    search, options = SEARCHES[name]
    echo = {"message": f"the key {secret} is not good", "authorization": f"Bearer {secret}"}
    with opened(name) as provider:
        items = list(provider.search(**search).items_as_dicts())
        for status in (400, 401, 402, 403, 404, 409, 410, 429, 500, 503):
            for what in (echo, f"<html><title>{secret}</title></html>", f"https://x.test/?token={secret}"):
                box.faults.clear()
                box.faults.add(provider=name, path="", status=status, body=what, times=None)
                witness.try_(f"{name}: {status} search", lambda: list(provider.search(**search).items_as_dicts()))
            witness.try_(f"{name}: {status} order", lambda: provider.order(items, again=True, **options))
        for fault in ({"drop": "before"}, {"drop": "after", "reset": True}, {"html": True}, {"truncate_at": 5}):
            box.faults.clear()
            box.faults.add(provider=name, path=BUYS[name], method="POST", times=None, **fault)
            witness.try_(f"{name}: {fault} order", lambda: provider.order(items, again=True, **options))
        box.faults.clear()
        order = provider.orders(states=["succeeded"])[0]
        for fault in ({"status": 403, "body": echo}, {"html": True}, {"flip_bit_at": 40}, {"truncate_at": 60}):
            box.faults.add(provider=name, path=FILES[name], times=None, **fault)
            witness.try_(
                f"{name}: {fault} file", lambda: provider.download(order, data / "data" / "bad", overwrite=True)
            )
            box.faults.clear()
    key = {"api_key": GIVEN}
    given = {"capella": key, "planet": key, "sedas": {"username": "someone", "password": GIVEN}}[name]
    with opened(name, **given) as provider:
        witness.try_(f"{name}: wrong credentials", provider.authenticate)
        witness.try_(f"{name}: provider with arguments", lambda: provider)


COMMANDS = [
    ["auth", "status"],
    ["auth", "status", "--json"],
    ["doctor"],
    ["doctor", "--json"],
    ["orders", "--json"],
    ["budget"],
    ["search", "planet", "-c", "PSScene", "--bbox", "4,52,4.5,52.3", "-d", "2026-03", "-n", "1", "-vv"],
    ["search", "planet", "--ids", "none", "-vv"],
    ["search", "sedas", "-c", "nothing", "-vv"],
    ["auth", "status", "sedas", "--check", "-vv"],
    ["tasks", "capella", "-vv"],
    ["task", "capella", "--at", "5.5,52.4", "-d", "2026-12-01/2026-12-09", "-vv"],
    ["wait", "nothing", "-vv"],
]


def test_p27_no_secret_turns_up_anywhere(run, log):
    box, opened, folder = run
    witness = Witness()
    secrets = {
        "capella key": box.env["CAPELLA_API_KEY"],
        "planet key": box.env["PL_API_KEY"],
        "sedas password": box.env["SEDAS_PASSWORD"],
        "delivery": DELIVERY,
        "argument": GIVEN,
    }

    for name in SEARCHES:
        links = live(opened, name, witness, folder / "data")
        for at, asset in enumerate(links):
            for key, value in parse_qsl(urlsplit(asset.href).query):
                if key.lower() in {"token", "sig", "signature"}:
                    secrets[f"{name} link {at} {key}"] = value
        fail(run, name, witness, box.env[SECRETS[name]])
    for file in (folder / "home" / "tokens").glob("*.json"):
        secrets[f"token {file.name}"] = json.loads(file.read_text())["value"]
    for command in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-m", "swath", *command], env=dict(os.environ), capture_output=True, check=False
        )
        witness.saw(f"{command}: output", done.stdout + done.stderr)
    witness.saw("log", log.getvalue())
    for name, running in box.providers.items():
        with urllib.request.urlopen(f"{running.base_url}/_sandbox/log") as answer:
            witness.saw(f"{name}: sandbox log", answer.read())
    private = {folder / "home" / "tokens", folder / "home" / "credentials.json"}
    for file in [*(folder / "home").rglob("*"), *(folder / "data").rglob("*")]:
        if file.is_file() and not private & {file, *file.parents}:
            witness.saw(f"file {file.relative_to(folder)}", file.read_bytes())
            witness.saw(f"name of {file.name}", str(file))

    assert any(name.startswith("token") for name in secrets)
    assert any("link" in name for name in secrets)
    assert len(witness.seen) > 150
    assert "GET" in log.getvalue()
    assert sorted(witness.hits(secrets)) == []


def test_p27_the_witness_sees_a_secret_that_is_there():
    """The search itself works: without this the test above could pass for no reason."""
    witness = Witness()

    witness.saw("log", "nothing")
    witness.saw("error", f"bad key {GIVEN}")

    assert witness.hits({"argument": GIVEN}) == {("001 error", "argument")}


def test_p27_what_keeps_tokens_is_private(run):
    _, opened, folder = run
    with opened("sedas") as provider:
        provider.authenticate()

    files = list((folder / "home" / "tokens").glob("*.json"))

    assert files
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}
    assert oct(Path(folder / "home").stat().st_mode & 0o777) == "0o700"
