-- Stages whose pupils moved from last year by more than the tolerance of the rule.
-- One row per site and stage.
with

staged_pupils as (
    select * from pupil_stages
    where pupils is not null
),

last_year as (
    select * from last_year_pupils
),

tolerances as (
    select * from rule_tolerance
)

select
    'enrolment' as table_name,
    'pupils' as column_name,
    staged_pupils.source_sha256,
    staged_pupils.source_sheet,
    staged_pupils.source_row,
    staged_pupils.stat_year,
    staged_pupils.county_code,
    staged_pupils.school_code,
    cast(staged_pupils.pupils as varchar) as value,
    cast(last_year.pupils as varchar) as allowed
from staged_pupils
inner join last_year
    on
        staged_pupils.stat_year = last_year.stat_year + 1
        and staged_pupils.school_code = last_year.school_code
        and staged_pupils.campus_no = last_year.campus_no
        and staged_pupils.stage = last_year.stage
inner join tolerances on tolerances.rule = 'pupils_jump'
where abs(staged_pupils.pupils - last_year.pupils) > tolerances.tolerance * last_year.pupils
order by staged_pupils.source_sheet, staged_pupils.source_row
