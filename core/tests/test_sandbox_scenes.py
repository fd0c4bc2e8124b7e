# SPDX-License-Identifier: Apache-2.0
import datetime as dt
import io
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
import rasterio.warp
from PIL import Image
from rasterio.io import MemoryFile

from swath.sandbox import scenes
from swath.sandbox.scenes import utm
from swath.sandbox.scenes.land import survey
from swath.sandbox.scenes.sky import look_up

PRAGUE = (14.40, 50.05, 14.60, 50.20)
BANDS = ("blue", "green", "red", "nir")


def polygon(*points):
    return {"type": "Polygon", "coordinates": [[list(point) for point in (*points, points[0])]]}


def read(content):
    with MemoryFile(content) as memory, memory.open() as file:
        names = ("crs", "transform", "descriptions", "colorinterp", "gcps")
        return file.read(), file.profile, SimpleNamespace(**{name: getattr(file, name) for name in names})


@pytest.fixture(scope="module")
def grid():
    return scenes.scene_grid(PRAGUE, max_pixels=128)


# --- where ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (14.5, 50.1, 32633),
        (-4.1, 50.4, 32630),
        (147.2, -36.5, 32755),
        (5.3, 60.4, 32632),  # Norway
        (15.6, 78.2, 32633),  # Svalbard
        (179.9, -17.0, 32760),
        (-179.9, -17.0, 32701),
        (180.1, -17.0, 32701),
        (20.0, 86.0, 32661),
        (20.0, -85.0, 32761),
    ],
)
def test_utm_agrees_with_proj_everywhere(lon, lat, epsg):
    assert utm.epsg_of(lon, lat) == epsg

    east, north = utm.forward(lon, lat, epsg)

    expected = rasterio.warp.transform("EPSG:4326", f"EPSG:{epsg}", [lon], [lat])
    assert (float(east), float(north)) == pytest.approx((expected[0][0], expected[1][0]), abs=1e-3)
    back = utm.inverse(east, north, epsg)
    assert (float(back[0]) - lon + 180) % 360 - 180 == pytest.approx(0, abs=1e-8)
    assert float(back[1]) == pytest.approx(lat, abs=1e-8)


def test_utm_refuses_another_projection():
    with pytest.raises(ValueError, match="EPSG:3857"):
        utm.forward(0, 0, 3857)


def test_grid_covers_the_place_in_whole_pixels():
    grid = scenes.scene_grid(PRAGUE, max_pixels=100)

    assert grid.crs == "EPSG:32633"
    assert max(grid.width, grid.height) <= 100
    west, south, east, north = grid.bounds
    left, low, right, top = rasterio.warp.transform_bounds("EPSG:4326", grid.crs, *PRAGUE)
    assert west <= left + 1
    assert south <= low + 1
    assert east >= right - 1
    assert north >= top - 1
    assert grid.transform.c % grid.pixel_m == pytest.approx(0, abs=1e-6)


def test_grid_takes_the_gsd_where_the_pixels_suffice():
    assert scenes.scene_grid((14.40, 50.1, 14.401, 50.101), gsd=3.0).pixel_m == 3.0
    assert scenes.scene_grid(PRAGUE, gsd=3.0).pixel_m > 3.0


def test_grid_spans_the_antimeridian():
    box = scenes.scene_grid((179.8, -17.2, -179.8, -17.0))
    split = scenes.scene_grid(
        {
            "type": "MultiPolygon",
            "coordinates": [
                polygon((179.8, -17.2), (180, -17.2), (180, -17.0), (179.8, -17.0))["coordinates"],
                polygon((-180, -17.2), (-179.8, -17.2), (-179.8, -17.0), (-180, -17.0))["coordinates"],
            ],
        }
    )

    for grid in (box, split):
        assert grid.bounds[2] - grid.bounds[0] == pytest.approx(42_600, rel=0.05)
        lon, _ = grid.lonlat()
        assert np.ptp(lon) == pytest.approx(0.4, rel=0.05)


def test_grid_refuses_what_has_no_extent():
    with pytest.raises(ValueError, match="extent"):
        scenes.scene_grid((14.4, 50.1, 14.4, 50.1))
    with pytest.raises(ValueError, match="Polygon"):
        scenes.scene_grid({"type": "Point", "coordinates": [14.4, 50.1]})


def test_grid_knows_the_places_of_its_pixels(grid):
    lon, lat = grid.lonlat()

    x, y = grid.centres()
    expected = rasterio.warp.transform(grid.crs, "EPSG:4326", np.repeat(x[-1], len(y)), y)
    assert lon[:, -1] == pytest.approx(expected[0], abs=1e-7)
    assert lat[:, -1] == pytest.approx(expected[1], abs=1e-7)


