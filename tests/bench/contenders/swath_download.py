# SPDX-License-Identifier: Apache-2.0
"""The whole of `Provider.download`, ledger, receipts and items included: BASE LIST OUT.

By a plugin whose orders are done at once and whose files are the bench's. Their SHA-256 is published.
"""

import sys
from pathlib import Path

from swath._open import make_provider
from swath.hookspecs import hookimpl
from swath.models import Asset, Order, OrderState, Page, ProviderInfo
from swath.stac import item

base, listed, out = sys.argv[1:4]


class Ready:
    """One order of one item."""

    @hookimpl
    def describe(self):
        return ProviderInfo(name="ready", title="Ready", origins=[base])

    @hookimpl
    def authenticate(self):
        return None

    @hookimpl
    def search(self):
        yield Page(items=[])

    @hookimpl
    def order(self, request):
        return Order(provider="ready", id="1", tag=request.tag, request=request, state=OrderState.SUCCEEDED)

    @hookimpl
    def wait(self, order):
        return order

    @hookimpl
    def download(self, order):
        for line in Path(listed).read_text(encoding="utf-8").splitlines():
            name, size, digest = line.split("\t")
            yield Asset(
                href=f"{base}/{name}", name=Path(name).name, key=name, item="bench", size=int(size),
                checksum=f"1220{digest}", media_type="image/tiff",
            )  # fmt: skip


place = {"geometry": {"type": "Point", "coordinates": [5, 52]}, "datetime": "2026-06-01T00:00:00Z"}
bought = item(id="bench", properties={}, assets={}, provider="ready", **place)
with make_provider("ready", profile=None, given={}, home=Path("home"), plugin=Ready()) as provider:
    order = provider.wait(provider.order([bought]), progress=False)
    provider.download(order, out, progress=False)
