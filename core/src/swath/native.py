# SPDX-License-Identifier: Apache-2.0
"""For plugins that also offer their provider's own API under its own names: core's HTTP, transfer and threads.

A native client holds what `open_context` gives, and leaves sockets, threads and files to core as the hooks do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from swath._clock import Clock, SystemClock
from swath._stores import exists, holds, put, size
from swath._worker import Threads, at_hand, check, current
from swath.errors import LoadError
from swath.hookspecs import Context
from swath.models import Asset, LoadOptions, Receipt

if TYPE_CHECKING:
    import httpx

    from swath.progress import Event

__all__ = [
    "area_m2",
    "at_hand",
    "close_context",
    "exists",
    "fetch",
    "fetch_stored",
    "fetch_tree",
    "holds",
    "is_held",
    "is_whole_tiff",
    "keep_credentials",
    "load",
    "open_context",
    "pause",
    "put",
    "read_json",
    "safe_name",
    "safe_path",
    "size",
    "stream",
    "trust",
    "workers",
]


def open_context(
    provider: str,
    *,
    plugin: object | None = None,
    profile: str | None = None,
    read_timeout_s: float | None = None,
    signed: bool = True,
    **given: Any,
) -> Context:
    """Open an account the way `swath.open` does, without the neutral surface on top.

    Args:
        provider: Entry-point name.
        plugin: Instance of the provider class, so that no entry point needs to be installed.
        profile: Which of several accounts.
        read_timeout_s: Seconds of silence after which an answer is given up; core's own choice if None.
        signed: Whether credentials are needed; without, as for a sign-in, nothing is signed.
        **given: Credentials and settings, by the names that the plugin declares.

    Returns:
        The context whose `http` is signed, if `signed`.

    Raises:
        MissingCredentials: If a required credential was found nowhere.
    """
    from swath._session import open_session

    return open_session(
        provider, profile=profile, given=given, plugin=plugin, read_s=read_timeout_s, signed=signed
    ).context


def close_context(context: Context) -> None:
    """Close the context's connections."""
    close = getattr(context.http, "close", None)
    if close is not None:
        close()


def keep_credentials(context: Context, values: Mapping[str, str]) -> str:
    """Keep credentials for this account where ``swath auth login`` does; those found in a keyring go there again.

    Args:
        context: The opened account.
        values: By name of the `CredentialField`.

    Returns:
        Where they are now, in words. What the environment holds still comes first.

    Raises:
        ConfigurationError: The place cannot be written; nothing has changed.
    """
    from swath._credentials import store_credentials

    held = [context.credentials[name].source for name in values if name in context.credentials]
    where = "keyring" if "keyring" in held else "file"
    return store_credentials(context.provider, context.profile, values, where=where)


def pause(context: Context, seconds: float) -> None:
    """Let seconds pass on core's clock, as between two looks at an order; it ends at once when the work is dropped."""
    settings = getattr(context.http, "settings", None)
    clock: Clock = getattr(settings, "clock", None) or SystemClock()
    check()
    if seconds > 0:
        clock.sleep(seconds)
        check()


def trust(context: Context, url: str) -> None:
    """Let requests to this URL's origin be signed: the user named it as a place of the provider's services."""
    settings = getattr(context.http, "settings", None)
    origins = getattr(settings, "origins", None)
    if origins is not None:
        origins.add(url)


def stream(context: Context, url: str) -> AbstractContextManager[httpx.Response]:
    """Open a download as a stream, signed only where the plugin's origins allow.

    Yields:
        An answer of status 200 whose body is still unread.
    """
    client: Any = context.http  # core's own client, which has `stream` beside what `Http` promises
    opened: AbstractContextManager[httpx.Response] = client.stream("GET", url)
    return opened


