"""Made-up counties by the hundred, up to a nation, as plain tables: one folder a province and year, seeded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from contracts import dictionary
from transforms.synthesize import nation_tables, spoil
from transforms.synthesize.nation_sites import dice, sites

PROVINCES = (
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44",
    "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65",
)  # fmt: skip
ALONE = ("41",)


@dataclass(frozen=True)
class Size:
    """How many counties there are, sites in a county of middle size, and the provinces that share the counties.

    A province has room for nine made-up cities of twenty counties.
    """

    counties: int
    sites: int
    provinces: tuple[str, ...] = ALONE


SIZES = {"county": Size(1, 34), "city": Size(12, 69), "province": Size(160, 108), "nation": Size(2900, 69, PROVINCES)}
FORMATS = ("csv", "parquet")


def write(
    folder: Path,
    size: Size,
    years: Iterable[int],
    form: str = "csv",
    seed: int = 1,
    defects: float = 0.0,
    note: Callable[[str], None] | None = None,
) -> dict[str, int]:
    """Write FOLDER/<year>/<province>/<table>.<format> for all years; return the rows written, table → rows.

    The same arguments give the same files, and a school is the same from year to year. `defects`: the part of the
    counties in which some cells of every table are spoilt. `note` is called after each province and year.
    """
    rows = dict.fromkeys(dictionary.input_tables(), 0)
    for province, counties in shares(size, seed).items():
        standing = sites(province, counties, size.sites, seed)
        for stat_year in years:
            target = folder / str(stat_year) / province
            target.mkdir(parents=True, exist_ok=True)
            for name, made in nation_tables.make_year(standing, province, seed, stat_year).items():
                if made.is_empty():
                    continue
                random = dice(seed, province, "spoil", name, stat_year)
                written = spoil.spoilt(name, made, defects, random) if defects else made
                _write(written, target / f"{name}.{form}")
                rows[name] += written.height
            if note:
                note(f"{stat_year} {province}")
    return {name: count for name, count in rows.items() if count}


def shares(size: Size, seed: int) -> dict[str, int]:
    """Return how many counties each province has: some have four times as many as others."""
    weights = {province: dice(seed, province, "counties").uniform(0.4, 1.6) for province in size.provinces}
    total, before, shared = sum(weights.values()), 0.0, {}
    for province, weight in weights.items():
        after = before + size.counties * weight / total
        shared[province] = round(after) - round(before)
        before = after
    return shared


def _write(rows: pl.DataFrame, path: Path) -> None:
    if path.suffix == ".parquet":
        rows.write_parquet(path, compression="zstd")
    else:
        rows.write_csv(path)
