"""Terms: a small arithmetic over names, parsed by Python's own grammar and computed in exact fractions.

`rotated_teachers / rotation_eligible_teachers * 100`: names with dots, decimal numbers, + - * / and brackets, no more.
"""

from __future__ import annotations

import ast
import functools
import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction

LONGEST = 1_000
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
NUMBER = re.compile(r"\d+(\.\d+)?")
BINARY: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class TermsError(ValueError):
    """Terms are refused; the message says why."""


def names(terms: str) -> tuple[str, ...]:
    """Return the names that terms use, each once, in order.

    Raises TermsError when they are not terms.
    """
    return _parse(terms)[1]


def evaluate(terms: str, values: Mapping[str, Fraction]) -> Fraction:
    """Return the exact value of terms.

    Raises TermsError when they are not terms, KeyError for a name without value, ZeroDivisionError.
    """
    return _value(_parse(terms)[0], terms, values)


@functools.cache
def _parse(terms: str) -> tuple[ast.expr, tuple[str, ...]]:
    """Return the tree of terms and the names in it; every node has been checked."""
    if len(terms) > LONGEST:
        raise TermsError(f"算式过长 / longer than {LONGEST} characters")
    if not terms.isascii():
        raise TermsError(f"算式只用名称、数字、+ - * / 和括号：{terms} / names, numbers, + - * / and brackets only")
    try:
        tree = ast.parse(terms.strip(), mode="eval").body
        found = _names(tree, terms.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, TermsError):
            raise
        raise TermsError(f"不是算式：{terms} / not terms") from error
    return tree, tuple(dict.fromkeys(found))


def _names(node: ast.expr, terms: str) -> list[str]:
    """Return the names below a node, in order; refuse what is no term."""
    if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
        return _names(node.left, terms) + _names(node.right, terms)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        return _names(node.operand, terms)
    text = ast.get_source_segment(terms, node) or ""
    if isinstance(node, ast.Constant) and NUMBER.fullmatch(text):
        return []
    if isinstance(node, ast.Name | ast.Attribute) and NAME.fullmatch(text):
        return [text]
    raise TermsError(f"算式中不能用 {text or terms} / not allowed in terms")


def _value(node: ast.expr, terms: str, values: Mapping[str, Fraction]) -> Fraction:
    """Return the value of a checked node."""
    if isinstance(node, ast.BinOp):
        return BINARY[type(node.op)](_value(node.left, terms, values), _value(node.right, terms, values))
    if isinstance(node, ast.UnaryOp):
        value = _value(node.operand, terms, values)
        return -value if isinstance(node.op, ast.USub) else value
    text = ast.get_source_segment(terms.strip(), node) or ""
    return Fraction(text) if isinstance(node, ast.Constant) else values[text]
