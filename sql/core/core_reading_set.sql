-- Sets of readings that can make a difference to a county in a year, the default among them.
-- One row per standard, reading set, county and year.
-- A set is left out where one of its changed readings touches nothing there: its results would be those of another set.
with

county_years as (
    select * from county_year
),

reading_sets as (
    select * from std_reading_set
),

choices as (
    select * from std_choice
),

readings as (
    select * from std_reading
),

live_readings as (
    select * from core_live_reading
),

changed_choices as (
    select
        choices.standard_id,
        choices.readings_id,
        choices.reading_code
    from choices
    inner join readings
        on
            choices.standard_id = readings.standard_id
            and choices.reading_code = readings.reading_code
            and choices.choice_code = readings.choice_code
    where not readings.is_default
),

live_anywhere as (
    select distinct
        standard_id,
        reading_code,
        stat_year,
        county_code
    from live_readings
),

live_changes as (
    select
        changed_choices.standard_id,
        changed_choices.readings_id,
        live_anywhere.stat_year,
        live_anywhere.county_code,
        cast(count(*) as integer) as changes
    from changed_choices
    inner join live_anywhere
        on
            changed_choices.standard_id = live_anywhere.standard_id
            and changed_choices.reading_code = live_anywhere.reading_code
    group by
        changed_choices.standard_id,
        changed_choices.readings_id,
        live_anywhere.stat_year,
        live_anywhere.county_code
),

final as (
    select
        reading_sets.standard_id,
        reading_sets.readings_id,
        county_years.stat_year,
        county_years.county_code,
        reading_sets.block_no,
        reading_sets.changes
    from county_years
    cross join reading_sets
    left join live_changes
        on
            reading_sets.standard_id = live_changes.standard_id
            and reading_sets.readings_id = live_changes.readings_id
            and county_years.stat_year = live_changes.stat_year
            and county_years.county_code = live_changes.county_code
    where reading_sets.changes = coalesce(live_changes.changes, 0)
)

select * from final
