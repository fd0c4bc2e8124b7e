# SPDX-License-Identifier: Apache-2.0
"""Examines this machine: versions, plugins, proxy and certificates, disk, ledger."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import ssl
import stat
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from importlib import metadata
from pathlib import Path

from swath._doctor.findings import Finding, Level
from swath._home import config_dir, state_dir
from swath._http.redact import redact_url
from swath._registry import EXTENSIONS, PROVIDERS, ProviderHooks, list_plugins, load_plugin
from swath.errors import SwathError

__all__ = ["check_disk", "check_ledger", "check_plugins", "check_proxies", "check_versions"]

_LIBRARIES = ("attrs", "cattrs", "click", "cql2", "httpx", "pluggy", "pystac", "shapely", "stevedore")
_EXTRAS = ("geopandas", "keyring", "odc-stac", "pyarrow", "rasterio", "starlette", "uvicorn", "xarray")
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_NOT_HEEDED = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_SPACE_BAD, _SPACE_ODD = 50 * 2**20, 2 * 2**30


def _version_of(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def check_versions() -> Iterator[Finding]:
    """Name Python, swath and the libraries it stands on."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    level = Level.OK if sys.version_info >= (3, 11) else Level.FAIL
    yield Finding(part="versions", name="python", level=level, text=f"{python} on {system}")
    yield Finding(part="versions", name="swath", text=_version_of("swath") or "not installed as a distribution")
    here = {name: _version_of(name) for name in _LIBRARIES}
    lacking = [name for name, version in here.items() if version is None]
    yield Finding(
        part="versions",
        name="libraries",
        level=Level.FAIL if lacking else Level.OK,
        text=", ".join(f"{name} {version or 'MISSING'}" for name, version in here.items()),
        hint="install swath again: pip install --force-reinstall swath" if lacking else "",
        facts=here,
    )
    extras = {name: version for name in _EXTRAS if (version := _version_of(name))}
    yield Finding(
        part="versions",
        name="extras",
        text=", ".join(f"{name} {version}" for name, version in extras.items()) or "none",
        facts=extras,
    )


def check_plugins() -> Iterator[Finding]:
    """Import every plugin and say what is broken or claimed twice."""
    for group in (PROVIDERS, EXTENSIONS):
        kind = group.rpartition(".")[2].removesuffix("s")
        entries = list_plugins(group)
        claims = Counter(entry.name for entry in entries)
        if group == PROVIDERS and not entries:
            yield Finding(
                part="plugins",
                name="providers",
                level=Level.WARN,
                text="no provider is installed",
                hint="for example: pip install 'swath[planet]'",
            )
        for name in sorted(claims):
            holders = [entry for entry in entries if entry.name == name]
            told = " and ".join(f"{entry.distribution} {entry.version}" for entry in holders)
            facts = {"kind": kind, "distributions": [f"{one.distribution} {one.version}" for one in holders]}
            try:
                plugin = load_plugin(name, group)
                if group == PROVIDERS:
                    ProviderHooks(name, plugin).describe()
            except SwathError as err:
                yield Finding(part="plugins", name=name, level=Level.FAIL, text=err.message, hint=err.hint, facts=facts)
            else:
                yield Finding(part="plugins", name=name, text=f"{kind} of {told}", facts=facts)


