-- Teachers by education that do not add up to all full-time teachers.
-- One row per row of teacher.
with

teachers as (
    select
        *,
        doctor_teachers + master_teachers + bachelor_teachers + college_teachers + secondary_or_below_teachers as educated
    from teacher
)

select
    'teacher' as table_name,
    'full_time_teachers' as column_name,
    source_sha256,
    source_sheet,
    source_row,
    stat_year,
    county_code,
    school_code,
    cast(educated as varchar) as value,
    cast(full_time_teachers as varchar) as allowed
from teachers
where educated <> full_time_teachers
order by source_sheet, source_row
