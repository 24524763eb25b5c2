-- Sites without a row of pupils.
-- One row per site of the school sheet.
with

sites as (
    select * from school
),

reported as (
    select distinct
        stat_year,
        county_code,
        school_code,
        campus_no
    from enrolment
)

select
    'school' as table_name,
    'school_code' as column_name,
    sites.source_sha256,
    sites.source_sheet,
    sites.source_row,
    sites.stat_year,
    sites.county_code,
    sites.school_code,
    sites.school_name as value,
    cast(null as varchar) as allowed
from sites
left join reported
    on
        sites.stat_year = reported.stat_year
        and sites.county_code = reported.county_code
        and sites.school_code = reported.school_code
        and sites.campus_no = reported.campus_no
where reported.school_code is null and sites.school_code is not null and sites.campus_no is not null
order by sites.source_sheet, sites.source_row
