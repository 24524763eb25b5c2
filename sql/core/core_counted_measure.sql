-- Measures that a standard has counted first: classes within a size, rooms of a size, small sites, subjects monitored.
-- One row per standard, level, site, school, subject or county (what the level says), stage, measure and year.
-- quantity is null where what is counted is not known well enough to count it.
with

counts as (
    select * from std_count
),

schools as (
    select * from school
),

stage_pupils as (
    select * from core_stage_pupils
),

site_stages as (
    select * from core_site_stage
),

class_rows as (
    select * from class_size
),

enrolments as (
    select * from core_site_measure
),

rooms as (
    select * from special_room
),

monitored as (
    select * from monitoring
),

projects as (
    select * from project
),

size_bands as (
    select * from code_size_bands
),

urban_rural_classes as (
    select * from code_urban_rural
),

-- a band stands between two edges; the last one has no upper edge
class_sizes as (
    select
        class_rows.stat_year,
        class_rows.county_code,
        class_rows.school_code,
        class_rows.campus_no,
        class_rows.stage,
        class_rows.grade,
        class_rows.classes,
        coalesce(class_rows.class_pupils, cast(size_bands.low_pupils as integer)) as least_pupils,
        coalesce(class_rows.class_pupils, cast(nullif(size_bands.high_pupils, '') as integer)) as most_pupils,
        class_rows.is_synthetic
    from class_rows
    left join size_bands on class_rows.size_band = size_bands.code
    where not class_rows.is_special_class and (class_rows.stage = 'primary' or class_rows.stage = 'junior')
),

compared_classes as (
    select
        counts.standard_id,
        counts.measure_code,
        class_sizes.stat_year,
        class_sizes.county_code,
        class_sizes.school_code,
        class_sizes.campus_no,
        class_sizes.stage,
        class_sizes.classes,
        class_sizes.is_synthetic,
        case
            when counts.grade is null or class_sizes.grade = counts.grade then 1
            when class_sizes.grade is not null then 0
        end as is_of_grade,
        case
            when counts.operator = '<=' and class_sizes.most_pupils <= counts.limit_value then 1
            when counts.operator = '<=' and class_sizes.least_pupils > counts.limit_value then 0
            when counts.operator = '<' and class_sizes.most_pupils < counts.limit_value then 1
            when counts.operator = '<' and class_sizes.least_pupils >= counts.limit_value then 0
            when counts.operator = '>' and class_sizes.least_pupils > counts.limit_value then 1
            when counts.operator = '>' and class_sizes.most_pupils <= counts.limit_value then 0
            when counts.operator = '>=' and class_sizes.least_pupils >= counts.limit_value then 1
            when counts.operator = '>=' and class_sizes.most_pupils < counts.limit_value then 0
        end as is_counted
    from class_sizes
    inner join counts on class_sizes.stage = counts.stage and counts.source = 'class'
),

