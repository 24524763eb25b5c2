"""What the scorecard of a county shows, all years of a release, as plain values ready for JSON.

Everything judged or computed is the release's. Titles, readings and the rule for a school are read from the standard's
file, whose fingerprint must be the one the release was made by.
"""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from contracts import dictionary, standard
from contracts.codes import read_codes
from transforms.explain import SOURCE_TABLES, STANDS_IN
from warehouse import cite, release

STAGES = ("primary", "junior")
SITE_TABLES = (*SOURCE_TABLES, "school", "special_room")
COLUMNS = {
    "parts": (
        "part", "part_text", "components", "components_met", "components_not_met", "components_not_assessable",
        "components_not_applicable", "verdict",
    ),
    "cv": (
        "stage", "item_code", "units", "known_units", "weighted_mean", "cv", "operator", "limit_value", "verdict",
        "reason_text", "prev_value", "cause_text",
    ),
    "components": (
        "part", "component_code", "component_text", "verdict", "things", "things_met", "things_not_met", "robustness",
        "robustness_text", "flip_readings_id", "flip_verdict", "reason_text", "declared_verdict_text", "declared_text",
        "agrees", "has_evidence", "aside_verdict", "aside_not_met", "relaxed_entities", "value", "operator",
        "limit_value", "period", "since_year",
    ),
    "tests": (
        "scope", "scope_id", "stage_text", "item_code", "test_no", "test_label", "numerator", "denominator", "value",
        "operator", "limit_value", "period", "verdict", "reason_text", "relaxation_text", "aside_value",
        "aside_verdict", "behind",
    ),
    "obstacles": (
        "component_code", "name", "stage_text", "label", "verdict", "value", "operator", "limit_value", "gap_quantity",
        "distance",
    ),
}  # fmt: skip
"""What the page knows of each kind of row of a year; `behind` lists the counts of a test."""
OF_COUNTY = ("county_fact", "cohort", "survey", "monitoring", "declaration", "precondition", "veto")
"""Input tables whose rows belong to the county as a whole: their cells stand behind the county's items."""

