-- Counts and amounts that results are computed from, before any split.
-- One row per standard, reading set it is measured under, scope, scope id, stage, measure and year.
-- What a site reports for all its stages together stands whole in each unit of the site (is_site_wide).
-- A sum of which one part is missing is missing; county facts and school finance bring their period.
with

units as (
    select * from core_unit
),

sites as (
    select * from core_site
),

site_measures as (
    select * from core_site_measure
),

counted_measures as (
    select * from core_counted_measure
),

entities as (
    select * from core_entity
    where measured_readings_id = readings_id
),

entity_stages as (
    select * from core_entity_stage
),

terms as (
    select * from std_term
),

conditions as (
    select * from std_condition
),

item_sets as (
    select distinct
        standard_id,
        readings_id,
        item_code,
        scope
    from core_item_set
),

finances as (
    select * from finance
),

county_facts as (
    select * from county_fact
),

cohorts as (
    select * from cohort
),

surveys as (
    select * from survey
),

named_measures as (
    select
        standard_id,
        item_code,
        measure_code
    from terms
    union
    select
        standard_id,
        item_code,
        measure_code
    from conditions
    union
    select
        standard_id,
        item_code,
        base_measure_code as measure_code
    from conditions
    where base_measure_code is not null
),

-- a set of readings needs only what the items use that it is evaluated for
used_measures as (
    select distinct
        item_sets.standard_id,
        item_sets.readings_id,
        item_sets.scope,
        named_measures.measure_code
    from named_measures
    inner join item_sets
        on
            named_measures.standard_id = item_sets.standard_id
            and named_measures.item_code = item_sets.item_code
),

measured_units as (
    select units.*
    from units
    inner join entities
        on
            units.standard_id = entities.standard_id
            and units.readings_id = entities.readings_id
            and units.stat_year = entities.stat_year
            and units.county_code = entities.county_code
            and units.site_id = entities.scope_id
            and units.stage = entities.stage
            and entities.scope = 'unit'
),

measured_targets as (
    select distinct
        standard_id,
        readings_id,
        stat_year,
        county_code,
        site_id
    from measured_units
),

measured_sites as (
    select sites.*
    from sites
    inner join measured_targets
        on
            sites.standard_id = measured_targets.standard_id
            and sites.readings_id = measured_targets.readings_id
            and sites.stat_year = measured_targets.stat_year
            and sites.county_code = measured_targets.county_code
            and sites.target_site_id = measured_targets.site_id
    where not sites.is_excluded
),

measured_stages as (
    select entity_stages.*
    from entity_stages
    inner join entities
        on
            entity_stages.standard_id = entities.standard_id
            and entity_stages.readings_id = entities.readings_id
            and entity_stages.stat_year = entities.stat_year
            and entity_stages.county_code = entities.county_code
            and entity_stages.scope = entities.scope
            and entity_stages.scope_id = entities.scope_id
            and entity_stages.stage = entities.stage
),

-- how many sites stand behind each one that takes others in: their reports must all be there
target_sites as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        target_site_id as site_id,
        cast(count(*) as integer) as merged_sites
    from measured_sites
    group by standard_id, readings_id, stat_year, county_code, target_site_id
),

