-- Counties and years on record, with the state their data are in.
-- One row per county and year.
with

county_years as (
    select * from county_year
),

facts as (
    select * from county_fact
),

county_names as (
    select
        stat_year,
        county_code,
        max(value_text) as county_name
    from facts
    where item_code = 'county_name'
    group by stat_year, county_code
),

final as (
    select
        county_years.stat_year,
        county_years.county_code,
        county_names.county_name,
        county_years.is_provisional,
        county_years.is_stale
    from county_years
    left join county_names
        on
            county_years.stat_year = county_names.stat_year
            and county_years.county_code = county_names.county_code
)

select * from final
