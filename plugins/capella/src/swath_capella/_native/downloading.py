# SPDX-License-Identifier: Apache-2.0
"""Downloads of the native client: which files are whole here already, links that have died, core's transfers.

Source: the Capella wire contract, 4, read 2026-11.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from swath.errors import (
    InvalidCredentials,
    LinkExpired,
    NotEntitled,
    PartialFailure,
    SwathError,
)
from swath.models import Asset
from swath.native import exists, fetch_stored, fetch_tree, is_whole_tiff, stream, workers
from swath.progress import shown
from swath_capella._native.ordering import Ordering
from swath_capella._native.places import Place, is_stored, target_file, target_folder
from swath_capella._native.searching import Finder, asked
from swath_capella._native.selecting import Planned, asset_of, of_types, plan
from swath_capella._native.session import LOG, Session
from swath_capella._native.tasking import Tasking
from swath_capella._native.words import checked_words, required_ids
from swath_capella.enumerations import ProductType
from swath_capella.exceptions import ClientError

__all__ = ["Downloads", "Paths"]

Paths = dict[str, dict[str, Place]]
_AT_ONCE: Final = 8
_COLLECTS: Final = 100
"""Acquisitions that one search names."""


class Downloads:
    """The downloads of an account.

    Args:
        session: The account.
        finder: Searches its catalogue.
        ordering: Its orders.
        tasking: Its tasking requests.
    """

    def __init__(self, session: Session, finder: Finder, ordering: Ordering, tasking: Tasking) -> None:
        self._session = session
        self._finder = finder
        self._ordering = ordering
        self._tasking = tasking

    # --- products ----------------------------------------------------------------------------------------------------

    def products(
        self,
        *,
        items: list[dict[str, Any]] | None,
        order_id: str | None,
        tasking_request_id: str | None,
        collect_id: str | None,
        local_dir: Any,
        include: Any,
        exclude: Any,
        product_types: Any,
        separate_dirs: bool,
        contract_id: str | None,
        **how: bool,
    ) -> Paths:
        """Fetch the files of several products; see `CapellaConsoleClient.download_products`."""
        root = target_folder(local_dir)
        if items is None and not (order_id or tasking_request_id or collect_id):
            raise ClientError("please provide one of items_presigned, order_id, tasking_request_id or collect_id")
        plan([], include=include, exclude=exclude)  # what is misspelt is said before anything is ordered
        types = checked_words(product_types, ProductType, "product_types") if product_types else None
        if items is None:
            if order_id is None:
                collects = self._collects(tasking_request_id, collect_id)
                items, order_id = self._ordered(collects, types, contract_id)
            else:
                items = self._ordering.presigned_when_ready(order_id)
        chosen = of_types(items, types)
        planned = plan(chosen, include=include, exclude=exclude, separate_dirs=separate_dirs)
        if not planned:
            LOG.warning("nothing to download")
        paths: Paths = {str(one["id"]): {} for one in chosen if "id" in one}
        for one in planned:
            paths.setdefault(one.item, {})[one.key] = root / one.asset.name
        self._fetch(planned, root, order_id, **how)
        return paths

    def product(
        self,
        assets: Mapping[str, Any] | None,
        order_id: str | None,
        *,
        local_dir: Any,
        include: Any,
        exclude: Any,
        **how: bool,
    ) -> dict[str, Place]:
        """Fetch the files of one product; see `CapellaConsoleClient.download_product`."""
        root = target_folder(local_dir)
        if assets is None and order_id is None:
            raise ClientError("please provide either assets_presigned or order_id")
        if assets is None and order_id is not None:
            items = self._ordering.presigned_when_ready(order_id)
            if len(items) > 1:
                LOG.warning("order %s has %d products; the first is used: %s", order_id, len(items), items[0]["id"])
            assets = items[0]
        planned = plan([] if assets is None else [assets], include=include, exclude=exclude)
        if not planned:
            LOG.warning("nothing to download")
        self._fetch(planned, root, order_id, **how)
        return {one.key: root / one.asset.name for one in planned}

    def _collects(self, tasking_request_id: str | None, collect_id: Any) -> list[str]:
        """Say which acquisitions are meant."""
        if tasking_request_id:
            return [str(one["collectId"]) for one in self._tasking.collects(tasking_request_id)]
        return required_ids([collect_id] if isinstance(collect_id, str) else collect_id)

    def _ordered(
        self, collects: list[str], types: list[str] | None, contract_id: str | None
    ) -> tuple[list[dict[str, Any]], str]:
        """Order the products of acquisitions, or find the order that has them."""
        found: list[dict[str, Any]] = []
        for at in range(0, len(collects), _COLLECTS):
            what: dict[str, Any] = {"collect_id": collects[at : at + _COLLECTS], "limit": 10_000}
            found += self._finder.search(asked(what | ({"product_type": types} if types else {})))
        if not found:
            LOG.warning("there are no products of collect %s", ", ".join(collects[:5]))
            return [], ""
        order_id = self._ordering.submit(
            None,
            found,
            check_active_orders=True,
            omit_search=True,
            omit_review=False,
            contract_id=contract_id,
        )
        ids = {str(one["id"]) for one in found}
        return [one for one in self._ordering.presigned_when_ready(order_id) if one["id"] in ids], order_id

    # --- single files ------------------------------------------------------------------------------------------------

    def asset(self, url: str, local_path: Any, **how: bool) -> Place:
        """Fetch one file; see `CapellaConsoleClient.download_asset`."""
        path = target_file(local_path, url)
        one = Planned(item="", key="data", asset=asset_of(url, path.name))
        self._fetch([one], path.parent, None, threaded=False, **how)
        return path

    def size(self, url: str) -> int:
        """Ask how large a file is, bytes; see `CapellaConsoleClient.get_asset_bytesize`."""
        try:
            with stream(self._session.context, url) as response:
                length = response.headers.get("content-length", "")
        except SwathError as err:
            raise _as_link(err) from err
        return int(length) if length.isdigit() else -1

    # --- fetching ----------------------------------------------------------------------------------------------------

    def _fetch(
        self,
        planned: list[Planned],
        root: Place,
        order_id: str | None,
        *,
        override: bool,
        show_progress: bool,
        threaded: bool,
        enable_resume: bool = True,
    ) -> None:
        """Bring files to their places: those that are whole here already are left alone."""
        if is_stored(root) and enable_resume:
            LOG.warning("nothing is resumed in S3: what is there already %s", "is replaced" if override else "stays")
            enable_resume = False
        links = _Links(self._ordering, order_id)
        count = _AT_ONCE if threaded else 1
        distinct = list({one.asset.name: one for one in planned}.values())
        if not override:
            with workers(count) as pool:
                kept = list(pool.map(lambda one: self._stays(one.asset, root, links, probe=enable_resume), distinct))
            distinct = [one for one, stays in zip(distinct, kept, strict=True) if not stays]
        if not distinct:
            return
        self._session.tell("downloading %d files to %s", len(distinct), root)
        try:
            with shown(None if show_progress else False) as bars:
                assets = [one.asset for one in distinct]
                how: dict[str, Any] = {"remint": links.fresh, "progress": bars, "workers": count}
                if isinstance(root, Path):
                    fetch_tree(self._session.context, assets, root, overwrite=True, **how)
                else:
                    fetch_stored(self._session.context, assets, str(root), **how)
        except PartialFailure:
            raise
        except SwathError as err:
            raise _as_link(err) from err

    def _stays(self, asset: Asset, root: Place, links: _Links, *, probe: bool) -> bool:
        """Whether a file is here and need not be fetched."""
        if not isinstance(root, Path):
            return exists(f"{str(root).rstrip('/')}/{asset.name}")
        path = root / asset.name
        if not path.is_file():
            return False
        if not probe:
            return True
        here = path.stat().st_size
        there = self._probed(asset, links)
        if there <= 0:
            return _is_whole(path)
        if here > there:
            LOG.warning("%s has %d bytes, the file there has %d: it is fetched anew", path, here, there)
        return here == there

    def _probed(self, asset: Asset, links: _Links) -> int:
        """Ask for a file's size; below 1 where that cannot be known."""
        try:
            return self.size(asset.href)
        except SwathError:
            pass
        try:
            return self.size(links.fresh(asset).href)
        except SwathError:
            return -1


