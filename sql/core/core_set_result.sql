-- The results of everything judged under every set of readings: its own, or those of the base it is judged as.
-- One row per standard, reading set, scope, scope id, stage, item, test and year.
with

entities as (
    select * from core_entity
),

item_sets as (
    select * from core_item_set
),

results as (
    select * from fact_result
),

-- what is judged under the base, for the items of the set
based_entities as (
    select
        entities.standard_id,
        entities.readings_id,
        entities.evaluated_readings_id,
        entities.scope,
        entities.scope_id,
        entities.stage,
        entities.stat_year,
        entities.county_code
    from entities
    where entities.evaluated_readings_id <> entities.readings_id
),

final as (
    select
        standard_id,
        readings_id,
        scope,
        scope_id,
        stage,
        stat_year,
        county_code,
        item_code,
        test_no,
        case_no,
        numerator,
        denominator,
        value,
        operator,
        limit_value,
        plain_numerator,
        relaxation_code,
        aside_verdict,
        period,
        verdict,
        is_above_floor,
        is_provisional,
        is_synthetic
    from results
    union all
    select
        based_entities.standard_id,
        based_entities.readings_id,
        based_entities.scope,
        based_entities.scope_id,
        based_entities.stage,
        based_entities.stat_year,
        based_entities.county_code,
        results.item_code,
        results.test_no,
        results.case_no,
        results.numerator,
        results.denominator,
        results.value,
        results.operator,
        results.limit_value,
        results.plain_numerator,
        results.relaxation_code,
        results.aside_verdict,
        results.period,
        results.verdict,
        results.is_above_floor,
        results.is_provisional,
        results.is_synthetic
    from based_entities
    inner join results
        on
            based_entities.standard_id = results.standard_id
            and based_entities.evaluated_readings_id = results.readings_id
            and based_entities.scope = results.scope
            and based_entities.scope_id = results.scope_id
            and based_entities.stage = results.stage
            and based_entities.stat_year = results.stat_year
            and based_entities.county_code = results.county_code
    inner join item_sets
        on
            based_entities.standard_id = item_sets.standard_id
            and based_entities.readings_id = item_sets.readings_id
            and based_entities.stat_year = item_sets.stat_year
            and based_entities.county_code = item_sets.county_code
            and results.item_code = item_sets.item_code
)

select * from final
