# SPDX-License-Identifier: Apache-2.0
"""Items into files and tables, and back: each form gives the same items again."""

from swath._export.reading import is_table, items_of_table, parse_items, read_items
from swath._export.writing import FORMS, stream_items, write_items

__all__ = ["FORMS", "is_table", "items_of_table", "parse_items", "read_items", "stream_items", "write_items"]
