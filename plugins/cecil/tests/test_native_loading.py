# SPDX-License-Identifier: Apache-2.0
"""Rasters, Zarr and tables by the native client, read where they are."""

from __future__ import annotations

import asyncio
import io
import pickle

import numpy as np
import pytest
import rasterio
from affine import Affine

from swath.errors import NotSupported
from swath.native import close_context
from swath_cecil._api.deliveries import _context
from swath_cecil._zarr import _store_class
from swath_cecil.errors import Error, SDKError

MONITORING = "4d8bd6ba-b751-4c46-8e70-5000e6d8b212"
HANSEN = "9659ec1d-7091-4f8b-9db5-e9fe07d2f508"
COVER = "a4bb9aea-b6df-4d19-9083-38357f8fa76c"
RED_LIST = "f30f2125-c472-43c7-85c8-52f0d4b1d160"


@pytest.fixture
def named(client):
    """Give a dataset's id by its name."""
    known = {one.name: one.id for one in client.list_datasets()}
    return known.__getitem__


@pytest.fixture
def put(box):
    """Put a file into a subscription's bucket."""
    import httpx

    def make(subscription, key, content):
        url = f"{box.running.base_url}/_cecil/subscriptions/{subscription.id}/objects/{key}"
        assert httpx.put(url, content=content).status_code < 300

    return make


def tiff(values, *, left=132.5294, top=-12.7251, step=0.0005, nodata=None):
    """Make a GeoTIFF."""
    values = np.atleast_3d(np.asarray(values)).transpose(2, 0, 1) if np.ndim(values) == 2 else np.asarray(values)
    held = io.BytesIO()
    with rasterio.open(
        held, "w", driver="GTiff", count=values.shape[0], height=values.shape[1], width=values.shape[2],
        dtype=values.dtype, crs="EPSG:4326", transform=Affine(step, 0, left, 0, -step, top), nodata=nodata,
    ) as file:  # fmt: skip
        file.write(values)
    return held.getvalue()


# --- rasters ----------------------------------------------------------------------------------------------------------


def test_page_raster_is_lazy_and_located(client, subscribed):
    found = client.load_xarray(subscribed(MONITORING).id)

    assert found["aboveground_live_carbon_density"].dims == ("time", "y", "x")
    assert found["aboveground_live_carbon_density"].chunks is not None
    assert str(found.rio.crs) == "EPSG:4326"
    assert found["time"].dtype.kind == "M"
    assert np.all(np.diff(found["y"]) < 0)
    names = {"provider_name", "dataset_name", "dataset_id", "aoi_id", "subscription_id"}
    assert names <= set(found.attrs)


def test_values_without_a_scale_keep_their_type_and_nodata(client, subscribed):
    found = client.load_xarray(subscribed(MONITORING).id)["aboveground_live_carbon_density"]

    assert found.dtype == found.compute().dtype == np.int16
    assert found.attrs["_FillValue"] == np.int16(32767)
    assert type(found.attrs["_FillValue"]) is np.int16


def test_values_with_a_scale_become_physical_ones(client, subscribed):
    one = subscribed(MONITORING)
    raw = client.load_xarray(one.id, mask_and_scale=False)["canopy_height"]
    found = client.load_xarray(one.id)["canopy_height"]

    assert raw.dtype == np.uint8
    scale, offset, fill = (raw.attrs.get(name) for name in ("scale_factor", "add_offset", "_FillValue"))
    expected = np.where(raw == fill, np.nan, raw * np.float32(scale) + np.float32(offset or 0))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert "_FillValue" not in found.attrs
    assert found.encoding["dtype"] == np.uint8
    assert found.encoding["grid_mapping"] == "spatial_ref"


def test_dataset_without_time_has_none(client, subscribed):
    found = client.load_xarray(subscribed(HANSEN).id)

    assert {one.dims for one in found.data_vars.values()} == {("y", "x")}


def test_nothing_yet_is_an_empty_dataset_with_publications(client, subscribed):
    one = subscribed(HANSEN, ready=False)

    with pytest.warns(UserWarning, match="pending"):
        found = client.load_xarray(one.id)

    assert not found.data_vars
    assert set(found.attrs) == {"dataset_publication", "dataset_current_publication"}


