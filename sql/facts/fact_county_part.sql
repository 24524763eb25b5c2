-- The parts of the evaluation of a county under every set of readings, and all of them together.
-- One row per standard, reading set, county, part (overall for all) and year.
-- Roll-up: any not met, then any not assessable, else met; nothing to judge is not applicable.
with

components as (
    select * from core_set_component
),

county_years as (
    select * from county_year
),

part_texts as (
    select * from code_parts
),

verdict_texts as (
    select * from code_verdicts
),

part_components as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        part,
        rank_no,
        verdict,
        is_synthetic
    from components
    union all
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        'overall' as part,
        rank_no,
        verdict,
        is_synthetic
    from components
),

part_counts as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        part,
        cast(count(*) as integer) as components,
        cast(count(case when verdict = 'met' then 1 end) as integer) as components_met,
        cast(count(case when verdict = 'not_met' then 1 end) as integer) as components_not_met,
        cast(count(case when verdict = 'not_assessable' then 1 end) as integer) as components_not_assessable,
        cast(count(case when verdict = 'not_applicable' then 1 end) as integer) as components_not_applicable,
        min(rank_no) as rank_no,
        max(case when is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from part_components
    group by standard_id, readings_id, stat_year, county_code, part
),

final as (
    select
        part_counts.standard_id,
        part_counts.readings_id,
        part_counts.stat_year,
        part_counts.county_code,
        part_counts.part,
        part_texts.text_zh as part_text,
        part_counts.components,
        part_counts.components_met,
        part_counts.components_not_met,
        part_counts.components_not_assessable,
        part_counts.components_not_applicable,
        verdict_texts.code as verdict,
        verdict_texts.text_zh as verdict_text,
        county_years.is_provisional,
        part_counts.is_synthetic
    from part_counts
    inner join county_years
        on
            part_counts.stat_year = county_years.stat_year
            and part_counts.county_code = county_years.county_code
    inner join verdict_texts on part_counts.rank_no = cast(verdict_texts.rank_no as integer)
    left join part_texts on part_counts.part = part_texts.code
)

select * from final