def test_coarser_grid_has_the_same_ground(grid):
    fine = scenes.Grid(epsg=32633, transform=grid.transform, width=120, height=60, frame=grid.frame)

    coarse = fine.coarser(6)

    assert (coarse.width, coarse.height) == (20, 10)
    assert coarse.bounds == pytest.approx(fine.bounds)
    with pytest.raises(ValueError, match="7 times"):
        fine.coarser(7)


# --- what ----------------------------------------------------------------------------------------------------------


def test_scene_is_the_same_each_time_and_in_threads(grid):
    def draw(_):
        return (
            scenes.optical_cog(grid, bands=BANDS, seed=4, cloud_cover=0.3),
            scenes.udm2_cog(grid, seed=4, cloud_cover=0.3),
            scenes.sar_tiff(grid, seed=4, gcps=True),
            scenes.jp2(scenes.optical_array(grid, bands=("red",), seed=4), grid),
            scenes.quicklook_png(grid, seed=4),
        )

    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(draw, range(6)))

    assert all(one == drawn[0] for one in drawn)
    assert scenes.optical_cog(grid, bands=BANDS, seed=5, cloud_cover=0.3) != drawn[0][0]


def test_optical_cog_is_a_real_one(grid):
    values, profile, file = read(scenes.optical_cog(grid, bands=BANDS, seed=1))

    assert values.shape == (4, grid.height, grid.width)
    assert values.dtype == np.uint16
    assert file.crs.to_epsg() == 32633
    assert file.transform == grid.transform
    assert file.descriptions == BANDS
    assert profile["nodata"] == 0
    assert profile["tiled"]
    assert profile["compress"] == "deflate"
    assert (values > 0).all()


def test_optical_cog_has_overviews_and_the_layout():
    grid = scenes.scene_grid(PRAGUE, max_pixels=300)

    with MemoryFile(scenes.optical_cog(grid, bands=("red",), seed=1)) as memory, memory.open() as file:
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert file.overviews(1) == [2, 4]


def test_reflectance_is_that_of_fields_water_and_cloud():
    grid = scenes.scene_grid(PRAGUE)
    land, sky = survey(grid), look_up(grid, 3, 0.2)
    blue, green, red, nir = scenes.optical_array(grid, bands=BANDS, seed=3, cloud_cover=0.2) / 10_000
    clear = (sky.cloud == 0) & (sky.haze == 0) & (sky.shadow == 0)
    water, forest = clear & (land.water == 1), clear & (land.forest == 1) & (land.water == 0) & (land.town == 0)
    growing = clear & (land.growth > 0.8) & (land.water + land.forest + land.town == 0)

    assert water.sum() > 50
    assert nir[water].max() < 0.05
    assert (green[water] > nir[water]).mean() > 0.99
    assert growing.sum() > 50
    assert np.median((nir - red)[growing] / (nir + red)[growing]) > 0.6
    assert 0.15 < np.median(nir[forest]) < 0.35
    assert blue[sky.cloud == 1].min() > 0.5
    assert np.median(nir[sky.shadow > 0.9]) < 0.6 * np.median(nir[clear])


def test_scenes_are_mostly_fields_and_never_all_water():
    for west, south, size in (
        (14, 50, 1),
        (-4.5, 50.2, 1),
        (5, 52, 0.2),
        (30, -20, 0.2),
        (-60, -10, 0.05),
        (100, 20, 0.05),
    ):
        land = survey(scenes.scene_grid((west, south, west + size, south + size * 0.7)))

        assert land.water.mean() < 0.5
        assert ((land.growth > 0.2) & (land.water == 0)).mean() > 0.2


def test_unknown_band_is_named(grid):
    with pytest.raises(ValueError, match="'ultraviolet'"):
        scenes.optical_cog(grid, bands=("ultraviolet",), seed=1)


def test_land_is_the_same_on_overlapping_grids():
    one = scenes.scene_grid((14.40, 50.05, 14.60, 50.20), gsd=100, max_pixels=400)
    other = scenes.scene_grid((14.50, 50.10, 14.70, 50.25), gsd=100, max_pixels=400)
    (x, y), (other_x, other_y) = one.centres(), other.centres()
    columns, other_columns = np.isin(x, other_x), np.isin(other_x, x)
    rows, other_rows = np.isin(y, other_y), np.isin(other_y, y)

    here, there = survey(one), survey(other)

    assert columns.sum() > 50
    assert rows.sum() > 50
    for layer in ("water", "forest", "growth"):
        left = getattr(here, layer)[np.ix_(rows, columns)]
        right = getattr(there, layer)[np.ix_(other_rows, other_columns)]
        # The places of pixels are interpolated: a few on the edge of a parcel fall to the other side.
        assert np.isclose(left, right, atol=0.02).mean() > 0.97


