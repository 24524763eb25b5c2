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

exclusions as (
    select * from std_exclusion
),

merge_rules as (
    select * from std_merge
),

tests as (
    select * from std_test
),

subjects as (
    select * from std_subject
),

relaxation_periods as (
    select * from std_relaxation_period
),

coefficients as (
    select * from std_coefficient
),

schools as (
    select * from school
),

claims as (
    select * from relaxation_claim
),

school_kinds as (
    select
        stat_year,
        county_code,
        school_type_code,
        is_public,
        max(case when campus_no > 0 then 1 else 0 end) as campus_rows
    from schools
    group by stat_year, county_code, school_type_code, is_public
),

claiming_counties as (
    select distinct
        stat_year,
        county_code
    from claims
),

relaxation_readings as (
    select
        standard_id,
        reading_code
    from relaxation_periods
    union
    select
        standard_id,
        relaxed_reading_code as reading_code
    from coefficients
    where relaxed_reading_code is not null
),

live_readings as (
    select
        exclusions.standard_id,
        exclusions.reading_code,
        school_kinds.stat_year,
        school_kinds.county_code
    from school_kinds
    cross join exclusions
    where
        exclusions.reading_code is not null
        and (exclusions.school_type_code is null or school_kinds.school_type_code = exclusions.school_type_code)
        and (exclusions.is_public is null or school_kinds.is_public = exclusions.is_public)
    union
    select
        merge_rules.standard_id,
        merge_rules.reading_code,
        school_kinds.stat_year,
        school_kinds.county_code
    from school_kinds
    cross join merge_rules
    where
        (merge_rules.school_type_code is null or school_kinds.school_type_code = merge_rules.school_type_code)
        and (merge_rules.target = 'parent' or school_kinds.campus_rows = 1)
    union
    select
        relaxation_readings.standard_id,
        relaxation_readings.reading_code,
        claiming_counties.stat_year,
        claiming_counties.county_code
    from claiming_counties
    cross join relaxation_readings
    union
    select
        tests.standard_id,
        tests.reading_code,
        county_years.stat_year,
        county_years.county_code
    from county_years
    cross join tests
    where tests.reading_code is not null
    union
    select
        subjects.standard_id,
        subjects.reading_code,
        county_years.stat_year,
        county_years.county_code
    from county_years
    cross join subjects
    where subjects.reading_code is not null
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
        live_readings.stat_year,
        live_readings.county_code
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
