# SPDX-License-Identifier: Apache-2.0
"""The operators of CQL2 that swath evaluates.

Source: OGC 21-065r2, Common Query Language (CQL2), 1.0, chapters 6 and 7 and the schema in annex B.
"""

from __future__ import annotations

__all__ = [
    "ARGUMENTS",
    "ARITHMETIC",
    "ARRAYS",
    "COMPARISONS",
    "CONDITIONS",
    "EXPRESSIONS",
    "SPATIAL",
    "TEMPORAL",
    "canonical",
]

COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
SPATIAL = frozenset(
    {"s_contains", "s_crosses", "s_disjoint", "s_equals", "s_intersects", "s_overlaps", "s_touches", "s_within"}
)
TEMPORAL = frozenset(
    {
        "t_after",
        "t_before",
        "t_contains",
        "t_disjoint",
        "t_during",
        "t_equals",
        "t_finishedBy",
        "t_finishes",
        "t_intersects",
        "t_meets",
        "t_metBy",
        "t_overlappedBy",
        "t_overlaps",
        "t_startedBy",
        "t_starts",
    }
)
ARRAYS = frozenset({"a_containedBy", "a_contains", "a_equals", "a_overlaps"})
ARITHMETIC = frozenset({"+", "-", "*", "/", "^", "%", "div"})
EXPRESSIONS = ARITHMETIC | {"casei", "accenti"}
"""What gives a value."""
CONDITIONS = COMPARISONS | SPATIAL | TEMPORAL | ARRAYS | {"and", "or", "not", "between", "in", "like", "isNull"}
"""What is true, false or unknown."""

_MANY = 1_000_000
ARGUMENTS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(CONDITIONS | ARITHMETIC, (2, 2)),
    "and": (1, _MANY),
    "or": (1, _MANY),
    "not": (1, 1),
    "isNull": (1, 1),
    "casei": (1, 1),
    "accenti": (1, 1),
    "between": (3, 3),
}
"""Fewest and most arguments of each operator."""

_SPELLINGS = {op.lower(): op for op in ARGUMENTS} | {"!=": "<>"}


def canonical(op: object) -> str | None:
    """Give an operator as the standard spells it; None if it is not one of these."""
    return _SPELLINGS.get(op.lower()) if isinstance(op, str) else None
