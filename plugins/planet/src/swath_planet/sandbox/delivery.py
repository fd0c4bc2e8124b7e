# SPDX-License-Identifier: Apache-2.0
"""The files of an order: which there are, what they are called and how they are made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen
from shapely.geometry import mapping, shape
from shapely.ops import unary_union

from swath_planet.sandbox import files, stacfiles
from swath_planet.sandbox.bundles import bundle_assets
from swath_planet.sandbox.files import Cache, Made
from swath_planet.sandbox.holdings import Item
from swath_planet.sandbox.products import Content, Product, file_name, product_of

if TYPE_CHECKING:
    from swath_planet.sandbox.pixels import Picture

__all__ = ["Delivery", "OrderFile", "Share", "choose_bundle", "overlap"]

_SUFFIXES = {
    "clip": "_clip", "reproject": "_reproject", "bandmath": "_bandmath", "file_format": "_file_format",
    "harmonize": "_harmonized", "toar": "_toar",
}  # fmt: skip
_ON_MASKS = frozenset({"clip", "reproject", "file_format"})
_TEXTS = frozenset({Content.XML, Content.RPC, Content.RAW})


@frozen(kw_only=True)
class Share:
    """One item of an order and the bundle it is delivered in."""

    item: Item
    bundle: str

    @property
    def assets(self) -> tuple[str, ...]:
        """Its asset types."""
        return bundle_assets(self.item.item_type, self.bundle)


@frozen(kw_only=True)
class OrderFile:
    """One file of an order."""

    path: str
    """Below the order's directory."""
    media_type: str
    annotations: Mapping[str, str]
    """As the manifest has them."""
    make: Callable[[], bytes] = field(repr=False, eq=False)
    asset_type: str | None = None


def choose_bundle(item: Item, bundles: Iterable[str]) -> str | None:
    """Give the first bundle of which the item has all assets, or None."""
    for bundle in bundles:
        if set(bundle_assets(item.item_type, bundle)) <= set(item.assets):
            return bundle
    return None


def overlap(item: Item, aoi: Mapping[str, Any]) -> dict[str, Any] | None:
    """Give the areal part of an item's footprint within a clip area; None where they do not meet."""
    common = shape(item.scene.footprint).intersection(shape(aoi).buffer(0))
    parts = [p for p in getattr(common, "geoms", (common,)) if p.geom_type in {"Polygon", "MultiPolygon"} and p.area]
    return dict(mapping(unary_union(parts))) if parts else None


