-- Composite difference coefficient of a stage: the plain mean of the coefficients of all its items.
-- One row per standard with a composite, reading set, county, stage and year.
-- Each coefficient is rounded once to the twelfth decimal, so that the mean has no order and is compared exactly.
with

coefficients as (
    select * from fact_county_cv
),

composites as (
    select * from std_composite
),

county_years as (
    select * from county_year
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

picos as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        stage,
        cv,
        reason_code,
        is_provisional,
        is_synthetic,
        cast(floor(cv * 1e12 + 0.5) as decimal(18, 0)) as cv_pico
    from coefficients
),

sums as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        stage,
        cast(count(*) as integer) as items,
        cast(count(case when reason_code <> 'missing_input' and reason_code <> 'mean_zero' then cv end) as integer) as known_items,
        cast(count(case when reason_code = 'no_unit' then 1 end) as integer) as items_without_unit,
        cast(sum(cv_pico) as decimal(38, 0)) as cv_pico_sum,
        max(case when is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from picos
    group by standard_id, readings_id, stat_year, county_code, stage
),

compared as (
    select
        sums.standard_id,
        sums.readings_id,
        sums.stat_year,
        sums.county_code,
        sums.stage,
        sums.items,
        sums.known_items,
        sums.items_without_unit,
        sums.is_synthetic,
        composites.operator,
        composites.limit_value,
        case
            when sums.known_items = composites.items
                then cast(sums.cv_pico_sum as double) / 1e12 / nullif(cast(sums.known_items as double), 0)
        end as composite,
        sums.cv_pico_sum as have,
        composites.limit_value * cast(composites.items as decimal(4, 0)) * cast(1e12 as decimal(13, 0)) as need,
        composites.items as asked_items
    from sums
    inner join composites
        on
            sums.standard_id = composites.standard_id
            and sums.stage = composites.stage
),

reasoned as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        stage,
        items,
        known_items,
        operator,
        limit_value,
        composite,
        is_synthetic,
        case
            when items_without_unit = items then 'no_unit'
            when known_items < asked_items then 'missing_input'
            when operator = '<=' and have <= need then 'met'
            when operator = '<' and have < need then 'met'
            else 'above_limit'
        end as reason_code
    from compared
),

verdicts as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        stage,
        items,
        known_items,
        operator,
        limit_value,
        composite,
        is_synthetic,
        reason_code,
        case reason_code
            when 'met' then 'met'
            when 'no_unit' then 'not_applicable'
            when 'missing_input' then 'not_assessable'
            else 'not_met'
        end as verdict
    from reasoned
),

final as (
    select
        verdicts.standard_id,
        verdicts.readings_id,
        verdicts.stat_year,
        verdicts.county_code,
        verdicts.stage,
        stage_texts.text_zh as stage_text,
        verdicts.items,
        verdicts.known_items,
        verdicts.composite,
        verdicts.operator,
        verdicts.limit_value,
        verdicts.verdict,
        verdict_texts.text_zh as verdict_text,
        verdicts.reason_code,
        reason_texts.text_zh as reason_text,
        county_years.is_provisional,
        verdicts.is_synthetic
    from verdicts
    inner join county_years
        on
            verdicts.stat_year = county_years.stat_year
            and verdicts.county_code = county_years.county_code
    left join stage_texts on verdicts.stage = stage_texts.code
    left join verdict_texts on verdicts.verdict = verdict_texts.code
    left join reason_texts on verdicts.reason_code = reason_texts.code
)

select * from final