MAIN = """
select standard_id from fact_county_summary where county_code = ? group by standard_id
order by standard_id in (select standard_id from dim_limit where floor_ratio is not null) desc, standard_id desc
"""
ITEMS = """
select item_code, name_zh, unit, decimals, part, part_text, scope, is_evidence, is_judged, document, basis_article,
    basis_quote, basis_source, is_confirmed, item_code in (select item_code from fact_county_cv where standard_id = ?)
        as has_cv
from dim_item where standard_id = ? order by item_no
"""
SUMMARIES = """
select s.*, c.county_name, c.is_stale, r.flip_readings_id, r.flip_verdict from fact_county_summary as s
inner join dim_county_year as c on s.stat_year = c.stat_year and s.county_code = c.county_code
left join fact_verdict_robustness as r on r.standard_id = s.standard_id and r.stat_year = s.stat_year
    and r.county_code = s.county_code and r.part = 'overall' and r.component_code = 'overall'
where s.readings_id = 'default' and s.county_code = ? order by s.stat_year, s.standard_id
"""
OF_STANDARD = "standard_id = ? and county_code = ? and readings_id = 'default'"
PARTS = f"select * from fact_county_part where {OF_STANDARD} order by stat_year, part"
CVS = """
select v.*, h.change, h.cause_text, h.prev_value from fact_county_cv as v
inner join dim_item as i on v.standard_id = i.standard_id and v.item_code = i.item_code
left join fact_history as h on h.scope = 'county' and h.figure = 'cv' and h.standard_id = v.standard_id
    and h.scope_id = v.county_code and h.stage = v.stage and h.item_code = v.item_code and h.stat_year = v.stat_year
where v.standard_id = ? and v.county_code = ? and v.readings_id = 'default'
order by v.stat_year, v.stage desc, i.item_no
"""
COMPONENTS = """
select p.stat_year, p.part, p.component_code, p.component_text, p.things, p.things_met, p.things_not_met,
    p.things_not_assessable, p.verdict, r.robustness, r.robustness_text, r.flip_readings_id, r.flip_verdict,
    coalesce(i.reason_text, c.reason_text) as reason_text, i.declared_verdict_text, i.declared_text, i.agrees,
    coalesce(i.has_evidence, c.has_evidence) as has_evidence, i.aside_verdict, i.aside_not_met, i.relaxed_entities,
    i.numerator, i.denominator, i.value, i.operator, i.limit_value, i.period, c.since_year
from fact_county_component as p
left join fact_county_item as i on i.standard_id = p.standard_id and i.readings_id = p.readings_id
    and i.stat_year = p.stat_year and i.county_code = p.county_code and i.item_code = p.component_code
left join fact_county_condition as c on c.standard_id = p.standard_id and c.stat_year = p.stat_year
    and c.county_code = p.county_code and c.part = p.part and c.condition_code = p.component_code
left join fact_verdict_robustness as r on r.standard_id = p.standard_id and r.stat_year = p.stat_year
    and r.county_code = p.county_code and r.part = p.part and r.component_code = p.component_code
left join dim_item as d on d.standard_id = p.standard_id and d.item_code = p.component_code
where p.standard_id = ? and p.county_code = ? and p.readings_id = 'default'
order by p.stat_year, d.item_no nulls last, p.part, p.component_code
"""
SCHOOLS = f"select * from fact_school_summary where {OF_STANDARD} order by stat_year, stage desc, site_id"
SITES = f"select * from dim_site where {OF_STANDARD} order by stat_year, site_id"
RESULTS = """
select r.stat_year, r.scope_id, r.stage, r.item_code, r.numerator, r.denominator, r.value, r.operator, r.limit_value,
    r.verdict, r.reason_text, r.is_above_floor, r.case_no, r.is_shared, r.whole_numerator, r.weight, r.weighted_pupils,
    r.relaxation_text, v.variance_share
from fact_result as r
left join fact_variance_share as v on r.standard_id = v.standard_id and r.readings_id = v.readings_id
    and r.stat_year = v.stat_year and r.scope_id = v.site_id and r.stage = v.stage and r.item_code = v.item_code
where r.standard_id = ? and r.county_code = ? and r.readings_id = 'default' and r.scope = 'unit' and r.test_no = 1
"""
TESTS = """
select r.* from fact_result as r inner join dim_item as i on r.standard_id = i.standard_id and r.item_code = i.item_code
where r.standard_id = ? and r.county_code = ? and r.readings_id = 'default' and r.scope in ('county', 'subject')
order by r.stat_year, i.item_no, r.test_no, r.stage desc, r.scope_id
"""
MEASURES = f"""
select stat_year, scope_id, stage, measure_code, quantity from fact_measure
where {OF_STANDARD} and scope = ? and (? = 'county' or measure_code in (select unnest(?)))
"""
OBSTACLES = """
select * from fact_obstacle where standard_id = ? and county_code = ? order by stat_year, obstacle_no
"""
TERMS = "select * from dim_term where standard_id = ? order by all"
LIMITS = """
select item_code, stage, max(floor_ratio) as floor_ratio, max(per) as per from dim_limit
where standard_id = ? and test_no = 1 and case_kind = 'plain'
    and item_code in (select item_code from fact_county_cv where standard_id = ?)
group by item_code, stage order by item_code, stage
"""


def gather(release_folder: Path, county_code: str, stat_year: int) -> dict[str, Any]:
    """Return the data of the page: county, release, standard, items, words, sites, and one entry a year.

    Raises LookupError when the release has nothing of this county or not this year of it.
    """
    folder = release_folder.resolve()
    with release.open_release(folder) as con:
        main = con.execute(MAIN, [county_code]).fetchone()
        if main is None:
            raise LookupError(f"发布版中没有 {county_code} / the release has no such county")
        told = _Told(con, folder, main[0], county_code)
        data = told.page()
    if str(stat_year) not in data["years"]:
        years = "、".join(data["years"])
        raise LookupError(f"发布版中没有 {county_code} {stat_year}，有 {years} / the release has no such year")
    return {**data, "first": stat_year}


