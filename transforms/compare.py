"""What changes from one release to the next: units, values, verdicts, standards, readings, code, files read.

Two sides are compared, each a release's folder or the candidate; a verdict of a past year that changes needs somebody
who answers for it (flows/steps.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from contracts import dictionary
from contracts.codes import read_codes

LISTED = 200
"""Rows of each list in a text; the counts are always of all."""


@dataclass(frozen=True)
class Side:
    """One side of a comparison: its name, a query and the columns of each table, and what a manifest says of it."""

    name: str
    queries: Mapping[str, str]
    columns: Mapping[str, tuple[str, ...]]
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Flip:
    """A verdict that is another one now, or is gone (`after` empty), though its county-year is still there."""

    kind: str
    standard_id: str
    stat_year: int
    county_code: str
    subject: str
    name: str
    stage: str
    code: str
    before: str
    after: str
    is_past: bool

    @property
    def words(self) -> str:
        """The flip in one line, Chinese first."""
        texts = read_codes("verdicts")
        stages = read_codes("result_stages")
        stage = stages[self.stage]["text_zh"] if self.stage in stages else self.stage
        of = " ".join(part for part in (self.subject, self.name, stage, self.code) if part)
        before, after = (texts[one]["text_zh"] if one in texts else "消失 gone" for one in (self.before, self.after))
        return f"{KINDS[self.kind]} {self.standard_id} {self.stat_year} {self.county_code} {of}：{before} → {after}"


@dataclass(frozen=True)
class Difference:
    """What changed from `base` (a release's id, empty before the first) to the other side."""

    base: str
    tables: list[dict[str, Any]] = field(default_factory=list)
    county_years_new: list[tuple[int, str]] = field(default_factory=list)
    county_years_gone: list[tuple[int, str]] = field(default_factory=list)
    units_new: list[dict[str, Any]] = field(default_factory=list)
    units_gone: list[dict[str, Any]] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)
    flips: list[Flip] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    @property
    def past_flips(self) -> list[Flip]:
        """The flips of years that were judged before."""
        return [flip for flip in self.flips if flip.is_past]

    @property
    def is_empty(self) -> bool:
        """Whether no row of any table is another one."""
        return not any(row["new"] or row["gone"] or row["changed"] for row in self.tables)


KINDS = {
    "unit": "单位 unit",
    "coefficient": "差异系数 coefficient",
    "composite": "综合差异系数 composite",
    "item": "县区指标 county item",
    "condition": "条件 condition",
    "part": "部分 part",
}
"""Kind of a verdict → its word."""
JUDGED = {
    "unit": ("fact_school_summary", "site_id", "school_name", "stage", "''"),
    "coefficient": ("fact_county_cv", "''", "''", "stage", "item_code"),
    "composite": ("fact_county_composite", "''", "''", "stage", "''"),
    "item": ("fact_county_item", "''", "''", "''", "item_code"),
    "condition": ("fact_county_condition", "''", "''", "''", "condition_code"),
    "part": ("fact_county_part", "''", "''", "''", "part"),
}
"""Kind of a verdict → its table, and what names what is judged: subject, its name, stage, code."""
VALUES = {
    "fact_result": "value",
    "fact_county_cv": "cv",
    "fact_county_composite": "composite",
    "fact_county_item": "value",
}
"""Table → the figure of it that is followed."""


def candidate_side(facts: Mapping[str, Any] | None = None) -> Side:
    """Return the candidate as a side, for a connection to it (warehouse.release.connect_candidate)."""
    tables = dictionary.output_tables()
    queries = {name: dictionary.published_query(name) for name in tables}
    columns = {name: tuple(column.name for column in dictionary.columns(model)) for name, model in tables.items()}
    return Side("", queries, columns, facts or {})


def release_side(con: duckdb.DuckDBPyConnection, folder: Path) -> Side:
    """Return a release as a side: its Parquet files and its manifest, whatever tables and columns it has.

    Raises FileNotFoundError when the folder holds no release.
    """
    facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    queries, columns = {}, {}
    for path in sorted((folder / "tables").glob("*.parquet")):
        quoted = str(path).replace("'", "''")
        queries[path.stem] = f"select * from read_parquet('{quoted}')"
        described = con.execute(f"describe {queries[path.stem]}").fetchall()
        columns[path.stem] = tuple(row[0] for row in described)
    return Side(facts["release_id"], queries, columns, facts)


def releases(before: Path, after: Path) -> Difference:
    """Return what changed from one release's folder to another's; no year counts as past."""
    with duckdb.connect() as con:
        return difference(con, release_side(con, before), release_side(con, after))


