# SPDX-License-Identifier: Apache-2.0
"""Datetimes in every form that pystac-client takes."""
# ruff: noqa: DTZ001  naive datetimes are what these tests are about

from __future__ import annotations

import datetime as dt
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swath._query.times import parse_datetime, parse_span, rfc3339
from swath.errors import InvalidDatetime
from swath.models import Interval

BOUNDED = settings(max_examples=200, deadline=None, derandomize=True)
UTC = dt.UTC


def at(*fields):
    return dt.datetime(*fields, tzinfo=UTC)


def span(start, end):
    return Interval(start=start, end=end)


MARCH_END = at(2026, 3, 31, 23, 59, 59, 999_999)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("2026", span(at(2026, 1, 1), at(2026, 12, 31, 23, 59, 59, 999_999))),
        ("2026-03", span(at(2026, 3, 1), MARCH_END)),
        ("2024-02", span(at(2024, 2, 1), at(2024, 2, 29, 23, 59, 59, 999_999))),
        ("2026-03-31", span(at(2026, 3, 31), MARCH_END)),
        ("2026-03-01T10:20:30Z", span(at(2026, 3, 1, 10, 20, 30), at(2026, 3, 1, 10, 20, 30))),
        ("2026-03-01t10:20:30z", span(at(2026, 3, 1, 10, 20, 30), at(2026, 3, 1, 10, 20, 30))),
        ("2026-03-01 10:20:30", span(at(2026, 3, 1, 10, 20, 30), at(2026, 3, 1, 10, 20, 30))),
        ("2026-03-01T10:20", span(at(2026, 3, 1, 10, 20), at(2026, 3, 1, 10, 20))),
        ("2026-03-01T10:20:30+02:00", span(at(2026, 3, 1, 8, 20, 30), at(2026, 3, 1, 8, 20, 30))),
        ("2026-03-01T00:00:00-0330", span(at(2026, 3, 1, 3, 30), at(2026, 3, 1, 3, 30))),
        (
            "2026-03-01T10:20:30.1234567Z",
            span(at(2026, 3, 1, 10, 20, 30, 123_456), at(2026, 3, 1, 10, 20, 30, 123_456)),
        ),
        ("2016-12-31T23:59:60Z", span(at(2016, 12, 31, 23, 59, 59, 999_999), at(2016, 12, 31, 23, 59, 59, 999_999))),
        ("9999", span(at(9999, 1, 1), at(9999, 12, 31, 23, 59, 59, 999_999))),
        ("2026-01/2026-03", span(at(2026, 1, 1), MARCH_END)),
        (" 2026-01 / 2026-03 ", span(at(2026, 1, 1), MARCH_END)),
        ("2026-03-31/2026-03-31", span(at(2026, 3, 31), MARCH_END)),
        ("../2026-03", span(None, MARCH_END)),
        ("/2026-03", span(None, MARCH_END)),
        ("2026-03/..", span(at(2026, 3, 1), None)),
        ("2026-03/", span(at(2026, 3, 1), None)),
        (dt.date(2026, 3, 31), span(at(2026, 3, 31), MARCH_END)),
        (dt.datetime(2026, 3, 31, 5), span(at(2026, 3, 31, 5), at(2026, 3, 31, 5))),
        ([dt.date(2026, 1, 1), dt.date(2026, 3, 31)], span(at(2026, 1, 1), MARCH_END)),
        (("2026-01", None), span(at(2026, 1, 1), None)),
        ((None, dt.datetime(2026, 1, 1)), span(None, at(2026, 1, 1))),
        (iter(["2026-01", "2026-03"]), span(at(2026, 1, 1), MARCH_END)),
        (["2026-03"], span(at(2026, 3, 1), MARCH_END)),
        (span(at(2026, 1, 1), None), span(at(2026, 1, 1), None)),
        (None, None),
    ],
)
def test_p11_accepted_form_is_read(value, wanted):
    assert parse_datetime(value) == wanted


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("0000", "'0000' does not exist"),
        ("0000-01-01", "does not exist"),
        ("2026-13", "month must be in 1..12"),
        ("2026-00", "does not exist"),
        ("2026-02-30", "'2026-02-30' does not exist"),
        ("2026-01-00", "does not exist"),
        ("2026-01-01T25:00:00Z", "'2026-01-01T25:00:00Z' does not exist: hour"),
        ("2026-01-01T24:00:00Z", "does not exist"),
        ("2026-01-01T10:61:00Z", "does not exist"),
        ("2026-01-01T10:00:00+02:99", "does not exist"),
        ("2026-01-01T10:00:00+25:00", "does not exist"),
        ("0001-01-01T00:00:00+05:00", "does not exist"),
        ("9999-12-31T23:59:59-01:00", "does not exist"),
        ("26-01-01", "'26-01-01' cannot be read"),
        ("2026-1-1", "cannot be read"),
        ("yesterday", "'yesterday' cannot be read"),
        ("٢٠٢٦", "cannot be read"),
        ("2026-01-01/soon", "'soon' of '2026-01-01/soon' cannot be read"),
        ("2026-03/2026-01", "'2026-03/2026-01' ends .* before it starts"),
        ((dt.date(2026, 3, 1), dt.date(2026, 1, 1)), "before it starts"),
        ("2026/2027/2028", "has 3 parts"),
        ("../..", "open at both ends"),
        ((None, None), "open at both ends"),
        (Interval(), "open at both ends"),
        ("", "names no time"),
        ("..", "names no time"),
        ([], "empty sequence"),
        (2026, "2026 cannot be read"),
        (1.5, "cannot be read"),
        ({"start": "2026"}, "cannot be read"),
        (b"2026", "cannot be read"),
        (["2026", 5], "5 of .* cannot be read"),
        ((["2026"], None), "cannot be read"),
        (dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=5))), "outside the years"),
    ],
)
def test_p11_absurd_value_is_refused_and_named(value, message):
    with pytest.raises(InvalidDatetime, match=message) as caught:
        parse_datetime(value)

    assert caught.value.hint


