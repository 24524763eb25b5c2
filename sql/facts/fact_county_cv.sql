-- Inter-school difference coefficient of each item, weighted by pupils, judged one by one.
-- One row per standard, reading set, county, stage, item of the coefficient and year.
-- cv = sqrt(sum of variance terms / 1e10 / pupils); the verdict compares the squares as exact decimals.
-- unweighted_cv (population form, each unit alike) is shown for comparison and never judged.
with

shares as (
    select * from fact_variance_share
),

coefficients as (
    select * from std_coefficient
),

tests as (
    select * from std_test
),

item_sets as (
    select * from core_item_set
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
    select * from code_stages
),

pers as (
    select
        standard_id,
        item_code,
        stage,
        min(per) as per
    from tests
    group by standard_id, item_code, stage
),

cells as (
    select
        item_sets.readings_id,
        coefficients.standard_id,
        county_years.stat_year,
        county_years.county_code,
        county_years.is_provisional,
        coefficients.stage,
        coefficients.item_code,
        coefficients.operator,
        coefficients.limit_value,
        pers.per
    from item_sets
    inner join coefficients
        on
            item_sets.standard_id = coefficients.standard_id
            and item_sets.item_code = coefficients.item_code
    inner join county_years
        on
            item_sets.stat_year = county_years.stat_year
            and item_sets.county_code = county_years.county_code
    inner join pers
        on
            coefficients.standard_id = pers.standard_id
            and coefficients.item_code = pers.item_code
            and coefficients.stage = pers.stage
),

-- unit values rounded once to the sixth decimal, so that their plain sum has no order either
unit_values as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        site_id,
        stage,
        item_code,
        pupils,
        numerator,
        value,
        variance_term,
        variance_share,
        is_known,
        is_synthetic,
        cast(floor(value * 1e6 + 0.5) as decimal(18, 0)) as value_micro
    from shares
),

sums as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        stage,
        item_code,
        cast(count(*) as integer) as units,
        cast(count(case when is_known then 1 end) as integer) as known_units,
        cast(sum(case when is_known then pupils end) as bigint) as pupils,
        cast(sum(case when is_known then numerator end) as decimal(38, 6)) as numerator_sum,
        cast(sum(variance_term) as decimal(38, 0)) as variance_term_sum,
        cast(sum(value_micro) as decimal(38, 0)) as value_micro_sum,
        max(case when is_known then value end) as top_value,
        min(case when is_known then value end) as bottom_value,
        max(case when is_synthetic then 1 else 0 end) as synthetic_rows
    from unit_values
    group by standard_id, readings_id, stat_year, county_code, stage, item_code
),

-- of several units with the highest or the lowest value, the first by its id
plain_terms as (
    select
        unit_values.standard_id,
        unit_values.readings_id,
        unit_values.stat_year,
        unit_values.county_code,
        unit_values.stage,
        unit_values.item_code,
        case when sums.top_value is null or unit_values.value = sums.top_value then unit_values.site_id end as top_site_id,
        case when sums.bottom_value is null or unit_values.value = sums.bottom_value then unit_values.site_id end as bottom_site_id,
        cast(
            floor(
                (
                    cast(unit_values.value_micro as double) * cast(sums.known_units as double)
                    / nullif(cast(sums.value_micro_sum as double), 0)
                    - 1
                )
                * (
                    cast(unit_values.value_micro as double) * cast(sums.known_units as double)
                    / nullif(cast(sums.value_micro_sum as double), 0)
                    - 1
                )
                * 1e10 + 0.5
            ) as decimal(20, 0)
        ) as plain_term
    from unit_values
    inner join sums
        on
            unit_values.standard_id = sums.standard_id
            and unit_values.readings_id = sums.readings_id
            and unit_values.stat_year = sums.stat_year
            and unit_values.county_code = sums.county_code
            and unit_values.stage = sums.stage
            and unit_values.item_code = sums.item_code
    where unit_values.is_known
),

plain_sums as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        stage,
        item_code,
        min(top_site_id) as top_site_id,
        min(bottom_site_id) as bottom_site_id,
        cast(sum(plain_term) as decimal(38, 0)) as plain_term_sum
    from plain_terms
    group by standard_id, readings_id, stat_year, county_code, stage, item_code
),