class Words:
    """A list in which every value stands once, and is named by its place."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[str, int] = {}

    def at(self, value: Any) -> int | None:
        """Return the place of a value, None for none."""
        if value is None:
            return None
        name = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if name not in self._places:
            self._places[name] = len(self.values)
            self.values.append(value)
        return self._places[name]


class _Told:
    """One county under one standard, read from a release."""

    def __init__(self, con: duckdb.DuckDBPyConnection, folder: Path, standard_id: str, county_code: str) -> None:
        self.con, self.folder, self.standard_id, self.county = con, folder, standard_id, county_code
        self.manifest = release.manifest_in(folder)
        self.standard = _standard_of(folder, standard_id, self.manifest)
        self.items = self._rows(ITEMS, standard_id, standard_id)
        self.school_items = [row["item_code"] for row in self.items if row["scope"] == "unit"]
        self.every_term = sorted(self._rows(TERMS, standard_id), key=_order_of_term)
        self.terms = _terms(self.every_term, self.school_items)
        self.measures = sorted({term[0] for terms in self.terms.values() for term in terms} - {"pupils"})
        self.reasons, self.sites, self.limits, self.groups = Words(), Words(), Words(), Words()
        limits = self._rows(LIMITS, standard_id, standard_id)
        self.floors = {(row["item_code"], row["stage"]): row["floor_ratio"] for row in limits}
        self.per = {row["item_code"]: row["per"] for row in limits}
        tables = {place[0] for code in (*self.measures, "pupils") if (place := _place(code))}
        self.cited = _Cited(folder, county_code, self.groups, [name for name in SOURCE_TABLES if name in tables])

    def _rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        found = self.con.execute(query, list(values))
        names = [column[0] for column in found.description]
        return [{name: plain(value) for name, value in zip(names, row, strict=True)} for row in found.fetchall()]

    def _of_years(self, query: str) -> dict[int, list[dict[str, Any]]]:
        by_year: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in self._rows(query, self.standard_id, self.county):
            by_year[row["stat_year"]].append(row)
        return by_year

    def page(self) -> dict[str, Any]:
        """Return the whole data of the page."""
        summaries = self._rows(SUMMARIES, self.county)
        units = self._units()
        asked = {"parts": PARTS, "cv": CVS, "components": COMPONENTS, "tests": TESTS, "obstacles": OBSTACLES}
        told = {name: self._of_years(query) for name, query in asked.items()}
        numbers = self._county_numbers()
        for rows in told["tests"].values():
            rows[:] = [self._test(one, numbers) for one in rows]
        words = Words()
        packed = {name: Packed(words, columns) for name, columns in COLUMNS.items()}
        years = {}
        for row in (row for row in summaries if row["standard_id"] == self.standard_id):
            year = row["stat_year"]
            of_kind = {name: [one.row(row) for row in told[name][year]] for name, one in packed.items()}
            of_units = {"units": units[year], "cells": self.cited.of_county(year)}
            years[str(year)] = {"summary": row, **of_kind, **of_units}
        names = [row["county_name"] for row in summaries if row["county_name"]]
        return {
            "county": {"code": self.county, "name": names[-1] if names else self.county},
            "years": years,
            "words": words.values,
            "columns": {name: one.columns() for name, one in packed.items()},
            "others": _others(summaries, self.standard_id),
            **self._about(),
        }

    def _about(self) -> dict[str, Any]:
        """Return what is the same in all years: release, standard, items, words, files."""
        texts = read_codes("measures") | read_codes("county_items")
        codes = sorted(
            {*self.measures, *STANDS_IN.values(), "pupils", *(row["measure_code"] for row in self.every_term)}
        )
        names = {code: [texts[code]["text_zh"], texts[code]["unit"]] for code in codes if code in texts}
        return {
            "release": {name: self.manifest[name] for name in ("release_id", "content_hash", "created_at")},
            "standard": _about_standard(self.standard_id, self.standard, self.items, self.manifest),
            "per": self.per,
            "items": self.items,
            "stages": [[stage, read_codes("stages")[stage]["text_zh"]] for stage in STAGES],
            "part_texts": {code: row["text_zh"] for code, row in read_codes("parts").items()},
            "verdicts": [[code, row["text_zh"]] for code, row in read_codes("verdicts").items()],
            "terms": self.terms,
            "measure_order": self.measures,
            "measures": names | _counted(self.standard),
            "subjects": {code: row["text_zh"] for code, row in read_codes("subjects").items()},
            "titles": _titles(self.folder),
            "places": {code: _place(code) for code in codes},
            "stands_in": STANDS_IN,
            "reasons": self.reasons.values,
            "sites": self.sites.values,
            "limits": self.limits.values,
            "groups": self.groups.values,
            "has_cells": self.cited.is_known,
        }

    def _units(self) -> dict[int, list[list[Any]]]:
        """Return the units of each year: site, stage, pupils, items met, verdict, reason, results, measures, cells."""
        results: dict[tuple[Any, ...], dict[str, Any]] = defaultdict(dict)
        for row in self._rows(RESULTS, self.standard_id, self.county):
            results[row["stat_year"], row["scope_id"], row["stage"]][row["item_code"]] = row
        quantities: dict[tuple[Any, ...], dict[str, Any]] = defaultdict(dict)
        for row in self._rows(MEASURES, self.standard_id, self.county, "unit", "unit", self.measures):
            quantities[row["stat_year"], row["scope_id"], row["stage"]][row["measure_code"]] = row["quantity"]
        sites = {(row["stat_year"], row["site_id"]): row for row in self._rows(SITES, self.standard_id, self.county)}
        whole: dict[tuple[int, str], list[str]] = defaultdict(list)
        for (year, site), row in sites.items():
            whole[year, row["target_site_id"]].append(site)
        units: dict[int, list[list[Any]]] = defaultdict(list)
        for row in self._rows(SCHOOLS, self.standard_id, self.county):
            at = (row["stat_year"], row["site_id"], row["stage"])
            told = self._unit(row, sites.get(at[:2], {}), results[at])
            cells = self.cited.of_unit(row["stat_year"], whole[at[:2]], row["stage"])
            units[row["stat_year"]].append([*told, [quantities[at].get(code) for code in self.measures], cells])
        return units

    def _unit(self, row: dict[str, Any], site: dict[str, Any], results: dict[str, dict[str, Any]]) -> list[Any]:
        """Return site, stage, pupils, items met, verdict, reason and the results of a unit."""
        named = [row["site_id"], row["school_name"], site.get("school_type_text"), site.get("urban_rural_text")]
        return [
            self.sites.at(named),
            STAGES.index(row["stage"]),
            row["pupils"],
            row["met_items"],
            row["verdict"],
            self.reasons.at(row["reason_text"]),
            [self._result(results.get(code), row["pupils"]) for code in self.school_items],
        ]

    def _result(self, row: dict[str, Any] | None, pupils: Any) -> list[Any] | None:
        """Return one result, what is none at the end left out.

        Numerator, value, verdict, reason, limit, share of variance, above floor (of what is not met), case, split,
        relaxation, and the denominator where it is not the pupils.
        """
        if row is None:
            return None
        floor = self.floors.get((row["item_code"], row["stage"]))
        limit = [row["operator"], row["limit_value"]]
        limit += [None if floor is None or row["limit_value"] is None else round(floor * row["limit_value"], 8)]
        share = row["variance_share"]
        told = [
            row["numerator"],
            row["value"],
            row["verdict"],
            self.reasons.at(row["reason_text"]),
            self.limits.at(limit),
            None if share is None else round(share, 6),
            row["is_above_floor"] if row["verdict"] == "not_met" else None,
            row["case_no"] or None,
            [row["whole_numerator"], row["weight"], row["weighted_pupils"]] if row["is_shared"] else None,
            row["relaxation_text"],
            None if row["denominator"] == pupils else row["denominator"],
        ]
        while told[-1] is None:
            told.pop()
        return told

    def _test(self, row: dict[str, Any], numbers: dict[tuple[Any, ...], Any]) -> dict[str, Any]:
        """Return one test of a county item: figures, and every count behind it with its sign."""
        judged = (row["item_code"], row["test_no"], row["stage"], row["case_no"] or 0)
        behind = [
            [term["side"], term["sign"], term["measure_code"], term["year_offset"], number]
            for term in self.every_term
            if judged == (term["item_code"], term["test_no"], term["stage"], term["case_no"])
            for number in [
                numbers.get((row["stat_year"] + term["year_offset"], row["stage"], term["measure_code"])),
            ]
        ]
        return {**row, "behind": behind if row["scope"] == "county" and behind else None}

    def _county_numbers(self) -> dict[tuple[Any, ...], Any]:
        rows = self._rows(MEASURES, self.standard_id, self.county, "county", "county", [])
        return {(row["stat_year"], row["stage"], row["measure_code"]): row["quantity"] for row in rows}


class _Cited:
    """The cells that a release names for a county."""

    def __init__(self, folder: Path, county_code: str, groups: Words, tables: list[str]) -> None:
        rows, columns = cite.read(folder, county_code)
        self.is_known = bool(rows)
        self.groups, self.tables = groups, tables
        self.columns: dict[tuple[str, str, str], list[Any]] = {}
        for row in columns:
            at = (row["source_sha256"], row["source_sheet"], row["table_name"])
            group = self.columns.setdefault(at, [row["source_file"], row["ref_sheet"], row["table_name"], {}])
            group[3][row["column_name"]] = row["ref"]
        self.rows: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            self.rows[row["stat_year"], row["table_name"], row["scope_id"]].append(row)
        self.county = county_code

    def of_unit(self, stat_year: int, sites: list[str], stage: str) -> list[list[Any]]:
        """Return [group, rows of the sheet] of every input row behind a unit."""
        return [
            [self._group(row), row["rows"]]
            for table in self.tables
            for site in sites
            for row in self.rows[stat_year, table, site]
            if row["stage"] in ("", stage)
        ]

    def of_county(self, stat_year: int) -> list[list[Any]]:
        """Return [group, rows of the sheet, code] of every input row that belongs to the county as a whole."""
        return [
            [self._group(row), row["rows"], row["code"]]
            for table in OF_COUNTY
            for row in self.rows[stat_year, table, self.county]
        ]

    def _group(self, row: dict[str, Any]) -> int | None:
        at = (row["source_sha256"], row["source_sheet"], row["table_name"])
        return self.groups.at(self.columns.get(at))


class Packed:
    """Rows of one kind as arrays: every text by its place in a list, what is none at the end left out."""

    def __init__(self, words: Words, names: tuple[str, ...]) -> None:
        self.words, self.names = words, names
        self.texts = set[str]()

    def row(self, row: dict[str, Any]) -> list[Any]:
        """Return one row in the order of the names."""
        told = []
        for name in self.names:
            value = row[name]
            if isinstance(value, str):
                self.texts.add(name)
                value = self.words.at(value)
            told.append(value)
        while told and told[-1] is None:
            told.pop()
        return told

    def columns(self) -> list[list[Any]]:
        """Return name and whether it is a text by its place, of each column; to be asked when all rows are packed."""
        return [[name, name in self.texts] for name in self.names]


def plain(value: Any) -> Any:
    """Return a value as JSON has it: an exact decimal as a whole number or a double."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _standard_of(folder: Path, standard_id: str, manifest: dict[str, Any]) -> standard.Standard | None:
    """Return the standard the release was made by, None when its file is gone or says something else by now."""
    home = folder.parents[1]
    found = [one for one in standard.load_all((), standard.folders(home)) if one.id == standard_id]
    said = manifest.get("standards", {}).get(standard_id)
    return found[0] if found and said == standard.fingerprint(found) else None


