-- How far each unit lies from the county's mean, and its part in the county's coefficient.
-- One row per standard, reading set, unit, item of the coefficient and year; units without pupils stay out.
-- variance_term = floor(pupils x deviation x deviation x 1e10 + 0.5), a whole number whose sum has no order.
with

units as (
    select * from core_unit
),

results as (
    select * from core_set_result
),

coefficients as (
    select * from std_coefficient
),

tests as (
    select * from std_test
),

choices as (
    select * from std_choice
),

valued_units as (
    select
        results.standard_id,
        results.readings_id,
        results.stat_year,
        results.county_code,
        results.scope_id as site_id,
        results.stage,
        results.item_code,
        units.pupils,
        case when choices.choice_code is null then results.plain_numerator else results.numerator end as numerator,
        case
            when results.case_no = 0 or choices.choice_code is not null then results.value
            else
                cast(results.plain_numerator as double) * cast(tests.per as double)
                / nullif(cast(units.pupils as double), 0)
        end as value,
        results.is_provisional,
        results.is_synthetic,
        results.plain_numerator is not null and units.pupils is not null as is_known
    from results
    inner join coefficients
        on
            results.standard_id = coefficients.standard_id
            and results.item_code = coefficients.item_code
            and results.stage = coefficients.stage
    inner join units
        on
            results.standard_id = units.standard_id
            and results.readings_id = units.readings_id
            and results.stat_year = units.stat_year
            and results.county_code = units.county_code
            and results.scope_id = units.site_id
            and results.stage = units.stage
    inner join tests
        on
            results.standard_id = tests.standard_id
            and results.item_code = tests.item_code
            and results.test_no = tests.test_no
            and results.stage = tests.stage
    -- a standard may have a reading under which relaxed numerators enter the coefficient
    left join choices
        on
            coefficients.standard_id = choices.standard_id
            and results.readings_id = choices.readings_id
            and coefficients.relaxed_reading_code = choices.reading_code
            and coefficients.relaxed_choice_code = choices.choice_code
    where units.pupils is null or units.pupils > 0
),

county_sums as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        stage,
        item_code,
        cast(sum(numerator) as decimal(38, 6)) as numerator_sum,
        cast(sum(pupils) as bigint) as pupils_sum
    from valued_units
    where is_known
    group by standard_id, readings_id, stat_year, county_code, stage, item_code
),

deviations as (
    select
        valued_units.standard_id,
        valued_units.readings_id,
        valued_units.stat_year,
        valued_units.county_code,
        valued_units.site_id,
        valued_units.stage,
        valued_units.item_code,
        valued_units.pupils,
        valued_units.numerator,
        valued_units.value,
        valued_units.is_known,
        valued_units.is_provisional,
        valued_units.is_synthetic,
        case
            when valued_units.is_known
                then
                    (cast(valued_units.numerator as double) / nullif(cast(valued_units.pupils as double), 0))
                    / nullif(
                        cast(county_sums.numerator_sum as double) / nullif(cast(county_sums.pupils_sum as double), 0), 0
                    )
                    - 1
        end as deviation
    from valued_units
    left join county_sums
        on
            valued_units.standard_id = county_sums.standard_id
            and valued_units.readings_id = county_sums.readings_id
            and valued_units.stat_year = county_sums.stat_year
            and valued_units.county_code = county_sums.county_code
            and valued_units.stage = county_sums.stage
            and valued_units.item_code = county_sums.item_code
),

variance_terms as (
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
        is_known,
        is_provisional,
        is_synthetic,
        deviation,
        cast(floor(cast(pupils as double) * deviation * deviation * 1e10 + 0.5) as decimal(20, 0)) as variance_term
    from deviations
),

variance_sums as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        stage,
        item_code,
        cast(sum(variance_term) as decimal(38, 0)) as variance_term_sum
    from variance_terms
    group by standard_id, readings_id, stat_year, county_code, stage, item_code
),

final as (
    select
        variance_terms.standard_id,
        variance_terms.readings_id,
        variance_terms.stat_year,
        variance_terms.county_code,
        variance_terms.site_id,
        variance_terms.stage,
        variance_terms.item_code,
        variance_terms.pupils,
        variance_terms.numerator,
        variance_terms.value,
        variance_terms.deviation,
        variance_terms.variance_term,
        cast(variance_terms.variance_term as double)
        / nullif(cast(variance_sums.variance_term_sum as double), 0) as variance_share,
        variance_terms.is_known,
        variance_terms.is_provisional,
        variance_terms.is_synthetic
    from variance_terms
    inner join variance_sums
        on
            variance_terms.standard_id = variance_sums.standard_id
            and variance_terms.readings_id = variance_sums.readings_id
            and variance_terms.stat_year = variance_sums.stat_year
            and variance_terms.county_code = variance_sums.county_code
            and variance_terms.stage = variance_sums.stage
            and variance_terms.item_code = variance_sums.item_code
)

select * from final
