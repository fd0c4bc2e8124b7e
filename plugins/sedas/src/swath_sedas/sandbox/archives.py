# SPDX-License-Identifier: Apache-2.0
"""Product archives and pictures by product, made when they are asked for and kept a while."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable

from attrs import field, frozen

from swath.sandbox import World
from swath_sedas.sandbox import radar, sentinel2
from swath_sedas.sandbox.products import Product
from swath_sedas.sandbox.safe import archive, safe_folder

__all__ = ["Archive", "Archives"]

_KEPT_BYTES = 96 << 20


@frozen(kw_only=True)
class Archive:
    """A file with its hash."""

    content: bytes = field(repr=False)
    md5: str
    """Hexadecimal."""


class Archives:
    """Makes archives and pictures; the same product gives the same bytes in every sandbox of the world's seed.

    Args:
        world: Says how many pixels pictures have.
    """

    def __init__(self, world: World) -> None:
        self._pixels = world.scene_pixels
        self._kept: OrderedDict[str, Archive] = OrderedDict()
        self._size = 0
        self._digests: dict[str, str] = {}
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}

    def of(self, product: Product) -> Archive:
        """Give a product's zip archive."""
        return self._get(f"{product.supplier_id}.zip", lambda: self._pack(product))

    def md5_of(self, product: Product) -> str:
        """Give the hash of a product's archive; once made it is known for good."""
        known = self._digests.get(f"{product.supplier_id}.zip")
        return known if known is not None else self.of(product).md5

    def picture(self, product: Product, *, most_pixels: int) -> Archive:
        """Give a PNG of a product.

        Args:
            product: Which.
            most_pixels: Its longer side.
        """
        draw = sentinel2.picture if product.is_optical else radar.picture
        pixels = min(most_pixels, self._pixels)
        return self._get(f"{product.supplier_id}.{pixels}.png", lambda: draw(product, pixels))

    def _pack(self, product: Product) -> bytes:
        if product.group == "NovaSAR":
            files = radar.novasar_files(product, self._pixels)
            return archive({f"{product.supplier_id}.SAFE/{path}": content for path, content in files.items()})
        make = sentinel2.files_of if product.is_optical else radar.sentinel1_files
        return archive(safe_folder(product, make(product, self._pixels)))

    def _get(self, name: str, make: Callable[[], bytes]) -> Archive:
        with self._lock:
            known = self._kept.get(name)
            if known is not None:
                self._kept.move_to_end(name)
                return known
            making = self._making.setdefault(name, threading.Lock())
        with making:
            with self._lock:
                known = self._kept.get(name)
            if known is not None:
                return known
            content = make()
            made = Archive(content=content, md5=hashlib.md5(content, usedforsecurity=False).hexdigest())
            with self._lock:
                self._keep(name, made)
                self._making.pop(name, None)
        return made

    def _keep(self, name: str, made: Archive) -> None:
        self._kept[name] = made
        self._digests[name] = made.md5
        self._size += len(made.content)
        while self._size > _KEPT_BYTES and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._size -= len(dropped.content)
