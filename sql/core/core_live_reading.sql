-- Readings that touch something in a county and year, and the items they touch.
-- One row per standard, reading, group of items, county and year.
-- Where nothing is touched, another choice of the reading gives the same results and is not evaluated.
with

county_years as (
    select * from county_year
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

items as (
    select * from std_item
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

claimed_items as (
    select distinct
        stat_year,
        county_code,
        item_code
    from claims
),

relaxation_readings as (
    select distinct
        standard_id,
        reading_code
    from relaxation_periods
),

live_items as (
    select
        exclusions.standard_id,
        exclusions.reading_code,
        items.group_code,
        school_kinds.stat_year,
        school_kinds.county_code
    from school_kinds
    cross join exclusions
    inner join items
        on
            exclusions.standard_id = items.standard_id
            and exclusions.scope = items.scope
    where
        exclusions.reading_code is not null
        and (exclusions.school_type_code is null or school_kinds.school_type_code = exclusions.school_type_code)
        and (exclusions.is_public is null or school_kinds.is_public = exclusions.is_public)
    union
    select
        merge_rules.standard_id,
        merge_rules.reading_code,
        items.group_code,
        school_kinds.stat_year,
        school_kinds.county_code
    from school_kinds
    cross join merge_rules
    inner join items
        on
            merge_rules.standard_id = items.standard_id
            and items.scope = 'unit'
    where
        (merge_rules.school_type_code is null or school_kinds.school_type_code = merge_rules.school_type_code)
        and (merge_rules.target = 'parent' or school_kinds.campus_rows = 1)
    union
    select
        relaxation_readings.standard_id,
        relaxation_readings.reading_code,
        items.group_code,
        claimed_items.stat_year,
        claimed_items.county_code
    from claimed_items
    inner join items on claimed_items.item_code = items.item_code
    inner join relaxation_readings on items.standard_id = relaxation_readings.standard_id
    union
    select
        coefficients.standard_id,
        coefficients.relaxed_reading_code as reading_code,
        items.group_code,
        claimed_items.stat_year,
        claimed_items.county_code
    from claimed_items
    inner join items on claimed_items.item_code = items.item_code
    inner join coefficients
        on
            items.standard_id = coefficients.standard_id
            and items.item_code = coefficients.item_code
    where coefficients.relaxed_reading_code is not null
    union
    select
        tests.standard_id,
        tests.reading_code,
        items.group_code,
        county_years.stat_year,
        county_years.county_code
    from county_years
    cross join tests
    inner join items
        on
            tests.standard_id = items.standard_id
            and tests.item_code = items.item_code
    where tests.reading_code is not null
    union
    select
        subjects.standard_id,
        subjects.reading_code,
        items.group_code,
        county_years.stat_year,
        county_years.county_code
    from county_years
    cross join subjects
    inner join items
        on
            subjects.standard_id = items.standard_id
            and items.scope = 'subject'
    where subjects.reading_code is not null
)

select * from live_items