class_counts as (
    select
        standard_id,
        'stage' as level,
        stat_year,
        county_code,
        school_code,
        campus_no,
        cast(null as string) as subject_code,
        stage,
        measure_code,
        cast(
            case
                when count(*) = count(case when is_of_grade = 0 or (is_of_grade = 1 and is_counted is not null) then classes end)
                    then sum(case when is_of_grade = 1 and is_counted = 1 then classes else 0 end)
            end as decimal(18, 4)
        ) as quantity,
        max(case when is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from compared_classes
    group by standard_id, stat_year, county_code, school_code, campus_no, stage, measure_code
),

-- a county that hands in the table of rooms has none where it names none; one that does not is silent
room_years as (
    select
        stat_year,
        county_code,
        max(case when is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from rooms
    group by stat_year, county_code
),

site_rooms as (
    select
        counts.standard_id,
        counts.measure_code,
        site_stages.stat_year,
        site_stages.county_code,
        site_stages.school_code,
        site_stages.campus_no,
        site_stages.stage,
        room_years.is_synthetic,
        rooms.room_no,
        case
            when rooms.room_no is null then 0
            when rooms.area_m2 is null then null
            when counts.operator = '>=' and rooms.area_m2 >= counts.limit_value then 1
            when counts.operator = '>' and rooms.area_m2 > counts.limit_value then 1
            when counts.operator = '<=' and rooms.area_m2 <= counts.limit_value then 1
            when counts.operator = '<' and rooms.area_m2 < counts.limit_value then 1
            else 0
        end as is_counted
    from site_stages
    inner join room_years
        on
            site_stages.stat_year = room_years.stat_year
            and site_stages.county_code = room_years.county_code
    inner join counts
        on
            site_stages.standard_id = counts.standard_id
            and site_stages.stage = counts.stage
            and counts.source = 'room'
    left join rooms
        on
            site_stages.stat_year = rooms.stat_year
            and site_stages.county_code = rooms.county_code
            and site_stages.school_code = rooms.school_code
            and site_stages.campus_no = rooms.campus_no
            and counts.kind = rooms.room_kind
),

room_counts as (
    select
        standard_id,
        'site' as level,
        stat_year,
        county_code,
        school_code,
        campus_no,
        cast(null as string) as subject_code,
        stage,
        measure_code,
        cast(case when count(*) = count(is_counted) then sum(is_counted) end as decimal(18, 4)) as quantity,
        max(case when is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from site_rooms
    group by standard_id, stat_year, county_code, school_code, campus_no, stage, measure_code
),

site_pupils as (
    select
        stat_year,
        county_code,
        school_code,
        campus_no,
        cast(case when count(*) = count(pupils) then sum(pupils) end as bigint) as pupils,
        max(case when is_synthetic then 1 else 0 end) as synthetic_rows
    from stage_pupils
    where stage = 'primary' or stage = 'junior'
    group by stat_year, county_code, school_code, campus_no
),

compared_sites as (
    select
        counts.standard_id,
        counts.measure_code,
        counts.take,
        counts.stage,
        site_pupils.stat_year,
        site_pupils.county_code,
        site_pupils.school_code,
        site_pupils.pupils,
        site_pupils.synthetic_rows,
        case
            when site_pupils.pupils is null then null
            when site_pupils.pupils = 0 then 0
            when counts.operator = '<' and site_pupils.pupils < counts.limit_value then 1
            when counts.operator = '<=' and site_pupils.pupils <= counts.limit_value then 1
            when counts.operator = '>' and site_pupils.pupils > counts.limit_value then 1
            when counts.operator = '>=' and site_pupils.pupils >= counts.limit_value then 1
            else 0
        end as is_counted
    from site_pupils
    inner join counts on counts.source = 'site'
),

site_counts as (
    select
        standard_id,
        'school' as level,
        stat_year,
        county_code,
        school_code,
        cast(null as integer) as campus_no,
        cast(null as string) as subject_code,
        stage,
        measure_code,
        cast(
            case
                when count(*) > count(is_counted) then null
                else sum(case when is_counted = 0 then 0 when take = 'sum' then pupils else 1 end)
            end as decimal(18, 4)
        ) as quantity,
        max(synthetic_rows) = 1 as is_synthetic
    from compared_sites
    group by standard_id, stat_year, county_code, school_code, stage, measure_code
),

-- pupils of a site that fits; a site that does not fit has none of them
fitting_pupils as (
    select
        counts.standard_id,
        'stage' as level,
        enrolments.stat_year,
        enrolments.county_code,
        enrolments.school_code,
        enrolments.campus_no,
        cast(null as string) as subject_code,
        enrolments.stage,
        counts.measure_code,
        cast(
            max(
                case
                    when
                        (counts.is_public is null or schools.is_public = counts.is_public)
                        and (counts.is_boarding is null or schools.is_boarding = counts.is_boarding)
                        and (counts.area is null or urban_rural_classes.area = counts.area)
                        then 1
                    else 0
                end
            ) as integer
        ) as is_fitting,
        max(enrolments.quantity) as pupils,
        max(case when enrolments.is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from enrolments
    inner join schools
        on
            enrolments.stat_year = schools.stat_year
            and enrolments.county_code = schools.county_code
            and enrolments.school_code = schools.school_code
            and enrolments.campus_no = schools.campus_no
    left join urban_rural_classes on schools.urban_rural_code = urban_rural_classes.code
    inner join counts
        on
            enrolments.stage = counts.stage
            and enrolments.measure_code = counts.column_name
            and counts.source = 'enrolment'
    group by
        counts.standard_id,
        enrolments.stat_year,
        enrolments.county_code,
        enrolments.school_code,
        enrolments.campus_no,
        enrolments.stage,
        counts.measure_code
),

pupil_counts as (
    select
        standard_id,
        level,
        stat_year,
        county_code,
        school_code,
        campus_no,
        subject_code,
        stage,
        measure_code,
        cast(case when is_fitting = 1 then pupils else 0 end as decimal(18, 4)) as quantity,
        is_synthetic
    from fitting_pupils
),

-- the latest result of a subject within the years that count
ranked_results as (
    select
        counts.standard_id,
        counts.measure_code,
        monitored.stat_year,
        monitored.county_code,
        monitored.subject,
        monitored.stage,
        cast(
            case counts.column_name when 'level' then monitored.level else monitored.variation_ratio end as decimal(18, 4)
        ) as quantity,
        monitored.is_synthetic,
        row_number() over (
            partition by
                counts.standard_id,
                counts.measure_code,
                monitored.stat_year,
                monitored.county_code,
                monitored.subject,
                monitored.stage
            order by monitored.monitored_year desc nulls last, monitored.authority asc nulls last
        ) as result_no
    from monitored
    inner join counts
        on
            monitored.stage = counts.stage
            and monitored.authority = counts.authority
            and counts.source = 'monitoring'
    where
        monitored.monitored_year <= monitored.stat_year
        and (counts.within_years is null or monitored.monitored_year > monitored.stat_year - counts.within_years)
),

subject_counts as (
    select
        standard_id,
        'subject' as level,
        stat_year,
        county_code,
        cast(null as string) as school_code,
        cast(null as integer) as campus_no,
        subject as subject_code,
        stage,
        measure_code,
        quantity,
        is_synthetic
    from ranked_results
    where result_no = 1
),

windowed_projects as (
    select
        counts.standard_id,
        counts.measure_code,
        projects.stat_year,
        projects.county_code,
        case counts.column_name
            when 'seats_added' then cast(projects.seats_added as decimal(18, 4))
            when 'floor_area_m2' then projects.floor_area_m2
            when 'land_m2' then projects.land_m2
            when 'investment_yuan' then projects.investment_yuan
            else 1
        end as amount,
        projects.is_synthetic
    from projects
    inner join counts on counts.source = 'project' and counts.stage = 'compulsory'
    where
        projects.opened_year <= projects.stat_year
        and (counts.within_years is null or projects.opened_year > projects.stat_year - counts.within_years)
),

project_counts as (
    select
        standard_id,
        'county' as level,
        stat_year,
        county_code,
        cast(null as string) as school_code,
        cast(null as integer) as campus_no,
        cast(null as string) as subject_code,
        'compulsory' as stage,
        measure_code,
        cast(case when count(*) = count(amount) then sum(amount) end as decimal(18, 4)) as quantity,
        max(case when is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from windowed_projects
    group by standard_id, stat_year, county_code, measure_code
),

final as (
    select * from class_counts
    union all
    select * from room_counts
    union all
    select * from site_counts
    union all
    select * from pupil_counts
    union all
    select * from subject_counts
    union all
    select * from project_counts
)

select * from final
