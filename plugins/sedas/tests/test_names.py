# SPDX-License-Identifier: Apache-2.0
import pytest

from swath_sedas.names import mission_of, parse_name, polarizations

S1B = "S1B_IW_GRDH_1SDV_20190528T105030_20190528T105055_016443_01EF3E_5E4F"
S2B = "S2B_MSIL1C_20190925T071629_N0208_R006_T38PNV_20190925T110036"


def test_parse_name_of_sentinel_1_gives_mode_polarizations_and_both_orbits():
    name = parse_name(S1B)

    assert (name.mission, name.platform, name.product_type, name.mode) == ("sentinel-1", "sentinel-1b", "GRD", "IW")
    assert name.polarizations == ("VV", "VH")
    assert (name.absolute_orbit, name.relative_orbit, name.level) == (16443, 142, "L1")


def test_parse_name_of_sentinel_1a_counts_the_relative_orbit_from_its_own_first():
    name = parse_name("S1A_IW_SLC__1SSH_20200101T000000_20200101T000027_030622_038242_ABCD")

    assert (name.relative_orbit, name.polarizations, name.product_type) == ((30622 - 73) % 175 + 1, ("HH",), "SLC")


def test_parse_name_of_a_later_sentinel_1_leaves_the_relative_orbit_open():
    assert parse_name(S1B.replace("S1B", "S1D")).relative_orbit is None


def test_parse_name_of_sentinel_2_gives_tile_baseline_and_relative_orbit():
    name = parse_name(S2B)

    assert (name.mission, name.platform, name.product_type, name.level) == ("sentinel-2", "sentinel-2b", "L1C", "L1")
    assert (name.tile, name.baseline, name.relative_orbit, name.epsg) == ("38PNV", "02.08", 6, 32638)


@pytest.mark.parametrize(("tile", "epsg"), [("01CDM", 32701), ("33MXS", 32733), ("33NXA", 32633), ("60XWF", 32660)])
def test_epsg_follows_zone_and_hemisphere(tile, epsg):
    assert parse_name(S2B.replace("38PNV", tile)).epsg == epsg


def test_parse_name_of_old_sentinel_2_keeps_it_opaque():
    name = parse_name("S2A_OPER_PRD_MSIL1C_PDMC_20160606T232310_R121_V20160605T042713_20160605T042713")

    assert (name.product_type, name.tile, name.relative_orbit, name.epsg) == ("L1C", None, None, None)


@pytest.mark.parametrize(
    ("text", "kind", "pols", "mode"),
    [
        ("NovaSAR_01_13145_slc_11_200720_233448_HH_8", "SLC", ("HH",), "11"),
        ("NovaSAR_01_8602_scd_191206_010236_HH", "SCD", ("HH",), None),
        ("NovaSAR_01_7940_scd_29_191102_023255_HH_HV", "SCD", ("HH", "HV"), "29"),
        ("NovaSAR_01_7940_grd_29_191102_023255", "GRD", (), "29"),
    ],
)
def test_parse_name_of_novasar(text, kind, pols, mode):
    name = parse_name(text)

    assert (name.mission, name.product_type, name.polarizations, name.mode) == ("novasar-1", kind, pols, mode)


@pytest.mark.parametrize("text", ["", "planned-1234", f"{S1B}.SAFE", S2B.replace("_N0208", "")])
def test_parse_name_of_anything_else_is_none(text):
    assert parse_name(text) is None


@pytest.mark.parametrize(
    ("satellite", "mission"),
    [
        ("Sentinel-1A", "sentinel-1"),
        ("SENTINEL 2B", "sentinel-2"),
        ("NovaSAR-1", "novasar-1"),
        ("NovaSAR", "novasar-1"),
    ],
)
def test_mission_of_reads_the_spellings(satellite, mission):
    assert mission_of(satellite) == mission


def test_mission_of_an_unknown_satellite_is_none():
    assert mission_of("SkySat-C1") is None


@pytest.mark.parametrize(
    ("text", "seen"),
    [("VV+VH", ("VV", "VH")), ("dv", ("VV", "VH")), ("HH, HV", ("HH", "HV")), ("quad", ()), ("", ())],
)
def test_polarizations_reads_the_spellings(text, seen):
    assert polarizations(text) == seen
