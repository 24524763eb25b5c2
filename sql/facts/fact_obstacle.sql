-- Everything that stands between a county and the standard, nearest first.
-- One row per standard, county, obstacle and year, under the default readings.
-- distance is the gap relative to what is needed; what has no number (a missing declaration) comes last.
with

results as (
    select * from fact_result
),

schools as (
    select * from fact_school_summary
),

coefficients as (
    select * from fact_county_cv
),

composites as (
    select * from fact_county_composite
),

county_items as (
    select * from fact_county_item
),

conditions as (
    select * from fact_county_condition
),

sites as (
    select * from dim_site
),

items as (
    select * from std_item
),

tests as (
    select * from std_test
),

standards as (
    select * from std_standard
),

school_rules as (
    select * from std_school_rule
),

verdict_texts as (
    select * from code_verdicts
),

reason_texts as (
    select * from code_reasons
),

stage_texts as (
    select * from code_result_stages
),

component_texts as (
    select * from code_components
),

subject_texts as (
    select * from code_subjects
),

part_texts as (
    select * from code_parts
),

-- the scope is a column here and below: a join on plain equalities is fast on every engine
failing_units as (
    select
        standard_id,
        stat_year,
        county_code,
        'unit' as scope,
        site_id,
        stage,
        verdict,
        school_name
    from schools
    where readings_id = 'default' and (verdict = 'not_met' or verdict = 'not_assessable')
),

result_obstacles as (
    select
        results.standard_id,
        results.stat_year,
        results.county_code,
        items.part,
        results.item_code as component_code,
        results.scope,
        results.scope_id,
        results.stage,
        results.test_no,
        results.test_label as label,
        results.verdict,
        results.reason_code,
        results.value,
        cast(results.limit_value as double) as limit_value,
        results.operator,
        case
            when results.verdict = 'not_met'
                then
                    cast(
                        case when results.need > results.have then results.need - results.have else results.have - results.need end
                        as double
                    )
                    / nullif(cast(results.need as double), 0)
        end as distance,
        case
            when results.verdict = 'not_met'
                then
                    cast(
                        case when results.need > results.have then results.need - results.have else results.have - results.need end
                        as double
                    )
                    / nullif(cast(case when tests.rounding = 'up' then 1 else tests.per end as double), 0)
        end as gap_quantity,
        results.is_provisional,
        results.is_synthetic
    from results
    inner join items
        on
            results.standard_id = items.standard_id
            and results.item_code = items.item_code
    inner join tests
        on
            results.standard_id = tests.standard_id
            and results.item_code = tests.item_code
            and results.test_no = tests.test_no
            and results.stage = tests.stage
    left join school_rules
        on
            results.standard_id = school_rules.standard_id
            and results.item_code = school_rules.item_code
            and results.stage = school_rules.stage
    left join failing_units
        on
            results.standard_id = failing_units.standard_id
            and results.stat_year = failing_units.stat_year
            and results.county_code = failing_units.county_code
            and results.stage = failing_units.stage
            and results.scope_id = failing_units.site_id
            and results.scope = failing_units.scope
    where
        results.readings_id = 'default'
        and (results.verdict = 'not_met' or results.verdict = 'not_assessable')
        and (school_rules.item_code is null or failing_units.site_id is not null)
),

coefficient_obstacles as (
    select
        standard_id,
        stat_year,
        county_code,
        'resources' as part,
        item_code as component_code,
        'county' as scope,
        county_code as scope_id,
        stage,
        0 as test_no,
        '校际差异系数' as label,
        verdict,
        reason_code,
        cv as value,
        cast(limit_value as double) as limit_value,
        operator,
        case when verdict = 'not_met' then (cv - cast(limit_value as double)) / nullif(cast(limit_value as double), 0) end as distance,
        cast(null as double) as gap_quantity,
        is_provisional,
        is_synthetic
    from coefficients
    where readings_id = 'default' and limit_value is not null and (verdict = 'not_met' or verdict = 'not_assessable')
    union all
    select
        composites.standard_id,
        composites.stat_year,
        composites.county_code,
        'resources' as part,
        'composite' as component_code,
        'county' as scope,
        composites.county_code as scope_id,
        composites.stage,
        0 as test_no,
        component_texts.text_zh as label,
        composites.verdict,
        composites.reason_code,
        composites.composite as value,
        cast(composites.limit_value as double) as limit_value,
        composites.operator,
        case
            when composites.verdict = 'not_met'
                then
                    (composites.composite - cast(composites.limit_value as double))
                    / nullif(cast(composites.limit_value as double), 0)
        end as distance,
        cast(null as double) as gap_quantity,
        composites.is_provisional,
        composites.is_synthetic
    from composites
    inner join component_texts on component_texts.code = 'composite'
    where
        composites.readings_id = 'default'
        and (composites.verdict = 'not_met' or composites.verdict = 'not_assessable')
),

