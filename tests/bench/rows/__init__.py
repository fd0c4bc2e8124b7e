# SPDX-License-Identifier: Apache-2.0
"""The rows of the table."""

from rows import downloading, federating, ordering, requesting, searching, starting

ROWS = {
    row.key: row
    for row in (
        *downloading.ROWS,
        *requesting.ROWS,
        *searching.ROWS,
        *ordering.ROWS,
        *federating.ROWS,
        *starting.ROWS,
    )
}