def fetch(
    context: Context,
    asset: Asset,
    path: str | Path,
    *,
    overwrite: bool = False,
    remint: Callable[[Asset], Asset] | None = None,
    progress: Callable[[Event], None] | None = None,
) -> Receipt:
    """Fetch one file, whole and verified, to exactly this path; see `swath.Provider.download` for what that means.

    Args:
        context: The opened account.
        asset: What to fetch.
        path: Where it goes; its folder is made.
        overwrite: Whether a file that is there already is fetched again.
        remint: Gives the same file with a fresh link, once the link has died.
        progress: Told of the bytes; see `swath.progress.shown`.

    Raises:
        TransferError: If it cannot be brought here whole; nothing is at `path` then that was not there before.
    """
    from swath._transfer.fetch import fetch_all
    from swath._transfer.plan import Target

    client: Any = context.http  # core's own client, which has `stream` beside what `Http` promises
    target = Target(asset=asset, path=Path(path))
    report = fetch_all([target], http=client, overwrite=overwrite, remint=remint, progress=progress)
    check()
    report.raise_for_failures()
    return report.receipts[0]


def fetch_tree(
    context: Context,
    assets: Sequence[Asset],
    directory: str | Path,
    *,
    overwrite: bool = False,
    remint: Callable[[Asset], Asset] | None = None,
    progress: Callable[[Event], None] | None = None,
    workers: int = 8,
    bucket: str = "download",
) -> list[Receipt]:
    """Fetch several files at once, each to its own name under a folder, as `safe_path` gives it; see `fetch`.

    Args:
        context: The opened account.
        assets: What to fetch.
        directory: Where to; it is made.
        overwrite: Whether files that are there already are fetched again.
        remint: Gives the same file with a fresh link, once the link has died.
        progress: Told of the bytes; see `swath.progress.shown`.
        workers: Most files on their way at once.
        bucket: Rate-limit bucket, of `ProviderInfo.limits`.

    Returns:
        Receipts in the order of `assets`.

    Raises:
        PartialFailure: Some failed; the others are in place. Of a single file, its own error.
        TargetNotWritable: A link leads out of the folder.
        NameCollision: Two files have one name.
    """
    from swath._transfer.fetch import fetch_all
    from swath._transfer.plan import Target, confine

    client: Any = context.http  # core's own client, which has `stream` beside what `Http` promises
    targets = [Target(asset=asset, path=Path(directory) / safe_path(asset.name)) for asset in assets]
    confine(targets, Path(directory).absolute())
    report = fetch_all(
        targets,
        http=_Bucket(client, bucket),
        overwrite=overwrite,
        remint=remint,
        progress=progress,
        cancelled=current(),
        workers=workers,
    )
    check()
    report.raise_for_failures()
    return list(report.receipts)


def fetch_stored(
    context: Context,
    assets: Sequence[Asset],
    url: str,
    *,
    remint: Callable[[Asset], Asset] | None = None,
    progress: Callable[[Event], None] | None = None,
    workers: int = 8,
    bucket: str = "download",
) -> None:
    """Fetch several files into an object store, each by way of this machine, where it is verified first.

    What is at a key is replaced; of a file that fails, nothing is left there.

    Args:
        context: The opened account.
        assets: What to fetch; the name of each is the end of its key.
        url: ``s3://bucket`` or ``s3://bucket/prefix``; see `put`.
        remint: Gives the same file with a fresh link, once the link has died.
        progress: Told of the bytes that arrive here; see `swath.progress.shown`.
        workers: Most files on their way at once, and on this machine.
        bucket: Rate-limit bucket, of `ProviderInfo.limits`.

    Raises:
        PartialFailure: Some failed; the others are in place. Of a single file, its own error.
    """
    from swath._transfer.stored import fetch_stored as fetch_to_store

    report = fetch_to_store(
        assets,
        url,
        http=_Bucket(context.http, bucket),
        remint=remint,
        progress=progress,
        cancelled=current(),
        workers=workers,
    )
    check()
    report.raise_for_failures()