class _Links:
    """Fresh links: of the order that is being downloaded, else of a live one that holds the item.

    They are asked for once for all files whose links have died together.
    """

    def __init__(self, ordering: Ordering, order_id: str | None) -> None:
        self._order_id = order_id
        self._ordering = ordering
        self._minted: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def fresh(self, asset: Asset) -> Asset:
        """Give the same file with another link.

        Raises:
            LinkExpired: No live order holds it.
        """
        place = (asset.item or "", urlsplit(asset.href).path)
        with self._lock:
            if self._minted.get(place, asset.href) == asset.href:
                self._minted |= self._links(asset.item)
            link = self._minted.get(place)
        if link is None:
            raise LinkExpired(
                f"the link to {asset.name!r} has died and no active order holds the file",
                provider="capella",
                step="download",
                hint="order it again, which is free for what was bought, or get new links by get_presigned_items",
            )
        return asset_of(link, asset.name, asset.key, asset.item)

    def _links(self, item: str | None) -> dict[tuple[str, str], str]:
        items: list[dict[str, Any]] = []
        if self._order_id:
            items = self._ordering.presigned(self._order_id)
        elif item:
            items = self._ordering.presigned_again(item)
        links = [(str(one.get("id")), str(found.get("href"))) for one in items for found in one["assets"].values()]
        return {(name, urlsplit(href).path): href for name, href in links}


def _as_link(err: SwathError) -> SwathError:
    """Say that a link was refused, which has nothing to do with the account."""
    if not isinstance(err, NotEntitled | InvalidCredentials):
        return err
    return LinkExpired(
        f"the link was refused: {err.message}",
        provider="capella",
        step="download",
        status_code=err.status_code,
        hint="get new links by get_presigned_items; an expired order must be placed again first",
    )


def _is_whole(path: Path) -> bool:
    """Whether a file whose right size nobody knows is whole by its own form, as far as that tells."""
    suffix = path.suffix.lower()
    if not path.stat().st_size:
        return False
    if suffix in {".json", ".geojson"}:
        try:
            json.loads(path.read_bytes())
        except ValueError:
            return False
    return suffix not in {".tif", ".tiff"} or is_whole_tiff(path)
