-- Counts and amounts of a site as reported, made long.
-- One row per site, stage ('all' where a site reports its stages together), measure and year.
-- quantity is null where the report has no number.
with

stage_pupils as (
    select * from core_stage_pupils
),

teachers as (
    select * from teacher
),

site_premises as (
    select * from premises
),

class_rows as (
    select * from class_size
),

enrolments as (
    select * from enrolment
),

schools as (
    select * from school
),

size_bands as (
    select * from code_size_bands
),

urban_rural_classes as (
    select * from code_urban_rural
),

pupil_measures as (
    select
        stat_year,
        county_code,
        school_code,
        campus_no,
        stage,
        'pupils' as measure_code,
        cast(pupils as decimal(18, 4)) as quantity,
        is_synthetic
    from stage_pupils
),

-- parts of the pupils: one grade without a number leaves the stage without one
pupil_part_measures as (
    select
        enrolments.stat_year,
        enrolments.county_code,
        enrolments.school_code,
        enrolments.campus_no,
        enrolments.stage,
        measures.measure_code,
        cast(
            case
                when measures.measure_code = 'migrant_pupils' and count(*) = count(enrolments.migrant_pupils)
                    then sum(enrolments.migrant_pupils)
                when measures.measure_code = 'catchment_pupils' and count(*) = count(enrolments.catchment_pupils)
                    then sum(enrolments.catchment_pupils)
            end as decimal(18, 4)
        ) as quantity,
        max(case when enrolments.is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from enrolments
    cross join (
        values
        ('migrant_pupils'),
        ('catchment_pupils')
    ) as measures (measure_code)
    group by
        enrolments.stat_year,
        enrolments.county_code,
        enrolments.school_code,
        enrolments.campus_no,
        enrolments.stage,
        measures.measure_code
),

class_measures as (
    select
        stat_year,
        county_code,
        school_code,
        campus_no,
        stage,
        'classes' as measure_code,
        cast(case when count(*) = count(classes) then sum(classes) end as decimal(18, 4)) as quantity,
        max(case when is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from class_rows
    where not is_special_class
    group by stat_year, county_code, school_code, campus_no, stage
),

teacher_measures as (
    select
        teachers.stat_year,
        teachers.county_code,
        teachers.school_code,
        teachers.campus_no,
        teachers.stage,
        measures.measure_code,
        cast(
            case measures.measure_code
                when 'full_time_teachers' then teachers.full_time_teachers
                when 'doctor_teachers' then teachers.doctor_teachers
                when 'master_teachers' then teachers.master_teachers
                when 'bachelor_teachers' then teachers.bachelor_teachers
                when 'college_teachers' then teachers.college_teachers
                when 'secondary_or_below_teachers' then teachers.secondary_or_below_teachers
                when 'backbone_teachers' then teachers.backbone_teachers
                when 'pe_teachers' then teachers.pe_teachers
                when 'art_teachers' then teachers.art_teachers
                when 'middle_or_senior_title_teachers' then teachers.middle_or_senior_title_teachers
                when 'senior_title_teachers' then teachers.senior_title_teachers
                when 'certified_teachers' then teachers.certified_teachers
                when 'training_360h_teachers' then teachers.training_360h_teachers
                when 'visiting_pe_teachers' then teachers.visiting_pe_teachers
                when 'visiting_art_teachers' then teachers.visiting_art_teachers
            end as decimal(18, 4)
        ) as quantity,
        teachers.is_synthetic
    from teachers
    cross join (
        values
        ('full_time_teachers'),
        ('doctor_teachers'),
        ('master_teachers'),
        ('bachelor_teachers'),
        ('college_teachers'),
        ('secondary_or_below_teachers'),
        ('backbone_teachers'),
        ('pe_teachers'),
        ('art_teachers'),
        ('middle_or_senior_title_teachers'),
        ('senior_title_teachers'),
        ('certified_teachers'),
        ('training_360h_teachers'),
        ('visiting_pe_teachers'),
        ('visiting_art_teachers')
    ) as measures (measure_code)
),

-- where no gymnasium is given apart, the indoor sports rooms are it
premises_measures as (
    select
        site_premises.stat_year,
        site_premises.county_code,
        site_premises.school_code,
        site_premises.campus_no,
        'all' as stage,
        measures.measure_code,
        cast(
            case measures.measure_code
                when 'teaching_rooms_m2' then site_premises.teaching_rooms_m2
                when 'indoor_sports_m2' then site_premises.indoor_sports_m2
                when 'gymnasium_m2' then coalesce(site_premises.gymnasium_m2, site_premises.indoor_sports_m2)
                when 'sports_ground_m2' then site_premises.sports_ground_m2
                when 'extra_sports_m2' then site_premises.extra_sports_m2
                when 'equipment_yuan' then site_premises.equipment_yuan
                when 'multimedia_rooms' then cast(site_premises.multimedia_rooms as decimal(18, 4))
                when 'computers' then cast(site_premises.computers as decimal(18, 4))
                when 'books' then cast(site_premises.books as decimal(18, 4))
            end as decimal(18, 4)
        ) as quantity,
        site_premises.is_synthetic
    from site_premises
    cross join (
        values
        ('teaching_rooms_m2'),
        ('indoor_sports_m2'),
        ('gymnasium_m2'),
        ('sports_ground_m2'),
        ('extra_sports_m2'),
        ('equipment_yuan'),
        ('multimedia_rooms'),
        ('computers'),
        ('books')
    ) as measures (measure_code)
),

-- what a site is, as numbers that conditions can ask for
attribute_measures as (
    select
        schools.stat_year,
        schools.county_code,
        schools.school_code,
        schools.campus_no,
        'all' as stage,
        measures.measure_code,
        cast(
            case measures.measure_code
                when 'built_year' then schools.built_year
                when 'is_rural' then case urban_rural_classes.area when 'rural' then 1 else 0 end
                when 'is_dense_urban_core'
                    then case when schools.is_dense_urban_core then 1 when not schools.is_dense_urban_core then 0 end
            end as decimal(18, 4)
        ) as quantity,
        schools.is_synthetic
    from schools
    cross join (
        values
        ('built_year'),
        ('is_rural'),
        ('is_dense_urban_core')
    ) as measures (measure_code)
    left join urban_rural_classes on schools.urban_rural_code = urban_rural_classes.code
),

compulsory_pupil_measures as (
    select
        stat_year,
        county_code,
        school_code,
        campus_no,
        'all' as stage,
        'site_pupils' as measure_code,
        cast(case when count(*) = count(pupils) then sum(pupils) end as decimal(18, 4)) as quantity,
        max(case when is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from stage_pupils
    where stage = 'primary' or stage = 'junior'
    group by stat_year, county_code, school_code, campus_no
),

-- where only bands are known, the upper edge of the largest band; an open band has none
class_sizes as (
    select
        class_rows.stat_year,
        class_rows.county_code,
        class_rows.school_code,
        class_rows.campus_no,
        coalesce(class_rows.class_pupils, cast(nullif(size_bands.high_pupils, '') as integer)) as most_pupils,
        class_rows.is_synthetic
    from class_rows
    left join size_bands on class_rows.size_band = size_bands.code
    where not class_rows.is_special_class and (class_rows.stage = 'primary' or class_rows.stage = 'junior')
),

largest_class_measures as (
    select
        stat_year,
        county_code,
        school_code,
        campus_no,
        'all' as stage,
        'largest_class_pupils' as measure_code,
        cast(case when count(*) = count(most_pupils) then max(most_pupils) end as decimal(18, 4)) as quantity,
        max(case when is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from class_sizes
    group by stat_year, county_code, school_code, campus_no
),

final as (
    select * from pupil_measures
    union all
    select * from pupil_part_measures
    union all
    select * from attribute_measures
    union all
    select * from compulsory_pupil_measures
    union all
    select * from largest_class_measures
    union all
    select * from class_measures
    union all
    select * from teacher_measures
    union all
    select * from premises_measures
)

select * from final
