"""Numbers as the paper shows them, and sums that know when a part is missing."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

MOST_DECIMALS = 8


def number(value: Decimal | float) -> str:
    """Return a number as it is, without exponent or trailing zeros."""
    text = f"{Decimal(str(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown(value: float, decimals: int, limit: Decimal | None, verdict: str) -> str:
    """Return a value rounded half up to its decimals; with more where it would read as the limit and is not met."""
    exact = Decimal(str(value))
    for places in range(decimals, MOST_DECIMALS):
        rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        if verdict != "not_met" or limit is None or rounded != limit or exact == limit:
            return f"{rounded:f}"
    return number(exact)


def sum_of(known: list[Decimal | None]) -> Decimal | None:
    """Return the sum; None where there is nothing to add or a part is missing."""
    there = [one for one in known if one is not None]
    return sum(there, Decimal(0)) if there and len(there) == len(known) else None