-- a unit of merged sites adds them up; one missing part leaves the sum missing
target_measures as (
    select
        measured_sites.standard_id,
        measured_sites.readings_id,
        site_measures.stat_year,
        site_measures.county_code,
        measured_sites.target_site_id as site_id,
        site_measures.stage,
        site_measures.measure_code,
        cast(case when count(*) = count(site_measures.quantity) then sum(site_measures.quantity) end as decimal(18, 4)) as quantity,
        cast(count(*) as integer) as reporting_sites,
        max(case when site_measures.is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from measured_sites
    inner join site_measures
        on
            measured_sites.stat_year = site_measures.stat_year
            and measured_sites.county_code = site_measures.county_code
            and measured_sites.school_code = site_measures.school_code
            and measured_sites.campus_no = site_measures.campus_no
    inner join used_measures
        on
            measured_sites.standard_id = used_measures.standard_id
            and measured_sites.readings_id = used_measures.readings_id
            and site_measures.measure_code = used_measures.measure_code
            and used_measures.scope = 'unit'
    group by
        measured_sites.standard_id,
        measured_sites.readings_id,
        site_measures.stat_year,
        site_measures.county_code,
        measured_sites.target_site_id,
        site_measures.stage,
        site_measures.measure_code
),

unit_measures as (
    select
        measured_units.standard_id,
        measured_units.readings_id,
        measured_units.stat_year,
        measured_units.county_code,
        'unit' as scope,
        measured_units.site_id as scope_id,
        measured_units.stage,
        target_measures.measure_code,
        case
            when target_measures.stage = 'all' and target_measures.reporting_sites < target_sites.merged_sites then null
            when target_measures.stage <> 'all' and target_measures.reporting_sites < measured_units.merged_sites then null
            else target_measures.quantity
        end as quantity,
        target_measures.stage <> measured_units.stage as is_site_wide,
        cast(null as string) as period,
        measured_units.is_synthetic or target_measures.is_synthetic as is_synthetic
    from measured_units
    inner join target_measures
        on
            measured_units.standard_id = target_measures.standard_id
            and measured_units.readings_id = target_measures.readings_id
            and measured_units.stat_year = target_measures.stat_year
            and measured_units.county_code = target_measures.county_code
            and measured_units.site_id = target_measures.site_id
    inner join target_sites
        on
            measured_units.standard_id = target_sites.standard_id
            and measured_units.readings_id = target_sites.readings_id
            and measured_units.stat_year = target_sites.stat_year
            and measured_units.county_code = target_sites.county_code
            and measured_units.site_id = target_sites.site_id
    where target_measures.stage = measured_units.stage or target_measures.stage = 'all'
),

used_names as (
    select distinct
        standard_id,
        measure_code
    from used_measures
),

used_scopes as (
    select distinct
        standard_id,
        scope,
        measure_code
    from used_measures
    where scope <> 'unit'
),

-- numbers that a site gives by stage, counted ones among them
stage_numbers as (
    select
        used_names.standard_id,
        site_measures.stat_year,
        site_measures.county_code,
        site_measures.school_code,
        site_measures.campus_no,
        site_measures.stage,
        site_measures.measure_code,
        site_measures.quantity,
        site_measures.is_synthetic
    from site_measures
    inner join used_names on site_measures.measure_code = used_names.measure_code
    where site_measures.stage = 'primary' or site_measures.stage = 'junior'
    union all
    select
        standard_id,
        stat_year,
        county_code,
        school_code,
        campus_no,
        stage,
        measure_code,
        quantity,
        is_synthetic
    from counted_measures
    where level = 'stage'
),

stage_measure_names as (
    select distinct
        standard_id,
        measure_code
    from stage_numbers
),

used_stage_measures as (
    select distinct
        used_measures.standard_id,
        used_measures.readings_id,
        used_measures.scope,
        used_measures.measure_code
    from used_measures
    inner join stage_measure_names
        on
            used_measures.standard_id = stage_measure_names.standard_id
            and used_measures.measure_code = stage_measure_names.measure_code
),

-- a stage with pupils and without the number leaves the sum without one
stage_sums as (
    select
        measured_stages.standard_id,
        measured_stages.readings_id,
        measured_stages.stat_year,
        measured_stages.county_code,
        measured_stages.scope,
        measured_stages.scope_id,
        measured_stages.stage,
        used_stage_measures.measure_code,
        cast(
            case
                when count(*) = count(case when measured_stages.pupils = 0 then 0 else stage_numbers.quantity end)
                    then sum(stage_numbers.quantity)
            end as decimal(18, 4)
        ) as quantity,
        1 = 0 as is_site_wide,
        cast(null as string) as period,
        max(case when measured_stages.is_synthetic or stage_numbers.is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from measured_stages
    inner join used_stage_measures
        on
            measured_stages.standard_id = used_stage_measures.standard_id
            and measured_stages.readings_id = used_stage_measures.readings_id
            and measured_stages.scope = used_stage_measures.scope
    left join stage_numbers
        on
            measured_stages.standard_id = stage_numbers.standard_id
            and measured_stages.stat_year = stage_numbers.stat_year
            and measured_stages.county_code = stage_numbers.county_code
            and measured_stages.school_code = stage_numbers.school_code
            and measured_stages.campus_no = stage_numbers.campus_no
            and measured_stages.site_stage = stage_numbers.stage
            and used_stage_measures.measure_code = stage_numbers.measure_code
    group by
        measured_stages.standard_id,
        measured_stages.readings_id,
        measured_stages.stat_year,
        measured_stages.county_code,
        measured_stages.scope,
        measured_stages.scope_id,
        measured_stages.stage,
        used_stage_measures.measure_code
),

-- numbers that a site gives as a whole
entity_sites as (
    select distinct
        standard_id,
        readings_id,
        stat_year,
        county_code,
        scope,
        scope_id,
        stage,
        school_code,
        campus_no
    from measured_stages
),

site_numbers as (
    select
        used_scopes.standard_id,
        used_scopes.scope,
        site_measures.stat_year,
        site_measures.county_code,
        site_measures.school_code,
        site_measures.campus_no,
        site_measures.measure_code,
        site_measures.quantity,
        site_measures.is_synthetic
    from site_measures
    inner join used_scopes on site_measures.measure_code = used_scopes.measure_code
    where site_measures.stage = 'all'
    union all
    select
        used_scopes.standard_id,
        used_scopes.scope,
        counted_measures.stat_year,
        counted_measures.county_code,
        counted_measures.school_code,
        counted_measures.campus_no,
        counted_measures.measure_code,
        counted_measures.quantity,
        counted_measures.is_synthetic
    from counted_measures
    inner join used_scopes
        on
            counted_measures.standard_id = used_scopes.standard_id
            and counted_measures.measure_code = used_scopes.measure_code
    where counted_measures.level = 'site'
),

site_measure_names as (
    select distinct
        standard_id,
        scope,
        measure_code
    from site_numbers
),

used_site_measures as (
    select distinct
        used_measures.standard_id,
        used_measures.readings_id,
        used_measures.scope,
        used_measures.measure_code
    from used_measures
    inner join site_measure_names
        on
            used_measures.standard_id = site_measure_names.standard_id
            and used_measures.scope = site_measure_names.scope
            and used_measures.measure_code = site_measure_names.measure_code
),

site_sums as (
    select
        entity_sites.standard_id,
        entity_sites.readings_id,
        entity_sites.stat_year,
        entity_sites.county_code,
        entity_sites.scope,
        entity_sites.scope_id,
        entity_sites.stage,
        used_site_measures.measure_code,
        cast(case when count(*) = count(site_numbers.quantity) then sum(site_numbers.quantity) end as decimal(18, 4)) as quantity,
        1 = 0 as is_site_wide,
        cast(null as string) as period,
        max(case when site_numbers.is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from entity_sites
    inner join used_site_measures
        on
            entity_sites.standard_id = used_site_measures.standard_id
            and entity_sites.readings_id = used_site_measures.readings_id
            and entity_sites.scope = used_site_measures.scope
    left join site_numbers
        on
            entity_sites.standard_id = site_numbers.standard_id
            and entity_sites.scope = site_numbers.scope
            and entity_sites.stat_year = site_numbers.stat_year
            and entity_sites.county_code = site_numbers.county_code
            and entity_sites.school_code = site_numbers.school_code
            and entity_sites.campus_no = site_numbers.campus_no
            and used_site_measures.measure_code = site_numbers.measure_code
    group by
        entity_sites.standard_id,
        entity_sites.readings_id,
        entity_sites.stat_year,
        entity_sites.county_code,
        entity_sites.scope,
        entity_sites.scope_id,
        entity_sites.stage,
        used_site_measures.measure_code
),

-- the county's own row where there is one, else the sum of its schools
county_cohorts as (
    select
        stat_year,
        county_code,
        min(case when school_code is null then 0 else 1 end) as is_by_school
    from cohorts
    group by stat_year, county_code
),

cohort_rows as (
    select
        cohorts.stat_year,
        cohorts.county_code,
        measures.measure_code,
        case measures.measure_code
            when 'graduates' then cohorts.graduates
            when 'grade7_three_years_ago' then cohorts.grade7_three_years_ago
            when 'transferred_in' then cohorts.transferred_in
            when 'transferred_out' then cohorts.transferred_out
            when 'deaths' then cohorts.deaths
        end as amount,
        cohorts.is_synthetic
    from cohorts
    inner join county_cohorts
        on
            cohorts.stat_year = county_cohorts.stat_year
            and cohorts.county_code = county_cohorts.county_code
    cross join (
        values
        ('graduates'),
        ('grade7_three_years_ago'),
        ('transferred_in'),
        ('transferred_out'),
        ('deaths')
    ) as measures (measure_code)
    where county_cohorts.is_by_school = 1 or cohorts.school_code is null
),

cohort_numbers as (
    select
        stat_year,
        county_code,
        cast(null as string) as standard_id,
        'county' as scope,
        county_code as scope_id,
        'compulsory' as stage,
        measure_code,
        cast(case when count(*) = count(amount) then sum(amount) end as decimal(18, 4)) as quantity,
        cast(null as string) as period,
        max(case when is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from cohort_rows
    group by stat_year, county_code, measure_code
),

survey_rows as (
    select
        surveys.stat_year,
        surveys.county_code,
        measures.measure_code,
        case measures.measure_code
            when 'questionnaires' then surveys.questionnaires
            when 'valid_questionnaires' then surveys.valid_questionnaires
            when 'satisfied_questionnaires' then surveys.satisfied_questionnaires
        end as amount,
        surveys.is_synthetic
    from surveys
    cross join (
        values
        ('questionnaires'),
        ('valid_questionnaires'),
        ('satisfied_questionnaires')
    ) as measures (measure_code)
),

survey_numbers as (
    select
        stat_year,
        county_code,
        cast(null as string) as standard_id,
        'county' as scope,
        county_code as scope_id,
        'compulsory' as stage,
        measure_code,
        cast(case when count(*) = count(amount) then sum(amount) end as decimal(18, 4)) as quantity,
        cast(null as string) as period,
        max(case when is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from survey_rows
    group by stat_year, county_code, measure_code
),

-- numbers given for a school, a county or a subject as such
entity_numbers as (
    select
        stat_year,
        county_code,
        cast(null as string) as standard_id,
        'school' as scope,
        school_code as scope_id,
        'compulsory' as stage,
        item_code as measure_code,
        value as quantity,
        period,
        is_synthetic
    from finances
    union all
    select
        stat_year,
        county_code,
        standard_id,
        level as scope,
        case level when 'school' then school_code when 'subject' then subject_code else county_code end as scope_id,
        stage,
        measure_code,
        quantity,
        cast(null as string) as period,
        is_synthetic
    from counted_measures
    where level = 'school' or level = 'subject' or level = 'county'
    union all
    select
        stat_year,
        county_code,
        cast(null as string) as standard_id,
        'county' as scope,
        county_code as scope_id,
        'compulsory' as stage,
        item_code as measure_code,
        value as quantity,
        period,
        is_synthetic
    from county_facts
    where value_text is null
    union all
    select
        stat_year,
        county_code,
        standard_id,
        scope,
        scope_id,
        stage,
        measure_code,
        quantity,
        period,
        is_synthetic
    from cohort_numbers
    union all
    select
        stat_year,
        county_code,
        standard_id,
        scope,
        scope_id,
        stage,
        measure_code,
        quantity,
        period,
        is_synthetic
    from survey_numbers
),

entity_measures as (
    select
        entities.standard_id,
        entities.readings_id,
        entities.stat_year,
        entities.county_code,
        entities.scope,
        entities.scope_id,
        entities.stage,
        entity_numbers.measure_code,
        cast(entity_numbers.quantity as decimal(18, 4)) as quantity,
        1 = 0 as is_site_wide,
        entity_numbers.period,
        entity_numbers.is_synthetic
    from entities
    inner join entity_numbers
        on
            entities.stat_year = entity_numbers.stat_year
            and entities.county_code = entity_numbers.county_code
            and entities.scope = entity_numbers.scope
            and entities.scope_id = entity_numbers.scope_id
            and entities.stage = entity_numbers.stage
            and (entity_numbers.standard_id is null or entities.standard_id = entity_numbers.standard_id)
    inner join used_measures
        on
            entities.standard_id = used_measures.standard_id
            and entities.readings_id = used_measures.readings_id
            and entities.scope = used_measures.scope
            and entity_numbers.measure_code = used_measures.measure_code
),

final as (
    select * from unit_measures
    union all
    select * from stage_sums
    union all
    select * from site_sums
    union all
    select * from entity_measures
)

select * from final
