# SPDX-License-Identifier: Apache-2.0
"""Band arithmetic: the expressions of the bandmath tool."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["check", "evaluate"]

Floats = NDArray[np.float64]

_BINARY: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.BitAnd: np.logical_and,
    ast.BitOr: np.logical_or,
}
_UNARY: Mapping[type[ast.AST], Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
_BANDS = frozenset(f"b{number}" for number in range(1, 16))


def check(expression: str) -> set[str]:
    """Give the bands that an expression names.

    Raises:
        ValueError: If it is not arithmetic on bands and numbers.
    """
    named: set[str] = set()
    _walk(_parsed(expression), named.add)
    return named


def evaluate(expression: str, bands: Mapping[str, Floats]) -> Floats:
    """Compute an expression; division by zero gives inf or nan.

    Args:
        expression: Checked by `check`.
        bands: `(y, x)` float64 by name, ``b1`` and on.

    Raises:
        ValueError: If a band is not there.
    """

    def value(node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=number):
                return number
            case ast.Name(id=name):
                if name not in bands:
                    raise ValueError(f"there is no band {name}; there are {', '.join(bands)}")
                return bands[name]
            case ast.UnaryOp(op=op, operand=inner):
                return _UNARY[type(op)](value(inner))
            case ast.BinOp(left=left, op=op, right=right):
                return _BINARY[type(op)](value(left), value(right))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return _BINARY[type(op)](value(left), value(right))
        raise ValueError(f"not arithmetic: {ast.dump(node)}")

    with np.errstate(all="ignore"):
        return np.asarray(value(_parsed(expression)), dtype="float64")


def _parsed(expression: str) -> ast.expr:
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError) as err:
        raise ValueError(f"cannot read {expression!r}") from err


def _walk(node: ast.expr, note: Callable[[str], Any]) -> None:
    match node:
        case ast.Constant(value=int() | float()):
            return
        case ast.Name(id=name) if name in _BANDS:
            note(name)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=inner):
            _walk(inner, note)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            _walk(left, note)
            _walk(right, note)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _BINARY:
            _walk(left, note)
            _walk(right, note)
        case _:
            raise ValueError(f"not arithmetic on bands b1 to b15 and numbers: {ast.unparse(node)!r}")
