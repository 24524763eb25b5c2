-- Everything that is judged: units, classes of a site and stage, sites, schools, subjects, counties.
-- One row per standard, reading set, scope, scope id, stage and year.
-- The weights are those of units, which share resources (core_unit); all others have none.
-- evaluated_readings_id: the set it is judged under; what the set leaves as it is has the results of its base.
-- measured_readings_id: the set its measures stand under; only another make-up gives others than the default.
with

units as (
    select * from core_unit
),

entity_stages as (
    select * from core_entity_stage
),

scope_sets as (
    select * from core_scope_set
),

choices as (
    select * from std_choice
),

subjects as (
    select * from std_subject
),

reading_sets as (
    select * from std_reading_set
),

changed_entities as (
    select * from core_changed_entity
),

default_sets as (
    select
        standard_id,
        readings_id
    from reading_sets
    where changes = 0
),

unit_entities as (
    select
        standard_id,
        readings_id,
        'unit' as scope,
        site_id as scope_id,
        stage,
        stat_year,
        county_code,
        school_code,
        pupils,
        weight,
        stage_weighted_pupils,
        weighted_pupils,
        1 = 0 as is_chosen,
        is_synthetic
    from units
),

school_entities as (
    select
        standard_id,
        readings_id,
        scope,
        scope_id,
        stage,
        stat_year,
        county_code,
        min(school_code) as school_code,
        cast(case when count(*) = count(pupils) then sum(pupils) end as bigint) as pupils,
        cast(null as decimal(6, 2)) as weight,
        cast(null as decimal(18, 2)) as stage_weighted_pupils,
        cast(null as decimal(18, 2)) as weighted_pupils,
        1 = 0 as is_chosen,
        max(case when is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from entity_stages
    where scope <> 'county'
    group by standard_id, readings_id, scope, scope_id, stage, stat_year, county_code
),

-- a county is judged even where no school of a stage is on record
county_entities as (
    select
        scope_sets.standard_id,
        scope_sets.readings_id,
        scope_sets.scope,
        scope_sets.county_code as scope_id,
        result_stages.stage,
        scope_sets.stat_year,
        scope_sets.county_code,
        cast(null as string) as school_code,
        cast(null as bigint) as pupils,
        cast(null as decimal(6, 2)) as weight,
        cast(null as decimal(18, 2)) as stage_weighted_pupils,
        cast(null as decimal(18, 2)) as weighted_pupils,
        1 = 0 as is_chosen,
        1 = 0 as is_synthetic
    from scope_sets
    cross join (
        values
        ('primary'),
        ('junior'),
        ('compulsory')
    ) as result_stages (stage)
    where scope_sets.scope = 'county'
),

subject_entities as (
    select
        scope_sets.standard_id,
        scope_sets.readings_id,
        scope_sets.scope,
        subjects.subject_code as scope_id,
        result_stages.stage,
        scope_sets.stat_year,
        scope_sets.county_code,
        cast(null as string) as school_code,
        cast(null as bigint) as pupils,
        cast(null as decimal(6, 2)) as weight,
        cast(null as decimal(18, 2)) as stage_weighted_pupils,
        cast(null as decimal(18, 2)) as weighted_pupils,
        subjects.reading_code is not null as is_chosen,
        1 = 0 as is_synthetic
    from scope_sets
    inner join subjects on scope_sets.standard_id = subjects.standard_id
    left join choices
        on
            scope_sets.standard_id = choices.standard_id
            and scope_sets.readings_id = choices.readings_id
            and subjects.reading_code = choices.reading_code
            and subjects.choice_code = choices.choice_code
    cross join (
        values
        ('primary'),
        ('junior')
    ) as result_stages (stage)
    where
        scope_sets.scope = 'subject'
        and (subjects.reading_code is null or choices.choice_code is not null)
),

all_entities as (
    select * from unit_entities
    union all
    select * from school_entities
    union all
    select * from county_entities
    union all
    select * from subject_entities
),

final as (
    select
        all_entities.standard_id,
        all_entities.readings_id,
        all_entities.scope,
        all_entities.scope_id,
        all_entities.stage,
        all_entities.stat_year,
        all_entities.county_code,
        all_entities.school_code,
        all_entities.pupils,
        all_entities.weight,
        all_entities.stage_weighted_pupils,
        all_entities.weighted_pupils,
        all_entities.is_synthetic,
        case
            when changed_entities.scope_id is null then reading_sets.base_readings_id
            else all_entities.readings_id
        end as evaluated_readings_id,
        case
            when changed_entities.scope_id is null and not all_entities.is_chosen then default_sets.readings_id
            else all_entities.readings_id
        end as measured_readings_id
    from all_entities
    inner join reading_sets
        on
            all_entities.standard_id = reading_sets.standard_id
            and all_entities.readings_id = reading_sets.readings_id
    inner join default_sets on all_entities.standard_id = default_sets.standard_id
    left join changed_entities
        on
            all_entities.standard_id = changed_entities.standard_id
            and all_entities.readings_id = changed_entities.readings_id
            and all_entities.scope = changed_entities.scope
            and all_entities.scope_id = changed_entities.scope_id
            and all_entities.county_code = changed_entities.county_code
)

select * from final