@frozen(kw_only=True)
class Delivery:
    """What an order delivers."""

    order_id: str
    name: str
    tools: Sequence[Mapping[str, Any]]
    archive: Mapping[str, Any]
    """The delivery block's archive settings."""
    stac: bool
    shares: Sequence[Share]
    pixels: int
    """Longest side of pictures."""
    cache: Cache = field(repr=False, eq=False)

    def files(self) -> list[OrderFile]:
        """List what is delivered, manifest last; nothing is made yet."""
        plain = self._plain()
        if self.archive.get("archive_type") != "zip":
            return [*plain, self._manifest(plain)]
        packed = self._packed(plain)
        return [*packed, self._manifest(packed)]

    def made(self, file: OrderFile) -> Made:
        """Give a file's bytes and digests."""
        return self.cache.get(("order", self.order_id, file.path), file.make)

    def _plain(self) -> list[OrderFile]:
        if any("composite" in tool for tool in self.tools):
            return self._composited()
        found: list[OrderFile] = []
        for share in self.shares:
            own = [file for asset_type in share.assets for file in self._of_asset(share, asset_type)]
            own.append(self._metadata(share.item, f"{share.item.item_type}/{share.item.id}_metadata.json"))
            found += own
        if self.stac:
            found += self._stac_files(found)
        return found

    # --- one asset ---

    def _of_asset(self, share: Share, asset_type: str) -> list[OrderFile]:
        item, product = share.item, product_of(share.item.item_type, asset_type)
        name = self._suffixed(file_name(item.item_type, item.id, asset_type), product)
        file = OrderFile(
            path=f"{item.item_type}/{name}",
            media_type=product.media_type,
            annotations={
                "planet/item_id": item.id,
                "planet/item_type": item.item_type,
                "planet/bundle_type": share.bundle,
                "planet/asset_type": asset_type,
            },
            make=lambda: self._bytes(item, asset_type, product),
            asset_type=asset_type,
        )
        tile = next((tool["tile"] for tool in self.tools if "tile" in tool), None)
        if tile is None or product.content in _TEXTS or product.content is Content.FRAMES:
            return [file]
        return self._tiled(file, item, product, tile)

    def _suffixed(self, name: str, product: Product) -> str:
        stem, dot, extension = name.rpartition(".")
        for tool in self.tools:
            ((kind, settings),) = tool.items()
            if product.content in _TEXTS or product.content is Content.FRAMES:
                stem += "_clip" if kind == "clip" and product.content is Content.XML else ""
            elif product.content is Content.BANDS or kind in _ON_MASKS:
                stem += _SUFFIXES.get(kind, "")
                if kind == "file_format" and settings["format"] == "PL_NITF":
                    extension = "ntf"
        return f"{stem}{dot}{extension}"

    def _bytes(self, item: Item, asset_type: str, product: Product) -> bytes:
        if product.content in _TEXTS or product.content is Content.FRAMES:
            return files.asset_bytes(item, asset_type, pixels=self.pixels)
        picture = self._worked(self._picture(item, product))
        nitf = any(tool.get("file_format", {}).get("format") == "PL_NITF" for tool in self.tools)
        return picture.encoded("NITF" if nitf else "COG")

    def _picture(self, item: Item, product: Product) -> Picture:
        """Make the picture of an asset, of a clip no more than its part."""
        from swath_planet.sandbox.pixels import Picture

        aoi = self._aoi()
        return Picture.of(item, product, pixels=self.pixels, window=None if aoi is None else overlap(item, aoi))

    def _aoi(self) -> Mapping[str, Any] | None:
        return next((tool["clip"]["aoi"] for tool in self.tools if "clip" in tool), None)

    def _worked(self, picture: Picture) -> Picture:
        """Carry out the tools that work on pixels, in the order of the request."""
        for tool in self.tools:
            ((kind, settings),) = tool.items()
            match kind:
                case "clip":
                    picture = picture.clipped(settings["aoi"])
                case "reproject":
                    kernel, resolution = settings.get("kernel", "near"), settings.get("resolution")
                    picture = picture.reprojected(settings["projection"], resolution, kernel, pixels=self.pixels)
                case "harmonize":
                    picture = picture.harmonized()
                case "toar":
                    picture = picture.to_reflectance(int(settings.get("scale_factor", 10_000)))
                case "bandmath":
                    picture = picture.computed(settings)
        return picture

    def _tiled(self, file: OrderFile, item: Item, product: Product, tile: Mapping[str, Any]) -> list[OrderFile]:
        template = str(tile.get("name_template") or "T_{tilex:04d}_{tiley:04d}")
        whole = self._worked(self._picture(item, product))
        stem, _, extension = file.path.rpartition(".")
        return [
            evolve(file, path=f"{stem}_{template.format(tilex=x, tiley=y)}.{extension}", make=part.encoded)
            for x, y, part in whole.tiles(int(tile["tile_size"]))
        ]

    # --- composite ---

    def _composited(self) -> list[OrderFile]:
        settings = next(tool["composite"] for tool in self.tools if "composite" in tool)
        groups: dict[str, list[Share]] = {}
        for share in self.shares:
            strip = str(share.item.properties.get("strip_id", ""))
            groups.setdefault(f"{strip}_" if settings.get("group_by") == "strip_id" else "", []).append(share)
        found: list[OrderFile] = []
        for prefix, shares in groups.items():
            first = shares[0]
            for asset_type in first.assets:
                product = product_of(first.item.item_type, asset_type)
                if product.content is Content.XML:
                    found += [self._composite_text(share, asset_type) for share in shares]
                elif product.content not in _TEXTS:
                    found.append(self._composite(prefix, shares, asset_type, product))
            found += [self._metadata(share.item, f"{share.item.id}_metadata.json") for share in shares]
        return found

    def _composite(self, prefix: str, shares: Sequence[Share], asset_type: str, product: Product) -> OrderFile:
        kinds = {Content.UDM: "_udm", Content.UDM2: "_udm2"}
        one = shares[0]

        def make() -> bytes:
            first, *others = [self._picture(share.item, product) for share in shares]
            return self._worked(first.merged(others, pixels=self.pixels)).encoded()

        return OrderFile(
            path=f"{prefix}composite{kinds.get(product.content, '')}.tif",
            media_type=product.media_type,
            annotations={
                "planet/item_type": one.item.item_type,
                "planet/bundle_type": one.bundle,
                "planet/asset_type": asset_type,
            },
            make=make,
            asset_type=asset_type,
        )

    def _composite_text(self, share: Share, asset_type: str) -> OrderFile:
        item = share.item
        return OrderFile(
            path=f"{item.id}_{asset_type.removesuffix('_xml')}_metadata.xml",
            media_type="text/xml",
            annotations={
                "planet/item_id": item.id,
                "planet/item_type": item.item_type,
                "planet/bundle_type": share.bundle,
                "planet/asset_type": asset_type,
            },
            make=lambda: files.text_bytes(item, asset_type),
        )

    # --- what goes with them ---

    def _metadata(self, item: Item, path: str) -> OrderFile:
        aoi = self._aoi()
        geometry = item.scene.footprint if aoi is None else overlap(item, aoi)
        told = {"type": "Feature", "id": item.id, "geometry": geometry, "properties": dict(item.properties)}
        annotations = {"planet/item_id": item.id, "planet/item_type": item.item_type}
        return _json_file(path, told, annotations)

    def _stac_files(self, plain: Sequence[OrderFile]) -> list[OrderFile]:
        aoi = self._aoi()
        found: list[OrderFile] = []
        items: dict[str, list[str]] = {}
        for share in self.shares:
            item = share.item
            geometry = item.scene.footprint if aoi is None else overlap(item, aoi)
            own = [file for file in plain if file.annotations.get("planet/item_id") == item.id]
            told = stacfiles.item(item, share.bundle, geometry or item.scene.footprint, own)
            annotations = {"planet/item_id": item.id, "planet/item_type": item.item_type}
            found.append(_json_file(f"{item.item_type}/{item.id}.json", told, annotations))
            items.setdefault(item.item_type, []).append(item.id)
        for item_type, ids in items.items():
            told = stacfiles.collection(item_type, [s.item for s in self.shares if s.item.id in ids])
            annotations = {"planet/item_type": item_type}
            found.append(_json_file(f"{item_type}/{item_type}_collection.json", told, annotations))
        found.append(_json_file("catalog.json", stacfiles.catalog(self.order_id, self.name, items), {}))
        return found

    def _packed(self, plain: Sequence[OrderFile]) -> list[OrderFile]:
        template = str(self.archive.get("archive_filename") or "{{name}}_{{order_id}}.zip")
        if self.archive.get("single_archive"):
            name = template.replace("{{name}}", self.name).replace("{{order_id}}", self.order_id)
            return [self._zip(name.replace("/", "_"), plain)]
        found = []
        for share in self.shares:
            own = [file for file in plain if file.annotations.get("planet/item_id") == share.item.id]
            found.append(self._zip(f"{share.item.item_type}/{share.item.id}_{share.bundle}.zip", own))
        rest = [file for file in plain if "planet/item_id" not in file.annotations]
        return [*found, *rest]

    def _zip(self, path: str, members: Sequence[OrderFile]) -> OrderFile:
        def make() -> bytes:
            packed = {file.path: self.made(file).data for file in members}
            return files.zipped({**packed, "manifest.json": self._manifest(members).make()})

        return OrderFile(path=path, media_type="application/zip", annotations={}, make=make)

    def _manifest(self, listed: Sequence[OrderFile]) -> OrderFile:
        def make() -> bytes:
            entries = []
            for file in listed:
                made = self.made(file)
                entries.append(
                    {
                        "path": file.path,
                        "media_type": file.media_type,
                        "size": len(made.data),
                        "digests": {"md5": made.md5, "sha256": made.sha256},
                        "annotations": dict(file.annotations),
                    }
                )
            return json.dumps({"name": "", "files": entries}).encode()

        return OrderFile(path="manifest.json", media_type="application/json", annotations={}, make=make)


def _json_file(path: str, told: Any, annotations: Mapping[str, str]) -> OrderFile:
    data = json.dumps(told).encode()
    return OrderFile(path=path, media_type="application/json", annotations=annotations, make=lambda: data)
