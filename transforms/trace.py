"""From a source cell to the numbers it feeds, and the values at which a verdict would change.

The county-year is modelled again in memory, many copies at once, each with another value in the cell: the same SQL
answers, no second formula.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from contracts import dictionary, standard
from contracts.codes import read_codes
from transforms import model
from warehouse import store

COPIES = 24
PARTS = 8
VERDICTS = {
    "fact_result": ("scope", "scope_id", "stage", "item_code", "test_no"),
    "fact_school_summary": ("site_id", "stage"),
    "fact_county_cv": ("stage", "item_code"),
    "fact_county_item": ("item_code",),
    "fact_county_part": ("part",),
}
"""Tables with a verdict, and what names a row of a county and year in them."""
FIGURES = {"fact_result": "value", "fact_county_cv": "cv", "fact_variance_share": "deviation"}


@dataclass(frozen=True)
class Cell:
    """A source cell: its file, sheet, place, and the column of the row it became."""

    file: str
    sheet: str
    place: str
    table: str
    column: str
    key: dict[str, Any]
    value: Any

    @property
    def county_year(self) -> tuple[str, int]:
        """The county and year the row belongs to."""
        return self.key["county_code"], self.key["stat_year"]


def find(home: Path, file: str, sheet: str, place: str) -> Cell:
    """Return the cell of a loaded file: D17, or column#row for a file without cells.

    Raises LookupError when no loaded file has it, or it fed no row that is loaded.
    """
    column, row = (
        place.split("#") if "#" in place else (place.rstrip("0123456789"), place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    )
    with store.connect(home, read_only=True) as con:
        found = con.execute(
            "select distinct source_sha256, source_file, source_sheet, table_name, column_name, ref from source_map"
            " where ref in (?, ?) and ref_sheet = ? and (source_file = ? or source_file like '%/' || ?)"
            " order by source_file, table_name, column_name, source_sheet",
            [column, place, sheet, file, file],
        ).fetchall()
        for sha256, name, group, table, column_name, ref in found:
            row_found = _row(con, table, sha256, group, "1" if ref == place else row)
            if row_found is not None:
                keys = dictionary.key(dictionary.input_tables()[table])
                key = {one: row_found[one] for one in keys}
                return Cell(name, sheet, place, table, column_name, key, row_found[column_name])
    raise LookupError(f"没有这个单元格的数据：{file} › {sheet} › {place} / no loaded row came from this cell")


def _row(con: duckdb.DuckDBPyConnection, table: str, sha256: str, sheet: str, row: str) -> dict[str, Any] | None:
    if not row.isdigit():
        return None
    found = con.execute(
        f"select * from inputs.{table} where source_sha256 = ? and coalesce(source_sheet, '') = ? and source_row = ?",
        [sha256, sheet, int(row)],
    )
    names = [column[0] for column in found.description]
    values = found.fetchone()
    return None if values is None else dict(zip(names, values, strict=True))


def trace(home: Path, cell: Cell, standard_id: str) -> dict[str, Any]:
    """Return what a cell feeds and where verdicts would flip.

    `feeds`: a row per verdict or figure that changes with the cell (table, what names it, verdict, figure);
    `flips`: a row per verdict that changes (the value from which on, direction, from, to), nearest first.
    """
    county, stat_year = cell.county_year
    (one,) = standard.load_all((standard_id,), standard.folders(home))
    back = min((row["year_offset"] for row in one.tables["std_term"]), default=0)
    frames = inputs_of(home, county, stat_year + back, stat_year)
    trial = _Trial(frames, cell, standard.choose(one))
    feeds = trial.feeds()
    return {"cell": cell, "feeds": feeds, "flips": _flips(trial) if feeds else []}


def inputs_of(home: Path, county: str, first_year: int, last_year: int) -> dict[str, pl.DataFrame]:
    """Return the loaded input rows of a county in a range of years, table → typed rows."""
    frames = {}
    with store.connect(home, read_only=True) as con:
        for table, contract in dictionary.input_tables().items():
            names = [column.name for column in dictionary.columns(contract)]
            query = f"select {', '.join(names)} from inputs.{table} where county_code = ? and stat_year between ? and ?"
            rows = con.execute(query, [county, first_year, last_year]).pl()
            frames[table] = rows.cast({name: dictionary.polars_type(contract, name) for name in names})
    return frames


class _Trial:
    """The county modelled with other values of one cell."""

    def __init__(self, frames: dict[str, pl.DataFrame], cell: Cell, one: standard.Standard) -> None:
        self.frames, self.cell, self.standard = frames, cell, one
        self.dtype = frames[cell.table].schema[cell.column]
        self.known: dict[Any, dict[tuple[Any, ...], str]] = {}
        self.figures: dict[Any, dict[tuple[Any, ...], Any]] = {}
        self.look([cell.value])

    @property
    def now(self) -> dict[tuple[Any, ...], str]:
        """The verdicts as they are."""
        return self.known[self.cell.value]

    def look(self, values: list[Any]) -> None:
        """Model the county once for every value that was not looked at yet, all in one build."""
        new = [value for value in dict.fromkeys(values) if value not in self.known]
        if not new:
            return
        con = duckdb.connect()
        county, stat_year = self.cell.county_year
        codes = {f"{county}~{number:03d}": value for number, value in enumerate(new)}
        copies: dict[str, list[pl.DataFrame]] = {name: [] for name in self.frames}
        for code, value in codes.items():
            for name, rows in self._with(value).items():
                copies[name].append(rows.with_columns(pl.lit(code).alias("county_code")))
        for name, rows in copies.items():
            con.register(name, pl.concat(rows).to_arrow())
        years = self.frames["school"]["stat_year"].unique().to_list()
        said = {"is_provisional": False, "is_stale": False}
        states = [{"county_code": code, "stat_year": year, **said} for code in codes for year in years]
        con.register("county_year", pl.DataFrame(states, schema_overrides={"stat_year": pl.Int32}).to_arrow())
        model.build(con, [self.standard], sites_at_once=sys.maxsize)  # the copies of one county: no country
        for code, value in codes.items():
            self.known[value], self.figures[value] = _verdicts(con, code, stat_year), _figures(con, code, stat_year)

    def _with(self, value: Any) -> dict[str, pl.DataFrame]:
        """Return the frames with another value in the cell."""
        rows = self.frames[self.cell.table]
        is_it = pl.all_horizontal(pl.col(name).eq_missing(pl.lit(part)) for name, part in self.cell.key.items())
        changed = pl.when(is_it).then(pl.lit(value, dtype=self.dtype)).otherwise(pl.col(self.cell.column))
        return {**self.frames, self.cell.table: rows.with_columns(changed.alias(self.cell.column))}

    def feeds(self) -> list[dict[str, Any]]:
        """Return the verdicts and figures that change when the cell is taken away or changed a little."""
        others = [value for value in (*_near(self.cell.value), *_allowed(self.cell), None) if value != self.cell.value]
        self.look(others)
        changed: dict[tuple[Any, ...], None] = {}
        for value in others:
            for kept, now in ((self.known[value], self.now), (self.figures[value], self.figures[self.cell.value])):
                changed |= {name: None for name in {**now, **kept} if now.get(name) != kept.get(name)}
        figures = self.figures[self.cell.value]
        return [
            {"table": name[0], "names": name[1:], "verdict": self.now.get(name), "figure": figures.get(name)}
            for name in sorted(changed, key=str)
        ]


def _near(value: Any) -> list[Any]:
    """Return values a little off, for a cell of the kind of this value."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | Decimal):
        return [value + 1, max(value - 1, type(value)(0))]
    return []