@pytest.fixture(params=["UTC", "Pacific/Auckland", "America/Los_Angeles", "Asia/Kolkata"])
def zone(request, monkeypatch):
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_p11_result_is_the_same_in_every_time_zone_and_for_five_input_types(zone):
    numpy = pytest.importorskip("numpy")
    pandas = pytest.importorskip("pandas")
    inputs = [
        "2026-03-29T02:30:00Z",
        dt.datetime(2026, 3, 29, 2, 30),
        dt.datetime(2026, 3, 29, 4, 30, tzinfo=dt.timezone(dt.timedelta(hours=2))),
        numpy.datetime64("2026-03-29T02:30:00"),
        pandas.Timestamp("2026-03-29T02:30:00"),
        pandas.Timestamp("2026-03-29T02:30:00Z").tz_convert(zone),
        "2026-03-29T02:30:00",
    ]

    found = [parse_datetime(value) for value in inputs]

    assert {(rfc3339(one.start), rfc3339(one.end)) for one in found} == {("2026-03-29T02:30:00Z",) * 2}
    day = parse_datetime(dt.date(2026, 3, 29))
    assert (rfc3339(day.start), rfc3339(day.end)) == ("2026-03-29T00:00:00Z", "2026-03-29T23:59:59.999999Z")


def test_p11_numpy_and_pandas_values_keep_their_precision():
    numpy = pytest.importorskip("numpy")
    pandas = pytest.importorskip("pandas")

    assert parse_datetime(numpy.datetime64("2026-03")) == parse_datetime("2026-03")
    assert parse_datetime(numpy.datetime64("2026-03-01T00:00:00.123456789")).start == at(2026, 3, 1, 0, 0, 0, 123_456)
    assert parse_datetime(pandas.Timestamp("2026-03-01T00:00:00.123456789")).start == at(2026, 3, 1, 0, 0, 0, 123_456)
    both = numpy.array(["2026-01", "2026-03"], dtype="datetime64[M]")
    assert parse_datetime(both) == parse_datetime("2026-01/2026-03")
    for nothing in (pandas.NaT, numpy.datetime64("NaT")):
        with pytest.raises(InvalidDatetime):
            parse_datetime(nothing)


def test_reading_imports_neither_numpy_nor_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "numpy", None)
    monkeypatch.setitem(sys.modules, "pandas", None)

    assert parse_datetime("2026") is not None


def test_hour_that_a_clock_shows_twice_is_told_apart_by_fold():
    zoneinfo = pytest.importorskip("zoneinfo")
    first = dt.datetime(2026, 10, 25, 2, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))

    assert parse_datetime(first).start == at(2026, 10, 25, 0, 30)
    assert parse_datetime(first.replace(fold=1)).start == at(2026, 10, 25, 1, 30)


moments = st.datetimes(min_value=dt.datetime(2, 1, 1), max_value=dt.datetime(9998, 12, 31))
offsets = st.integers(-23 * 60, 23 * 60).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))


@given(moments, offsets)
@BOUNDED
def test_p11_any_moment_in_any_offset_is_one_instant(moment, offset):
    local = moment.replace(tzinfo=UTC).astimezone(offset)

    found = parse_datetime(local)

    assert found == parse_datetime(local.isoformat())
    assert found == parse_datetime(moment)
    assert found.start == found.end == moment.replace(tzinfo=UTC)
    assert found.start.tzinfo is UTC
    assert parse_datetime(rfc3339(found.start)) == found


@given(st.dates(), st.dates())
@BOUNDED
def test_p11_dates_cover_their_days_and_reversed_ones_are_refused(first, second):
    start, end = sorted([first, second])

    found = parse_datetime(f"{start}/{end}")

    assert found == parse_datetime((start, end))
    assert found.start.date() == start
    assert found.end == at(end.year, end.month, end.day, 23, 59, 59, 999_999)
    if start < end:
        with pytest.raises(InvalidDatetime):
            parse_datetime((end, start))


@given(st.text(alphabet="0123456789-:/.TtZz+ ", max_size=30) | st.text(max_size=12))
@BOUNDED
def test_p11_any_text_is_an_interval_or_a_clear_error(text):
    try:
        found = parse_datetime(text)
    except InvalidDatetime:
        return
    assert found.start is None or found.end is None or found.start <= found.end


def test_span_of_text_is_none_for_what_is_no_time():
    assert parse_span("2026-02-30") is None
    assert parse_span("sentinel") is None
    assert parse_span("2026-03-31") == (at(2026, 3, 31), MARCH_END)
