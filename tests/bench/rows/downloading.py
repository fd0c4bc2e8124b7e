# SPDX-License-Identifier: Apache-2.0
"""Bytes: one large file, with and without its checksum, several, capped connections, TLS, many small ones."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from harness.measuring import Failed
from harness.model import Contender, Goal, Ground, Row
from harness.places import script, tool
from servers.files import make_large, make_many, make_small
from servers.nginx import serving

MOST_MB: Final = 60.0
"""What swath may take of memory, whatever the size of the files."""


def _ground(make: Callable[[Path, Path], Path], server: str = "plain") -> Callable[[Path], Any]:
    @contextlib.contextmanager
    def prepare(folder: Path) -> Iterator[Ground]:
        root = folder / "www"
        root.mkdir()
        listed = make(root, folder)
        lines = [line.split("\t") for line in listed.read_text(encoding="utf-8").splitlines()]
        out = folder / "out"
        with serving(root, folder / "nginx") as served:
            base = getattr(served, server)
            _write_inputs(folder, base, lines, out)
            yield {
                "base": base,
                "list": listed,
                "lines": lines,
                "out": out,
                "root": root,
                "curl": folder / "curl.config",
                "aria2c": folder / "aria2c.input",
                "manifest": folder / "manifest.json",
                "certificate": served.certificate,
                "large": lines[0][0],
            }

    return prepare


def _write_inputs(folder: Path, base: str, lines: Sequence[Sequence[str]], out: Path) -> None:
    """Write the lists that curl and aria2c read, and the manifest that Planet's SDK does."""
    urls = [f"{base}/{name}" for name, _, _ in lines]
    names = [Path(name).name for name, _, _ in lines]
    curl = [f'url = "{url}"\noutput = "{out / name}"\n' for url, name in zip(urls, names, strict=True)]
    (folder / "curl.config").write_text("".join(curl), encoding="utf-8")
    aria = [f"{url}\n  dir={out}\n  out={name}\n" for url, name in zip(urls, names, strict=True)]
    (folder / "aria2c.input").write_text("".join(aria), encoding="utf-8")
    files = [{"path": Path(name).name, "digests": {"sha256": digest}} for name, _, digest in lines]
    (folder / "manifest.json").write_text(json.dumps({"files": files}), encoding="utf-8")


def _check(ground: Ground) -> None:
    """See that as many files of these sizes are there; where each went, and under which name, is up to the program."""
    found = Counter(path.stat().st_size for path in Path(ground["out"]).rglob("*") if path.is_file())
    wanted = Counter(int(size) for _, size, _ in ground["lines"])
    if wanted - found:
        raise Failed(f"{(wanted - found).total()} of {wanted.total()} files are not there in their full size")


def _trusting(ground: Ground) -> dict[str, str]:
    return {"SSL_CERT_FILE": str(ground["certificate"]), "REQUESTS_CA_BUNDLE": str(ground["certificate"])}


def _of(name: str, place: str, file: str, *more: object, **options: Any) -> Contender:
    """Make a contender of a script that is called with BASE LIST OUT."""
    return Contender(
        name=name,
        place=f"{place}+nginx+openssl",
        argv=lambda ground: script(place, file, ground["base"], ground["list"], ground["out"], *more),
        **options,
    )


def _swath(name: str, published: str, *most: int, **options: Any) -> Contender:
    return _of(name, "swath", "swath_fetch.py", published, *most, side="swath", **options)


def _limit(connections: int, how: str = "splice") -> Contender:
    name = f"sockets × {connections} ({how})"
    return _of(name, "swath", "limit_fetch.py", connections, how, side="limit")


def _curl(*more: str) -> Contender:
    return Contender(
        name="curl",
        place="curl+nginx+openssl",
        argv=lambda ground: [str(tool("curl")), "-sSf", *more, "-K", str(ground["curl"])],
        env=_trusting,
    )


def _curl_and_hash(ground: Ground) -> list[str]:
    target = Path(ground["out"]) / Path(ground["large"]).name
    digest = ground["lines"][0][2]
    fetch = f"{tool('curl')} -sSf -K {ground['curl']}"
    return ["sh", "-c", f"{fetch} && echo '{digest}  {target}' | sha256sum --check --status"]


def _aria2c(connections: int, files: int = 1) -> Contender:
    flags = ["-q", "--file-allocation=falloc", "-k1M", f"-x{connections}", f"-s{connections}", f"-j{files}"]
    return Contender(
        name="aria2c" if connections == 1 else f"aria2c × {connections}",
        place="aria2c+nginx+openssl",
        argv=lambda ground: [str(tool("aria2c")), "--no-conf", *flags, "-i", str(ground["aria2c"])],
    )


def _planet_validated(ground: Ground) -> list[str]:
    run = script("planet", "planet_fetch.py", ground["base"], ground["list"], ground["out"], "--validate")
    return ["sh", "-c", f'cp {ground["manifest"]} {ground["out"]}/ && exec "$@"', "sh", *run]


WHOLE = _of("swath, Provider.download", "swath", "swath_download.py", side="swath")
PLANET = _of("planet", "planet", "planet_fetch.py")
CAPELLA = _of("capella", "capella", "capella_fetch.py")
EODAG = _of("eodag", "clients", "eodag_fetch.py")
STAC_ASSET = _of("stac-asset", "clients", "stac_asset_fetch.py")
HTTPX = _of("httpx", "clients", "httpx_fetch.py")
URLLIB3 = _of("urllib3", "clients", "urllib3_fetch.py")
PYCURL = _of("pycurl", "clients", "pycurl_fetch.py")


