-- Things that are made of other sites or stages under a set of readings than under its base, in some year.
-- One row per standard, reading set, scope, scope id and county.
-- All else is judged under the base alone (core_entity): the changes left only say who takes part. Looked at over all
-- years, since a result can ask for figures of an earlier one.
with

reading_sets as (
    select * from std_reading_set
),

scope_sets as (
    select * from core_scope_set
),

sites as (
    select * from core_site
),

entity_stages as (
    select * from core_entity_stage
),

based_sets as (
    select
        scope_sets.standard_id,
        scope_sets.readings_id,
        reading_sets.base_readings_id,
        scope_sets.scope,
        scope_sets.stat_year,
        scope_sets.county_code
    from scope_sets
    inner join reading_sets
        on
            scope_sets.standard_id = reading_sets.standard_id
            and scope_sets.readings_id = reading_sets.readings_id
    where reading_sets.base_readings_id <> scope_sets.readings_id
),

members as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        'unit' as scope,
        target_site_id as scope_id,
        'all' as stage,
        school_code,
        campus_no,
        'all' as site_stage
    from sites
    where not is_excluded
    union all
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        scope,
        scope_id,
        stage,
        school_code,
        campus_no,
        site_stage
    from entity_stages
),

-- under the set, and under its base
set_members as (
    select
        based_sets.standard_id,
        based_sets.readings_id,
        members.stat_year,
        members.county_code,
        members.scope,
        members.scope_id,
        members.stage,
        members.school_code,
        members.campus_no,
        members.site_stage
    from based_sets
    inner join members
        on
            based_sets.standard_id = members.standard_id
            and based_sets.readings_id = members.readings_id
            and based_sets.scope = members.scope
            and based_sets.stat_year = members.stat_year
            and based_sets.county_code = members.county_code
    union all
    select
        based_sets.standard_id,
        based_sets.readings_id,
        members.stat_year,
        members.county_code,
        members.scope,
        members.scope_id,
        members.stage,
        members.school_code,
        members.campus_no,
        members.site_stage
    from based_sets
    inner join members
        on
            based_sets.standard_id = members.standard_id
            and based_sets.base_readings_id = members.readings_id
            and based_sets.scope = members.scope
            and based_sets.stat_year = members.stat_year
            and based_sets.county_code = members.county_code
),

-- who stands there once only is on one side only
single_members as (
    select
        standard_id,
        readings_id,
        county_code,
        scope,
        scope_id,
        cast(count(*) as integer) as sides
    from set_members
    group by
        standard_id,
        readings_id,
        stat_year,
        county_code,
        scope,
        scope_id,
        stage,
        school_code,
        campus_no,
        site_stage
),

final as (
    select distinct
        standard_id,
        readings_id,
        county_code,
        scope,
        scope_id
    from single_members
    where sides = 1
)

select * from final
