-- The school rule: enough indicators meet their limit and the rest stay above the floor.
-- One row per standard, reading set, unit and year.
-- With a gap the rule is never met; it fails where it would fail even if every missing value were met.
with

units as (
    select * from core_unit
),

results as (
    select * from core_set_result
),

rules as (
    select * from std_school_rule
),

verdict_texts as (
    select * from code_verdicts
),

reason_texts as (
    select * from code_reasons
),

stage_texts as (
    select * from code_stages
),

counts as (
    select
        results.standard_id,
        results.readings_id,
        results.stat_year,
        results.county_code,
        results.scope_id as site_id,
        results.stage,
        cast(count(*) as integer) as items,
        min(rules.met_at_least) as met_at_least,
        cast(count(case when results.verdict = 'met' then 1 end) as integer) as met_items,
        cast(count(case when results.verdict = 'not_met' then 1 end) as integer) as not_met_items,
        cast(count(case when results.verdict = 'not_met' and not results.is_above_floor then 1 end) as integer) as below_floor_items,
        cast(count(case when results.verdict = 'not_assessable' then 1 end) as integer) as missing_items,
        max(case when results.is_synthetic then 1 else 0 end) as synthetic_rows,
        max(case when results.is_provisional then 1 else 0 end) as provisional_rows
    from results
    inner join rules
        on
            results.standard_id = rules.standard_id
            and results.item_code = rules.item_code
            and results.stage = rules.stage
    group by
        results.standard_id,
        results.readings_id,
        results.stat_year,
        results.county_code,
        results.scope_id,
        results.stage
),

judged as (
    select
        counts.standard_id,
        counts.readings_id,
        counts.stat_year,
        counts.county_code,
        counts.site_id,
        counts.stage,
        units.school_name,
        units.school_type_code,
        units.pupils,
        counts.items,
        counts.met_at_least,
        counts.met_items,
        counts.not_met_items,
        counts.below_floor_items,
        counts.missing_items,
        case
            when units.pupils = 0 then 'no_pupils'
            when counts.below_floor_items > 0 then 'below_floor'
            when counts.not_met_items > counts.items - counts.met_at_least then 'too_few_met'
            when counts.missing_items > 0 then 'missing_input'
            else 'met'
        end as reason_code,
        counts.synthetic_rows = 1 as is_synthetic,
        counts.provisional_rows = 1 as is_provisional
    from counts
    inner join units
        on
            counts.standard_id = units.standard_id
            and counts.readings_id = units.readings_id
            and counts.stat_year = units.stat_year
            and counts.county_code = units.county_code
            and counts.site_id = units.site_id
            and counts.stage = units.stage
),

verdicts as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        site_id,
        stage,
        school_name,
        school_type_code,
        pupils,
        items,
        met_at_least,
        met_items,
        not_met_items,
        below_floor_items,
        missing_items,
        case reason_code
            when 'met' then 'met'
            when 'no_pupils' then 'not_applicable'
            when 'missing_input' then 'not_assessable'
            else 'not_met'
        end as verdict,
        reason_code,
        is_provisional,
        is_synthetic
    from judged
),

final as (
    select
        verdicts.standard_id,
        verdicts.readings_id,
        verdicts.stat_year,
        verdicts.county_code,
        verdicts.site_id,
        verdicts.stage,
        stage_texts.text_zh as stage_text,
        verdicts.school_name,
        verdicts.school_type_code,
        verdicts.pupils,
        verdicts.items,
        verdicts.met_at_least,
        verdicts.met_items,
        verdicts.not_met_items,
        verdicts.below_floor_items,
        verdicts.missing_items,
        verdicts.verdict,
        verdict_texts.text_zh as verdict_text,
        verdicts.reason_code,
        reason_texts.text_zh as reason_text,
        verdicts.is_provisional,
        verdicts.is_synthetic
    from verdicts
    left join stage_texts on verdicts.stage = stage_texts.code
    left join verdict_texts on verdicts.verdict = verdict_texts.code
    left join reason_texts on verdicts.reason_code = reason_texts.code
)

select * from final
