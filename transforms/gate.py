"""What must hold before a candidate may be published; anything that does not stops publication."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pandera.errors
import polars as pl

from contracts import dictionary
from contracts.fields import Table


@dataclass(frozen=True)
class Breach:
    """One thing that does not hold: which check, in which table, and what was seen."""

    check: str
    table: str
    seen: str


def inspect(con: duckdb.DuckDBPyConnection) -> list[Breach]:
    """Return everything that keeps a candidate from being published: contracts, keys, and sums against the inputs."""
    breaches = []
    for name, model in dictionary.output_tables().items():
        breaches += _against_contract(con, name, model)
    return breaches + _against_inputs(con)


def _against_contract(con: duckdb.DuckDBPyConnection, name: str, model: type[Table]) -> list[Breach]:
    """Return breaches of types, nulls, closed lists, keys and finite numbers of one published table."""
    rows = con.execute(dictionary.published_query(name)).pl()
    breaches = []
    try:
        model.validate(rows, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases.group_by("column", "check", maintain_order=True).agg(
            pl.len().alias("rows"), pl.col("failure_case").cast(pl.String).first().alias("first")
        )
        breaches += [
            Breach(str(check), name, f"{column}: {count} row(s), first {first}")
            for column, check, count, first in cases.rows()
        ]
    doubled = rows.select(dictionary.key(model)).is_duplicated().sum()
    if doubled:
        breaches.append(Breach("unique_key", name, f"{doubled} rows share a key"))
    for column in rows.select(pl.col(pl.Float64)).columns:
        wild = rows.filter(pl.col(column).is_nan() | pl.col(column).is_infinite()).height
        if wild:
            breaches.append(Breach("finite", name, f"{column}: {wild} values are not finite"))
    return breaches


RECONCILIATIONS = {
    "every_site_in_or_out": """
        select count(*) from (
            select c.standard_id, c.readings_id, s.stat_year, s.county_code, s.school_code, s.campus_no
            from core_scope_set as c inner join school as s using (stat_year, county_code)
            where c.scope = 'unit'
        ) as expected
        full outer join dim_site as d using (standard_id, readings_id, stat_year, county_code, school_code, campus_no)
        where d.site_id is null or expected.school_code is null
    """,
    "pupils_as_reported": """
        with reported as (
            select d.standard_id, d.readings_id, d.stat_year, d.county_code, e.stage, sum(e.pupils) as pupils,
                count(*) = count(e.pupils) as is_complete
            from dim_site as d
            inner join enrolment as e using (stat_year, county_code, school_code, campus_no)
            where not d.is_excluded group by all
        ), published as (
            select standard_id, readings_id, stat_year, county_code, stage, sum(pupils) as pupils
            from fact_school_summary group by all
        )
        select count(*) from reported
        inner join published using (standard_id, readings_id, stat_year, county_code, stage)
        where reported.is_complete and reported.pupils <> published.pupils
    """,
    "shares_add_up": """
        select count(*) from (
            select whole_numerator, sum(numerator) as shared, count(*) as units
            from fact_result
            where is_shared and numerator is not null
            group by standard_id, readings_id, scope_id, stat_year, county_code, item_code, test_no, whole_numerator
        ) as sites
        where shared > whole_numerator + units * 0.000001
    """,
    "variance_shares_are_one": """
        select count(*) from (
            select sum(variance_share) as total from fact_variance_share
            where variance_share is not null
            group by standard_id, readings_id, stat_year, county_code, stage, item_code
        ) as counties
        where abs(total - 1) > 1e-9
    """,
    "one_result_per_thing_and_test": """
        select count(*) from (
            select e.standard_id, e.readings_id, e.stat_year, e.county_code, e.scope, e.scope_id, e.stage, t.item_code,
                t.test_no
            from core_entity as e
            inner join std_test as t using (standard_id, stage)
            inner join std_item as i
                on i.standard_id = t.standard_id and i.item_code = t.item_code and i.scope = e.scope
            inner join core_item_set as a
                on a.standard_id = e.standard_id and a.readings_id = e.readings_id and a.item_code = t.item_code
                and a.stat_year = e.stat_year and a.county_code = e.county_code
            left join std_choice as c
                on c.standard_id = e.standard_id and c.readings_id = e.readings_id
                and c.reading_code = t.reading_code and c.choice_code = t.choice_code
            where t.reading_code is null or c.choice_code is not null
        ) as expected
        full outer join fact_result as r
            using (standard_id, readings_id, stat_year, county_code, scope, scope_id, stage, item_code, test_no)
        where r.verdict is null or expected.standard_id is null
    """,
    "every_thing_has_one_verdict": """
        select count(*) from fact_county_item
        where entities <> entities_met + entities_not_met + entities_not_assessable + entities_not_applicable
    """,
    "overall_is_the_least_of_the_parts": """
        select count(*) from (
            select p.standard_id, min(cast(v.rank_no as integer)) filter (p.part <> 'overall') as parts,
                min(cast(v.rank_no as integer)) filter (p.part = 'overall') as overall
            from fact_county_part as p inner join code_verdicts as v on p.verdict = v.code
            group by p.standard_id, p.readings_id, p.stat_year, p.county_code
        ) as counties
        where parts <> overall
    """,
    "evidence_is_never_met_unseen": """
        select count(*) from fact_county_item as i
        left join declaration as d using (stat_year, county_code, item_code)
        where i.is_evidence and i.verdict = 'met' and (d.evidence is null or d.declared_verdict <> 'met')
    """,
}
"""Name → a query that counts what does not reconcile; all must be 0."""


def _against_inputs(con: duckdb.DuckDBPyConnection) -> list[Breach]:
    breaches = []
    for check, query in RECONCILIATIONS.items():
        row = con.execute(query).fetchone()
        if row and row[0]:
            breaches.append(Breach(check, "", f"{row[0]} row(s) do not reconcile"))
    return breaches