def _faster(ours: str, other: str, times: float) -> Goal:
    return Goal(ours=ours, other=other, most=1 / times)


def _memory(*ours: str) -> list[Goal]:
    return [Goal(ours=one, measure="rss_mb", most=MOST_MB) for one in ours]


ROWS: Final = (
    Row(
        key="large",
        title="One 1 GiB file",
        prepare=_ground(make_large),
        check=_check,
        contenders=[
            _swath("swath", "size"),
            _swath("swath, nothing published", "none"),
            _curl(),
            _aria2c(8),
            URLLIB3,
            _of("obstore", "clients", "obstore_fetch.py"),
            HTTPX,
            PLANET,
            CAPELLA,
            EODAG,
            STAC_ASSET,
            _limit(1),
            _limit(1, "recv"),
        ],
        goals=[
            Goal(ours="swath", other="curl", most=1.0),
            _faster("swath", "planet", 3.5),
            *[_faster("swath", other, 2) for other in ("capella", "eodag", "stac-asset")],
            *_memory("swath", "swath, nothing published"),
        ],
    ),
    Row(
        key="verified",
        title="One 1 GiB file and its SHA-256 checked",
        prepare=_ground(make_large),
        check=_check,
        contenders=[
            _swath("swath", "sha256"),
            WHOLE,
            Contender(name="curl, then sha256sum", place="curl+sha256sum+nginx+openssl", argv=_curl_and_hash),
            Contender(name="planet, validated", place="planet+nginx+openssl", argv=_planet_validated),
            Contender(
                name="hashing alone",
                place="swath+nginx+openssl",
                side="limit",
                argv=lambda ground: ["sh", "-c", _keep_hashed(ground)],
            ),
        ],
        goals=[
            Goal(ours="swath", other="hashing alone", most=1.1),
            _faster("swath", "planet, validated", 3.5),
            *_memory("swath", WHOLE.name),
        ],
    ),
    Row(
        key="many",
        title="16 files of 64 MiB",
        prepare=_ground(make_many),
        check=_check,
        contenders=[
            _swath("swath", "size"),
            _swath("swath, SHA-256 checked", "sha256"),
            _curl("--parallel", "--parallel-immediate"),
            _aria2c(1, 16),
            _of("requests × 8 threads", "clients", "requests_fetch.py", 8),
            PLANET,
            CAPELLA,
            EODAG,
            STAC_ASSET,
            _limit(4),
        ],
        goals=[
            Goal(ours="swath", other="curl", most=0.8, text="swath: at most 0.8 × curl"),
            _faster("swath", "planet", 5),
            _faster("swath", "capella", 5),
            _faster("swath", "eodag", 3),
            *_memory("swath", "swath, SHA-256 checked"),
        ],
    ),
    Row(
        key="capped",
        title="One 1 GiB file, each connection capped at 50 MiB/s",
        prepare=_ground(make_large, "capped"),
        check=_check,
        contenders=[
            _swath("swath", "size"),
            _swath("swath, at most 8", "size", 8),
            _aria2c(8),
            _aria2c(16),
            _curl(),
            PLANET,
            CAPELLA,
            STAC_ASSET,
            _limit(32),
        ],
        goals=[
            Goal(ours="swath, at most 8", other="aria2c × 8", most=1.05),
            Goal(ours="swath", other="aria2c × 16", most=1.05),
            *[_faster("swath, at most 8", other, 7.5) for other in ("planet", "capella", "stac-asset")],
            *[_faster("swath", other, 14) for other in ("planet", "capella", "stac-asset")],
            *_memory("swath", "swath, at most 8"),
        ],
        note="swath chooses the connections by itself, 16 at most. What one carries takes 20.5 s; that is run once.",
    ),
    Row(
        key="tls",
        title="One 1 GiB file by TLS",
        prepare=_ground(make_large, "tls"),
        check=_check,
        contenders=[
            _swath("swath", "size", env=_trusting),
            _curl(),
            *[_of(name, "clients", f"{name}_fetch.py", env=_trusting) for name in ("pycurl", "urllib3", "httpx")],
        ],
        goals=[Goal(ours="swath", other="curl", most=1.15), *_memory("swath")],
    ),
    Row(
        key="small",
        title="2,000 files of 64 KiB",
        prepare=_ground(make_small),
        check=_check,
        contenders=[
            _swath("swath", "size"),
            WHOLE,
            _curl("--parallel", "--parallel-immediate"),
            _of("obstore × 8", "clients", "obstore_fetch.py", 8),
            URLLIB3,
            HTTPX,
            _of("planet without its limiter", "planet", "planet_fetch.py", "--no-limiter"),
            _of("planet", "planet", "planet_fetch.py", slow=True),
            _of("capella", "capella", "capella_fetch.py", slow=True),
            EODAG,
            STAC_ASSET,
            _limit(2),
        ],
        goals=[
            Goal(ours="swath", other="curl", most=3.0),
            _faster("swath", "planet without its limiter", 7),
            _faster("swath", "stac-asset", 3),
            _faster("swath", "eodag", 10),
            *_memory("swath"),
        ],
    ),
)


def _keep_hashed(ground: Ground) -> str:
    """Hash the served file; a link to it stands for the file that the others have fetched."""
    run = " ".join(script("swath", "hash_alone.py", ground["root"], ground["list"]))
    return f"ln {ground['root']}/{ground['large']} {ground['out']}/ && exec {run}"
