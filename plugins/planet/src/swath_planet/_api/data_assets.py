# SPDX-License-Identifier: Apache-2.0
"""The part of the Data API that gives files: activating assets, waiting for them, downloading them."""

from __future__ import annotations

import datetime as dt
import logging
import mimetypes
import re
import secrets
import string
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from attrs import evolve

from swath.errors import InputError, InvalidDatetime, QuotaExceeded, SwathError
from swath.hookspecs import Operation
from swath.models import Asset
from swath.native import fetch, is_held, pause, safe_name, stream
from swath.progress import shown
from swath.stac import multihash, parse_timestamp
from swath_planet._api.base import Service
from swath_planet._api.refusals import names_quota
from swath_planet.exceptions import ClientError

if TYPE_CHECKING:
    import httpx

__all__ = ["ACTIVATION_BUCKET", "MAX_REACTIVATIONS", "AssetCalls", "expiry_of", "md5_of", "name_of"]

ACTIVATION_BUCKET: Final = "activation"
"""Rate-limit bucket of activations."""
MAX_REACTIVATIONS: Final = 3
"""How often one wait activates an asset anew that Planet has dropped again."""
_LOG = logging.getLogger("swath.planet")
_DEAD: Final = frozenset({400, 401, 403, 404, 410})
"""What a link that has expired answers."""
_FILE_NAME: Final = re.compile(r"filename=(?:\"([^\"]*)\"|([^;\s]+))", re.IGNORECASE)
_FILE_NAME_UTF8: Final = re.compile(r"filename\*=UTF-8'[^']*'([^;\s]+)", re.IGNORECASE)
_LETTERS: Final = string.ascii_letters + string.digits


def _entry(asset: Mapping[str, Any], *path: str) -> Any:
    """Take an entry of an asset description.

    Raises:
        ClientError: It is not there.
    """
    found: Any = asset
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    if found is None:
        named = "".join(f"[{key!r}]" for key in path)
        active = {"location", "md5_digest"} & set(path)
        raise ClientError(
            f"the asset has no {named}" + ("; is it active?" if active else ""),
            hint="activate it with activate_asset(), then pass what wait_asset() gives"
            if active
            else "pass what get_asset() gives",
        )
    return found


def md5_of(asset: Mapping[str, Any]) -> str | None:
    """Give an asset's published MD5 as multihash, None where it has none yet.

    Raises:
        ClientError: It is no MD5.
    """
    digest = asset.get("md5_digest")
    if not digest:
        return None
    try:
        return multihash("md5", str(digest))
    except InputError as err:
        raise ClientError(f"the asset's md5_digest is {digest!r}, which is no MD5") from err


def expiry_of(asset: Mapping[str, Any]) -> dt.datetime | None:
    """Say when an asset's link dies, None where that is not told."""
    try:
        return parse_timestamp(str(asset["expires_at"])) if asset.get("expires_at") else None
    except InvalidDatetime:
        return None


