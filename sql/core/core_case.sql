-- The cases a thing is judged by: each test as it stands, with its relaxations that are claimed and shown.
-- One row per standard, reading set it is evaluated under, scope, scope id, stage, item, test, case and year.
-- applies_code says whether the test applies: yes, no, or not known for want of data; is_alone, that it has no other case.
-- What is judged brings its pupils and weights along, so that nothing has to look it up again.
with

entities as (
    select * from core_entity
    where evaluated_readings_id = readings_id
),

measures as (
    select * from fact_measure
),

tests as (
    select * from std_test
),

test_cases as (
    select * from std_case
),

conditions as (
    select * from std_condition
),

item_sets as (
    select * from core_item_set
),

choices as (
    select * from std_choice
),

relaxation_periods as (
    select * from std_relaxation_period
),

claims as (
    select * from relaxation_claim
),

chosen_tests as (
    select
        item_sets.readings_id,
        item_sets.scope,
        item_sets.stat_year,
        item_sets.county_code,
        tests.standard_id,
        tests.item_code,
        tests.test_no,
        tests.stage
    from item_sets
    inner join tests
        on
            item_sets.standard_id = tests.standard_id
            and item_sets.item_code = tests.item_code
    left join choices
        on
            tests.standard_id = choices.standard_id
            and item_sets.readings_id = choices.readings_id
            and tests.reading_code = choices.reading_code
            and tests.choice_code = choices.choice_code
    where tests.reading_code is null or choices.choice_code is not null
),

years as (
    select distinct stat_year from item_sets
),

chosen_periods as (
    select
        relaxation_periods.standard_id,
        choices.readings_id,
        years.stat_year
    from relaxation_periods
    inner join choices
        on
            relaxation_periods.standard_id = choices.standard_id
            and relaxation_periods.reading_code = choices.reading_code
            and relaxation_periods.choice_code = choices.choice_code
    cross join years
    where
        (relaxation_periods.from_year is null or years.stat_year >= relaxation_periods.from_year)
        and (relaxation_periods.to_year is null or years.stat_year <= relaxation_periods.to_year)
),

-- measures that conditions ask for; all others would only be in the way
condition_names as (
    select
        standard_id,
        measure_code
    from conditions
    union
    select
        standard_id,
        base_measure_code as measure_code
    from conditions
    where base_measure_code is not null
),

condition_measures as (
    select measures.*
    from measures
    inner join condition_names
        on
            measures.standard_id = condition_names.standard_id
            and measures.measure_code = condition_names.measure_code
),

site_claims as (
    select distinct
        stat_year,
        county_code,
        school_code || '-' || cast(campus_no as string) as scope_id,
        item_code,
        relaxation as case_code
    from claims
    union
    select distinct
        stat_year,
        county_code,
        school_code as scope_id,
        item_code,
        relaxation as case_code
    from claims
),

entity_cases as (
    select
        entities.standard_id,
        entities.readings_id,
        entities.scope,
        entities.scope_id,
        entities.stage,
        entities.stat_year,
        entities.county_code,
        chosen_tests.item_code,
        chosen_tests.test_no,
        test_cases.case_no,
        test_cases.kind,
        test_cases.case_code,
        entities.measured_readings_id,
        entities.pupils,
        entities.weight,
        entities.stage_weighted_pupils,
        entities.weighted_pupils,
        entities.is_synthetic
    from entities
    inner join chosen_tests
        on
            entities.standard_id = chosen_tests.standard_id
            and entities.readings_id = chosen_tests.readings_id
            and entities.stat_year = chosen_tests.stat_year
            and entities.county_code = chosen_tests.county_code
            and entities.scope = chosen_tests.scope
            and entities.stage = chosen_tests.stage
    inner join test_cases
        on
            chosen_tests.standard_id = test_cases.standard_id
            and chosen_tests.item_code = test_cases.item_code
            and chosen_tests.test_no = test_cases.test_no
            and chosen_tests.stage = test_cases.stage
    left join chosen_periods
        on
            entities.standard_id = chosen_periods.standard_id
            and entities.readings_id = chosen_periods.readings_id
            and entities.stat_year = chosen_periods.stat_year
    left join site_claims
        on
            entities.stat_year = site_claims.stat_year
            and entities.county_code = site_claims.county_code
            and entities.scope_id = site_claims.scope_id
            and chosen_tests.item_code = site_claims.item_code
            and test_cases.case_code = site_claims.case_code
    where
        test_cases.kind <> 'relaxation'
        or (chosen_periods.standard_id is not null and site_claims.case_code is not null)
),

