"""Expectations on the whole of a candidate: suites from the contracts and the standards, run by Great Expectations.

Great Expectations runs in a child process (transforms/expect_process.py) that never opens the database: it gets
Arrow files.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from contracts import dictionary
from contracts.codes import read_codes
from transforms.expect_process import Child
from transforms.gate import Check

MOST_ROWS = 100_000
"""Rows of a table handed to the child; of a longer table the newest ones (the gate's own SQL looks at every row)."""
TOTALS, COUNTS = "totals", "counts"
MESSAGE, ANSWERS = "message.json", "answers.json"


@dataclass(frozen=True)
class Expectation:
    """One expectation: on which frame, of which type with which arguments, and what it says of which table."""

    name: str
    frame: str
    type: str
    kwargs: dict[str, Any]
    table: str
    column: str
    said: str


def ask(con: duckdb.DuckDBPyConnection, asked: Child, scratch: Path) -> list[Expectation]:
    """Hand the child what it needs of a candidate and return what is expected; `told` has the answers.

    `scratch`: a folder for the files, emptied before.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    wanted = expectations(con)
    hand_over(con, scratch)
    suites: dict[str, list[dict[str, Any]]] = {}
    for one in wanted:
        suites.setdefault(one.frame, []).append({"name": one.name, "type": one.type, "kwargs": one.kwargs})
    named = {name: dictionary.key(model) for name, model in dictionary.output_tables().items()}
    named[TOTALS] = ["standard_id", "stat_year", "county_code"]
    message = {"folder": str(scratch), "answers": str(scratch / ANSWERS), "suites": suites, "named": named}
    (scratch / MESSAGE).write_text(json.dumps(message, ensure_ascii=False), encoding="utf-8")
    asked.send(scratch / MESSAGE)
    return wanted


def told(asked: Child, wanted: list[Expectation], scratch: Path) -> list[Check]:
    """Wait for the answers; an expectation that did not run, for whatever reason, has failed. Removes `scratch`."""
    try:
        problem = asked.wait()
        file = scratch / ANSWERS
        answers = {} if problem or not file.exists() else json.loads(file.read_text(encoding="utf-8"))
        return [_check(one, answers.get(one.name), problem) for one in wanted]
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _check(one: Expectation, answer: dict[str, Any] | None, problem: str) -> Check:
    """Return an expectation with its answer."""
    if answer is None or answer["problem"]:
        said = problem or (answer["problem"] if answer else "没有答复 / no answer")
        seen = f"没有运行 / could not run: {said}"
        return Check("expectation", one.name, one.table, one.column, one.said, 0, 1, seen)
    failed = 0 if answer["success"] else max(1, int(answer["failed"]))
    rows = tuple(answer["rows"])
    seen = "" if answer["seen"] is None else str(answer["seen"])
    if failed:
        seen = f"{failed} unexpected, first {rows[0]}" if rows else f"unexpected: {seen}"
    return Check("expectation", one.name, one.table, one.column, one.said, answer["looked_at"], failed, seen, rows)


def expectations(con: duckdb.DuckDBPyConnection) -> list[Expectation]:
    """Return the suites: keys, finite numbers and verdicts of each table, counts and totals against the inputs."""
    wanted = [one for name in dictionary.output_tables() for one in _of_table(name)]
    return [*wanted, *_of_standard(con), *_of_counts(), *_of_totals(con)]


def _of_table(name: str) -> list[Expectation]:
    """Return what the contract of a table says of its rows as a whole."""
    model = dictionary.output_tables()[name]
    keys = dictionary.key(model)
    unique = "expect_column_values_to_be_unique" if len(keys) == 1 else "expect_compound_columns_to_be_unique"
    columns = {"column": keys[0]} if len(keys) == 1 else {"column_list": keys}
    wanted = [Expectation(f"{name}.key", name, unique, columns, name, "", f"主键不重复：{'、'.join(keys)}")]
    if any(column.kind == "real" for column in dictionary.columns(model)):
        bounds = {"column": "not_finite", "min_value": 0, "max_value": 0}
        between = "expect_column_values_to_be_between"
        wanted.append(Expectation(f"{name}.finite", name, between, bounds, name, "", "没有 NaN 和无穷"))
    for column in _verdicts(name):
        values = {"column": column, "value_set": list(read_codes("verdicts"))}
        in_set = "expect_column_values_to_be_in_set"
        said = f"只有 {'、'.join(values['value_set'])}"
        wanted.append(Expectation(f"{name}.{column}", name, in_set, values, name, column, said))
    return wanted


def _verdicts(name: str) -> list[str]:
    """Return the columns of a table that always hold a verdict."""
    columns = dictionary.columns(dictionary.output_tables()[name])
    return [column.name for column in columns if column.codes == "verdicts" and not column.is_nullable]


def _of_standard(con: duckdb.DuckDBPyConnection) -> list[Expectation]:
    """Return what the standards say of the published codes and counts."""
    wanted = []
    for name, column, query in (
        ("fact_result", "item_code", "select distinct item_code from std_item"),
        ("fact_county_cv", "item_code", "select distinct item_code from std_coefficient"),
        ("fact_county_item", "item_code", "select distinct item_code from std_item where scope <> 'unit'"),
        ("fact_county_part", "standard_id", "select standard_id from std_standard where is_judged"),
        ("fact_school_summary", "items", "select distinct count(*) from std_school_rule group by standard_id, stage"),
    ):
        values = sorted(row[0] for row in con.execute(query).fetchall())
        if not values:
            continue
        arguments = {"column": column, "value_set": values}
        in_set = "expect_column_values_to_be_in_set"
        said = f"只有标准中的：{'、'.join(map(str, values))}"
        wanted.append(Expectation(f"{name}.{column}.standard", name, in_set, arguments, name, column, said))
    return wanted


COUNTED = {
    "dim_county_year": "select count(*) from county_year",
    "dim_site": """
        select count(*) from school cross join (select distinct standard_id from std_item where scope = 'unit')
    """,
    "dim_item": "select count(*) from std_item",
    "fact_county_cv": """
        select count(*) from std_coefficient as c
        inner join core_item_set as s on s.standard_id = c.standard_id and s.item_code = c.item_code
    """,
    "fact_county_summary": """
        select count(*) from county_year as c inner join core_reading_set as s using (stat_year, county_code)
        inner join std_standard as t using (standard_id) where t.is_judged and s.changes = 0
    """,
    "fact_school_summary": """
        select count(*) from core_unit as u
        inner join (select distinct standard_id, stage from std_school_rule) as r using (standard_id, stage)
        where u.readings_id = 'default'
    """,
    "rpt_scorecard": "select count(*) from fact_school_summary where readings_id = 'default'",
}
"""Table → how many rows the inputs and the standards let expect."""


def _counted() -> dict[str, str]:
    """Return the queries of the rows to be expected; the dictionary's are the columns of the contracts."""
    columns = sum(len(dictionary.columns(model)) for model in dictionary.output_tables().values())
    return {**COUNTED, "dim_data_dictionary": f"select {columns}"}


def _of_counts() -> list[Expectation]:
    """Return that tables have as many rows as inputs and standards let expect."""
    equal = "expect_column_pair_values_to_be_equal"
    return [
        Expectation(
            f"{name}.rows", COUNTS, equal, {"column_A": f"{name}_rows", "column_B": f"{name}_expected"}, name, "",
            "行数与接收的数据和标准相符",
        )
        for name in _counted()
    ]  # fmt: skip


PAIRS = (
    ("pupils_units", "pupils_reported", "各单位学生数合计 = 上报学生数"),
    ("pupils_summary", "pupils_reported", "县区汇总的学生数 = 上报学生数"),
    ("teachers_units", "teachers_reported", "事实表的专任教师数 = 上报专任教师数"),
    ("sites_published", "sites_reported", "校区数 = 上报校区数"),
    ("sites_in_and_out", "sites_reported", "参加的 + 有理由不计入的校区 = 上报校区数"),
    ("units_judged", "units_summary", "有结论的单位数 = 汇总的单位数"),
    ("units_met", "units_met_summary", "达标单位数 = 汇总的达标单位数"),
    ("coefficients_met", "coefficients_met_summary", "达标差异系数个数 = 汇总的个数"),
)
"""Columns of the totals that must be equal, row by row."""


def _of_totals(con: duckdb.DuckDBPyConnection) -> list[Expectation]:
    """Return what totals of each county-year must be, one row per standard, county and year."""
    equal = "expect_column_pair_values_to_be_equal"
    wanted = [
        Expectation(f"totals.{left}", TOTALS, equal, {"column_A": left, "column_B": right}, "", left, said)
        for left, right, said in PAIRS
    ]
    years = [row[0] for row in con.execute("select distinct stat_year from county_year order by 1").fetchall()]
    arguments = {"column": "published_year", "value_set": years}
    same = "expect_column_distinct_values_to_equal_set"
    said = f"结果中的年度正是接收的年度：{'、'.join(map(str, years))}"
    wanted.append(Expectation("totals.years", TOTALS, same, arguments, "fact_county_summary", "stat_year", said))
    for column, low, high, said in (
        ("variance_least", 1 - 1e-9, None, "各校方差占比合计不小于1"),
        ("variance_most", None, 1 + 1e-9, "各校方差占比合计不大于1"),
        ("cv_least", 0, None, "差异系数不小于0"),
    ):
        bounds = {"column": column, "min_value": low, "max_value": high}
        between = "expect_column_values_to_be_between"
        wanted.append(Expectation(f"totals.{column}", TOTALS, between, bounds, "", column, said))
    return wanted


TOTALS_QUERY = """
with reported as (
    select standard_id, stat_year, county_code, sum(e.pupils) as pupils_reported
    from dim_site as d inner join enrolment as e using (stat_year, county_code, school_code, campus_no)
    inner join (select distinct standard_id, stage from std_school_rule) as r using (standard_id, stage)
    where d.readings_id = 'default' and not d.is_excluded
    group by all having count(*) = count(e.pupils)
), taught_stages as (
    select distinct standard_id, t.stage from std_term as t inner join std_item as i using (standard_id, item_code)
    where t.measure_code = 'full_time_teachers' and i.scope = 'unit'
), taught as (
    select standard_id, stat_year, county_code, sum(t.full_time_teachers) as teachers_reported
    from dim_site as d
    inner join teacher as t using (stat_year, county_code, school_code, campus_no)
    inner join taught_stages as s using (standard_id, stage)
    semi join enrolment as e using (stat_year, county_code, school_code, campus_no, stage)
    where d.readings_id = 'default' and not d.is_excluded
    group by all having count(*) = count(t.full_time_teachers)
), measured as (
    select standard_id, stat_year, county_code, sum(quantity) as teachers_units,
        count(*) = count(quantity) as is_complete
    from fact_measure
    where readings_id = 'default' and scope = 'unit' and measure_code = 'full_time_teachers'
    group by all
), sites as (
    select standard_id, stat_year, county_code, count(*) as sites_published,
        count(*) filter (not is_excluded or exclusion_text is not null) as sites_in_and_out
    from dim_site where readings_id = 'default' group by all
), known_sites as (
    select stat_year, county_code, count(*) as sites_reported from school group by all
), units as (
    select standard_id, stat_year, county_code, sum(pupils) as pupils_units,
        count(verdict) as units_judged, count(*) filter (verdict = 'met') as units_met
    from fact_school_summary where readings_id = 'default' group by all
), coefficients as (
    select standard_id, stat_year, county_code,
        count(*) filter (verdict = 'met' and limit_value is not null) as coefficients_met, min(cv) as cv_least
    from fact_county_cv where readings_id = 'default' group by all
), variance as (
    select standard_id, stat_year, county_code, min(total) as variance_least, max(total) as variance_most
    from (
        select standard_id, stat_year, county_code, stage, item_code, sum(variance_share) as total
        from fact_variance_share where readings_id = 'default' and variance_share is not null group by all
    ) as items group by all
)
select t.standard_id, c.county_code, c.stat_year, s.stat_year as published_year,
    cast(r.pupils_reported as double) as pupils_reported,
    cast(case when r.pupils_reported is not null then u.pupils_units end as double) as pupils_units,
    cast(case when r.pupils_reported is not null then s.pupils end as double) as pupils_summary,
    cast(case when coalesce(m.is_complete, true) then a.teachers_reported end as double) as teachers_reported,
    cast(case when m.is_complete and a.teachers_reported is not null then m.teachers_units end as double)
        as teachers_units,
    case when i.sites_published is not null then k.sites_reported end as sites_reported,
    i.sites_published, i.sites_in_and_out,
    u.units_judged, case when u.units_judged is not null then s.units end as units_summary,
    u.units_met, case when u.units_met is not null then s.units_met end as units_met_summary,
    f.coefficients_met,
    case when f.coefficients_met is not null then s.coefficients_met end as coefficients_met_summary,
    f.cv_least, v.variance_least, v.variance_most
from county_year as c
cross join (select standard_id from std_standard where is_judged) as t
left join fact_county_summary as s
    on s.standard_id = t.standard_id and s.stat_year = c.stat_year and s.county_code = c.county_code
    and s.readings_id = 'default'
left join reported as r on r.standard_id = t.standard_id and r.stat_year = c.stat_year and r.county_code = c.county_code
left join taught as a on a.standard_id = t.standard_id and a.stat_year = c.stat_year and a.county_code = c.county_code
left join measured as m on m.standard_id = t.standard_id and m.stat_year = c.stat_year and m.county_code = c.county_code
left join sites as i on i.standard_id = t.standard_id and i.stat_year = c.stat_year and i.county_code = c.county_code
left join known_sites as k on k.stat_year = c.stat_year and k.county_code = c.county_code
left join units as u on u.standard_id = t.standard_id and u.stat_year = c.stat_year and u.county_code = c.county_code
left join coefficients as f
    on f.standard_id = t.standard_id and f.stat_year = c.stat_year and f.county_code = c.county_code
left join variance as v on v.standard_id = t.standard_id and v.stat_year = c.stat_year and v.county_code = c.county_code
"""
"""One row per standard, county and year under the default readings: totals of the inputs beside those published."""


def queries() -> list[str]:
    """Return every query by which totals and counts are compared."""
    return [TOTALS_QUERY, *_counted().values()]


def hand_over(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write what the child needs as Arrow files: of each table keys, verdicts and what is not finite; the totals."""
    import pyarrow.feather

    frames = {name: _rows_query(name) for name in dictionary.output_tables()}
    counts = [
        f"(select count(*) from ({dictionary.published_query(name)})) as {name}_rows, ({query}) as {name}_expected"
        for name, query in _counted().items()
    ]
    frames |= {COUNTS: f"select {', '.join(counts)}", TOTALS: TOTALS_QUERY}
    for name, query in frames.items():
        rows = con.execute(query).to_arrow_table()
        pyarrow.feather.write_feather(rows, folder / f"{name}.arrow", compression="uncompressed")


def _rows_query(name: str) -> str:
    """Return the select of what the child sees of a table."""
    model = dictionary.output_tables()[name]
    reals = [column.name for column in dictionary.columns(model) if column.kind == "real"]
    wanted = dict.fromkeys([*dictionary.key(model), *_verdicts(name), *_named_by_standard(name)])
    wild = " + ".join(f"cast(coalesce(not isfinite({column}), false) as integer)" for column in reals)
    fields = [*wanted, *([f"{wild} as not_finite"] if wild else [])]
    newest = "order by stat_year desc" if "stat_year" in wanted else ""
    return f"select {', '.join(fields)} from ({dictionary.published_query(name)}) {newest} limit {MOST_ROWS}"


def _named_by_standard(name: str) -> list[str]:
    return ["items"] if name == "fact_school_summary" else []
