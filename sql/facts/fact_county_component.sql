-- Everything the verdict on a county is made of: school rule, coefficients, items, preconditions, vetoes.
-- One row per standard, reading set, county, component and year.
-- A set of readings has a row only for the components it can change.
with

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

reading_sets as (
    select * from core_reading_set
),

item_sets as (
    select * from core_item_set
),

school_rules as (
    select * from std_school_rule
),

standards as (
    select * from std_standard
),

items as (
    select * from std_item
),

county_years as (
    select * from county_year
),

component_texts as (
    select * from code_components
),

part_texts as (
    select * from code_parts
),

verdict_texts as (
    select * from code_verdicts
),

judged_things as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        'schools' as component_code,
        verdict,
        is_synthetic
    from schools
    union all
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        'coefficients' as component_code,
        verdict,
        is_synthetic
    from coefficients
    where limit_value is not null
    union all
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        'composite' as component_code,
        verdict,
        is_synthetic
    from composites
),

-- where a standard has a school rule, a county without a unit still has the component: nothing to judge
ruled_counties as (
    select distinct
        item_sets.standard_id,
        item_sets.readings_id,
        item_sets.stat_year,
        item_sets.county_code
    from item_sets
    inner join school_rules
        on
            item_sets.standard_id = school_rules.standard_id
            and item_sets.item_code = school_rules.item_code
),

resource_counts as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        component_code,
        cast(count(*) as integer) as things,
        cast(count(case when verdict = 'met' then 1 end) as integer) as things_met,
        cast(count(case when verdict = 'not_met' then 1 end) as integer) as things_not_met,
        cast(count(case when verdict = 'not_assessable' then 1 end) as integer) as things_not_assessable,
        max(case when is_synthetic then 1 else 0 end) as synthetic_rows
    from judged_things
    group by standard_id, readings_id, stat_year, county_code, component_code
),

resource_components as (
    select
        resource_counts.standard_id,
        resource_counts.readings_id,
        resource_counts.stat_year,
        resource_counts.county_code,
        'resources' as part,
        resource_counts.component_code,
        component_texts.text_zh as component_text,
        resource_counts.things,
        resource_counts.things_met,
        resource_counts.things_not_met,
        resource_counts.things_not_assessable,
        case
            when resource_counts.things_not_met > 0 then 'not_met'
            when resource_counts.things_not_assessable > 0 then 'not_assessable'
            when resource_counts.things_met > 0 then 'met'
            else 'not_applicable'
        end as verdict,
        resource_counts.synthetic_rows = 1 as is_synthetic
    from resource_counts
    left join component_texts on resource_counts.component_code = component_texts.code
    union all
    select
        ruled_counties.standard_id,
        ruled_counties.readings_id,
        ruled_counties.stat_year,
        ruled_counties.county_code,
        'resources' as part,
        component_texts.code as component_code,
        component_texts.text_zh as component_text,
        0 as things,
        0 as things_met,
        0 as things_not_met,
        0 as things_not_assessable,
        'not_applicable' as verdict,
        1 = 0 as is_synthetic
    from ruled_counties
    inner join component_texts on component_texts.code = 'schools'
    left join resource_counts
        on
            ruled_counties.standard_id = resource_counts.standard_id
            and ruled_counties.readings_id = resource_counts.readings_id
            and ruled_counties.stat_year = resource_counts.stat_year
            and ruled_counties.county_code = resource_counts.county_code
            and resource_counts.component_code = 'schools'
    where resource_counts.component_code is null
),

item_components as (
    select
        county_items.standard_id,
        county_items.readings_id,
        county_items.stat_year,
        county_items.county_code,
        county_items.part,
        county_items.item_code as component_code,
        items.name_zh as component_text,
        county_items.entities as things,
        county_items.entities_met as things_met,
        county_items.entities_not_met as things_not_met,
        county_items.entities_not_assessable as things_not_assessable,
        county_items.verdict,
        county_items.is_synthetic
    from county_items
    inner join items
        on
            county_items.standard_id = items.standard_id
            and county_items.item_code = items.item_code
    inner join standards on county_items.standard_id = standards.standard_id
    where standards.is_judged
),

condition_components as (
    select
        conditions.standard_id,
        reading_sets.readings_id,
        conditions.stat_year,
        conditions.county_code,
        conditions.part,
        conditions.condition_code as component_code,
        conditions.condition_text as component_text,
        1 as things,
        case when conditions.verdict = 'met' then 1 else 0 end as things_met,
        case when conditions.verdict = 'not_met' then 1 else 0 end as things_not_met,
        case when conditions.verdict = 'not_assessable' then 1 else 0 end as things_not_assessable,
        conditions.verdict,
        conditions.is_synthetic
    from conditions
    inner join reading_sets
        on
            conditions.standard_id = reading_sets.standard_id
            and conditions.stat_year = reading_sets.stat_year
            and conditions.county_code = reading_sets.county_code
            and reading_sets.changes = 0
),

components as (
    select * from resource_components
    union all
    select * from item_components
    union all
    select * from condition_components
),

final as (
    select
        components.standard_id,
        components.readings_id,
        components.stat_year,
        components.county_code,
        components.part,
        components.component_code,
        part_texts.text_zh as part_text,
        components.component_text,
        components.things,
        components.things_met,
        components.things_not_met,
        components.things_not_assessable,
        components.verdict,
        verdict_texts.text_zh as verdict_text,
        county_years.is_provisional,
        components.is_synthetic
    from components
    inner join county_years
        on
            components.stat_year = county_years.stat_year
            and components.county_code = county_years.county_code
    left join part_texts on components.part = part_texts.code
    left join verdict_texts on components.verdict = verdict_texts.code
)

select * from final
