-- Rows of a site that the school sheet does not have.
-- One row per offending row of any site table.
with

sites as (
    select distinct
        stat_year,
        county_code,
        school_code,
        campus_no
    from school
),

site_rows as (
    select
        'enrolment' as table_name,
        stat_year,
        county_code,
        school_code,
        campus_no,
        source_sha256,
        source_sheet,
        source_row
    from enrolment
    union all
    select
        'class_size' as table_name,
        stat_year,
        county_code,
        school_code,
        campus_no,
        source_sha256,
        source_sheet,
        source_row
    from class_size
    union all
    select
        'teacher' as table_name,
        stat_year,
        county_code,
        school_code,
        campus_no,
        source_sha256,
        source_sheet,
        source_row
    from teacher
    union all
    select
        'premises' as table_name,
        stat_year,
        county_code,
        school_code,
        campus_no,
        source_sha256,
        source_sheet,
        source_row
    from premises
    union all
    select
        'special_room' as table_name,
        stat_year,
        county_code,
        school_code,
        campus_no,
        source_sha256,
        source_sheet,
        source_row
    from special_room
)

select
    site_rows.table_name,
    'school_code' as column_name,
    site_rows.source_sha256,
    site_rows.source_sheet,
    site_rows.source_row,
    site_rows.stat_year,
    site_rows.county_code,
    site_rows.school_code,
    site_rows.school_code || '-' || cast(site_rows.campus_no as varchar) as value,
    cast(null as varchar) as allowed
from site_rows
left join sites
    on
        site_rows.stat_year = sites.stat_year
        and site_rows.county_code = sites.county_code
        and site_rows.school_code = sites.school_code
        and site_rows.campus_no = sites.campus_no
where sites.school_code is null and site_rows.school_code is not null and site_rows.campus_no is not null
order by site_rows.table_name, site_rows.source_sheet, site_rows.source_row