def difference(
    con: duckdb.DuckDBPyConnection, before: Side | None, after: Side, stat_years: Iterable[int] | None = None
) -> Difference:
    """Return what changed; a verdict is past unless its year is one of `stat_years` and the newest of all."""
    if before is None:
        return Difference("")
    newest = _one(con, f"select max(stat_year) from ({after.queries['dim_county_year']})")
    present = None if stat_years is None else {year for year in stat_years if year == newest}
    tables = [_table(con, before, after, name) for name in after.queries]
    differs = {row["table"] for row in tables if row["new"] or row["gone"] or row["changed"]}
    county_years = ("dim_county_year", "stat_year, county_code", "")
    units = ("fact_school_summary", "standard_id, stat_year, county_code, site_id, stage", "school_name")
    return Difference(
        before.name,
        tables,
        [(row["stat_year"], row["county_code"]) for row in _only_in(con, after, before, *county_years)],
        [(row["stat_year"], row["county_code"]) for row in _only_in(con, before, after, *county_years)],
        _only_in(con, after, before, *units) if "fact_school_summary" in differs else [],
        _only_in(con, before, after, *units) if "fact_school_summary" in differs else [],
        [row for name in VALUES if name in differs for row in _moved(con, before, after, name)],
        [flip for kind in JUDGED if JUDGED[kind][0] in differs for flip in _flips(con, before, after, kind, present)],
        _changed(con, before, after),
    )


