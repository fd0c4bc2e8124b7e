# SPDX-License-Identifier: Apache-2.0
"""What tests of core share: a PostgreSQL server of our own, and a small installed provider with its service."""

from __future__ import annotations

import datetime as dt
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import pytest


def _programs():
    """Find a server's programs, the newest first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True)
    if found:
        return found[0].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _drop_rights():
    """Say as whom the server runs: it refuses root."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def postgres_server():
    """Start a throw-away server on a socket in a folder of its own, and give the address of its database."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    try:
        rights = _drop_rights()
    except KeyError:
        pytest.skip("PostgreSQL refuses to run as root, and there is no user postgres")
    pytest.importorskip("psycopg")
    pytest.importorskip("sqlalchemy")
    # A socket's path may have 107 characters, which pytest's own folders can exceed.
    folder = Path(tempfile.mkdtemp(prefix="swath-pg-", dir="/tmp"))
    if rights:
        os.chown(folder, rights["user"], rights["group"])
    folder.chmod(0o711)
    data = folder / "data"

    def run(program, *arguments):
        done = subprocess.run(
            [programs / program, *arguments], capture_output=True, check=False, cwd=folder, text=True, **rights
        )
        log = (folder / "log").read_text() if (folder / "log").exists() else ""
        assert done.returncode == 0, f"{program}: {done.stderr}{log}"

    try:
        run("initdb", "-D", data, "-U", "swath", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        server = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=60"
        # Its output goes to a file: a pipe would stay open for as long as the server lives.
        run("pg_ctl", "-D", data, "-o", server, "-l", folder / "log", "-s", "-w", "start")
        try:
            yield f"postgresql://swath@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-s", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def postgres(postgres_server):
    """Give the address of a database that holds no ledger yet."""
    import psycopg

    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS swath CASCADE")
    return postgres_server


# --- a provider ------------------------------------------------------------------------------------------------------

INSTALLED = Path(__file__).parent / "installed"


@pytest.fixture
def depot(monkeypatch, tmp_path):
    """Install the depot's plugin, and give its service; nothing of the machine's own environment is seen."""
    monkeypatch.syspath_prepend(str(INSTALLED))
    for name in ("DEPOT_KEY", "DEPOT_URL", "SWATH_PROFILE", "SWATH_LEDGER", "SWATH_KEYRING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SWATH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SWATH_KEYRING", "0")
    from depot_service import Service

    yield Service()
    for name in ("depot_plugin", "depot_service", "foundry_plugin"):
        sys.modules.pop(name, None)


@pytest.fixture
def open_depot(depot, monkeypatch):
    """Let the depot be open: its service listens on loopback, and the environment says where and with which key."""
    with depot.listening():
        monkeypatch.setenv("DEPOT_URL", depot.base)
        monkeypatch.setenv("DEPOT_KEY", "canary-depot-key-0001")
        yield depot


@pytest.fixture
def foundry(depot, tmp_path):
    """Open a depot that also makes what it does not have, over its service in memory."""
    from foundry_plugin import Foundry

    from swath._open import make_provider
    from swath.testing.clock import FakeClock

    clock = FakeClock(dt.datetime(2026, 4, 1, tzinfo=dt.UTC))
    depot.now = clock.now
    depot.approved, depot.come = [], 1
    return lambda plugin=None: make_provider(
        "depot",
        profile="default",
        given={"api_key": "canary-depot-key-0001"},
        plugin=plugin or Foundry(depot),
        clock=clock,
        transport=httpx.MockTransport(depot),
        home=tmp_path / "home",
    )
