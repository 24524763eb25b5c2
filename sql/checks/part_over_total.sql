-- Parts that are more than the total they belong to.
-- One row per failing cell.
with

teacher_parts as (
    select
        'teacher' as table_name,
        parts.column_name,
        teacher.source_sha256,
        teacher.source_sheet,
        teacher.source_row,
        teacher.stat_year,
        teacher.county_code,
        teacher.school_code,
        case parts.column_name
            when 'backbone_teachers' then backbone_teachers
            when 'pe_teachers' then pe_teachers
            when 'art_teachers' then art_teachers
            when 'middle_or_senior_title_teachers' then middle_or_senior_title_teachers
            when 'senior_title_teachers' then senior_title_teachers
            when 'certified_teachers' then certified_teachers
            when 'training_360h_teachers' then training_360h_teachers
        end as part,
        full_time_teachers as total
    from teacher
    cross join (
        values
        ('backbone_teachers'),
        ('pe_teachers'),
        ('art_teachers'),
        ('middle_or_senior_title_teachers'),
        ('senior_title_teachers'),
        ('certified_teachers'),
        ('training_360h_teachers')
    ) as parts (column_name)
),

pupil_parts as (
    select
        'enrolment' as table_name,
        parts.column_name,
        enrolment.source_sha256,
        enrolment.source_sheet,
        enrolment.source_row,
        enrolment.stat_year,
        enrolment.county_code,
        enrolment.school_code,
        case parts.column_name when 'migrant_pupils' then migrant_pupils else catchment_pupils end as part,
        pupils as total
    from enrolment
    cross join (values ('migrant_pupils'), ('catchment_pupils')) as parts (column_name)
),

room_parts as (
    select
        'premises' as table_name,
        'indoor_sports_m2' as column_name,
        source_sha256,
        source_sheet,
        source_row,
        stat_year,
        county_code,
        school_code,
        indoor_sports_m2 as part,
        teaching_rooms_m2 as total
    from premises
),

failing_parts as (
    select
        *,
        cast(part as varchar) as value,
        cast(total as varchar) as allowed
    from teacher_parts
    where part > total
    union all
    select
        *,
        cast(part as varchar) as value,
        cast(total as varchar) as allowed
    from pupil_parts
    where part > total
    union all
    select
        *,
        cast(part as varchar) as value,
        cast(total as varchar) as allowed
    from room_parts
    where part > total
)

select
    table_name,
    column_name,
    source_sha256,
    source_sheet,
    source_row,
    stat_year,
    county_code,
    school_code,
    value,
    allowed
from failing_parts
order by table_name, source_sheet, source_row, column_name