def _terms(rows: list[dict[str, Any]], codes: list[str]) -> dict[str, list[list[Any]]]:
    """Return item|stage|case → its terms: measure, side, sign, years back."""
    found: dict[str, list[list[Any]]] = defaultdict(list)
    for row in rows:
        if row["item_code"] in codes and row["test_no"] == 1:
            name = f"{row['item_code']}|{row['stage']}|{row['case_no']}"
            found[name].append([row["measure_code"], row["side"], row["sign"], row["year_offset"]])
    return dict(found)


def _order_of_term(row: dict[str, Any]) -> tuple[Any, ...]:
    """Return what terms are put in order by: what is added before what is taken away, as the code list has them."""
    known = list(read_codes("measures"))
    place = known.index(row["measure_code"]) if row["measure_code"] in known else len(known)
    return -row["sign"], place, row["measure_code"], row["year_offset"]


def _counted(one: standard.Standard | None) -> dict[str, list[str]]:
    """Return the words for measures that the standard counts first: what is added up, else what it says of them."""
    tables = [dictionary.input_tables()[name] for name in SITE_TABLES]
    labels = {column.name: column.label for table in tables for column in dictionary.columns(table)}
    return {
        row["measure_code"]: [f"{labels[row['column_name']]}合计", ""]
        if row["column_name"] in labels
        else [f"{row['measure_code']}（{row['basis_quote']}）", ""]
        for row in (one.tables["std_count"] if one else [])
    }


