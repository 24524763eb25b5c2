-- Pupils of a stage that differ from the sum of its classes, or lie outside what the size bands of its classes leave possible.
-- One row per site and stage where every class gives its size or its band.
with

staged_pupils as (
    select * from pupil_stages
    where pupils is not null
),

bands as (
    select * from code_size_bands
),

class_rows as (
    select
        class_size.stat_year,
        class_size.county_code,
        class_size.school_code,
        class_size.campus_no,
        class_size.stage,
        class_size.classes,
        coalesce(class_size.class_pupils, bands.low_pupils) as low_pupils,
        coalesce(class_size.class_pupils, bands.high_pupils) as high_pupils,
        class_size.class_pupils is null and bands.high_pupils is null as is_open
    from class_size
    left join bands on class_size.size_band = bands.size_band
),

class_stages as (
    select
        stat_year,
        county_code,
        school_code,
        campus_no,
        stage,
        sum(low_pupils * classes) as low_pupils,
        case when max(case when is_open then 1 else 0 end) = 0 then sum(high_pupils * classes) end as high_pupils
    from class_rows
    group by stat_year, county_code, school_code, campus_no, stage
    having count(*) = count(low_pupils) and count(*) = count(classes)
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
    case
        when class_stages.low_pupils = class_stages.high_pupils then cast(class_stages.low_pupils as varchar)
        else cast(class_stages.low_pupils as varchar) || '-' || coalesce(cast(class_stages.high_pupils as varchar), '')
    end as allowed
from staged_pupils
inner join class_stages
    on
        staged_pupils.stat_year = class_stages.stat_year
        and staged_pupils.county_code = class_stages.county_code
        and staged_pupils.school_code = class_stages.school_code
        and staged_pupils.campus_no = class_stages.campus_no
        and staged_pupils.stage = class_stages.stage
where staged_pupils.pupils < class_stages.low_pupils or staged_pupils.pupils > class_stages.high_pupils
order by staged_pupils.source_sheet, staged_pupils.source_row
