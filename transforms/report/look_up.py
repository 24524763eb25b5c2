"""What a release says of a county and year, by the names that sentence patterns use.

`fact.X` a figure of the county as reported · `measure.X` a measure of the county · `total.X` a measure summed over its
units · `summary.C`, `part.P.C`, `item.C`, `result.C`, `result2.C` columns of the county's rows · `limit`, `limit2`
limits · `count.V`, `sum.C`, `over` over what an item judges · `units.V`, `coefficients.V` · `@primary` picks a stage.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from contracts import dictionary
from contracts.codes import read_codes
from transforms.report.ledger import Source
from transforms.report.show_number import number, shown, sum_of
from transforms.report.source_cells import (
    HIGHLIGHTS,
    Cells,
    column_label,
    counted_measures,
    measure_label,
    terms_of,
)
from warehouse import release

DEFAULT = "readings_id = 'default'"
SUMMED = "汇总自{}"
"""Where a count counts rows of the release, each of which has cells of its own."""
BY_STANDARD = {
    "summary": ("fact_county_summary", f"{DEFAULT}"),
    "parts": ("fact_county_part", f"{DEFAULT} order by part"),
    "items": ("fact_county_item", f"{DEFAULT} order by item_code"),
    "conditions": ("fact_county_condition", "true order by part, condition_code"),
    "components": ("fact_county_component", f"{DEFAULT} order by part, component_code"),
    "robustness": ("fact_verdict_robustness", "true order by part, component_code"),
    "coefficients": ("fact_county_cv", f"{DEFAULT} order by item_code, stage"),
    "schools": ("fact_school_summary", f"{DEFAULT} order by site_id, stage"),
    "sites": ("dim_site", f"{DEFAULT} order by site_id"),
    "obstacles": ("fact_obstacle", "true order by obstacle_no"),
}


@dataclass(frozen=True)
class Figure:
    """A value with the text it is shown as, its label, and where it comes from."""

    value: Any
    text: str
    label: str
    source: Source


class Facts:
    """Rows of a county and year of a release, and the figures made of them.

    Raises LookupError when the release has no such county and year, or not the standard.
    """

    def __init__(self, release_folder: Path, county_code: str, stat_year: int, standard_id: str) -> None:
        self.folder, self.county_code, self.stat_year, self.standard_id = (
            release_folder,
            county_code,
            stat_year,
            standard_id,
        )
        self.home = release_folder.parents[1]
        with release.open_release(release_folder) as con:
            self.tables = {
                name: rows_of(
                    con, f"select * from {table} where {self._here()} and standard_id = ? and {more}", [standard_id]
                )
                for name, (table, more) in BY_STANDARD.items()
            }
            self._read_more(con)
        if not self.tables["summary"]:
            raise LookupError(
                f"发布版中没有 {county_code} {stat_year} {standard_id} / the release has no such county and year"
            )
        self.summary = self.tables["summary"][0]
        self.cells = Cells(release_folder, county_code, stat_year, standard_id)

    def _here(self) -> str:
        return f"county_code = '{self.county_code}' and stat_year = {int(self.stat_year)}"

    def _read_more(self, con: duckdb.DuckDBPyConnection) -> None:
        """Read what is not of one standard alone."""
        here = self._here()
        both = f"{here} and standard_id in (?, '{HIGHLIGHTS}')"
        order = "standard_id, item_code, test_no, stage, scope_id"
        results = rows_of(
            con, f"select * from fact_result where {both} and {DEFAULT} order by {order}", [self.standard_id]
        )
        self.results: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in results:
            self.results[row["item_code"]].append(row)
        named = [
            "item_code",
            "item_no",
            "part",
            "name_zh",
            "unit",
            "decimals",
            "is_evidence",
            "document",
            "basis_article",
            "basis_quote",
            "basis_source",
            "is_confirmed",
        ]
        items = rows_of(
            con,
            f"select {', '.join(named)} from dim_item where standard_id in (?, '{HIGHLIGHTS}') order by all",
            [self.standard_id],
        )
        self.items = {row["item_code"]: row for row in sorted(items, key=lambda row: row["item_no"])}
        self.limits = rows_of(
            con,
            "select * from dim_limit where standard_id = ? and case_no = 0 and from_year <= ?"
            " and starts_with(?, region_code) order by item_code, test_no, stage, from_year, length(region_code)",
            [self.standard_id, self.stat_year, self.county_code],
        )
        self.measures = rows_of(
            con,
            f"select * from fact_measure where {both} and {DEFAULT} order by scope, measure_code, scope_id, stage",
            [self.standard_id],
        )
        self.commitments = rows_of(
            con, f"select * from fact_commitment where {both} order by promised_year, commitment_no", [self.standard_id]
        )
        (self.county,) = rows_of(con, f"select * from dim_county_year where {here}", []) or [{}]
        there = {row[0] for row in con.execute("select table_name from information_schema.tables").fetchall()}
        optional = {
            "fact_county_figure": "figure_code",
            "fact_roll": "site_id, stage",
            "fact_survey": "respondent_group",
        }
        self.reported = {
            name: rows_of(con, f"select * from {name} where {here} order by {by}", []) if name in there else []
            for name, by in optional.items()
        }
        self.reported_figures = {row["figure_code"]: row for row in self.reported["fact_county_figure"]}

    @property
    def is_synthetic(self) -> bool:
        """Whether anything the county's verdict rests on is made up."""
        rows = [*self.tables["summary"], *self.tables["items"], *self.tables["schools"], *self.tables["coefficients"]]
        return any(row["is_synthetic"] for row in rows)

    def figure(self, name: str, item: str | None = None, unit: str | None = None) -> Figure:
        """Return what a pattern's name stands for; its value is None where the release does not have it.

        Raises KeyError for a name that no pattern may use.
        """
        base, _, stage = name.partition("@")
        head, _, rest = base.partition(".")
        if base == "year":
            return Figure(
                self.stat_year, f"{self.stat_year}", "统计年度", Source("dim_county_year", "stat_year", self._key())
            )
        if base == "next_year":
            return Figure(
                self.stat_year + 1,
                f"{self.stat_year + 1}",
                "学年止年",
                Source("dim_county_year", "stat_year", self._key("加一")),
            )
        found = LOOKS[head](self, head, rest, stage or None, item)
        return converted(found, unit) if unit else found

    def _key(self, *more: str) -> str:
        return "；".join((self.county_code, str(self.stat_year), *(one for one in more if one)))

    def _fact(self, _head: str, code: str, _stage: str | None, _item: str | None) -> Figure:
        words = read_codes("county_items")[code]
        row = self.reported_figures.get(code, {})
        cells = self.cells.of("county_fact", "value", code=code)
        value = row.get("quantity")
        text = row.get("value_text") or (None if value is None else number(value))
        return Figure(
            text if value is None else value,
            text or "",
            words["text_zh"],
            Source("fact_county_figure", "quantity", self._key(code), cells),
        )

    def _period(self, _head: str, code: str, _stage: str | None, _item: str | None) -> Figure:
        words = read_codes("county_items")[code]
        said = self.reported_figures.get(code, {}).get("period")
        return Figure(
            said,
            said or "",
            f"{words['text_zh']}的时期",
            Source("fact_county_figure", "period", self._key(code), self.cells.of("county_fact", "period", code=code)),
        )

    def _measure(self, _head: str, code: str, stage: str | None, _item: str | None) -> Figure:
        rows = [
            row
            for row in self.measures
            if row["scope"] == "county" and row["measure_code"] == code and row["stage"] == (stage or "compulsory")
        ]
        value = rows[0]["quantity"] if rows else None
        return Figure(
            value,
            "" if value is None else number(value),
            self._label(code),
            Source("fact_measure", "quantity", self._key(code, stage or ""), self.cells.of_measure(code, stage=stage)),
        )

    def _total(self, _head: str, code: str, stage: str | None, _item: str | None) -> Figure:
        """Return a measure summed over its units, sites or schools; None where one of them does not have it."""
        rows: list[dict[str, Any]] = []
        for scope in ("unit", "school", "site"):
            rows = rows or [
                row
                for row in self.measures
                if (row["scope"], row["measure_code"]) == (scope, code)
                and row["standard_id"] == self.standard_id
                and not row["is_site_wide"]
                and stage in (None, row["stage"])
            ]
        known = [row["quantity"] for row in rows]
        value = sum_of(known)
        named = self._key(code, stage or "", f"{len(rows)}行合计")
        return Figure(
            value,
            "" if value is None else number(value),
            measure_label(code),
            Source("fact_measure", "quantity", named, self.cells.of_measure(code, stage=stage)),
        )

    def _summary(self, _head: str, column: str, _stage: str | None, _item: str | None) -> Figure:
        cells = {"pupils": ("enrolment", "pupils")}.get(column, ("school", "school_code"))
        return self._of_row("fact_county_summary", self.summary, column, self.standard_id, self.cells.of(*cells))

    def _part(self, _head: str, rest: str, _stage: str | None, _item: str | None) -> Figure:
        part, column = rest.split(".")
        row = next((row for row in self.tables["parts"] if row["part"] == part), {})
        return self._of_row("fact_county_part", row, column, part, SUMMED.format("各指标的结论"))

    def _item(self, _head: str, column: str, _stage: str | None, item: str | None) -> Figure:
        row = next((row for row in self.tables["items"] if row["item_code"] == item), {})
        return self._of_row("fact_county_item", row, column, item or "", self.cells.of_item(item or ""))

    def _result(self, head: str, column: str, stage: str | None, item: str | None) -> Figure:
        rows = [
            row
            for row in self.results[item or ""]
            if row["scope"] == "county"
            and row["test_no"] == int(head.removeprefix("result") or 1)
            and stage in (None, row["stage"])
        ]
        row = rows[0] if rows else {}
        return self._of_result(row, column, item or "", row.get("test_label", ""), stage)

    def _highlight(self, _head: str, rest: str, stage: str | None, _item: str | None) -> Figure:
        item, test, column = rest.split(".")
        rows = [row for row in self.results[item] if row["test_no"] == int(test) and stage in (None, row["stage"])]
        row = rows[0] if rows else {}
        return self._of_result(row, column, item, row.get("test_label", self.items[item]["name_zh"]), stage)

    def _of_result(self, row: dict[str, Any], column: str, item: str, label: str, stage: str | None) -> Figure:
        value = row.get(column)
        text = "" if value is None else str(value)
        if column == "value" and value is not None:
            text = shown(value, self.items[item]["decimals"], row["limit_value"], row["verdict"])
        elif isinstance(value, Decimal):
            text = number(value)
        test = f"第{row['test_no']}项" if row.get("test_no", 1) > 1 else ""
        return Figure(
            value,
            text,
            label or self.items[item]["name_zh"],
            Source("fact_result", column, self._key(item, test, stage or ""), self.cells.of_item(item, stage=stage)),
        )

    def _of_row(self, table: str, row: dict[str, Any], column: str, named: str, cells: str) -> Figure:
        value = row.get(column)
        contract = dictionary.output_tables()[table]
        label = next(one.label for one in dictionary.columns(contract) if one.name == column)
        text = "" if value is None else number(value) if isinstance(value, Decimal) else str(value)
        return Figure(value, text, label, Source(table, column, self._key(named), cells))

    def _limit(self, head: str, _rest: str, stage: str | None, item: str | None) -> Figure:
        """Return the limit of an item's test: of those that bind here the last, a region's own."""
        rows = [
            row
            for row in self.limits
            if row["item_code"] == item
            and stage in (None, row["stage"])
            and row["test_no"] == int(head.removeprefix("limit") or 1)
        ]
        row = rows[-1] if rows else {}
        value = row.get("limit_value")
        return Figure(
            value,
            "" if value is None else number(value),
            "标准值",
            Source("dim_limit", "limit_value", f"{self.standard_id}；{item}；{stage or row.get('stage')}"),
        )

    def limit_of(self, item: str, stage: str, column: str) -> Any:
        """Return a column of an item's limit in a stage, or None."""
        rows = [
            row for row in self.limits if row["item_code"] == item and row["stage"] == stage and row["test_no"] == 1
        ]
        return rows[-1][column] if rows else None

    def _bound(self, _head: str, column: str, stage: str | None, _item: str | None) -> Figure:
        """Return what holds for all indicators of a stage alike: the coefficient's limit, the floor in per cent."""
        rows = [row for row in self.limits if row["stage"] == stage and row[column] is not None]
        value = rows[0][column] if rows else None
        if value is not None and column == "floor_ratio":
            return Figure(
                value, number(value * 100), "底线比例", Source("dim_limit", column, f"{self.standard_id}；{stage}")
            )
        text = "" if value is None else f"{value.quantize(Decimal('0.01'))}"
        return Figure(value, text, "差异系数上限", Source("dim_limit", column, f"{self.standard_id}；{stage}"))

    def _count(self, _head: str, verdict: str, stage: str | None, item: str | None) -> Figure:
        """Return how many of what an item judges have a verdict, by its first test; `all` counts every one."""
        rows = [
            row
            for row in self.results[item or ""]
            if row["scope"] not in {"county", "subject"} and row["test_no"] == 1 and stage in (None, row["stage"])
        ]
        if not rows or (verdict != "all" and all(row["verdict"] == "not_assessable" for row in rows)):
            value = None
        else:
            value = sum(verdict in ("all", row["verdict"]) for row in rows)
        return Figure(
            value,
            f"{value}",
            f"达到要求的数（{item}）",
            Source(
                "fact_result",
                "verdict",
                self._key(item or "", stage or "", verdict),
                self.cells.of_item(item or "", stage=stage),
            ),
        )

    def _sum(self, head: str, column: str, stage: str | None, item: str | None) -> Figure:
        """Return a column summed over what an item judges; `over` is the denominators less the numerators."""
        rows = [row for row in self.results[item or ""] if row["test_no"] == 1 and stage in (None, row["stage"])]
        known: list[Decimal | None] = [
            row["denominator"] - row["numerator"]
            if head == "over" and None not in (row["denominator"], row["numerator"])
            else None
            if head == "over"
            else row[column]
            for row in rows
        ]
        value = sum_of(known)
        label = "超出的数" if head == "over" else self._side_label(item or "", column)
        return Figure(
            value,
            "" if value is None else number(value),
            label,
            Source(
                "fact_result",
                column or "denominator-numerator",
                self._key(item or "", stage or "", "合计"),
                self.cells.of_item(item or "", stage=stage),
            ),
        )

    def _side_label(self, item: str, side: str) -> str:
        """Return the name of the first measure on a side of an item's formula."""
        codes = [code for code, of in terms_of(self.home, self.standard_id).get(item, {}).items() if of == side]
        return self._label(codes[0]) if codes else "合计"

    def _label(self, code: str) -> str:
        counted = counted_measures(self.home, self.standard_id)
        return measure_label(code) if code not in counted else column_label(*counted[code])

    def _units(self, _head: str, what: str, stage: str | None, _item: str | None) -> Figure:
        rows = [row for row in self.tables["schools"] if stage in (None, row["stage"])]
        tests = {
            "all": lambda _row: True,
            "all_items": lambda row: row["verdict"] == "met" and row["met_items"] == row["items"],
            "one_less": lambda row: row["verdict"] == "met" and row["met_items"] < row["items"],
            "pupils": lambda row: row["pupils"],
        }
        test = tests.get(what, lambda row: row["verdict"] == what)
        value = None if any(test(row) is None for row in rows) or not rows else sum(int(test(row)) for row in rows)
        return Figure(
            value,
            f"{value}",
            "评估单位数",
            Source(
                "fact_school_summary",
                "pupils" if what == "pupils" else "verdict",
                self._key(stage or "", what),
                self.cells.of("enrolment", "pupils", stage=stage),
            ),
        )

    def _coefficients(self, _head: str, what: str, stage: str | None, _item: str | None) -> Figure:
        rows = [row for row in self.judged_coefficients() if stage in (None, row["stage"])]
        value = sum(what in ("all", row["verdict"]) for row in rows)
        return Figure(
            value,
            f"{value}",
            "差异系数个数",
            Source("fact_county_cv", "verdict", self._key(stage or "", what), SUMMED.format("各项差异系数")),
        )

    def judged_coefficients(self) -> list[dict[str, Any]]:
        """Return the coefficients that have a limit, in the standard's order."""
        rows = [row for row in self.tables["coefficients"] if row["limit_value"] is not None]
        return sorted(rows, key=lambda row: (self.items[row["item_code"]]["item_no"], row["stage"] != "primary"))

    def school_names(self) -> dict[str, str]:
        """Return the name of every site, in the one order of schools that all tables keep."""
        return {row["site_id"]: row["school_name"] or row["site_id"] for row in self.tables["sites"]}

    def school_values(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        """Return the results of single units, (site, stage, item) → row."""
        judged = {row["item_code"] for row in self.judged_coefficients()}
        return {
            (row["scope_id"], row["stage"], item): row
            for item in judged
            for row in self.results[item]
            if row["scope"] == "unit" and row["test_no"] == 1
        }


LOOKS = {
    "fact": Facts._fact,
    "period": Facts._period,
    "measure": Facts._measure,
    "total": Facts._total,
    "summary": Facts._summary,
    "part": Facts._part,
    "item": Facts._item,
    "result": Facts._result,
    "result2": Facts._result,
    "limit": Facts._limit,
    "limit2": Facts._limit,
    "bound": Facts._bound,
    "count": Facts._count,
    "sum": Facts._sum,
    "over": Facts._sum,
    "units": Facts._units,
    "coefficients": Facts._coefficients,
    "highlight": Facts._highlight,
}
"""Which look a name begins with; the names that sentence patterns may use."""


def rows_of(con: duckdb.DuckDBPyConnection, query: str, values: list[Any]) -> list[dict[str, Any]]:
    """Return the rows of a query as dictionaries."""
    found = con.execute(query, values)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def converted(figure: Figure, unit: str) -> Figure:
    """Return a figure in a larger unit of the unit list, such as 万元."""
    if figure.value is None:
        return figure
    factor = Decimal(read_codes("units")[unit]["factor"])
    return Figure(figure.value, number(Decimal(str(figure.value)) / factor), figure.label, figure.source)
