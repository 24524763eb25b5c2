"""Share a year's plain tables out into lots that can be taken in one after the other, without another finding.

What one county, one folder or one school ties together stays together: keys, sums and comparisons with the year before
look no further. So a nation that comes by province is taken in province by province, in the memory of one of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from pathlib import Path

import polars as pl

from contracts import dictionary
from contracts.fields import COUNTY_CODE
from transforms.intake import rename
from transforms.intake.land import Landed
from transforms.intake.read import Unreadable, read

LOT_BYTES = 40 << 20
"""Bytes of files taken in together: about a province of plain tables; less than this is never shared out."""
PLAIN = {".csv", ".parquet"}
NAMED = ("county_code", "school_code")


def lots(files: list[Landed], last_year: pl.DataFrame, lot_bytes: int = LOT_BYTES) -> list[list[Landed]]:
    """Return the files in lots, each in the order they came; one lot where they are few, or any is not a plain table.

    `last_year`: school_code and county_code of the year before; a school that moved ties its two counties together.
    """
    sizes = {at: file.path.stat().st_size if not file.refused else 0 for at, file in enumerate(files)}
    if sum(sizes.values()) <= lot_bytes or any(file.suffix not in PLAIN for file in files):
        return [files]
    groups = _tied(files, last_year)
    found: list[list[int]] = []
    room = 0
    for group in groups:
        size = sum(sizes[at] for at in group)
        if not found or size > room:
            found.append([])
            room = lot_bytes
        found[-1] += group
        room -= size
    return [[files[at] for at in sorted(lot)] for lot in found]


def _tied(files: list[Landed], last_year: pl.DataFrame) -> list[list[int]]:
    """Return the positions of files that belong together, in order of their first."""
    ties = [(at, ("folder", str(Path(file.name).parent))) for at, file in enumerate(files)]
    ties += [(at, ("file", file.sha256)) for at, file in enumerate(files)]
    empty = pl.DataFrame(schema={"at": pl.Int64, **dict.fromkeys(NAMED, pl.String)})
    pairs = pl.concat([empty, *(_pairs(at, file) for at, file in enumerate(files))])
    is_county = pl.col("county_code").str.contains(COUNTY_CODE).fill_null(value=False)
    counties = pairs.filter(is_county).select("at", "county_code").unique()
    ties += [(at, ("county", county)) for at, county in counties.rows()]
    placeless = pairs.filter(~is_county)["school_code"].drop_nulls().unique()
    beside = pairs.filter(pl.col("school_code").is_in(placeless.implode())).select("at", "school_code").unique()
    ties += [(at, ("school", school)) for at, school in beside.rows()]
    moved = pairs.filter(is_county).join(last_year, on="school_code", suffix="_before")
    moved = moved.filter(pl.col("county_code") != pl.col("county_code_before")).select("at", "county_code_before")
    ties += [(at, ("county", county)) for at, county in moved.unique().rows()]
    return _joined(len(files), ties)


def _pairs(at: int, file: Landed) -> pl.DataFrame:
    """Return the counties and schools that a file names, as its cells have them; none of one that cannot be read."""
    try:
        (sheet,) = read(file)
    except Unreadable:
        return pl.DataFrame(schema={"at": pl.Int64, **dict.fromkeys(NAMED, pl.String)})
    table = next((rename.table_names().get(rename.plain(name)) for name in (file.stem, file.folder)
                  if rename.plain(name) in rename.table_names()), None)  # fmt: skip
    known = rename.column_names(table or next(iter(dictionary.input_tables())))
    heads = sheet.names or [text or "" for text in (sheet.cells.head(1).rows() or [()])[0]]
    places = {known[key].name: f"c{at_}" for at_, key in enumerate(map(rename.plain, heads)) if key in known}
    texts = [
        (pl.col(places[name]).str.normalize("NFKC").str.strip_chars() if name in places else pl.lit(None, pl.String))
        .alias(name)
        for name in NAMED
    ]  # fmt: skip
    body = sheet.cells if sheet.names else sheet.cells.slice(1)
    return body.select(pl.lit(at, pl.Int64).alias("at"), *texts).unique()


def _joined(count: int, ties: Iterable[tuple[int, Hashable]]) -> list[list[int]]:
    """Return positions in groups: two with a tie of one name are in one group."""
    leader = list(range(count))

    def first(at: int) -> int:
        while leader[at] != at:
            leader[at] = leader[leader[at]]
            at = leader[at]
        return at

    seen: dict[Hashable, int] = {}
    for at, name in ties:
        one, other = sorted((first(at), first(seen.setdefault(name, at))))
        leader[other] = one
    groups: dict[int, list[int]] = {}
    for at in range(count):
        groups.setdefault(first(at), []).append(at)
    return list(groups.values())