def test_season_changes_crops_but_not_water(grid):
    may, october = survey(grid, dt.date(2026, 5, 15)), survey(grid, dt.date(2026, 10, 15))

    assert may.growth.mean() > october.growth.mean() + 0.2
    assert (may.water == october.water).all()
    assert (may.forest == october.forest).all()


def test_season_is_reversed_in_the_south():
    grid = scenes.scene_grid((147.0, -36.5, 147.2, -36.3), max_pixels=64)

    assert survey(grid, dt.date(2026, 11, 15)).growth.mean() > survey(grid, dt.date(2026, 5, 15)).growth.mean() + 0.2


@pytest.mark.parametrize("cover", [0.0, 0.1, 0.45, 0.9, 1.0])
def test_cloud_cover_is_met(grid, cover):
    for seed in range(3):
        assert look_up(grid, seed, cover).is_cloud.mean() == pytest.approx(cover, abs=0.06)


def test_clip_shows_the_scene_itself():
    grid = scenes.scene_grid(PRAGUE, max_pixels=128)
    area = polygon((14.45, 50.08), (14.52, 50.08), (14.49, 50.14))

    whole, _, _ = read(scenes.udm2_cog(grid, seed=9, cloud_cover=0.4))
    part, _, file = read(scenes.udm2_cog(grid, seed=9, cloud_cover=0.4, clip=area))

    column = round((file.transform.c - grid.transform.c) / grid.pixel_m)
    row = round((grid.transform.f - file.transform.f) / grid.pixel_m)
    window = grid.window(area)
    assert part.shape[1:] == (window.height, window.width)
    inside = window.inside(area)
    assert 0.3 < inside.mean() < 0.7
    same = whole[5, row : row + window.height, column : column + window.width]
    assert (part[5][inside] == same[inside]).all()
    assert (part[7][~inside] & 1).all()


def test_footprint_and_clip_leave_nodata_outside(grid):
    seen = polygon((14.42, 50.05), (14.60, 50.08), (14.58, 50.20), (14.40, 50.17))
    area = polygon((14.38, 50.10), (14.50, 50.10), (14.50, 50.15), (14.38, 50.15))

    values, _, _ = read(scenes.optical_cog(grid, bands=("red",), seed=1, footprint=seen, clip=area, nodata=65535))

    window = grid.window(area)
    inside = window.inside(area) & window.inside(seen)
    assert 0 < inside.mean() < 1
    assert (values[0][~inside] == 65535).all()
    assert (values[0][inside] != 65535).all()


def test_clip_may_be_larger_than_the_scene(grid):
    world = polygon((-180, -90), (180, -90), (180, 90), (-180, 90))
    europe = polygon((-30, 30, 0), (60, 30, 0), (60, 50.12, 0), (-30, 50.12, 0))

    assert grid.inside(world).all()
    assert grid.window(world).bounds == pytest.approx(grid.bounds)
    assert 0.2 < grid.inside(europe).mean() < 0.8
    assert grid.inside(europe)[-1].all()
    assert not grid.inside(polygon((100, 0), (101, 0), (101, 1))).any()
    with pytest.raises(ValueError, match="far from"):
        grid.window(polygon((100, 0), (101, 0), (101, 1)))


def test_udm2_agrees_with_the_image(grid):
    seen = polygon((14.42, 50.05), (14.60, 50.08), (14.58, 50.20), (14.40, 50.17))
    image = scenes.optical_array(grid, bands=("blue",), seed=2, cloud_cover=0.3, footprint=seen)[0]

    mask, _, file = read(scenes.udm2_cog(grid, seed=2, cloud_cover=0.3, footprint=seen))

    assert file.descriptions == scenes.UDM2_BANDS
    inside = image > 0
    assert (mask[:6].sum(axis=0)[inside] == 1).all()
    assert not mask[:7][:, ~inside].any()
    assert (mask[7][~inside] == 1).all()
    assert (mask[7][inside & (mask[5] == 1)] == 2).all()
    assert np.median(image[mask[5] == 1]) > 4 * np.median(image[mask[0] == 1])


def test_visual_cog_is_rgba(grid):
    seen = polygon((14.42, 50.05), (14.60, 50.08), (14.58, 50.20), (14.40, 50.17))

    values, _, file = read(scenes.visual_cog(grid, seed=2, footprint=seen))

    assert values.dtype == np.uint8
    assert [one.name for one in file.colorinterp] == ["red", "green", "blue", "alpha"]
    assert set(np.unique(values[3])) == {0, 255}
    assert ((values[3] == 255) == grid.inside(seen)).all()


