-- Stages whose pupils moved from last year by more than the tolerance of the rule.
-- One row per site and stage.
with

pupil_stages as (
    select
        stat_year,
        county_code,
        school_code,
        campus_no,
        stage,
        sum(pupils) as pupils,
        min(source_sha256) as source_sha256,
        min(source_sheet) as source_sheet,
        min(source_row) as source_row
    from enrolment
    group by stat_year, county_code, school_code, campus_no, stage
    having count(*) = count(pupils)
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
    pupil_stages.source_sha256,
    pupil_stages.source_sheet,
    pupil_stages.source_row,
    pupil_stages.stat_year,
    pupil_stages.county_code,
    pupil_stages.school_code,
    cast(pupil_stages.pupils as varchar) as value,
    cast(last_year.pupils as varchar) as allowed
from pupil_stages
inner join last_year
    on
        pupil_stages.stat_year = last_year.stat_year + 1
        and pupil_stages.school_code = last_year.school_code
        and pupil_stages.campus_no = last_year.campus_no
        and pupil_stages.stage = last_year.stage
inner join tolerances on tolerances.rule = 'pupils_jump'
where abs(pupil_stages.pupils - last_year.pupils) > tolerances.tolerance * last_year.pupils
order by pupil_stages.source_sheet, pupil_stages.source_row
