# SPDX-License-Identifier: Apache-2.0
"""What the provider's own product dicts are used for: their id, their file, the filters that name their fields."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Mapping
from typing import Any

from swath.errors import InputError, NotOrdered
from swath.models import Asset
from swath.stac import ZIP
from swath_sedas.wire import ONLINE_KEY, Product, file_checksum, wire_keys

__all__ = ["asset_of", "supplier_id_of", "warn_of_unknown"]

_LOG = logging.getLogger("sedas_api")

_FILTERS = frozenset(
    {
        "latency",
        "maxCloudPercent",
        "minCoveragePercent",
        "opticalProductType",
        "orbitDirection",
        "polarisation",
        "sarProductType",
    }
)


def supplier_id_of(product: Mapping[str, Any]) -> str:
    """Give the id of a product dict."""
    # The guide's own examples once passed the whole list of a look-up.
    found = product.get("supplierId") if hasattr(product, "get") else None
    if not isinstance(found, str) or not found:
        raise InputError(
            "the product has no 'supplierId'",
            hint="pass one product as a search lists it: result['products'][0], or search_product(...)[0]",
        )
    return found


def asset_of(product: Mapping[str, Any]) -> Asset:
    """Say what to fetch for a product dict."""
    supplier_id = supplier_id_of(product)
    url = product.get(ONLINE_KEY)
    if not isinstance(url, str) or not url:
        raise NotOrdered(
            f"{supplier_id} has no downloadUrl: it is in the long-term archive",
            provider="sedas",
            hint="call request(product), then is_request_ready(request_id) until it gives a URL; "
            "SeDASBulkDownload does both",
        )
    vendor = product.get("vendorSpecific")
    return Asset(
        href=url,
        name=f"{supplier_id}.zip",
        key="product",
        item=supplier_id,
        checksum=file_checksum(vendor) if isinstance(vendor, Mapping) else None,
        media_type=ZIP,
        roles=("data",),
    )


def warn_of_unknown(filters: Mapping[str, Any]) -> None:
    """Warn of a filter that is neither documented nor a field: the service ignores or misreads it in silence."""
    known = _FILTERS | wire_keys(Product)
    for name in filters.keys() - known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
        _LOG.warning("filter %r is not documented%s", name, f"; did you mean {near[0]!r}?" if near else "")