def test_quicklook_is_a_png(grid):
    seen = polygon((14.42, 50.05), (14.60, 50.08), (14.58, 50.20), (14.40, 50.17))

    colour = Image.open(io.BytesIO(scenes.quicklook_png(grid, seed=2, footprint=seen)))
    grey = np.asarray(Image.open(io.BytesIO(scenes.quicklook_png(grid, seed=2, polarisation="VV"))))

    assert colour.format == "PNG"
    assert colour.size == (grid.width, grid.height)
    assert colour.getpixel((0, grid.height - 1))[3] == 0
    assert (grey[..., 0] == grey[..., 1]).all()


def test_jp2_is_lossless_and_placed(grid):
    values = scenes.optical_array(grid, bands=("red",), seed=2, dtype="uint16")

    again, profile, file = read(scenes.jp2(values[0], grid))

    assert profile["driver"] == "JP2OpenJPEG"
    assert (again == values).all()
    assert file.crs.to_epsg() == 32633
    assert file.transform.almost_equals(grid.transform, 1e-6)


# --- radar ---------------------------------------------------------------------------------------------------------


def test_radar_sees_dark_water_and_speckle():
    grid = scenes.scene_grid(PRAGUE)
    land = survey(grid)
    water = land.water == 1
    ground = (land.water == 0) & (land.town == 0)

    like = scenes.sar_array(grid, seed=1, polarisation="VV").astype(float)
    cross = scenes.sar_array(grid, seed=1, polarisation="VH").astype(float)

    assert like[water].mean() < 0.4 * like[ground].mean()
    assert cross[ground].mean() < 0.75 * like[ground].mean()
    # Intensity of 4.4 looks varies by 1/4.4 of its squared mean.
    power = like[water] ** 2
    assert power.var() / power.mean() ** 2 == pytest.approx(1 / 4.4, rel=0.25)


def test_radar_refuses_an_unknown_polarisation(grid):
    with pytest.raises(ValueError, match="'XX'"):
        scenes.sar_tiff(grid, seed=1, gcps=True, polarisation="XX")


def test_sar_tiff_is_placed_by_control_points(grid):
    _, profile, file = read(scenes.sar_tiff(grid, seed=1, gcps=True))
    points, crs = file.gcps

    assert profile["driver"] == "GTiff"
    assert crs.to_epsg() == 4326
    assert len(points) > 50
    first = next(point for point in points if (point.row, point.col) == (0, 0))
    assert (first.x, first.y) == pytest.approx(tuple(grid.corners()[3]), abs=1e-6)


def test_sar_tiff_is_placed_by_a_transform_too(grid):
    values, _, file = read(scenes.sar_tiff(grid, seed=1, gcps=False, polarisation="HV"))

    assert file.crs.to_epsg() == 32633
    assert file.transform == grid.transform
    assert values.dtype == np.uint16


def test_complex_image_has_amplitude_and_phase(grid):
    values, profile, _ = read(scenes.sar_tiff(grid, seed=1, gcps=True, dtype="complex_int16"))

    assert profile["dtype"] == "complex_int16"
    assert np.iscomplexobj(values)
    phase = np.angle(values[values != 0])
    assert np.abs(np.exp(1j * phase).mean()) < 0.03


def test_strip_lies_as_the_satellite_flew():
    """An ascending, right-looking pass: the first line is the southern one, the far edge the eastern one."""
    corners = ((14.0, 49.0), (15.0, 49.2), (14.8, 50.0), (13.8, 49.8))
    strip = scenes.Strip(corners=corners, width=60, height=50)

    lon, lat = strip.lonlat()
    points = {(point.row, point.col): (point.x, point.y) for point in scenes.control_points(strip)}

    assert lat[0].max() < lat[-1].min()
    assert (np.diff(lon, axis=1) > 0).all()
    assert points[0, 0] == pytest.approx(corners[0])
    assert points[50, 60] == pytest.approx(corners[2])
    assert strip.part(1 / 3, 2 / 3).corners[0] == pytest.approx((14.0 + 1 / 3, 49.0 + 0.2 / 3))
    assert strip.part(0, 0.5).width == 30
    with pytest.raises(ValueError, match="footprint"):
        scenes.sar_tiff(strip, seed=1, gcps=True, footprint=polygon((14, 49), (15, 49), (15, 50)))
    with pytest.raises(ValueError, match="polarisation"):
        scenes.quicklook_png(strip, seed=1)
