-- Combined schools whose two stages fit the county's pupils per teacher far better with the teachers exchanged.
-- One row per row of teacher of the primary stage.
with

tolerances as (
    select * from rule_tolerance
    where rule = 'stages_swapped'
),

loads as (
    select
        teacher.stat_year,
        teacher.county_code,
        teacher.school_code,
        teacher.campus_no,
        teacher.stage,
        teacher.full_time_teachers as teachers,
        pupil_stages.pupils,
        teacher.source_sha256,
        teacher.source_sheet,
        teacher.source_row
    from teacher
    inner join pupil_stages
        on
            teacher.stat_year = pupil_stages.stat_year
            and teacher.county_code = pupil_stages.county_code
            and teacher.school_code = pupil_stages.school_code
            and teacher.campus_no = pupil_stages.campus_no
            and teacher.stage = pupil_stages.stage
    where teacher.full_time_teachers > 0 and pupil_stages.pupils > 0
),

middles as (
    select
        stat_year,
        county_code,
        stage,
        median(pupils / teachers) as pupils_per_teacher
    from loads
    group by stat_year, county_code, stage
    having count(*) >= 3
),

pairs as (
    select
        loads.*,
        others.teachers as other_teachers,
        abs(ln(loads.pupils / loads.teachers / middles.pupils_per_teacher))
        + abs(ln(others.pupils / others.teachers / other_middles.pupils_per_teacher)) as misfit,
        abs(ln(loads.pupils / others.teachers / middles.pupils_per_teacher))
        + abs(ln(others.pupils / loads.teachers / other_middles.pupils_per_teacher)) as swapped_misfit
    from loads
    inner join loads as others
        on
            loads.stat_year = others.stat_year
            and loads.county_code = others.county_code
            and loads.school_code = others.school_code
            and loads.campus_no = others.campus_no
            and loads.stage = 'primary'
            and others.stage = 'junior'
    inner join middles
        on loads.stat_year = middles.stat_year and loads.county_code = middles.county_code and loads.stage = middles.stage
    inner join middles as other_middles
        on
            others.stat_year = other_middles.stat_year
            and others.county_code = other_middles.county_code
            and others.stage = other_middles.stage
)

select
    'teacher' as table_name,
    'full_time_teachers' as column_name,
    pairs.source_sha256,
    pairs.source_sheet,
    pairs.source_row,
    pairs.stat_year,
    pairs.county_code,
    pairs.school_code,
    cast(pairs.teachers as varchar) as value,
    cast(pairs.other_teachers as varchar) as allowed
from pairs
cross join tolerances
where pairs.misfit > tolerances.tolerance and pairs.swapped_misfit * 2 < pairs.misfit
order by pairs.source_sheet, pairs.source_row
