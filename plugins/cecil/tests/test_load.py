# SPDX-License-Identifier: Apache-2.0
"""`Provider.load` of what was downloaded, and of what was not."""

from __future__ import annotations

import numpy as np
import pytest

from swath.errors import InputError, UnknownAsset

MONITORING = "4d8bd6ba-b751-4c46-8e70-5000e6d8b212"
COVER = "a4bb9aea-b6df-4d19-9083-38357f8fa76c"
LONG_S = 30 * 86400


@pytest.fixture
def delivered(provider):
    """Order a dataset by its name over an area, and wait."""

    def make(name, west):
        collection = next(one.id for one in provider.get_collections() if one.title == name)
        found = provider.search(
            collections=[collection],
            bbox=[west, 50.0, west + 0.004, 50.004],
            filter="\"cecil:kind\" = 'area'",
        )
        return provider.wait(provider.order(found), timeout=LONG_S)

    return make


def test_downloaded_rasters_are_a_series_in_time_of_stored_values(provider, delivered, tmp_path):
    order = delivered("Forest Carbon Monitoring", 1.0)

    found = provider.load(provider.download(order, tmp_path, progress=False))

    assert found["canopy_height"].dims == ("time", "y", "x")
    assert found.sizes["time"] == 4
    assert found["canopy_height"].dtype == np.uint8
    assert found["canopy_height"].attrs["scale_factor"] == 0.5
    assert found["aboveground_live_carbon_density"].attrs["_FillValue"] == 32767
    assert found["aboveground_live_carbon_density"].attrs["units"] == "Mg C/ha"


def test_what_is_not_downloaded_is_read_where_it_is(provider, delivered, tmp_path):
    order = delivered("Forest Carbon Monitoring", 2.0)
    local = provider.load(provider.download(order, tmp_path, progress=False))

    there = provider.load(order.items)
    some = provider.load(order.items[1:3], bands=["canopy_cover"], chunks=None)

    assert set(there.data_vars) == set(local.data_vars)
    for name in local.data_vars:
        np.testing.assert_array_equal(there[name], local[name])
    assert list(some.data_vars) == ["canopy_cover"]
    assert some.sizes["time"] == 2
    with pytest.raises(UnknownAsset, match="no_such"):
        provider.load(order.items, bands=["no_such"])
    with pytest.raises(InputError, match="as it is stored"):
        provider.load(order.items, resolution=10)


def test_static_dataset_loads_with_one_time(provider, delivered, tmp_path):
    order = delivered("Hansen Global Forest Change", 3.0)

    found = provider.load(provider.download(order, tmp_path, progress=False), bands=["loss_year"])

    assert found.sizes["time"] == 1
    assert found["loss_year"].dtype == np.uint8


def test_zarr_is_not_downloaded_but_loads(provider, delivered, tmp_path):
    pytest.importorskip("zarr", reason="the extra for Zarr is not installed")
    order = delivered("Sandbox Landscape Integrity", 4.0)

    assert provider.download(order, tmp_path, progress=False) == []
    assert "integrity" in provider.load(order.items).data_vars


def test_tables_load_with_geometry(provider, delivered, tmp_path):
    order = delivered("Sandbox Protected Areas", 5.0)

    found = provider.load(provider.download(order, tmp_path, progress=False))

    assert str(found.crs) == "EPSG:4326"
    assert "geojson" not in found.columns
    assert set(found["item"]) == {order.items[0]["id"]}


def test_hosted_table_keeps_the_area_s_rows(provider, delivered, client, tmp_path):
    order = delivered("Sandbox Parcels", 6.0)

    found = provider.load(provider.download(order, tmp_path, progress=False))

    assert list(found["parcel_id"]) == list(client.load_dataframe(order.id)["parcel_id"])
    assert "bbox" not in found.columns
