# SPDX-License-Identifier: Apache-2.0
"""Which bytes of a file are there."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from swath._transfer.spans import Spans

SIZE = 60
STRETCHES = st.lists(st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)), max_size=12)


@given(STRETCHES)
def test_spans_are_the_set_of_their_bytes(stretches):
    spans = Spans(stretches)
    there = {byte for start, end in stretches for byte in range(start, end)}

    assert {byte for start, end in spans for byte in range(start, end)} == there
    assert spans.total == len(there)
    assert spans.prefix == next(byte for byte in range(SIZE + 2) if byte not in there)
    assert {byte for start, end in spans.gaps(SIZE) for byte in range(start, end)} == set(range(SIZE)) - there
    assert {byte for start, end in spans.beyond for byte in range(start, end)} == there - set(range(spans.prefix))
    assert all(start < end for start, end in [*spans, *spans.gaps(SIZE)])
    ordered = list(spans)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(ordered))


@given(STRETCHES, st.integers(0, SIZE))
def test_spans_within_are_cut_off(stretches, size):
    there = {byte for start, end in stretches for byte in range(start, end) if byte < size}

    assert {byte for start, end in Spans(stretches).within(size) for byte in range(start, end)} == there