class AssetCalls(Service):
    """Calls on one asset, given by its description."""

    def activate_asset(self, asset: dict[str, Any]) -> None:
        """Have an asset prepared for download; nothing is sent for one that is active or on its way.

        Args:
            asset: From `get_asset`.

        Raises:
            ClientError: It is no description of an asset.
            QuotaExceeded: The account's quota is used up. Planet says so by the status of too many requests.
        """
        if _entry(asset, "status") != "inactive":
            return
        link = str(_entry(asset, "_links", "activate"))
        answer = self.context.http.request(
            "GET", link, operation=Operation.WRITE, bucket=ACTIVATION_BUCKET, accept=(429,)
        )
        if answer.status_code != 429:
            return
        if names_quota(answer.text):
            raise QuotaExceeded(
                "Planet refuses to activate the asset: the quota is used up",
                provider="planet",
                status_code=429,
                details={"body": answer.text},
            )
        self.call("GET", link, operation=Operation.WRITE, bucket=ACTIVATION_BUCKET)

    def wait_asset(
        self,
        asset: dict[str, Any],
        delay: float = 5,
        max_attempts: int = 200,
        callback: Callable[[str], None] | None = None,
    ) -> dict[str, Any]:
        """Wait until an asset is active. One that Planet drops meanwhile is activated anew, three times at most.

        Args:
            asset: From `get_asset`; activate it first.
            delay: Seconds between the starts of two looks.
            max_attempts: Most looks; 0 for no limit.
            callback: Told the status at the start and after each look.

        Returns:
            The asset as last seen, with its link.

        Raises:
            ClientError: It is no description of an asset, or is not active after the last look.
        """
        looks = renewals = 0
        was_prepared = False
        while True:
            started = self.context.time()
            status = str(_entry(asset, "status"))
            if callback is not None:
                callback(status)
            if status == "active":
                return asset
            link = str(_entry(asset, "_links", "_self"))
            if max_attempts and looks >= max_attempts:
                raise self._not_active(asset, status, looks, was_prepared=was_prepared)
            if status == "inactive" and was_prepared and renewals < MAX_REACTIVATIONS:
                self.activate_asset(asset)
                renewals += 1
            was_prepared = was_prepared or status == "activating"
            spent_s = (self.context.time() - started).total_seconds()
            pause(self.context, max(0.0, delay - spent_s))
            asset = self.json("GET", link)
            looks += 1

    def _not_active(self, asset: Mapping[str, Any], status: str, looks: int, *, was_prepared: bool) -> ClientError:
        hint = "wait again with more max_attempts or a longer delay"
        if status == "inactive" and not was_prepared:
            hint = "nobody has activated it: call activate_asset() first"
        return ClientError(
            f"Maximum number of attempts ({looks}) reached: asset {asset.get('type', '')!r} is still {status!r}",
            hint=hint,
        )

    def download_asset(
        self,
        asset: dict[str, Any],
        filename: str | None = None,
        directory: str | Path = Path(),
        overwrite: bool = False,
        progress_bar: bool = True,
    ) -> Path:
        """Fetch an active asset, whole and verified; a download that was cut short goes on where it ended.

        Args:
            asset: From `wait_asset`, or from `get_asset` for one that is active.
            filename: What to call the file; None for the name that Planet gives it, made safe.
            directory: Where to put it; it is made.
            overwrite: Whether a file of that name is fetched again. Without it a file that is there stays as it is.
            progress_bar: Whether progress is shown, where somebody looks.

        Returns:
            Where the file is.

        Raises:
            ClientError: The asset is not active.
            TransferError: It could not be brought here whole; nothing has the file's name then.
        """
        href = str(_entry(asset, "location"))
        checksum = md5_of(asset)
        wanted = Asset(href=href, name="", checksum=checksum, expires=expiry_of(asset))

        def renewed(dead: Asset) -> Asset:
            seen = self.json("GET", str(_entry(asset, "_links", "_self")))
            return evolve(
                dead, href=str(_entry(seen, "location")), checksum=md5_of(seen) or checksum, expires=expiry_of(seen)
            )

        if filename is None:
            wanted, filename = self._named(wanted, renewed)
        path = Path(directory) / filename
        if not overwrite and (held := is_held(path, checksum)) is not None:
            if not held:
                _LOG.warning("%s is left as it is, and is not the asset: pass overwrite=True to replace it", path)
            return path
        with shown(None if progress_bar else False) as show:
            wanted = evolve(wanted, name=path.name)
            fetch(self.context, wanted, path, overwrite=overwrite, remint=renewed, progress=show)
        return path

    def _named(self, asset: Asset, renewed: Callable[[Asset], Asset]) -> tuple[Asset, str]:
        """Ask what a file is called, by the head of its answer; the link may be renewed on the way."""
        try:
            with stream(self.context, asset.href) as response:
                return asset, name_of(response)
        except SwathError as err:
            if err.status_code not in _DEAD:
                raise
        asset = renewed(asset)
        with stream(self.context, asset.href) as response:
            return asset, name_of(response)

    @staticmethod
    def validate_checksum(asset: dict[str, Any], filename: str | Path) -> None:
        """Compare a file with the MD5 that Planet publishes; it is read in blocks.

        Raises:
            ClientError: There is no such file, the asset has no digest yet, or they differ.
        """
        if is_held(filename) is None:
            raise ClientError(f"there is no file {str(filename)!r}", hint="download it first")
        _entry(asset, "md5_digest")
        if not is_held(filename, md5_of(asset)):
            raise ClientError(
                f"file {str(filename)!r} has another MD5 than the asset, {asset['md5_digest']}",
                hint="download it again with overwrite=True",
            )


def name_of(response: httpx.Response) -> str:
    """Name a download: by its header, else by its address, else by chance."""
    told = response.headers.get("content-disposition", "")
    encoded, plain = _FILE_NAME_UTF8.search(told), _FILE_NAME.search(told)
    name = unquote(encoded[1]) if encoded else (plain[1] or plain[2] or "") if plain else ""
    name = name or unquote(response.url.path.rpartition("/")[2])
    if name.strip(" ./\\"):
        return safe_name(name)
    kind = response.headers.get("content-type", "").partition(";")[0].strip()
    return "planet-" + "".join(secrets.choice(_LETTERS) for _ in range(8)) + (mimetypes.guess_extension(kind) or "")