declared_obstacles as (
    select
        county_items.standard_id,
        county_items.stat_year,
        county_items.county_code,
        county_items.part,
        county_items.item_code as component_code,
        county_items.scope,
        county_items.county_code as scope_id,
        'compulsory' as stage,
        0 as test_no,
        items.name_zh as label,
        county_items.verdict,
        county_items.reason_code,
        cast(null as double) as value,
        cast(null as double) as limit_value,
        cast(null as string) as operator,
        cast(null as double) as distance,
        cast(null as double) as gap_quantity,
        county_items.is_provisional,
        county_items.is_synthetic
    from county_items
    inner join items
        on
            county_items.standard_id = items.standard_id
            and county_items.item_code = items.item_code
    where
        county_items.readings_id = 'default'
        and county_items.is_evidence
        and (county_items.verdict = 'not_met' or county_items.verdict = 'not_assessable')
    union all
    select
        standard_id,
        stat_year,
        county_code,
        part,
        condition_code as component_code,
        'county' as scope,
        county_code as scope_id,
        'compulsory' as stage,
        0 as test_no,
        condition_text as label,
        verdict,
        reason_code,
        cast(null as double) as value,
        cast(null as double) as limit_value,
        cast(null as string) as operator,
        cast(null as double) as distance,
        cast(null as double) as gap_quantity,
        is_provisional,
        is_synthetic
    from conditions
    where verdict = 'not_met' or verdict = 'not_assessable'
),

obstacles as (
    select * from result_obstacles
    union all
    select * from coefficient_obstacles
    union all
    select * from declared_obstacles
),

subject_names as (
    select
        'subject' as scope,
        code as scope_id,
        text_zh as name
    from subject_texts
),

site_names as (
    select distinct
        stat_year,
        county_code,
        site_id,
        school_code,
        campus_no,
        school_name
    from sites
),

school_names as (
    select
        stat_year,
        county_code,
        school_code,
        min(school_name) as school_name
    from site_names
    group by stat_year, county_code, school_code
),

named_obstacles as (
    select
        obstacles.standard_id,
        obstacles.stat_year,
        obstacles.county_code,
        obstacles.part,
        obstacles.component_code,
        obstacles.scope,
        obstacles.scope_id,
        obstacles.stage,
        obstacles.test_no,
        coalesce(site_names.school_name, school_names.school_name, subject_names.name) as name,
        obstacles.label,
        obstacles.verdict,
        obstacles.reason_code,
        obstacles.value,
        obstacles.limit_value,
        obstacles.operator,
        obstacles.distance,
        obstacles.gap_quantity,
        obstacles.is_provisional,
        obstacles.is_synthetic,
        cast(row_number() over (
            partition by obstacles.standard_id, obstacles.stat_year, obstacles.county_code
            order by
                case when obstacles.distance is null then 1 else 0 end asc nulls last,
                obstacles.distance asc nulls last,
                obstacles.part asc nulls last,
                obstacles.component_code asc nulls last,
                obstacles.scope_id asc nulls last,
                obstacles.stage asc nulls last,
                obstacles.test_no asc nulls last,
                obstacles.label asc nulls last
        ) as integer) as obstacle_no
    from obstacles
    inner join standards on obstacles.standard_id = standards.standard_id
    left join site_names
        on
            obstacles.stat_year = site_names.stat_year
            and obstacles.county_code = site_names.county_code
            and obstacles.scope_id = site_names.site_id
    left join school_names
        on
            obstacles.stat_year = school_names.stat_year
            and obstacles.county_code = school_names.county_code
            and obstacles.scope_id = school_names.school_code
    left join subject_names
        on
            obstacles.scope = subject_names.scope
            and obstacles.scope_id = subject_names.scope_id
    where standards.is_judged
),

final as (
    select
        named_obstacles.standard_id,
        named_obstacles.stat_year,
        named_obstacles.county_code,
        named_obstacles.obstacle_no,
        named_obstacles.part,
        part_texts.text_zh as part_text,
        named_obstacles.component_code,
        named_obstacles.scope,
        named_obstacles.scope_id,
        named_obstacles.name,
        named_obstacles.stage,
        stage_texts.text_zh as stage_text,
        named_obstacles.test_no,
        named_obstacles.label,
        named_obstacles.verdict,
        verdict_texts.text_zh as verdict_text,
        named_obstacles.reason_code,
        reason_texts.text_zh as reason_text,
        named_obstacles.value,
        named_obstacles.operator,
        named_obstacles.limit_value,
        named_obstacles.gap_quantity,
        named_obstacles.distance,
        named_obstacles.is_provisional,
        named_obstacles.is_synthetic
    from named_obstacles
    left join part_texts on named_obstacles.part = part_texts.code
    left join stage_texts on named_obstacles.stage = stage_texts.code
    left join verdict_texts on named_obstacles.verdict = verdict_texts.code
    left join reason_texts on named_obstacles.reason_code = reason_texts.code
)

select * from final
