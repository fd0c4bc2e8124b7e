# SPDX-License-Identifier: Apache-2.0
"""The files of orders under the names that Planet gives them, fetched and checked by core.

Source: Planet's documentation of the Orders API (download, manifest), read 2026-11.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from attrs import evolve

from swath import stac
from swath.decoding import read_json
from swath.errors import Gone, InputError, InvalidCredentials, LinkExpired, NotEntitled, NotFound
from swath.hookspecs import Context
from swath.models import Asset
from swath.native import fetch_tree, is_held, safe_path, stream
from swath.progress import shown
from swath_planet._api.data_assets import name_of
from swath_planet.assets import media_type_of_name
from swath_planet.exceptions import ClientError
from swath_planet.results import MANIFEST, checksum_of, manifest_link
from swath_planet.wire import Manifest, OrderPayload, read

__all__ = ["download_asset", "download_order", "manifest", "validate_checksum"]

BUCKET: Final = "orders-files"
_ALGORITHMS: Final = ("MD5", "SHA256")


def manifest(context: Context, location: str) -> tuple[Manifest, bytes]:
    """Read an order's manifest from its link; gives its bytes too.

    Raises:
        LinkExpired: The link was refused; that says nothing of the account's key.
        Gone: Planet has deleted the delivery.
    """
    try:
        response = context.http.request("GET", location, bucket=BUCKET)
    except (InvalidCredentials, NotEntitled) as err:
        raise LinkExpired(
            f"the link to the order's manifest was refused: {err.message}",
            provider="planet",
            status_code=err.status_code,
            request_id=err.request_id,
        ) from err
    except NotFound as err:
        raise Gone(
            f"the order's manifest is not there any more: {err.message}",
            provider="planet",
            status_code=err.status_code,
            request_id=err.request_id,
        ) from err
    found = read_json(response, provider="planet", what="Planet's manifest")
    return read(found, Manifest, "manifest"), response.content


def download_order(
    context: Context,
    order: OrderPayload,
    directory: str | Path,
    *,
    again: Callable[[], OrderPayload],
    overwrite: bool = False,
    progress: bool = False,
) -> list[Path]:
    """Fetch all results of an order to ``<directory>/<name>``; see `Orders.download_order`.

    Args:
        context: The opened account.
        order: With fresh links.
        directory: Where to.
        again: Reads the order anew, when links have died.
        overwrite: Whether whole files are fetched again.
        progress: Whether to show how far it is.
    """
    root = Path(directory)
    assets = _assets(context, order)
    links = _Links(again)
    wanted = [one for one in assets if overwrite or not _stays(one, root)]
    with shown(None if progress else False) as bars:
        fetch_tree(context, wanted, root, overwrite=overwrite, remint=links.remint, progress=bars, bucket=BUCKET)
    return [root / safe_path(one.name) for one in assets]


def _assets(context: Context, order: OrderPayload) -> list[Asset]:
    """List an order's files once each, with what its manifest says of them."""
    link = manifest_link(order)
    told, raw = manifest(context, link) if link else (Manifest(), b"")
    files = {one.path: one for one in told.files}
    found: dict[str, Asset] = {}
    for one in order.results:
        if not one.location or one.name in found:
            continue
        path = one.name.removeprefix(f"{order.id}/")
        file = files.get(path) or files.get(one.name)
        asset = Asset(
            href=one.location,
            name=one.name,
            size=file.size if file else None,
            checksum=checksum_of(file),
            media_type=media_type_of_name(one.name, file.media_type if file else None),
        )
        if one.location == link:
            asset = evolve(asset, size=len(raw), checksum=stac.multihash("sha256", hashlib.sha256(raw).hexdigest()))
        found[one.name] = asset
    return list(found.values())


def _stays(asset: Asset, root: Path) -> bool:
    """Whether a file is there already of which nothing is known that could speak against it."""
    return asset.size is None and asset.checksum is None and (root / safe_path(asset.name)).is_file()


class _Links:
    """Fresh links, asked for once for all files whose links have died together."""

    def __init__(self, again: Callable[[], OrderPayload]) -> None:
        self._again = again
        self._minted: dict[str, str] = {}
        self._lock = threading.Lock()

    def remint(self, asset: Asset) -> Asset:
        """Give the same file with another link.

        Raises:
            LinkExpired: The order does not list the file any more.
        """
        with self._lock:
            if self._minted.get(asset.name, asset.href) == asset.href:
                self._minted = {one.name: one.location for one in self._again().results if one.location}
            link = self._minted.get(asset.name)
        if link is None:
            raise LinkExpired(f"Planet does not list {asset.name!r} any more", provider="planet", step="download")
        return evolve(asset, href=link, expires=None)


def download_asset(
    context: Context,
    location: str,
    filename: str | None,
    directory: str | Path,
    *,
    overwrite: bool = False,
    progress: bool = False,
) -> Path:
    """Fetch one result from its link; see `Orders.download_asset`."""
    root = Path(directory)
    if not filename:
        with stream(context, location) as response:
            filename = name_of(response)
    path = root / safe_path(filename)
    if path.is_file() and not overwrite:
        return path
    asset = Asset(href=location, name=path.relative_to(root).as_posix(), media_type=media_type_of_name(path.name, None))
    with shown(None if progress else False) as bars:
        fetch_tree(context, [asset], root, overwrite=overwrite, progress=bars, bucket=BUCKET)
    return path


def validate_checksum(directory: Path, checksum: str) -> None:
    """Compare the files of an order with its manifest; see `Orders.validate_checksum`."""
    path = directory / MANIFEST
    algorithm = str(checksum).upper()
    if algorithm not in _ALGORITHMS:
        raise ClientError(f"Checksum ({checksum}) must be one of {' or '.join(_ALGORITHMS)}.")
    try:
        told: Any = json.loads(path.read_bytes())
    except OSError as err:
        raise ClientError(f"File ({path}) does not exist.") from err
    except ValueError as err:
        raise ClientError(f"Manifest file ({path}) does not contain valid JSON.") from err
    for file in read(told, Manifest, "manifest").files:
        here = directory / safe_path(file.path)
        digest = (file.digests or {}).get(algorithm.lower())
        try:
            same = is_held(here, stac.multihash(algorithm.lower(), str(digest)))
        except InputError:
            same = False if here.is_file() else None
        if same is None:
            raise ClientError(f"Checksum failed. File ({here}) does not exist.")
        if not same:
            raise ClientError(f"File ({here}) checksums do not match.")
