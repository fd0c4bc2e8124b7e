# SPDX-License-Identifier: Apache-2.0
"""Conformance: what was downloaded opens as arrays or tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pystac
import pytest

from swath._provider import Provider
from swath.errors import InputError, UnknownAsset
from swath.models import ItemDict
from swath.testing.subject import Subject

__all__ = ["BaseLoad"]


def _is_table(data: Any) -> bool:
    """Whether it is a `geopandas.GeoDataFrame`, not an `xarray.Dataset`."""
    return not hasattr(data, "data_vars")


class BaseLoad(Subject):
    """Georeferenced, named, and lazy where they are arrays."""

    @pytest.fixture
    def local(self, provider: Provider, wanted: list[ItemDict], tmp_path: Path) -> list[pystac.Item]:
        """What was downloaded of one item: itself, or what came of it."""
        order = provider.wait(provider.order(wanted[:1], **self.order), timeout=3600)
        return provider.download(order, tmp_path / "data", progress=False)

    def _names(self, data: Any, local: list[pystac.Item]) -> list[str]:
        """Name what can be loaded: bands of arrays, asset keys of tables."""
        if not _is_table(data):
            return [str(name) for name in data.data_vars]
        return [key for key, asset in local[0].assets.items() if "data" in (asset.roles or ())]

    def test_item_loads_with_time_and_place(self, provider: Provider, local: list[pystac.Item]) -> None:
        data = provider.load(local)

        if _is_table(data):
            assert len(data)
            assert set(data["item"]) == {item.id for item in local}
            assert self.lacks("georeferencing") or data.crs is not None
            return
        assert {"y", "x"} <= set(data.sizes)
        assert data.sizes["time"] == len({item.datetime for item in local})
        assert data.data_vars
        assert self.lacks("georeferencing") or data.attrs["georeferenced"] == 1
        first = next(iter(data.data_vars.values()))
        assert first.isel(time=0).compute().size == data.sizes["y"] * data.sizes["x"]

    def test_p56_arrays_are_lazy(self, provider: Provider, local: list[pystac.Item]) -> None:
        data = provider.load(local)
        if _is_table(data):
            pytest.skip("tables are read at once")

        assert all(array.chunks is not None for array in data.data_vars.values())

    def test_p39_folder_loads_without_the_order(
        self, provider: Provider, local: list[pystac.Item], tmp_path: Path
    ) -> None:
        by_folder, by_items = provider.load(tmp_path / "data"), provider.load(local)

        assert self._names(by_folder, local) == self._names(by_items, local)
        if _is_table(by_items):
            assert by_folder.shape == by_items.shape
        else:
            assert dict(by_folder.sizes) == dict(by_items.sizes)

    def test_band_is_chosen_by_name(self, provider: Provider, local: list[pystac.Item]) -> None:
        name = self._names(provider.load(local), local)[-1]

        chosen = provider.load(local, bands=[name])

        assert len(chosen) if _is_table(chosen) else list(chosen.data_vars) == [name]

    def test_unknown_band_lists_what_there_is(self, provider: Provider, local: list[pystac.Item]) -> None:
        name = self._names(provider.load(local), local)[0]

        with pytest.raises(UnknownAsset, match="no_such_band") as caught:
            provider.load(local, bands=["no_such_band"])

        assert name in str(caught.value)

    def test_p61_unknown_option_gets_a_suggestion(self, provider: Provider, local: list[pystac.Item]) -> None:
        with pytest.raises(InputError, match="resolution"):
            provider.load(local, resolutoin=10)
