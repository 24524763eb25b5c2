-- Scopes that a set of readings can change in a county and year: only these are evaluated again.
-- One row per standard, reading set, scope, county and year.
with

reading_sets as (
    select * from core_reading_set
),

affected_items as (
    select * from std_affected
),

items as (
    select * from std_item
),

affected_scopes as (
    select distinct
        affected_items.standard_id,
        affected_items.readings_id,
        items.scope
    from affected_items
    inner join items
        on
            affected_items.standard_id = items.standard_id
            and affected_items.item_code = items.item_code
),

final as (
    select
        reading_sets.standard_id,
        reading_sets.readings_id,
        affected_scopes.scope,
        reading_sets.stat_year,
        reading_sets.county_code
    from reading_sets
    inner join affected_scopes
        on
            reading_sets.standard_id = affected_scopes.standard_id
            and reading_sets.readings_id = affected_scopes.readings_id
)

select * from final