def test_graph_outlives_three_lifetimes_of_its_credentials(box, client, context, subscribed):
    box.settings(credentials_s=60.0)
    one = subscribed(MONITORING)
    found = client.load_xarray(one.id)[["canopy_cover"]]
    expected = client.load_xarray(one.id)["canopy_cover"].compute()
    box.log.clear()

    parts = []
    for step in range(4):
        box.clock.advance(90)
        parts.append(found["canopy_cover"].isel(time=step).compute(scheduler="threads"))

    np.testing.assert_array_equal(np.stack(parts), expected)
    assert len(box.log.entries(path="/files/tiff$")) >= 3
    assert not [entry for entry in box.log if entry.status and entry.status >= 400]


def test_credentials_withdrawn_within_a_computation_are_renewed(box, client, subscribed):
    one = subscribed(HANSEN)
    found = client.load_xarray(one.id)
    expected = client.load_xarray(one.id).compute()
    box.switch("POST", "credentials/expire")
    box.log.clear()

    assert found.compute().equals(expected)
    assert len(box.log.entries(path="/files/tiff$")) == 1


def test_graph_pickles_and_opens_the_account_anew(box, client, context, subscribed, monkeypatch):
    found = client.load_xarray(subscribed(HANSEN).id)["tree_cover"]

    data = pickle.dumps(found)

    assert box.running.env["CECIL_API_KEY"].encode() not in data
    np.testing.assert_array_equal(pickle.loads(data), found)
    close_context(_context(tuple(sorted(context.settings.items())), context.profile))
    _context.cache_clear()


def test_stray_object_is_left_alone(box, client, subscribed, put):
    one = subscribed(HANSEN)
    before = client.load_xarray(one.id)
    put(one, "0000/00/00/00/00/00/000-readme.txt", b"not a raster")

    assert client.load_xarray(one.id).identical(before)


def test_time_steps_of_other_extent_lie_where_they_belong(box, client, subscribed, put):
    one = subscribed(COVER)
    whole = client.load_xarray(one.id)["land_cover_class"]
    step = float(whole.x[1] - whole.x[0])
    left, top = float(whole.x[0]) - step / 2, float(whole.y[0]) + step / 2
    held = io.BytesIO()
    values = np.full((3, 4), 7, dtype="uint8")
    with rasterio.open(
        held, "w", driver="GTiff", count=1, height=3, width=4, dtype="uint8", crs=whole.rio.crs,
        transform=Affine(step, 0, left + 2 * step, 0, -step, top - 5 * step),
    ) as file:  # fmt: skip
        file.write(values, 1)
    [name] = {"land_cover_class.tif"}
    put(one, f"2030/01/01/00/00/00/{name}", held.getvalue())

    found = client.load_xarray(one.id)["land_cover_class"]

    assert found.dtype == np.uint8
    assert found.sizes == {**whole.sizes, "time": whole.sizes["time"] + 1}
    last = found.isel(time=-1).compute()
    assert (last[5:8, 2:6] == 7).all()
    assert (last == 255).sum() == last.size - 12


def test_time_step_that_does_not_fit_is_an_error_that_names_it(box, client, subscribed, put):
    one = subscribed(COVER)
    put(one, "2030/01/01/00/00/00/land_cover_class.tif", tiff(np.ones((3, 3), dtype="uint8")))

    with pytest.raises(Error, match="2030/01/01"):
        client.load_xarray(one.id)


def test_variables_of_other_times_keep_their_type(box, client, subscribed):
    one = subscribed(MONITORING)
    listed = [key for key in _keys(client, one) if key.endswith("/canopy.tif")]
    box.switch("DELETE", f"subscriptions/{one.id}/objects/{listed[0].partition('/')[2]}")

    found = client.load_xarray(one.id)

    assert found["canopy_cover"].dtype == np.uint8
    assert found["canopy_cover"].sizes["time"] == 4
    assert (found["canopy_cover"].isel(time=0) == 255).all()


def _keys(client, one):
    from swath_cecil._api.deliveries import Deliveries

    return [found.key for found in Deliveries(client._context).tiff(one.id).objects()]


def test_only_what_is_needed_is_read(box, client, subscribed):
    found = client.load_xarray(subscribed(MONITORING).id)
    box.log.clear()

    found["canopy_cover"].isel(time=1, x=slice(0, 4), y=slice(0, 4)).compute()

    fetched = {entry.path for entry in box.log if "sandbox-tiff" in entry.path}
    [path] = fetched
    assert path.endswith("/canopy.tif")


