-- Combined schools with one and the same number of teachers in two stages, as if the total stood in both.
-- One row per row of teacher but the first of the site.
with

tolerances as (
    select * from rule_tolerance
    where rule = 'teachers_same_in_both_stages'
),

teachers as (
    select * from teacher
    where stage in ('primary', 'junior')
)

select
    'teacher' as table_name,
    'full_time_teachers' as column_name,
    teachers.source_sha256,
    teachers.source_sheet,
    teachers.source_row,
    teachers.stat_year,
    teachers.county_code,
    teachers.school_code,
    cast(teachers.full_time_teachers as varchar) as value,
    min(others.stage) as allowed
from teachers
inner join teachers as others
    on
        teachers.stat_year = others.stat_year
        and teachers.county_code = others.county_code
        and teachers.school_code = others.school_code
        and teachers.campus_no = others.campus_no
        and teachers.stage <> others.stage
        and teachers.stage = 'junior'
        and others.stage = 'primary'
        and teachers.full_time_teachers = others.full_time_teachers
        and (teachers.bachelor_teachers = others.bachelor_teachers or teachers.backbone_teachers = others.backbone_teachers)
cross join tolerances
where teachers.full_time_teachers >= tolerances.tolerance
group by all
order by teachers.source_sheet, teachers.source_row