class _Bucket:
    """Core's client, whose streams count against one rate-limit bucket."""

    def __init__(self, http: Any, bucket: str) -> None:
        self._http = http
        self._bucket = bucket

    def stream(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, wait: bool = True
    ) -> AbstractContextManager[httpx.Response]:
        """Open a stream."""
        opened: AbstractContextManager[httpx.Response] = self._http.stream(
            method, url, headers=headers, bucket=self._bucket, wait=wait
        )
        return opened


def is_held(path: str | Path, checksum: str | None = None) -> bool | None:
    """Tell whether a file is here and the right one; it is read in blocks, whatever its size.

    Args:
        path: Local file.
        checksum: Multihash in hexadecimal, as `Asset.checksum`; None for nothing to compare with.

    Returns:
        None where there is no file; False where it has another checksum.
    """
    from swath._transfer.digest import hash_file

    if not Path(path).is_file():
        return None
    return checksum is None or bool(hash_file(Path(path), checksum).matches)


def is_whole_tiff(path: str | Path) -> bool:
    """Whether a file is here and is a TIFF that was not cut short, as its own directories tell; pixels are not read."""
    from swath._transfer.tiff import is_whole_tiff as is_whole

    return is_whole(Path(path))


def load(items: Any, options: LoadOptions | None = None, *, as_recorded: bool = False) -> Any:
    """Load downloaded items as core does where a plugin has no `load` of its own.

    Args:
        items: STAC Items with local hrefs.
        options: What to read and how.
        as_recorded: Whether rasters are left in the geometry that they are stored in, the sensor's, so that their phase
            is kept; ground control points are where ``.rio.get_gcps()`` finds them.

    Returns:
        `xarray.Dataset` (time, y, x) or `geopandas.GeoDataFrame`.
    """
    from swath._load import load_items

    return load_items(items, options, as_recorded=as_recorded)


def read_json(item: Mapping[str, Any], key: str, options: LoadOptions | None = None) -> Any:
    """Read an item's JSON asset that was downloaded, or that the load reads through its link; None where neither.

    Args:
        item: STAC Item as the hook `load` was given it.
        key: Of the asset.
        options: As the hook was given them; they know the links.

    Raises:
        LoadError: The file is no JSON, or its link leads nowhere.
    """
    href = str(((item.get("assets") or {}).get(key) or {}).get("href") or "")
    linked = options.links.get(href) if options is not None else None
    if linked is None and (not href or "://" in href or not Path(href).is_file()):
        return None
    try:
        return json.loads(Path(href).read_bytes() if linked is None else linked.read())
    except ValueError as err:
        raise LoadError(
            f"asset {key!r} of item {item.get('id')!r} is no JSON: {href}",
            details={"item": str(item.get("id")), "asset": key, "path": href},
        ) from err


def area_m2(geometry: Mapping[str, Any]) -> float:
    """Give the area of a GeoJSON geometry on the WGS 84 ellipsoid, square metres; 0 for points and lines."""
    from swath._geometry.measure import area_m2 as area

    return area(geometry)


def safe_name(name: str) -> str:
    """Turn a file name that a server gave into one that every system takes and that leads to no other folder."""
    from swath._transfer.names import relative_parts

    return relative_parts(name)[-1]


def safe_path(name: str) -> PurePosixPath:
    """Turn a relative path that a server gave into one that every system takes and that stays in its folder.

    Unlike those of `swath.Provider.download`, names keep blanks and signs that only URLs must escape: other clients of
    the same provider find the files under them.
    """
    from swath._transfer.names import relative_parts

    parts = relative_parts(name)
    given = [piece for piece in re.split(r"[/\\]", name) if piece.strip(" .")]
    if len(given) != len(parts):
        return PurePosixPath(*parts)
    kept = (
        piece if piece == piece.strip() and re.sub(r"[ %#\[\]{}^`]", "_", piece) == part else part
        for piece, part in zip(given, parts, strict=True)
    )
    return PurePosixPath(*kept)


def workers(count: int) -> Executor:
    """Give threads to run independent downloads on; close it, or use it in a ``with``."""
    return Threads(count, thread_name_prefix="swath-native")
