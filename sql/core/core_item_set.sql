-- Items that a set of readings is evaluated for: those that every one of its changed readings touches.
-- One row per standard, reading set, item, county and year.
-- An item touched by some of the changes only has the results of the smaller set (std_subset).
with

county_reading_sets as (
    select * from core_reading_set
),

items as (
    select * from std_item
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

live_changes as (
    select
        changed_choices.standard_id,
        changed_choices.readings_id,
        live_readings.group_code,
        live_readings.stat_year,
        live_readings.county_code,
        cast(count(*) as integer) as changes
    from changed_choices
    inner join live_readings
        on
            changed_choices.standard_id = live_readings.standard_id
            and changed_choices.reading_code = live_readings.reading_code
    group by
        changed_choices.standard_id,
        changed_choices.readings_id,
        live_readings.group_code,
        live_readings.stat_year,
        live_readings.county_code
),

final as (
    select
        county_reading_sets.standard_id,
        county_reading_sets.readings_id,
        county_reading_sets.stat_year,
        county_reading_sets.county_code,
        items.item_code,
        items.scope
    from county_reading_sets
    inner join items on county_reading_sets.standard_id = items.standard_id
    left join live_changes
        on
            county_reading_sets.standard_id = live_changes.standard_id
            and county_reading_sets.readings_id = live_changes.readings_id
            and county_reading_sets.stat_year = live_changes.stat_year
            and county_reading_sets.county_code = live_changes.county_code
            and items.group_code = live_changes.group_code
    where county_reading_sets.changes = coalesce(live_changes.changes, 0)
)

select * from final