def check_proxies(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Name the proxy and certificate settings in effect."""
    for name in _PROXIES:
        value = environ.get(name) or environ.get(name.lower()) or ""
        if value:
            yield Finding(part="proxy", name=name, text=value if name == "NO_PROXY" else redact_url(value))
    for name in _CERTIFICATES:
        if environ.get(name):
            yield _certificates(name, environ[name])
    for name in _NOT_HEEDED:
        if environ.get(name) and not environ.get("SSL_CERT_FILE"):
            yield Finding(
                part="proxy",
                name=name,
                level=Level.WARN,
                text="is set, and only other programs heed it",
                hint=f'export SSL_CERT_FILE="${name}"',
            )
    if not any(environ.get(name) or environ.get(name.lower()) for name in (*_PROXIES, *_CERTIFICATES)):
        yield Finding(part="proxy", name="settings", text="none: direct, with the certificates that httpx brings")


def _certificates(name: str, path: str) -> Finding:
    """Load certificates as httpx would."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    why = ""
    try:
        if name == "SSL_CERT_FILE":
            context.load_verify_locations(cafile=path)
        elif not Path(path).is_dir():
            why = "it is no folder"
    except (OSError, ssl.SSLError) as err:
        why = str(err)
    if why:
        hint = f"correct or unset {name}: no https address can be reached with it"
        return Finding(part="proxy", name=name, level=Level.FAIL, text=f"{path} cannot be used: {why}", hint=hint)
    count = f": {len(context.get_ca_certs())} certificates" if name == "SSL_CERT_FILE" else ""
    return Finding(part="proxy", name=name, text=f"{path}{count}")


def check_disk(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Measure the room where swath writes."""
    for name, path in (("state folder", state_dir(environ)), ("current folder", Path.cwd())):
        at = next(one for one in (path, *path.parents) if one.exists())
        free = shutil.disk_usage(at).free
        level, hint = Level.OK, ""
        if not os.access(at, os.W_OK):
            level, hint = (
                Level.FAIL,
                "make it writable" if name == "current folder" else "set SWATH_HOME to another one",
            )
            if name == "current folder":
                level = Level.WARN
        elif free < _SPACE_BAD:
            level, hint = Level.FAIL, "free some space"
        elif free < _SPACE_ODD:
            level, hint = Level.WARN, "large deliveries will not fit"
        rights = "" if os.access(at, os.W_OK) else ", not writable"
        yield Finding(
            part="disk",
            name=name,
            level=level,
            text=f"{path}: {free / 1e9:.1f} GB free{rights}",
            hint=hint,
            facts={"path": str(path), "free_bytes": free},
        )
    yield from _private(environ)


def _private(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Say if others could read what is private."""
    if os.name != "posix":
        return
    for path in (config_dir(environ) / "credentials.json", state_dir(environ) / "ledger.sqlite3"):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding(
                part="disk",
                name=path.name,
                level=Level.WARN,
                text=f"{path} has mode {stat.S_IMODE(path.stat().st_mode):04o}: others may read it",
                hint=f"chmod 600 {path}",
            )


def _shared_ledger(environ: Mapping[str, str]) -> Finding:
    from swath._ledger import open_ledger

    try:
        with closing(open_ledger(environ=environ)) as ledger:
            states = Counter(entry.order.state.value for entry in ledger.entries())
    except SwathError as err:
        return Finding(part="ledger", name="shared", level=Level.FAIL, text=err.message, hint=err.hint)
    told = ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "empty"
    return Finding(part="ledger", name="shared", text=told, facts={"states": dict(states)})


def check_ledger(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Read the ledger without changing a byte; opening it as usual would set a broken one aside.

    A shared one is opened as usual: what is wrong with it is its server's business, and it is never set aside.
    """
    if environ.get("SWATH_LEDGER", "").strip():
        yield _shared_ledger(environ)
    path = state_dir(environ) / "ledger.sqlite3"
    for aside in sorted(path.parent.glob(f"{path.name}.corrupt-*")) if path.parent.is_dir() else ():
        if not aside.name.endswith(("-wal", "-shm")):
            yield Finding(
                part="ledger",
                name="set aside",
                level=Level.WARN,
                text=f"{aside} was damaged and is kept",
                hint="take its orders up again with: swath reconcile; then it may be deleted",
            )
    if not path.exists():
        yield Finding(part="ledger", name="orders", text="no order was made here yet")
        return
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5.0)) as reader:
            answer = reader.execute("PRAGMA quick_check(1)").fetchone()[0]
            version = reader.execute("PRAGMA user_version").fetchone()[0]
            states = dict(reader.execute("SELECT state, count(*) FROM orders GROUP BY state").fetchall())
    except sqlite3.Error as err:
        if getattr(err, "sqlite_errorcode", None) == sqlite3.SQLITE_READONLY_ROLLBACK:
            yield Finding(
                part="ledger",
                name="orders",
                level=Level.WARN,
                text=f"a process was killed while it wrote to {path}; what it had begun is still to be undone",
                hint="any command that uses it does that: swath orders",
            )
            return
        answer, version, states = str(err), None, {}
    if answer != "ok":
        yield Finding(
            part="ledger",
            name="orders",
            level=Level.FAIL,
            text=f"{path} is damaged: {answer}",
            hint="the next command sets it aside and begins a new one; then run: swath reconcile",
        )
        return
    told = ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "empty"
    unsure = states.get("uncertain", 0)
    yield Finding(
        part="ledger",
        name="orders",
        level=Level.WARN if unsure else Level.OK,
        text=f"{told} (schema {version})",
        hint="look for what is uncertain with: swath reconcile" if unsure else "",
        facts={"states": states, "schema": version},
    )
