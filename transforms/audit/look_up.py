"""What a name in terms stands for: its value, whether it is made up, and the cells it comes from.

full_time_teachers_declared       a county fact; graduates … the cohort of the whole county; stat_year
previous.<fact>                   the same fact of the year before
period.<fact>, period.monitoring  the year a fact, or the monitoring, belongs to
given.<fact>                      1 where the county gave it, else 0
monitoring.<authority>.<stage>.<subject>.<column>
declared.<part>.<verdict>         items of a part (government, quality, resources, all) declared so
rows.<table>, rows.monitoring.<authority>   number of rows
printed.<item>                    computed figures of an item that the document prints
has_unit.<fact>                   1 where the document prints the fact with a whole unit, else 0
total.<column>[.<stage>]          sum over the county's sites, compulsory stages
projects.<column>, projects.count building projects opened within three years
result.<item>[.<column>]          the evaluation of a county item in the latest release
coefficients_met.<stage>          difference coefficients met in the latest release
items.<part>                      items of a part of the standard
limit.<item>[.t2][.<stage>][.<relaxation>], per.<item>, count_limit.<measure>[.<stage>],
coefficient_limit.<stage>, condition.<item>.<relaxation>.<measure>, school_rule.floor_ratio   of the standard
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import duckdb

from contracts import dictionary, terms
from contracts.codes import read_codes
from contracts.standard import Standard
from warehouse import store

SITE_TABLES = ("enrolment", "class_size", "teacher", "premises")
COMPULSORY = ("primary", "junior")


@dataclass(frozen=True)
class Operand:
    """The value of a name; without one `reason` says why. `is_stated`: the county says so, nothing computed it."""

    value: Fraction | None = None
    reason: str = ""
    is_synthetic: bool = False
    is_stated: bool = False
    cells: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Cell:
    """One value of one input row, with its place."""

    value: Any
    is_synthetic: bool
    place: dict[str, Any]


NOT_GIVEN = Operand(reason="no_input")
NOT_EVALUATED = Operand(reason="no_evaluation")
UNKNOWN = Operand(reason="unknown_name")
NOT_IN_STANDARD = Operand(reason="not_in_standard")


@dataclass
class Evidence:
    """Everything a name can stand for in one county and year: inputs, the latest release (or none), the standard."""

    inputs: duckdb.DuckDBPyConnection
    released: duckdb.DuckDBPyConnection | None
    standard: Standard
    county_code: str
    stat_year: int
    known: dict[str, Operand] = field(default_factory=dict)

    def operand(self, name: str) -> Operand:
        """Return what a name stands for; an unknown name, or one without value, says why in `reason`."""
        if name not in self.known:
            self.known[name] = self._found(name)
        return self.known[name]

    def _found(self, name: str) -> Operand:
        head, *rest = name.split(".")
        if not rest:
            return _plain(self, head)
        finder = FINDERS.get(head)
        return finder(self, *rest) if finder and _fits(finder, len(rest)) else UNKNOWN


def _fits(finder: Callable[..., Operand], parts: int) -> bool:
    """Return whether a name may have so many parts behind its first."""
    takes = list(inspect.signature(finder).parameters.values())[1:]
    least = sum(one.default is one.empty and one.kind is not one.VAR_POSITIONAL for one in takes)
    return least <= parts and (parts <= len(takes) or any(one.kind is one.VAR_POSITIONAL for one in takes))


def cells_of(
    at: Evidence, table: str, column: str, where: str = "true", values: Iterable[Any] = (), year: int = 0
) -> list[Cell]:
    """Return one cell per row of an input table for the county and year (or `year`), in order of the rows."""
    here = f"i.county_code = ? and i.stat_year = ? and {where}"
    rows = store.cells(at.inputs, table, column, here, [at.county_code, year or at.stat_year, *values])
    return [
        Cell(row["value"], bool(row["is_synthetic"]), {name: row[name] for name in ("value", "file", "sheet", "cell")})
        for row in rows
    ]


def _summed(cells: list[Cell], *, is_stated: bool = False) -> Operand:
    """Return the sum of cells; nothing or an empty one among them is no sum."""
    places = tuple(cell.place for cell in cells)
    if not cells or any(cell.value is None for cell in cells):
        return Operand(reason="no_input", cells=places)
    total = sum((Fraction(cell.value) for cell in cells), Fraction(0))
    return Operand(total, "", any(cell.is_synthetic for cell in cells), is_stated, places)


def _counted(number: int, cells: list[Cell], *, is_stated: bool = False) -> Operand:
    places = tuple(cell.place for cell in cells)
    return Operand(Fraction(number), "", any(cell.is_synthetic for cell in cells), is_stated, places)


@functools.cache
def _columns(table: str) -> tuple[str, ...]:
    """Return the columns of an input table that hold numbers."""
    model = dictionary.input_tables()[table]
    return tuple(column.name for column in dictionary.columns(model) if column.kind in {"integer", "decimal"})


def _plain(at: Evidence, name: str) -> Operand:
    """Return a county fact, a field of the cohort, or the year."""
    if name == "stat_year":
        return Operand(Fraction(at.stat_year))
    if name in read_codes("county_items"):
        return _fact(at, name, at.stat_year)
    if name in _columns("cohort"):
        of_county = cells_of(at, "cohort", name, "i.school_code is null")
        return _summed(of_county or cells_of(at, "cohort", name), is_stated=True)
    return UNKNOWN


def _fact(at: Evidence, item: str, year: int) -> Operand:
    return _summed(cells_of(at, "county_fact", "value", "i.item_code = ?", [item], year), is_stated=True)


def _previous(at: Evidence, item: str) -> Operand:
    return _fact(at, item, at.stat_year - 1) if item in read_codes("county_items") else UNKNOWN


def _period(at: Evidence, item: str) -> Operand:
    """Return the year that a fact belongs to; facts without date, or of several years, have none."""
    if item == "monitoring":
        cells = cells_of(at, "monitoring", "monitored_year")
        years = [cell.value for cell in cells]
        return _counted(max(years), cells, is_stated=True) if len(set(years)) == 1 else NOT_GIVEN
    if item not in read_codes("county_items"):
        return UNKNOWN
    dated = "i.item_code = ? and i.period_kind in ('as_of', 'school_year', 'fiscal_year')"
    cells = cells_of(at, "county_fact", "period", dated, [item])
    year = re.match(r"\d{4}", cells[0].value) if cells else None
    return _counted(int(year[0]), cells, is_stated=True) if year else NOT_GIVEN


def _given(at: Evidence, item: str) -> Operand:
    if item not in read_codes("county_items"):
        return UNKNOWN
    cells = cells_of(at, "county_fact", "value", "i.item_code = ? and i.value is not null", [item])
    return _counted(len(cells), cells)


def _monitoring(at: Evidence, authority: str, stage: str, subject: str, column: str) -> Operand:
    if column not in _columns("monitoring"):
        return UNKNOWN
    where = "i.authority = ? and i.stage = ? and i.subject = ?"
    return _summed(cells_of(at, "monitoring", column, where, [authority, stage, subject]), is_stated=True)


def _declared(at: Evidence, part: str, verdict: str) -> Operand:
    """Return how many items of a part the county declares to be so; without any declaration there is no count."""
    wanted = [row["item_code"] for row in at.standard.tables["std_item"] if part in {row["part"], "all"}]
    if not wanted or verdict not in read_codes("declared_verdicts"):
        return UNKNOWN
    cells = cells_of(at, "declaration", "declared_verdict", "i.item_code in (select unnest(?))", [wanted])
    return _counted(sum(cell.value == verdict for cell in cells), cells) if cells else NOT_GIVEN


def _rows(at: Evidence, table: str, authority: str | None = None) -> Operand:
    if table not in dictionary.input_tables() or (authority and table != "monitoring"):
        return UNKNOWN
    where, values = ("i.authority = ?", [authority]) if authority else ("true", [])
    cells = cells_of(at, table, "county_code", where, values)
    return Operand(Fraction(len(cells)), "", any(cell.is_synthetic for cell in cells))


def _printed(at: Evidence, item: str) -> Operand:
    cells = cells_of(at, "published_figure", "item_code")
    kinds = cells_of(at, "published_figure", "figure_kind")
    number = sum(cell.value == item and kind.value == "computed" for cell, kind in zip(cells, kinds, strict=True))
    return Operand(Fraction(number), "", any(cell.is_synthetic for cell in cells)) if cells else NOT_GIVEN


def _has_unit(at: Evidence, item: str) -> Operand:
    """Return 1 where the first figure that states a fact has anything behind its number, 0 where it is bare."""
    texts = cells_of(at, "published_figure", "figure_text")
    terms_of = [cell.value or "" for cell in cells_of(at, "published_figure", "terms")]
    kinds = [cell.value for cell in cells_of(at, "published_figure", "figure_kind")]
    for text, said, kind in zip(texts, terms_of, kinds, strict=True):
        if kind == "stated" and item in _names(said):
            return _counted(int(not re.fullmatch(r"[\d.,\s]+", text.value)), [text])
    return NOT_GIVEN


def _names(said: str) -> tuple[str, ...]:
    try:
        return terms.names(said) if said else ()
    except terms.TermsError:
        return ()


def _total(at: Evidence, column: str, stage: str | None = None) -> Operand:
    """Return the sum of a column over the sites of the county, of one stage or of both compulsory ones."""
    table = next((name for name in SITE_TABLES if column in _columns(name)), None)
    stages = COMPULSORY if stage is None else (stage,)
    if table is None or not set(stages) <= set(COMPULSORY):
        return UNKNOWN
    if table == "premises":
        return UNKNOWN if stage else _summed(cells_of(at, table, column))
    ordinary = "i.stage in (select unnest(?))" + (" and not i.is_special_class" if table == "class_size" else "")
    return _summed(cells_of(at, table, column, ordinary, [list(stages)]))


def _projects(at: Evidence, column: str) -> Operand:
    """Return the sum of a column, or the number, of the projects opened in this year and the two before."""
    window = "i.opened_year between i.stat_year - 2 and i.stat_year"
    if column == "count":
        cells = cells_of(at, "project", "project_no", window)
        return _counted(len(cells), cells) if cells else NOT_GIVEN
    return _summed(cells_of(at, "project", column, window)) if column in _columns("project") else UNKNOWN


def _evaluated(at: Evidence, table: str, column: str, where: str, values: list[Any]) -> list[tuple[Any, Any]] | None:
    """Return (value, is_synthetic) of the rows of a published table; None where release or table or column is not."""
    if at.released is None:
        return None
    has = "select 1 from duckdb_columns() where table_name = ? and column_name = ?"
    if not at.released.execute(has, [table, column]).fetchone():
        return None
    return at.released.execute(
        f"select {column}, is_synthetic from {table} where standard_id = ? and readings_id = 'default'"
        f" and county_code = ? and stat_year = ? and {where}",
        [at.standard.id, at.county_code, at.stat_year, *values],
    ).fetchall()


def _result(at: Evidence, item: str, column: str = "value") -> Operand:
    rows = _evaluated(at, "fact_county_item", column, "item_code = ?", [item])
    if not rows:
        return NOT_EVALUATED
    ((value, synthetic),) = rows
    if value is None or isinstance(value, str | bool):
        return NOT_GIVEN
    return Operand(Fraction(value), "", bool(synthetic))


def _coefficients_met(at: Evidence, stage: str) -> Operand:
    rows = _evaluated(at, "fact_county_cv", "verdict", "stage = ?", [stage])
    if not rows:
        return NOT_EVALUATED
    return Operand(Fraction(sum(verdict == "met" for verdict, _ in rows)), "", any(bool(made) for _, made in rows))


def _only(values: Iterable[Any]) -> Operand:
    """Return the one value that rows of the standard agree on."""
    found = {Fraction(value) for value in values if value is not None}
    return Operand(found.pop()) if len(found) == 1 else NOT_IN_STANDARD


def _items(at: Evidence, part: str) -> Operand:
    number = sum(row["part"] == part for row in at.standard.tables["std_item"])
    return Operand(Fraction(number)) if number else NOT_IN_STANDARD


def _limit(at: Evidence, item: str, *rest: str) -> Operand:
    """Return a limit of the standard itself (no overlay): of test 1 unless t2 …, without relaxation unless named."""
    test = next((int(one[1:]) for one in rest if re.fullmatch(r"t\d+", one)), 1)
    stages = {one for one in rest if one in read_codes("result_stages")}
    named = [one for one in rest if one not in stages and not re.fullmatch(r"t\d+", one)]
    tables = at.standard.tables
    same = ("item_code", "test_no", "stage", "case_no")
    cases = {tuple(row[name] for name in same): row["case_code"] for row in tables["std_case"]}
    rows = [row for row in tables["std_limit"] if (row["item_code"], row["test_no"]) == (item, test)]
    return _only(
        row["limit_value"]
        for row in rows
        if row["overlay_id"] is None
        and (not stages or row["stage"] in stages)
        and (cases[tuple(row[name] for name in same)] in named if named else row["case_no"] == 0)
    )


def _per(at: Evidence, item: str) -> Operand:
    return _only(row["per"] for row in at.standard.tables["std_test"] if row["item_code"] == item)


def _count_limit(at: Evidence, measure: str, stage: str | None = None) -> Operand:
    rows = [row for row in at.standard.tables["std_count"] if row["measure_code"] == measure]
    return _only(row["limit_value"] for row in rows if stage in {None, row["stage"]})


def _coefficient_limit(at: Evidence, stage: str) -> Operand:
    return _only(row["limit_value"] for row in at.standard.tables["std_coefficient"] if row["stage"] == stage)


def _condition(at: Evidence, item: str, case: str, measure: str) -> Operand:
    """Return what a relaxation asks of a measure."""
    tables = at.standard.tables
    same = ("item_code", "test_no", "stage", "case_no")
    cases = {tuple(row[name] for name in same) for row in tables["std_case"] if row["case_code"] == case}
    rows = [row for row in tables["std_condition"] if tuple(row[name] for name in same) in cases]
    return _only(row["factor"] for row in rows if (row["item_code"], row["measure_code"]) == (item, measure))


def _school_rule(at: Evidence, column: str) -> Operand:
    if column not in {"floor_ratio", "met_at_least"}:
        return UNKNOWN
    return _only(row[column] for row in at.standard.tables["std_school_rule"])


FINDERS: dict[str, Callable[..., Operand]] = {
    "previous": _previous,
    "period": _period,
    "given": _given,
    "monitoring": _monitoring,
    "declared": _declared,
    "rows": _rows,
    "printed": _printed,
    "has_unit": _has_unit,
    "total": _total,
    "projects": _projects,
    "result": _result,
    "coefficients_met": _coefficients_met,
    "items": _items,
    "limit": _limit,
    "per": _per,
    "count_limit": _count_limit,
    "coefficient_limit": _coefficient_limit,
    "condition": _condition,
    "school_rule": _school_rule,
}
