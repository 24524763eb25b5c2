"""What the facts must agree on with the accepted inputs and among themselves: queries that give what does not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reconciliation:
    """What must hold, a query that gives a row for everything that does not, and one that gives the figure as text."""

    said: str
    query: str
    figure: str = "select ''"


def queries() -> list[str]:
    """Return every query of the reconciliations."""
    return [query for one in RECONCILIATIONS.values() for query in (one.query, one.figure)]


RECONCILIATIONS = {
    "every_county_year_judged": Reconciliation(
        "接收的每个县区年度都在结果中，结果中没有别的 / every accepted county-year is in the results, and no other",
        """
        select stat_year, county_code, s.standard_id, c.county_code is null as is_unknown,
            d.county_code is null as is_lost
        from county_year as c
        cross join (select standard_id from std_standard where is_judged) as s
        full outer join (
            select distinct stat_year, county_code, standard_id from fact_county_summary where readings_id = 'default'
        ) as d using (stat_year, county_code, standard_id)
        where c.county_code is null or d.county_code is null
        """,
        "select count(*) || ' 个县区年度' from county_year",
    ),
    "errors_are_answered_for": Reconciliation(
        "上年有、本年没有的学校和表，以及其他错误：都已更正、登记，或由人带错接收"
        " / what a year lacks against the year before, and any error, is mended, declared or accepted by somebody",
        """
        select c.stat_year, c.county_code, f.rule, f.source_file, f.cell, f.value
        from store.county_year as c
        inner join store.finding as f using (run_id, stat_year, county_code)
        where c.is_loaded and not c.is_held and not c.is_provisional and f.severity = 'error'
        """,
        """
        select count(*) || ' 个县区年度，带错接收 ' || count(*) filter (is_provisional) || '，沿用旧数据 '
            || count(*) filter (is_stale) || '；上年有、本年没有的校区 ' || (
                select count(*)
                from (select stat_year + 1 as stat_year, county_code, school_code, campus_no from school) as before
                semi join county_year using (stat_year, county_code)
                anti join school using (stat_year, county_code, school_code, campus_no)
            )
        from county_year
        """,
    ),
    "every_site_in_or_out": Reconciliation(
        "上报的每个校区都在校区表中，一个不多一个不少 / every site reported is in the table of sites, none more",
        """
        select standard_id, readings_id, stat_year, county_code, school_code, campus_no
        from (
            select c.standard_id, c.readings_id, s.stat_year, s.county_code, s.school_code, s.campus_no,
                true as is_reported
            from core_scope_set as c inner join school as s using (stat_year, county_code)
            where c.scope = 'unit'
        ) as expected
        full outer join dim_site as d using (standard_id, readings_id, stat_year, county_code, school_code, campus_no)
        where d.site_id is null or expected.is_reported is null
        """,
        "select count(*) || ' 个校区(各年合计)' from school",
    ),
    "sites_in_are_sites_out_and_left_out": Reconciliation(
        "上报校区数 = 参加的校区数 + 有理由不计入的校区数"
        " / sites reported = sites judged + sites left out with a reason",
        """
        select standard_id, readings_id, stat_year, county_code, reported.sites as reported, published.judged,
            published.left_out, summary.sites, summary.excluded_sites
        from (
            select standard_id, readings_id, stat_year, county_code, count(*) filter (not is_excluded) as judged,
                count(*) filter (is_excluded and exclusion_text is not null) as left_out
            from dim_site group by all
        ) as published
        inner join (select stat_year, county_code, count(*) as sites from school group by all) as reported
            using (stat_year, county_code)
        left join fact_county_summary as summary using (standard_id, readings_id, stat_year, county_code)
        where reported.sites <> published.judged + published.left_out
            or summary.sites <> reported.sites or summary.excluded_sites <> published.left_out
        """,
        "select count(*) filter (not is_excluded) || ' 个参加，' || count(*) filter (is_excluded) || ' 个不计入'"
        " from dim_site where readings_id = 'default'",
    ),
    "pupils_as_reported": Reconciliation(
        "各单位学生数合计 = 上报的学生数合计 / the pupils of the units are the pupils reported",
        """
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
        select standard_id, readings_id, stat_year, county_code, stage, reported.pupils as reported,
            published.pupils as published
        from reported
        inner join (select distinct standard_id, stage from std_school_rule) as ruled using (standard_id, stage)
        left join published using (standard_id, readings_id, stat_year, county_code, stage)
        where reported.is_complete and reported.pupils is distinct from published.pupils
        """,
        "select coalesce(sum(pupils), 0) || ' 名学生(各年、各标准合计)' from fact_school_summary"
        " where readings_id = 'default'",
    ),
    "county_pupils_add_up": Reconciliation(
        "县区汇总的学生数、单位数 = 各单位合计 / pupils and units of the county's summary are those of its units",
        """
        select standard_id, readings_id, stat_year, county_code, c.pupils as summary, u.pupils as published,
            c.units as summary_units, u.units as published_units
        from fact_county_summary as c
        left join (
            select standard_id, readings_id, stat_year, county_code, sum(pupils) as pupils, count(*) as units,
                count(*) filter (verdict = 'met') as units_met
            from fact_school_summary group by all
        ) as u using (standard_id, readings_id, stat_year, county_code)
        where c.pupils is distinct from u.pupils or c.units <> coalesce(u.units, 0)
            or c.units_met <> coalesce(u.units_met, 0)
        """,
        "select coalesce(sum(pupils), 0) || ' 名学生，' || coalesce(sum(units), 0) || ' 个单位' from"
        " fact_county_summary where readings_id = 'default'",
    ),
    "teachers_as_reported": Reconciliation(
        "事实表中的各类教师数合计 = 上报的教师数合计 / the teachers in the facts are the teachers reported",
        """
        with stages(stage, input_stage) as (
            values ('primary', 'primary'), ('junior', 'junior'), ('compulsory', 'primary'), ('compulsory', 'junior')
        ), long as (
            select stat_year, county_code, school_code, campus_no, stage as input_stage, measure_code, quantity
            from (
                select t.stat_year, t.county_code, t.school_code, t.campus_no, t.stage, columns('.*_teachers')
                from teacher as t
                semi join enrolment as e using (stat_year, county_code, school_code, campus_no, stage)
            ) unpivot include nulls (quantity for measure_code in (columns('.*_teachers')))
        ), used as (
            select distinct standard_id, readings_id, scope, stage, measure_code from fact_measure
            semi join (select * from std_reading_set where base_readings_id = readings_id) as base
                using (standard_id, readings_id)
            where (scope = 'unit' or scope = 'school') and measure_code in (select distinct measure_code from long)
        ), reported as (
            select used.standard_id, used.readings_id, used.scope, used.stage, long.stat_year, long.county_code,
                used.measure_code, sum(long.quantity) as quantity, count(*) = count(long.quantity) as is_complete
            from used
            inner join stages using (stage)
            inner join long using (measure_code, input_stage)
            inner join core_scope_set as c using (standard_id, readings_id, scope, stat_year, county_code)
            anti join core_left_out as o
                using (standard_id, readings_id, scope, stat_year, county_code, school_code, campus_no)
            group by all
        ), published as (
            select standard_id, readings_id, scope, stage, stat_year, county_code, measure_code,
                sum(quantity) as quantity, count(*) = count(quantity) as is_complete
            from fact_measure group by all
        )
        select standard_id, readings_id, scope, stage, stat_year, county_code, measure_code,
            reported.quantity as reported, published.quantity as published
        from reported
        left join published using (standard_id, readings_id, scope, stage, stat_year, county_code, measure_code)
        where reported.is_complete and coalesce(published.is_complete, true)
            and reported.quantity is distinct from published.quantity
        """,
        "select coalesce(sum(full_time_teachers), 0) || ' 名专任教师上报(各年合计，含高中)' from teacher",
    ),
    "values_are_their_fractions": Reconciliation(
        "指标值 = 分子 × 每 ÷ 分母 / every value is its numerator per its denominator",
        """
        select r.standard_id, r.readings_id, r.stat_year, r.county_code, r.scope_id, r.stage, r.item_code, r.test_no,
            r.numerator, t.per, r.denominator, r.value
        from fact_result as r
        inner join std_test as t using (standard_id, item_code, stage, test_no)
        where r.denominator <> 0 and abs(
            r.value - cast(r.numerator as double) * (case when t.rounding = 'up' then 1 else t.per end) / r.denominator
        ) > 0.000001 * t.per / abs(r.denominator) + 0.000000001 * abs(r.value)
        """,
        "select count(value) || ' 个指标值(各口径组相同的只计一次)' from fact_result",
    ),
    "shares_add_up": Reconciliation(
        "分摊后的数量合计不超过、且等于参加学段应得的份额"
        " / shares of what a site shares add up to the part that is shared out",
        """
        select r.standard_id, r.readings_id, r.stat_year, r.county_code, r.scope_id, r.item_code, r.test_no,
            max(r.whole_numerator) as whole, sum(r.numerator) as shared,
            sum(r.weight * u.pupils) / max(r.weighted_pupils) as shared_out
        from fact_result as r
        inner join core_unit as u
            on u.standard_id = r.standard_id and u.readings_id = r.readings_id and u.stat_year = r.stat_year
            and u.county_code = r.county_code and u.site_id = r.scope_id and u.stage = r.stage
        where r.is_shared and r.scope = 'unit'
        group by all
        having count(*) = count(r.numerator) and max(r.weighted_pupils) > 0 and (
            shared > whole + count(*) * 0.000001
            or abs(shared - whole * shared_out) > count(*) * 0.000001 + abs(whole) * 0.000000001
        )
        """,
        "select count(*) || ' 个分摊结果' from fact_result where is_shared and scope = 'unit'",
    ),
    "weights_are_one": Reconciliation(
        "一个校区各学段的分摊份额合计为1 / the shares of a site's stages add up to 1",
        """
        with stages as (
            select d.standard_id, d.readings_id, d.stat_year, d.county_code, d.target_site_id as site_id,
                sum(w.weight * e.pupils) as weighted
            from dim_site as d
            inner join enrolment as e using (stat_year, county_code, school_code, campus_no)
            inner join dim_site as t on t.standard_id = d.standard_id and t.readings_id = d.readings_id
                and t.stat_year = d.stat_year and t.county_code = d.county_code and t.site_id = d.target_site_id
            inner join std_split as w on w.standard_id = d.standard_id and w.stage = e.stage
                and w.school_type_code = t.school_type_code
            where not d.is_excluded
            group by all
            having count(*) = count(e.pupils) and weighted > 0
        )
        select standard_id, readings_id, r.stat_year, r.county_code, site_id, stages.weighted, r.weighted_pupils,
            stages.weighted / r.weighted_pupils as total
        from stages
        inner join (
            select distinct standard_id, readings_id, stat_year, county_code, scope_id as site_id, weighted_pupils
            from fact_result where scope = 'unit' and is_shared and weighted_pupils is not null
        ) as r using (standard_id, readings_id, stat_year, county_code, site_id)
        where abs(stages.weighted - r.weighted_pupils) > 0.000001
        """,
        "select count(distinct (stat_year, scope_id)) || ' 个校区年度分摊' from fact_result where is_shared and"
        " scope = 'unit'",
    ),
    "variance_shares_are_one": Reconciliation(
        "各校方差占比合计为1 / the shares of the units in the county's variance add up to 1",
        """
        select standard_id, readings_id, stat_year, county_code, stage, item_code, sum(variance_share) as total
        from fact_variance_share
        where variance_share is not null
        group by all
        having abs(total - 1) > 1e-9
        """,
        "select count(distinct (standard_id, readings_id, stat_year, county_code, stage, item_code)) || ' 组'"
        " from fact_variance_share",
    ),
    "one_result_per_thing_and_test": Reconciliation(
        "每个对象的每项要求都有一个结果 / every thing has one result for each test of the standard",
        """
        select standard_id, readings_id, stat_year, county_code, scope, scope_id, stage, item_code, test_no
        from (
            select e.standard_id, e.readings_id, e.stat_year, e.county_code, e.scope, e.scope_id, e.stage, t.item_code,
                t.test_no, true as is_expected
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
            where e.evaluated_readings_id = e.readings_id and (t.reading_code is null or c.choice_code is not null)
        ) as expected
        full outer join fact_result as r
            using (standard_id, readings_id, stat_year, county_code, scope, scope_id, stage, item_code, test_no)
        where r.verdict is null or expected.is_expected is null
        """,
        "select count(*) || ' 个结果(各口径组相同的只计一次)' from fact_result",
    ),
    "every_set_counts_every_unit": Reconciliation(
        "每个口径组的差异系数都算到了全部单位 / the coefficients of every set of readings count all its units",
        """
        with units as (
            select standard_id, readings_id, stat_year, county_code, stage,
                count(*) filter (pupils is null or pupils > 0) as expected
            from core_unit group by all
        )
        select standard_id, readings_id, stat_year, county_code, stage, item_code, c.units, expected
        from fact_county_cv as c
        left join units using (standard_id, readings_id, stat_year, county_code, stage)
        where c.units <> coalesce(expected, 0)
        """,
        "select count(*) || ' 个差异系数' from fact_county_cv",
    ),
    "every_thing_has_one_verdict": Reconciliation(
        "每项县区指标的对象各有一个结论 / every thing judged by a county's item has one verdict",
        """
        select standard_id, readings_id, stat_year, county_code, item_code, entities, entities_met, entities_not_met,
            entities_not_assessable, entities_not_applicable
        from fact_county_item
        where entities <> entities_met + entities_not_met + entities_not_assessable + entities_not_applicable
        """,
        "select count(*) || ' 项县区指标，' || coalesce(sum(entities), 0) || ' 个对象' from fact_county_item",
    ),
    "overall_is_the_least_of_the_parts": Reconciliation(
        "总体结论不好于任何一部分 / the overall verdict is the least of the parts",
        """
        select p.standard_id, p.readings_id, p.stat_year, p.county_code,
            min(cast(v.rank_no as integer)) filter (p.part <> 'overall') as parts,
            min(cast(v.rank_no as integer)) filter (p.part = 'overall') as overall
        from fact_county_part as p inner join code_verdicts as v on p.verdict = v.code
        group by all
        having parts <> overall
        """,
        "select count(*) || ' 个部分结论' from fact_county_part",
    ),
    "evidence_is_never_met_unseen": Reconciliation(
        "佐证类指标没有申报和佐证不判达标 / an item of evidence is never met without a declaration and its evidence",
        """
        select i.standard_id, i.readings_id, i.stat_year, i.county_code, i.item_code, i.verdict, d.declared_verdict
        from fact_county_item as i
        left join declaration as d using (stat_year, county_code, item_code)
        where i.is_evidence and i.verdict = 'met' and (d.evidence is null or d.declared_verdict <> 'met')
        """,
        "select count(*) || ' 项佐证类指标' from fact_county_item where is_evidence",
    ),
}
"""Name → what must hold, and the query of what does not; all must give no row."""
