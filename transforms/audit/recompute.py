"""Terms of one county and year as a number, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

from contracts import terms
from transforms.audit.look_up import Evidence

PLACES = 2
"""Decimals shown of what does not come out even."""
EVEN_PLACES = 4


@dataclass(frozen=True)
class Recomputed:
    """The exact value of terms and the cells behind it; without a value, `reason`; `is_stated`: all names are."""

    value: Fraction | None
    reason: str
    cells: tuple[dict[str, Any], ...]
    is_stated: bool
    problem: str = ""


def recompute(at: Evidence, said: str) -> Recomputed:
    """Return the value of terms; none where they are refused, an input is missing or made up, or a divisor is 0."""
    try:
        names = terms.names(said)
    except terms.TermsError as error:
        return Recomputed(None, "bad_terms", (), False, str(error))
    operands = {name: at.operand(name) for name in names}
    cells = tuple(cell for operand in operands.values() for cell in operand.cells)
    is_stated = bool(operands) and all(operand.is_stated for operand in operands.values())
    without = [(name, operand.reason) for name, operand in operands.items() if operand.value is None]
    if without:
        name, reason = next((one for one in without if one[1] == "unknown_name"), without[0])
        return Recomputed(None, reason, cells, is_stated, name)
    made_up = [name for name, operand in operands.items() if operand.is_synthetic]
    if made_up:
        return Recomputed(None, "rests_on_synthetic", cells, is_stated, "、".join(made_up))
    try:
        values = {name: operand.value for name, operand in operands.items() if operand.value is not None}
        return Recomputed(terms.evaluate(said, values), "", cells, is_stated)
    except ZeroDivisionError:
        return Recomputed(None, "division_by_zero", cells, is_stated)


def rounded(value: Fraction, places: int) -> Decimal:
    """Return a fraction in so many decimals, half away from zero."""
    with localcontext(prec=60):
        scaled = abs(value) * 10**places
        whole = Decimal(int(scaled + Fraction(1, 2))).scaleb(-places)
        return (-whole if value < 0 else whole).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def shown(value: Fraction, least_places: int = 0) -> str:
    """Return a value as text: as it is where it comes out even, else in two decimals, never in fewer than asked."""
    even = next((places for places in range(EVEN_PLACES + 1) if (value * 10**places).denominator == 1), PLACES)
    return f"{rounded(value, max(even, least_places)):f}"
