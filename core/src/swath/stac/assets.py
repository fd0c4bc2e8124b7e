# SPDX-License-Identifier: Apache-2.0
"""Builds assets and their bands, one by one or by a template that many items share."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from swath.models import ItemDict
from swath.stac import names
from swath.stac.extensions import names_in, prefixes_of
from swath.stac.fields import clean, shared

__all__ = ["AssetTemplate", "asset", "band"]


def asset(
    href: str,
    *,
    media_type: str | None = None,
    roles: Iterable[str] = (),
    title: str | None = None,
    description: str | None = None,
    bands: Iterable[Mapping[str, Any]] = (),
    size: int | None = None,
    checksum: str | None = None,
    fields: Mapping[str, Any] | None = None,
) -> ItemDict:
    """Build a STAC asset.

    Args:
        href: URL, or path.
        media_type: One of this module's media types.
        roles: STAC roles: ``data``, ``metadata``, ``thumbnail``, ``overview``, ...
        title: For people.
        description: For people.
        bands: In the file's order; see `band`.
        size: Bytes.
        checksum: Multihash; see `multihash`.
        fields: Further fields: ``proj:code``, ``data_type``, ``nodata``, ``gsd``, ``planet:...``.

    Returns:
        The asset; what is None or empty is left out.
    """
    made = clean(
        {
            "href": href,
            "type": media_type,
            "title": title,
            "description": description,
            "roles": list(roles) or None,
            "bands": [clean(one) for one in bands] or None,
            names.FILE_SIZE: size,
            names.FILE_CHECKSUM: checksum,
        }
    )
    return made | clean(fields or {})


def band(
    name: str,
    *,
    common_name: str | None = None,
    center_wavelength: float | None = None,
    full_width_half_max: float | None = None,
    description: str | None = None,
    data_type: str | None = None,
    nodata: float | str | None = None,
    unit: str | None = None,
    scale: float | None = None,
    offset: float | None = None,
    fields: Mapping[str, Any] | None = None,
) -> ItemDict:
    """Build one entry of STAC 1.1 ``bands``.

    Args:
        name: Unique in the item.
        common_name: One of `COMMON_NAMES`.
        center_wavelength: Micrometres.
        full_width_half_max: Micrometres.
        description: For people.
        data_type: ``uint16``, ``float32``, ...
        nodata: Value of pixels without data; ``"nan"`` for not a number.
        unit: Of the value once scale and offset are applied.
        scale: Factor from stored to physical value.
        offset: Added after the factor.
        fields: Further fields.

    Returns:
        The band; what is None is left out.
    """
    made = clean(
        {
            "name": name,
            "description": description,
            names.COMMON_NAME: common_name,
            names.CENTER_WAVELENGTH: center_wavelength,
            names.FULL_WIDTH_HALF_MAX: full_width_half_max,
            names.DATA_TYPE: data_type,
            names.NODATA: nodata,
            names.UNIT: unit,
            names.SCALE: scale,
            names.OFFSET: offset,
        }
    )
    return made | clean(fields or {})


class AssetTemplate:
    """An asset that many items have alike, but for its address: it is prepared once, and each costs next to nothing.

    `item` takes a pair of template and address in the place of an asset::

        VISUAL = stac.AssetTemplate(media_type=stac.COG, roles=[stac.ROLE_VISUAL])
        made = stac.item(id=found.id, ..., assets={"visual": (VISUAL, found.href)})

    ``bands`` are shared by all assets of a template and cannot be changed, only replaced; all else is each asset's own.

    Args:
        **about: As `asset` takes it, without ``href``.
    """

    def __init__(self, **about: Any) -> None:
        fields = asset("", **about)
        self.prefixes = prefixes_of(frozenset(names_in(fields)))
        """Prefixes of the fields in use, of extensions that STAC knows."""
        if "bands" in fields:
            fields["bands"] = shared(fields["bands"])
        self._fields = fields
        nested = {name: value for name, value in fields.items() if isinstance(value, dict | list) and name != "bands"}
        self._lists = [(name, value) for name, value in nested.items() if _is_flat(value)]
        self._nested = [(name, value) for name, value in nested.items() if not _is_flat(value)]

    def made(self, href: str) -> ItemDict:
        """Build the asset of one item."""
        made = {**self._fields, "href": href}
        for name, values in self._lists:
            made[name] = [*values]
        for name, value in self._nested:
            made[name] = copy.deepcopy(value)
        return made


def _is_flat(value: Any) -> bool:
    """Whether it is a list with nothing in it that can be changed."""
    return isinstance(value, list) and not any(isinstance(one, dict | list) for one in value)
