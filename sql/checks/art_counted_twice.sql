-- Art teachers about twice the share of other schools of the stage, and twice last year's 艺术 with 音乐、美术 added.
-- One row per row of teacher.
with

tolerances as (
    select * from rule_tolerance
    where rule = 'art_counted_twice'
),

teachers as (
    select
        *,
        art_teachers / full_time_teachers as share
    from teacher
    where full_time_teachers > 0 and art_teachers >= 4 and art_teachers % 2 = 0
),

middles as (
    select
        stat_year,
        county_code,
        stage,
        median(art_teachers / full_time_teachers) as share
    from teacher
    where full_time_teachers > 0 and art_teachers > 0
    group by stat_year, county_code, stage
    having count(*) >= 5
),

last_year as (
    select * from last_year_teacher
),

compared as (
    select
        teachers.*,
        middles.share as middle,
        last_year.art_teachers as last_art_teachers
    from teachers
    left join middles
        on
            teachers.stat_year = middles.stat_year
            and teachers.county_code = middles.county_code
            and teachers.stage = middles.stage
    left join last_year
        on
            teachers.stat_year = last_year.stat_year + 1
            and teachers.school_code = last_year.school_code
            and teachers.campus_no = last_year.campus_no
            and teachers.stage = last_year.stage
)

select
    'teacher' as table_name,
    'art_teachers' as column_name,
    compared.source_sha256,
    compared.source_sheet,
    compared.source_row,
    compared.stat_year,
    compared.county_code,
    compared.school_code,
    cast(compared.art_teachers as varchar) as value,
    cast(cast(compared.art_teachers / 2 as integer) as varchar) as allowed
from compared
cross join tolerances
where
    case
        when compared.last_art_teachers > 0
            then
                compared.art_teachers >= tolerances.tolerance * compared.last_art_teachers
                and compared.share >= (tolerances.tolerance - 0.3) * coalesce(compared.middle, 0)
        else compared.share >= tolerances.tolerance * compared.middle
    end
order by compared.source_sheet, compared.source_row
