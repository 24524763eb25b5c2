-- Who is on the roll, as reported, before any standard: pupils, grades, classes and teachers of every stage.
-- One row per site, stage (senior and kindergarten classes too) and year.
-- grades counts those with pupils; it is null where pupils were not given by grade.
with

site_measures as (
    select * from core_site_measure
),

enrolments as (
    select * from enrolment
),

stages as (
    select * from code_stages
),

figures as (
    select
        stat_year,
        county_code,
        school_code,
        campus_no,
        stage,
        cast(max(case when measure_code = 'pupils' then quantity end) as bigint) as pupils,
        cast(max(case when measure_code = 'classes' then quantity end) as integer) as classes,
        cast(max(case when measure_code = 'full_time_teachers' then quantity end) as integer) as full_time_teachers,
        max(case when is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from site_measures
    where
        stage <> 'all'
        and (measure_code = 'pupils' or measure_code = 'classes' or measure_code = 'full_time_teachers')
    group by stat_year, county_code, school_code, campus_no, stage
),

graded as (
    select
        enrolments.stat_year,
        enrolments.county_code,
        enrolments.school_code,
        enrolments.campus_no,
        enrolments.stage,
        count(*) = count(
            case
                when
                    enrolments.grade >= cast(stages.first_grade as integer)
                    and enrolments.grade <= cast(stages.last_grade as integer)
                    then enrolments.pupils
            end
        ) as is_by_grade,
        cast(count(case when enrolments.pupils > 0 then 1 end) as integer) as grades
    from enrolments
    inner join stages on enrolments.stage = stages.code
    group by enrolments.stat_year, enrolments.county_code, enrolments.school_code, enrolments.campus_no, enrolments.stage
),

final as (
    select
        figures.stat_year,
        figures.county_code,
        figures.school_code || '-' || cast(figures.campus_no as string) as site_id,
        figures.stage,
        stages.text_zh as stage_text,
        figures.pupils,
        case when graded.is_by_grade then graded.grades end as grades,
        figures.classes,
        figures.full_time_teachers,
        figures.is_synthetic
    from figures
    inner join stages on figures.stage = stages.code
    left join graded
        on
            figures.stat_year = graded.stat_year
            and figures.county_code = graded.county_code
            and figures.school_code = graded.school_code
            and figures.campus_no = graded.campus_no
            and figures.stage = graded.stage
)

select * from final