def _titles(folder: Path) -> dict[str, str]:
    """Return standard → its title, of every standard on record."""
    every = standard.load_all((), standard.folders(folder.parents[1]))
    return {one.id: one.tables["std_standard"][0]["title"] for one in every}


def _place(code: str) -> list[str] | None:
    """Return the input table and column that a measure is added up from, None for what is counted or named by rows."""
    tables = dictionary.input_tables()
    for table in (*SITE_TABLES, "cohort", "survey"):
        if code in {column.name for column in dictionary.columns(tables[table])}:
            return [table, code]
    return ["county_fact", "value"] if code in read_codes("county_items") else None


def _about_standard(
    standard_id: str, one: standard.Standard | None, items: list[dict[str, Any]], manifest: dict[str, Any]
) -> dict[str, Any]:
    """Return what the page says of the standard: title, document, the readings chosen, the rule for a school."""
    chosen = manifest.get("readings", {}).get(standard_id, {})
    rows = one.tables["std_reading"] if one else []
    told = [
        f"{row['title']}：{row['choice_code']}" for row in rows if chosen.get(row["reading_code"]) == row["choice_code"]
    ]
    rules = one.tables["std_school_rule"] if one else []
    return {
        "standard_id": standard_id,
        "title": one.tables["std_standard"][0]["title"] if one else standard_id,
        "document": items[0]["document"] if items else "",
        "readings": told,
        "rule": rules[0]["basis_quote"] if rules else "",
        "is_known": one is not None,
    }


def _others(summaries: list[dict[str, Any]], standard_id: str) -> list[dict[str, Any]]:
    """Return the verdicts by the other standards of the release: one row per standard and year."""
    names = ("standard_id", "stat_year", "overall_verdict", "overall_verdict_text", "robustness_text")
    return [{name: row[name] for name in names} for row in summaries if row["standard_id"] != standard_id]