def _verdicts(con: duckdb.DuckDBPyConnection, county: str, stat_year: int) -> dict[tuple[Any, ...], str]:
    return _pairs(con, county, stat_year, {table: (*names, "verdict") for table, names in VERDICTS.items()})


def _figures(con: duckdb.DuckDBPyConnection, county: str, stat_year: int) -> dict[tuple[Any, ...], Any]:
    named = {table: (*VERDICTS[table], figure) for table, figure in FIGURES.items() if table in VERDICTS}
    return _pairs(con, county, stat_year, named)


def _pairs(
    con: duckdb.DuckDBPyConnection, county: str, stat_year: int, columns: Mapping[str, tuple[str, ...]]
) -> dict[tuple[Any, ...], Any]:
    """Return (table, what names the row…) → the last column, for one copy of the county."""
    found = {}
    for table, names in columns.items():
        rows = con.execute(
            f"select {', '.join(names)} from {table} where county_code = ? and stat_year = ?", [county, stat_year]
        ).fetchall()
        found |= {(table, *(_plain(part, county) for part in row[:-1])): row[-1] for row in rows}
    return found


def _plain(part: Any, county: str) -> Any:
    """Return a name without the mark of its copy."""
    return county.partition("~")[0] if part == county else part


def _flips(trial: _Trial) -> list[dict[str, Any]]:
    """Return the nearest value on each side at which each verdict changes, nearest first."""
    value = trial.cell.value
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return _other_values(trial)
    step = _step(value)
    flips = []
    for direction in (-1, 1):
        flips += _of_direction(trial, value, step, direction)
    return sorted(flips, key=lambda one: (abs(one["by"]), str(one["names"])))


def _step(value: int | Decimal) -> int | Decimal:
    """Return the smallest change that makes sense: one for what is counted, else the last decimal that is written."""
    if isinstance(value, int) or value == value.to_integral_value():
        return 1 if isinstance(value, int) else Decimal(1)
    return Decimal(1).scaleb(int(value.normalize().as_tuple().exponent))