def _one(con: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = con.execute(query).fetchone()
    return row[0] if row else None


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    result = con.execute(query)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _table(con: duckdb.DuckDBPyConnection, before: Side, after: Side, name: str) -> dict[str, Any]:
    """Return how many rows of a table are new, gone and changed, compared in the columns that both sides have."""
    model = dictionary.output_tables().get(name)
    old = before.columns.get(name, ())
    common = [column for column in after.columns[name] if column in old]
    keys = dictionary.key(model) if model else []
    total = _one(con, f"select count(*) from ({after.queries[name]})")
    found = {"table": name, "before": 0, "after": total, "new": total, "gone": 0, "changed": 0}
    if not keys or not set(keys) <= set(common):
        return found
    marks = [
        con.execute(f"select count(*), bit_xor(hash({', '.join(common)})) from ({side.queries[name]})").fetchone()
        for side in (before, after)
    ]
    found["before"] = marks[0][0] if marks[0] else 0
    if marks[0] == marks[1]:
        return {**found, "new": 0}
    selected = f"{', '.join(keys)}, hash({', '.join(common)}) as mark"
    row = con.execute(
        f"select count(*) filter (b.mark is null), count(*) filter (a.mark is null), count(*) filter (a.mark <> b.mark)"
        f" from (select {selected} from ({after.queries[name]})) as a"
        f" full outer join (select {selected} from ({before.queries[name]})) as b using ({', '.join(keys)})"
    ).fetchone()
    return found | dict(zip(("new", "gone", "changed"), row or (0, 0, 0), strict=True))


def _only_in(
    con: duckdb.DuckDBPyConnection, side: Side, other: Side, name: str, keys: str, more: str
) -> list[dict[str, Any]]:
    """Return the keys of a table's rows that only one side has."""
    if name not in side.queries or name not in other.queries:
        return []
    fields = f"{keys}, {more}" if more else keys
    return _rows(
        con,
        f"select {fields} from ({side.queries[name]})"
        f" anti join ({other.queries[name]}) as o using ({keys}) order by all",
    )


def _moved(con: duckdb.DuckDBPyConnection, before: Side, after: Side, name: str) -> list[dict[str, Any]]:
    """Return how many values of a table moved, by standard, item and year, and the largest move."""
    value = VALUES[name]
    keys = ", ".join(dictionary.key(dictionary.output_tables()[name]))
    if not {value, *keys.split(", ")} <= set(before.columns.get(name, ())):
        return []
    by = ", ".join(column for column in ("standard_id", "item_code", "stat_year") if column in after.columns[name])
    default = "where readings_id = 'default'"
    return _rows(
        con,
        f"select '{name}' as table_name, {by}, count(*) as values_moved, max(abs(new_value - old_value)) as largest"
        f" from (select {keys}, {value} as new_value from ({after.queries[name]}) {default})"
        f" inner join (select {keys}, {value} as old_value from ({before.queries[name]}) {default}) using ({keys})"
        f" where new_value is distinct from old_value group by all order by all",
    )


def _flips(
    con: duckdb.DuckDBPyConnection, before: Side, after: Side, kind: str, present: set[int] | None
) -> list[Flip]:
    """Return the verdicts of a kind that flipped or are gone, under the default readings of standards on both sides."""
    name, subject, named, stage, code = JUDGED[kind]
    if name not in before.queries or "verdict" not in before.columns[name]:
        return []
    default = "where readings_id = 'default'" if "readings_id" in after.columns[name] else ""
    fields = f"standard_id, stat_year, county_code, {subject} as subject, {stage} as stage, {code} as code"
    keys = "standard_id, stat_year, county_code, subject, stage, code"
    found = con.execute(
        f"select {keys}, b.name, b.verdict, coalesce(a.verdict, '')"
        f" from (select {fields}, {named} as name, verdict from ({before.queries[name]}) {default}) as b"
        f" left join (select {fields}, verdict from ({after.queries[name]}) {default}) as a using ({keys})"
        f" where b.verdict is distinct from a.verdict"
        f" and standard_id in (select standard_id from ({after.queries['dim_item']}))"
        f" and (stat_year, county_code) in (select (stat_year, county_code) from ({after.queries['dim_county_year']}))"
        f" order by stat_year, standard_id, county_code, subject, stage, code"
    ).fetchall()
    return [
        Flip(
            kind, row[0], row[1], row[2], row[3], row[6] or "", row[4], row[5], row[7], row[8],
            is_past=present is not None and row[1] not in present,
        )
        for row in found
    ]  # fmt: skip


def _changed(con: duckdb.DuckDBPyConnection, before: Side, after: Side) -> list[str]:
    """Return what changed of standards, readings, code and files read, a line each."""
    lines = _by_name("标准 standard", before.facts.get("standards", {}), after.facts.get("standards", {}))
    readings = "select distinct standard_id, readings_id from ({}) order by all"
    name = "fact_county_part"
    if name in before.queries and "readings_id" in before.columns[name]:
        old, new = (
            {" ".join(row): "" for row in con.execute(readings.format(side.queries[name])).fetchall()}
            for side in (before, after)
        )
        lines += _by_name("口径组 reading set", old, new)
    old, new = ({name: str(said) for name, said in (side.facts.get("code") or {}).items()} for side in (before, after))
    lines += [f"程序 code {name}：{old.get(name)} → {new[name]}" for name in new if old.get(name) != new[name]]
    old, new = (
        {f"{one['stat_year']} {one['source_file']}": str(one["source_sha256"]) for one in side.facts.get("inputs", [])}
        for side in (before, after)
    )
    return lines + _by_name("文件 file", old, new)


def _by_name(word: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return what is new, gone or another one of named things."""
    lines = [f"{word} 新增 new：{name}" for name in new if name not in old]
    lines += [f"{word} 不再有 gone：{name}" for name in old if name not in new]
    return lines + [f"{word} 有改动 changed：{name}" for name in new if name in old and new[name] != old[name]]


def sentence(found: Difference) -> str:
    """Return the difference in one line."""
    if not found.base:
        return "首次发布，没有可比的发布版 / first release, nothing to compare with"
    if found.is_empty:
        return f"与 {found.base} 相比，各表没有变化 / no row differs from {found.base}"
    moved = sum(row["values_moved"] for row in found.moved)
    return (
        f"与 {found.base} 相比：新增单位 {len(found.units_new)}，消失单位 {len(found.units_gone)}，变动数值 {moved}，"
        f"结论改变 {len(found.flips)}（往年 {len(found.past_flips)}） / units new {len(found.units_new)},"
        f" gone {len(found.units_gone)}, values moved {moved}, verdicts flipped {len(found.flips)}"
    )


def _unit(row: Mapping[str, Any]) -> str:
    names = ("standard_id", "stat_year", "site_id", "stage", "school_name")
    return " ".join(str(row[name]) for name in names if row[name])


def markdown(found: Difference) -> str:
    """Return the difference as the text of CHANGES.md, flipped verdicts first."""
    lines = ["# 变更说明 / Changes", "", sentence(found)]
    moved = [
        f"{row['standard_id']} {row.get('item_code') or '综合'} {row['stat_year']}（{row['table_name']}）："
        f"{row['values_moved']} 个，最大变动 {'—' if row['largest'] is None else format(row['largest'], '.6g')}"
        for row in found.moved
    ]
    for title, said in (
        ("结论改变 / verdicts flipped", [flip.words for flip in found.flips]),
        ("新增县区年度 / county-years new", [f"{year} {county}" for year, county in found.county_years_new]),
        ("消失的县区年度 / county-years gone", [f"{year} {county}" for year, county in found.county_years_gone]),
        ("标准、口径、程序、文件 / standards, readings, code, files", found.changed),
        ("新增单位 / units new", [_unit(row) for row in found.units_new]),
        ("消失的单位 / units gone", [_unit(row) for row in found.units_gone]),
        ("变动的数值 / values moved", moved),
    ):
        if said:
            lines += ["", f"## {title}（{len(said)}）", "", *(f"- {one}" for one in said[:LISTED])]
            lines += [f"- … 另有 {len(said) - LISTED} 处 / and more"] if len(said) > LISTED else []
    rows = [row for row in found.tables if row["new"] or row["gone"] or row["changed"]]
    if rows:
        lines += [
            "",
            "## 各表行数 / rows of the tables",
            "",
            "| 表 | 原有 | 现有 | 新增 | 消失 | 改变 |",
            "|---|---|---|---|---|---|",
        ]
        names = ("table", "before", "after", "new", "gone", "changed")
        lines += [f"| {' | '.join(str(row[name]) for name in names)} |" for row in rows]
    return "\n".join(lines) + "\n"
