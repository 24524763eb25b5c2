"""Where a sum does not hold: the smallest change of one number that would mend it."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from contracts import dictionary

PARTS = {
    "teacher_education_not_total": (
        "teacher",
        "full_time_teachers",
        ("doctor_teachers", "master_teachers", "bachelor_teachers", "college_teachers", "secondary_or_below_teachers"),
    ),
}
"""Rule → table, the column of the total, the columns of its parts."""


def mend(total: tuple[str, int], parts: Mapping[str, int]) -> tuple[str, int, int] | None:
    """Return the one change that makes the parts add up to the total: name, old number, new one.

    A slip of the hand comes before the rest: two digits exchanged, then one digit wrong, then the smallest change in
    proportion. None when they add up already, or no single number can mend it.
    """
    name, said = total
    gap = said - sum(parts.values())
    if gap == 0:
        return None
    changes = [(name, said, said - gap), *((part, old, old + gap) for part, old in parts.items() if old + gap >= 0)]
    return min(changes, key=lambda change: (_slip(change[1], change[2]), abs(gap) / max(change[1], 1), change[0]))


def _slip(old: int, new: int) -> int:
    """Return how a number may have become another: 0 digits exchanged, 1 one digit wrong or lost, 2 otherwise."""
    one, two = str(old), str(new)
    if len(one) == len(two):
        if sorted(one) == sorted(two):
            return 0
        return 1 if sum(a != b for a, b in zip(one, two, strict=True)) == 1 else 2
    shorter, longer = sorted((one, two), key=len)
    dropped = {longer[:at] + longer[at + 1 :] for at in range(len(longer))}
    return 1 if shorter in dropped else 2


def suggested(found: pl.DataFrame, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the findings with `suggestion` filled where one change of one number would make a sum hold."""
    for rule, (table, total, parts) in PARTS.items():
        wrong = found.filter(pl.col("rule") == rule)
        if wrong.is_empty() or table not in tables:
            continue
        labels = {one.name: one.label for one in dictionary.columns(dictionary.input_tables()[table])}
        rows = tables[table].select(
            "source_sha256", pl.col("source_sheet").alias("source_group"), "source_row", total, *parts
        )
        place = ["source_sha256", "source_group", "source_row"]
        joined = wrong.select(place).unique().join(rows, on=place, how="inner")
        said = []
        for row in joined.rows(named=True):
            numbers = {labels[part]: row[part] or 0 for part in parts}
            change = mend((labels[total], row[total] or 0), numbers)
            words = (
                "若「{}」{} 为 {}，即相符 / would hold with {} {}".format(*change, change[0], change[2])
                if change
                else None
            )
            said.append({**{name: row[name] for name in place}, "rule": rule, "mend": words})
        told = pl.DataFrame(
            said, schema={**{name: found.schema[name] for name in place}, "rule": pl.String, "mend": pl.String}
        )
        found = found.join(told, on=["rule", *place], how="left", maintain_order="left", nulls_equal=True)
        found = found.with_columns(pl.coalesce("suggestion", "mend").alias("suggestion")).drop("mend")
    return found
