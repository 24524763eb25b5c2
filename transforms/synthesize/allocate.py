"""Share out exact totals: what is made up must add up, or fail."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Return whole numbers in proportion to the weights that sum to the total (largest remainder).

    Raises ValueError when there is nothing to share by.
    """
    whole = sum(weights)
    if whole <= 0:
        raise ValueError(f"cannot share {total} by weights that sum to {whole}")
    exact = [total * weight / whole for weight in weights]
    result = [int(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda at: (result[at] - exact[at], at))
    for at in by_remainder[: total - sum(result)]:
        result[at] += 1
    return result


def above(total: int, least: Sequence[int], weights: Sequence[float]) -> list[int]:
    """Return whole numbers, each at least its own minimum, the rest shared by weight, that sum to the total.

    Raises ValueError when the minima alone are more than the total.
    """
    rest = total - sum(least)
    if rest < 0:
        raise ValueError(f"the minima sum to {sum(least)}, more than {total}")
    return [low + extra for low, extra in zip(least, apportion(rest, weights), strict=True)]


def within(total: int, bounds: Sequence[tuple[int, int]], random: Random) -> list[int]:
    """Return a random whole number within each pair of bounds so that all sum to the total.

    Raises ValueError when no such numbers exist.
    """
    if not sum(low for low, _ in bounds) <= total <= sum(high for _, high in bounds):
        raise ValueError(f"no numbers within the bounds sum to {total}")
    result = [random.randint(low, high) for low, high in bounds]
    order = list(range(len(bounds)))
    while (gap := total - sum(result)) != 0:
        random.shuffle(order)
        step = 1 if gap > 0 else -1
        for at in order[: abs(gap)]:
            low, high = bounds[at]
            if low <= result[at] + step <= high:
                result[at] += step
    return result
