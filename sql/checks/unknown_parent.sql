-- Points and campuses whose parent school is not in the school sheet.
-- One row per row of school.
with

schools as (
    select * from school
),

codes as (
    select distinct
        stat_year,
        county_code,
        school_code
    from school
)

select
    'school' as table_name,
    'parent_school_code' as column_name,
    schools.source_sha256,
    schools.source_sheet,
    schools.source_row,
    schools.stat_year,
    schools.county_code,
    schools.school_code,
    schools.parent_school_code as value,
    cast(null as varchar) as allowed
from schools
left join codes
    on
        schools.stat_year = codes.stat_year
        and schools.county_code = codes.county_code
        and schools.parent_school_code = codes.school_code
where schools.parent_school_code is not null and codes.school_code is null
order by schools.source_sheet, schools.source_row
