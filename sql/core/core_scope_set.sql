-- Scopes that a set of readings is evaluated for in a county and year.
-- One row per standard, reading set, scope, county and year.
with

item_sets as (
    select * from core_item_set
),

final as (
    select distinct
        standard_id,
        readings_id,
        scope,
        stat_year,
        county_code
    from item_sets
)

select * from final