# --- Zarr -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Sandbox Biodiversity Intactness", "Sandbox Landscape Integrity"])
def test_zarr_is_cut_and_masked_to_the_area_in_any_projection(client, subscribed, named, name):
    pytest.importorskip("zarr", reason="the extra for Zarr is not installed")
    wide = {
        "type": "Polygon",
        "coordinates": [[[132.0, -12.5], [132.4, -13.0], [132.8, -12.5], [132.4, -12.1], [132.0, -12.5]]],
    }

    client.update_settings(monthly_subscription_limit=10_000_000)
    found = client.load_xarray(subscribed(named(name), wide).id, mask_and_scale=False).compute()

    import shapely
    from rasterio.warp import transform_geom

    area = shapely.geometry.shape(transform_geom("EPSG:4326", found.rio.crs, wide))
    for variable in found.data_vars.values():
        layer = variable.isel(time=0) if "time" in variable.dims else variable
        xs, ys = np.meshgrid(layer.x, layer.y)
        inside = shapely.contains_xy(area, xs, ys)
        fill = variable.attrs.get("_FillValue")
        if fill is not None:
            outside = layer.to_numpy()[~inside]
            assert (np.isnan(outside) if np.isnan(fill) else outside == fill).mean() > 0.95
            assert (layer.to_numpy()[inside] != fill).any()
    left, across, _, top, _, down = map(float, found["spatial_ref"].attrs["GeoTransform"].split())
    assert left == pytest.approx(float(found.x[0]) - across / 2)
    assert top == pytest.approx(float(found.y[0]) - down / 2)


def test_a_zarr_store_says_that_it_is_read_only_and_where_to_write_instead():
    pytest.importorskip("zarr", reason="the extra for Zarr is not installed")
    bucket = _store_class()(object())

    for change in (bucket.set("abundance/0.0", b""), bucket.delete("abundance/0.0")):
        with pytest.raises(NotSupported, match=r"'abundance/0\.0' cannot be .* read-only") as refused:
            asyncio.run(change)
        assert "dataset.to_zarr" in refused.value.hint


# --- tables -----------------------------------------------------------------------------------------------------------


def test_page_table_without_geometries(client, subscribed):
    found = client.load_dataframe(subscribed(RED_LIST).id)

    assert {"taxon_id", "scientific_name", "category", "geometry"} <= set(found.columns)
    assert str(found.crs) == "EPSG:4326"
    assert found.geometry.is_empty.all()
    assert list(found.index) == list(range(len(found)))
    assert "dataset_publication" in found.attrs


def test_table_s_texts_become_geometries(client, subscribed, named):
    found = client.load_dataframe(subscribed(named("Sandbox Protected Areas")).id)

    assert "geojson" not in found.columns
    assert not found.geometry.is_empty.all()


def test_columns_of_what_is_delivered_whole_cannot_be_chosen(client, subscribed):
    with pytest.raises(SDKError, match="columns"):
        client.load_dataframe(subscribed(RED_LIST).id, columns=["category"])


def test_hosted_table_is_read_by_area_and_columns(box, client, subscribed, named):
    one = subscribed(named("Sandbox Parcels"))

    found = client.load_dataframe(one.id)
    some = client.load_dataframe(one.id, columns=["parcel_id"])

    assert list(found.columns[:2]) == ["subscription_id", "aoi_id"]
    assert "bbox" not in found.columns
    assert list(some.columns) == ["subscription_id", "aoi_id", "geometry", "parcel_id"]
    assert list(some["parcel_id"]) == list(found["parcel_id"])
    import shapely

    area = shapely.geometry.shape(client.get_aoi(one.aoi_id).geometry)
    there = found.to_crs("EPSG:4326").geometry
    assert there.intersects(area.buffer(1e-7)).all()
    assert not there.within(area).all(), "nothing is cut off at the area's edge"
    with pytest.raises(SDKError, match="no_such"):
        client.load_dataframe(one.id, columns=["no_such"])


def test_no_table_yet_is_an_empty_frame(client, subscribed):
    one = subscribed(RED_LIST, ready=False)

    with pytest.warns(UserWarning, match="pending"):
        assert client.load_dataframe(one.id).empty


def test_p28_signed_links_get_no_key(box, client, subscribed):
    one = subscribed(RED_LIST)
    box.log.clear()

    client.load_dataframe(one.id)

    tables = [entry for entry in box.log if entry.path.endswith(".parquet")]
    assert tables
    assert not [entry for entry in tables if "authorization" in dict(entry.headers)]