compared_conditions as (
    select
        entity_cases.standard_id,
        entity_cases.readings_id,
        entity_cases.scope,
        entity_cases.scope_id,
        entity_cases.stage,
        entity_cases.stat_year,
        entity_cases.county_code,
        entity_cases.item_code,
        entity_cases.test_no,
        entity_cases.case_no,
        conditions.operator,
        seen.quantity as seen_quantity,
        case
            when conditions.base_measure_code is null then conditions.factor
            else conditions.factor * base.quantity
        end as asked_quantity,
        coalesce(seen.is_synthetic, false) or coalesce(base.is_synthetic, false) as is_synthetic
    from entity_cases
    inner join conditions
        on
            entity_cases.standard_id = conditions.standard_id
            and entity_cases.item_code = conditions.item_code
            and entity_cases.test_no = conditions.test_no
            and entity_cases.stage = conditions.stage
            and entity_cases.case_no = conditions.case_no
    left join condition_measures as seen
        on
            entity_cases.standard_id = seen.standard_id
            and entity_cases.measured_readings_id = seen.readings_id
            and entity_cases.scope = seen.scope
            and entity_cases.scope_id = seen.scope_id
            and entity_cases.stage = seen.stage
            and entity_cases.stat_year = seen.stat_year
            and entity_cases.county_code = seen.county_code
            and conditions.measure_code = seen.measure_code
    left join condition_measures as base
        on
            entity_cases.standard_id = base.standard_id
            and entity_cases.measured_readings_id = base.readings_id
            and entity_cases.scope = base.scope
            and entity_cases.scope_id = base.scope_id
            and entity_cases.stage = base.stage
            and entity_cases.stat_year = base.stat_year
            and entity_cases.county_code = base.county_code
            and conditions.base_measure_code = base.measure_code
),

judged_conditions as (
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
        is_synthetic,
        case
            when seen_quantity is null or asked_quantity is null then null
            when operator = '>=' and seen_quantity >= asked_quantity then 1
            when operator = '<=' and seen_quantity <= asked_quantity then 1
            when operator = '>' and seen_quantity > asked_quantity then 1
            when operator = '<' and seen_quantity < asked_quantity then 1
            when operator = '=' and seen_quantity = asked_quantity then 1
            else 0
        end as is_shown
    from compared_conditions
),

shown_cases as (
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
        min(is_shown) as least_shown,
        count(*) = count(is_shown) as is_known,
        max(case when is_synthetic then 1 else 0 end) as synthetic_rows
    from judged_conditions
    group by
        standard_id,
        readings_id,
        scope,
        scope_id,
        stage,
        stat_year,
        county_code,
        item_code,
        test_no,
        case_no
),

kept_cases as (
    select
        entity_cases.standard_id,
        entity_cases.readings_id,
        entity_cases.scope,
        entity_cases.scope_id,
        entity_cases.stage,
        entity_cases.stat_year,
        entity_cases.county_code,
        entity_cases.item_code,
        entity_cases.test_no,
        entity_cases.case_no,
        entity_cases.kind,
        case
            when shown_cases.least_shown is null and shown_cases.is_known is null then 'yes'
            when shown_cases.least_shown = 0 then 'no'
            when shown_cases.is_known then 'yes'
            else 'unknown'
        end as applies_code,
        entity_cases.measured_readings_id,
        entity_cases.pupils,
        entity_cases.weight,
        entity_cases.stage_weighted_pupils,
        entity_cases.weighted_pupils,
        entity_cases.is_synthetic or coalesce(shown_cases.synthetic_rows, 0) = 1 as is_synthetic
    from entity_cases
    left join shown_cases
        on
            entity_cases.standard_id = shown_cases.standard_id
            and entity_cases.readings_id = shown_cases.readings_id
            and entity_cases.scope = shown_cases.scope
            and entity_cases.scope_id = shown_cases.scope_id
            and entity_cases.stage = shown_cases.stage
            and entity_cases.stat_year = shown_cases.stat_year
            and entity_cases.county_code = shown_cases.county_code
            and entity_cases.item_code = shown_cases.item_code
            and entity_cases.test_no = shown_cases.test_no
            and entity_cases.case_no = shown_cases.case_no
    where entity_cases.kind <> 'relaxation' or (shown_cases.is_known and shown_cases.least_shown = 1) or shown_cases.is_known is null
),

contested_tests as (
    select distinct
        standard_id,
        readings_id,
        scope,
        scope_id,
        stage,
        stat_year,
        county_code,
        item_code,
        test_no,
        1 = 1 as is_contested
    from kept_cases
    where kind <> 'plain'
),

final as (
    select
        kept_cases.*,
        contested_tests.is_contested is null as is_alone
    from kept_cases
    left join contested_tests
        on
            kept_cases.standard_id = contested_tests.standard_id
            and kept_cases.readings_id = contested_tests.readings_id
            and kept_cases.scope = contested_tests.scope
            and kept_cases.scope_id = contested_tests.scope_id
            and kept_cases.stage = contested_tests.stage
            and kept_cases.stat_year = contested_tests.stat_year
            and kept_cases.county_code = contested_tests.county_code
            and kept_cases.item_code = contested_tests.item_code
            and kept_cases.test_no = contested_tests.test_no
)

select * from final