def _of_direction(trial: _Trial, value: Any, step: Any, direction: int) -> list[dict[str, Any]]:
    """Return the flips on one side: a grid of growing steps, then every bracket cut in parts until it is one step."""

    def at(count: int) -> Any:
        return value + direction * count * step

    steps = int((value if direction < 0 else max(9 * value, 1000 * step)) / step)
    grid = sorted(
        {0, *(round(steps ** (number / COPIES)) for number in range(COPIES + 1) if steps)} & {*range(steps + 1)}
    )
    trial.look([at(count) for count in grid])
    brackets = _brackets(trial, [(low, high) for low, high in itertools.pairwise(grid)], at)
    while wide := sorted({pair for pair in brackets.values() if pair[1] - pair[0] > 1})[:PARTS]:
        cuts = {pair: _cuts(*pair) for pair in wide}
        trial.look([at(count) for counts in cuts.values() for count in counts])
        for pair, counts in cuts.items():
            of_pair = [name for name, one in brackets.items() if one == pair]
            found = _brackets(trial, list(itertools.pairwise(counts)), at)
            brackets |= {name: found[name] for name in of_pair}
    return [
        {
            "table": name[0],
            "names": name[1:],
            "at": at(high),
            "by": direction * high * step,
            "from": trial.now[name],
            "to": trial.known[at(high)].get(name),
        }
        for name, (_, high) in brackets.items()
    ]


def _brackets(
    trial: _Trial, pairs: list[tuple[int, int]], at: Callable[[int], Any]
) -> dict[tuple[Any, ...], tuple[int, int]]:
    """Return for each verdict that changes the first pair of counts between which it does."""
    return {
        name: next(pair for pair in pairs if trial.known[at(pair[1])].get(name) != verdict)
        for name, verdict in trial.now.items()
        if any(trial.known[at(high)].get(name) != verdict for _, high in pairs)
    }


def _cuts(low: int, high: int) -> list[int]:
    """Return the ends of a bracket with evenly spaced counts between."""
    return sorted({low + (high - low) * number // PARTS for number in range(PARTS + 1)})


def _other_values(trial: _Trial) -> list[dict[str, Any]]:
    """Return the verdicts that change with each other value a code or a yes-or-no cell may have."""
    values = [value for value in _allowed(trial.cell) if value != trial.cell.value]
    trial.look(values)
    return [
        {"table": name[0], "names": name[1:], "at": value, "by": 0, "from": verdict, "to": trial.known[value].get(name)}
        for value in values
        for name, verdict in trial.now.items()
        if trial.known[value].get(name) != verdict
    ]


def _allowed(cell: Cell) -> list[Any]:
    """Return the values that a code or a yes-or-no cell may have; none for a cell that is not of a closed list."""
    contract = dictionary.input_tables()[cell.table]
    (column,) = [one for one in dictionary.columns(contract) if one.name == cell.column]
    if column.kind == "boolean":
        return [True, False]
    return list(read_codes(column.codes)) if column.codes else []


def sentences(told: dict[str, Any], limit: int = 40) -> list[str]:
    """Return what a cell feeds and what would flip as lines of text, Chinese first."""
    cell: Cell = told["cell"]
    contract = dictionary.input_tables()[cell.table]
    (column,) = [one for one in dictionary.columns(contract) if one.name == cell.column]
    place = " › ".join(part for part in (cell.file, cell.sheet, cell.place) if part)
    names = "、".join(f"{name} {value}" for name, value in cell.key.items())
    lines = [f"{place}：{dictionary.title(contract)} {column.header} = {cell.value}", f"  {names}"]
    if not told["feeds"]:
        return [*lines, "这个单元格不进入任何结果 / this cell feeds no result"]
    lines.append(f"进入的结果 / feeds {len(told['feeds'])}：")
    lines += [f"  {_named(one)}{_said(one)}" for one in told["feeds"][:limit]]
    if len(told["feeds"]) > limit:
        lines.append(f"  … 另有 {len(told['feeds']) - limit} 个，见 --json / and more")
    if not told["flips"]:
        return [*lines, "在试过的范围内没有结论会改变 / no verdict changes within what was tried"]
    lines.append("会改变的结论，由近到远 / verdicts that would flip, nearest first：")
    words = {code: row["text_zh"] for code, row in read_codes("verdicts").items()}
    for one in told["flips"][:limit]:
        by = f"（{one['by']:+}）" if one["by"] else ""
        lines.append(
            f"  改为 {one['at']}{by}：{_named(one)} {words[one['from']]} → {words.get(one['to'], '没有这一结果')}"
        )
    return lines


def _named(one: dict[str, Any]) -> str:
    title = dictionary.title(dictionary.output_tables()[one["table"]])
    return f"{title} {' '.join(str(part) for part in one['names'])}"


def _said(one: dict[str, Any]) -> str:
    verdict = read_codes("verdicts")[one["verdict"]]["text_zh"] if one["verdict"] else "—"
    figure = "" if one["figure"] is None else f" {one['figure']:.4f}"
    return f"{figure}（{verdict}）"