coefficient_values as (
    select
        cells.standard_id,
        cells.readings_id,
        cells.stat_year,
        cells.county_code,
        cells.stage,
        cells.item_code,
        coalesce(sums.units, 0) as units,
        coalesce(sums.known_units, 0) as known_units,
        sums.pupils,
        cast(sums.numerator_sum as decimal(18, 6)) as numerator,
        cast(sums.numerator_sum as double) / nullif(cast(sums.pupils as double), 0) * cast(cells.per as double) as weighted_mean,
        sqrt(cast(sums.variance_term_sum as double) / 1e10 / nullif(cast(sums.pupils as double), 0)) as cv,
        sqrt(
            cast(plain_sums.plain_term_sum as double) / 1e10 / nullif(cast(sums.known_units as double), 0)
        ) as unweighted_cv,
        sums.numerator_sum,
        cast(sums.variance_term_sum as decimal(38, 8)) as have_square,
        cast(cells.limit_value as decimal(6, 4)) * cast(cells.limit_value as decimal(6, 4))
        * cast(cast(sums.pupils as decimal(12, 0)) * cast(1e10 as decimal(11, 0)) as decimal(24, 0)) as need_square,
        cells.operator,
        cells.limit_value,
        plain_sums.top_site_id,
        sums.top_value,
        plain_sums.bottom_site_id,
        sums.bottom_value,
        cells.is_provisional,
        coalesce(sums.synthetic_rows, 0) = 1 as is_synthetic
    from cells
    left join sums
        on
            cells.standard_id = sums.standard_id
            and cells.readings_id = sums.readings_id
            and cells.stat_year = sums.stat_year
            and cells.county_code = sums.county_code
            and cells.stage = sums.stage
            and cells.item_code = sums.item_code
    left join plain_sums
        on
            cells.standard_id = plain_sums.standard_id
            and cells.readings_id = plain_sums.readings_id
            and cells.stat_year = plain_sums.stat_year
            and cells.county_code = plain_sums.county_code
            and cells.stage = plain_sums.stage
            and cells.item_code = plain_sums.item_code
),

reasoned as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        stage,
        item_code,
        units,
        known_units,
        pupils,
        numerator,
        weighted_mean,
        cv,
        unweighted_cv,
        operator,
        limit_value,
        top_site_id,
        top_value,
        bottom_site_id,
        bottom_value,
        is_provisional,
        is_synthetic,
        case
            when units = 0 then 'no_unit'
            when known_units < units then 'missing_input'
            when numerator_sum = 0 then 'mean_zero'
            when limit_value is null then 'informational'
            when operator = '<=' and have_square > need_square then 'above_limit'
            when operator = '<' and have_square >= need_square then 'above_limit'
            when units = 1 then 'single_unit'
            else 'met'
        end as reason_code
    from coefficient_values
),

verdicts as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        stage,
        item_code,
        units,
        known_units,
        pupils,
        numerator,
        weighted_mean,
        weighted_mean * cv as weighted_sd,
        cv,
        unweighted_cv,
        operator,
        limit_value,
        cast(limit_value as double) - cv as margin,
        top_site_id,
        top_value,
        bottom_site_id,
        bottom_value,
        case reason_code
            when 'met' then 'met'
            when 'single_unit' then 'met'
            when 'no_unit' then 'not_applicable'
            when 'informational' then 'not_applicable'
            when 'above_limit' then 'not_met'
            else 'not_assessable'
        end as verdict,
        reason_code,
        is_provisional,
        is_synthetic
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
        verdicts.item_code,
        verdicts.units,
        verdicts.known_units,
        verdicts.pupils,
        verdicts.numerator,
        verdicts.weighted_mean,
        verdicts.weighted_sd,
        verdicts.cv,
        verdicts.unweighted_cv,
        verdicts.operator,
        verdicts.limit_value,
        verdicts.margin,
        verdicts.top_site_id,
        verdicts.top_value,
        verdicts.bottom_site_id,
        verdicts.bottom_value,
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
