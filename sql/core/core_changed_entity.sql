-- Things that are made of other sites or stages under a set of readings than under the default one, in some year.
-- One row per standard, reading set, scope, scope id and county.
-- All else has the default's measures, and the results of the set's base (core_entity). One year in which both sets
-- are evaluated and differ is enough for all years, since a result can ask for figures of an earlier one.
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

default_sets as (
    select
        standard_id,
        readings_id
    from reading_sets
    where changes = 0
),

changed_sets as (
    select
        scope_sets.standard_id,
        scope_sets.readings_id,
        default_sets.readings_id as default_readings_id,
        scope_sets.scope,
        scope_sets.stat_year,
        scope_sets.county_code
    from scope_sets
    inner join default_sets on scope_sets.standard_id = default_sets.standard_id
    where default_sets.readings_id <> scope_sets.readings_id
),

-- the two sides that are compared: the set itself and the default one
compared_sets as (
    select
        changed_sets.*,
        readings_id as side_readings_id
    from changed_sets
    union all
    select
        changed_sets.*,
        default_readings_id as side_readings_id
    from changed_sets
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

set_members as (
    select
        compared_sets.standard_id,
        compared_sets.readings_id,
        members.stat_year,
        members.county_code,
        members.scope,
        members.scope_id,
        members.stage,
        members.school_code,
        members.campus_no,
        members.site_stage
    from compared_sets
    inner join members
        on
            compared_sets.standard_id = members.standard_id
            and compared_sets.side_readings_id = members.readings_id
            and compared_sets.scope = members.scope
            and compared_sets.stat_year = members.stat_year
            and compared_sets.county_code = members.county_code
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
