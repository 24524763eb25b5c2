-- Sites that a standard leaves out of a scope, with the first reason that holds.
-- One row per standard, reading set, scope, site and year.
with

schools as (
    select * from school
),

stage_pupils as (
    select * from core_stage_pupils
),

scope_sets as (
    select * from core_scope_set
),

choices as (
    select * from std_choice
),

exclusions as (
    select * from std_exclusion
),

-- two equality joins instead of one join on either: a row names school types, or it names none
matched_sites as (
    select
        exclusions.standard_id,
        exclusions.scope,
        exclusions.exclusion_no,
        exclusions.exclusion_code,
        exclusions.reading_code,
        exclusions.choice_code,
        exclusions.stage,
        exclusions.below_pupils,
        schools.stat_year,
        schools.county_code,
        schools.school_code,
        schools.campus_no
    from schools
    inner join exclusions on schools.school_type_code = exclusions.school_type_code
    where exclusions.is_public is null or schools.is_public = exclusions.is_public
    union all
    select
        exclusions.standard_id,
        exclusions.scope,
        exclusions.exclusion_no,
        exclusions.exclusion_code,
        exclusions.reading_code,
        exclusions.choice_code,
        exclusions.stage,
        exclusions.below_pupils,
        schools.stat_year,
        schools.county_code,
        schools.school_code,
        schools.campus_no
    from schools
    cross join exclusions
    where
        exclusions.school_type_code is null
        and (exclusions.is_public is null or schools.is_public = exclusions.is_public)
),

small_enough_sites as (
    select
        matched_sites.standard_id,
        matched_sites.scope,
        matched_sites.exclusion_no,
        matched_sites.exclusion_code,
        matched_sites.reading_code,
        matched_sites.choice_code,
        matched_sites.stat_year,
        matched_sites.county_code,
        matched_sites.school_code,
        matched_sites.campus_no
    from matched_sites
    left join stage_pupils
        on
            matched_sites.stat_year = stage_pupils.stat_year
            and matched_sites.county_code = stage_pupils.county_code
            and matched_sites.school_code = stage_pupils.school_code
            and matched_sites.campus_no = stage_pupils.campus_no
            and matched_sites.stage = stage_pupils.stage
    where
        matched_sites.below_pupils is null
        or stage_pupils.stage is null
        or stage_pupils.pupils < matched_sites.below_pupils
),

-- a condition tied to a reading holds only where that reading is chosen
ranked_reasons as (
    select
        scope_sets.standard_id,
        scope_sets.readings_id,
        scope_sets.scope,
        small_enough_sites.stat_year,
        small_enough_sites.county_code,
        small_enough_sites.school_code,
        small_enough_sites.campus_no,
        small_enough_sites.exclusion_code,
        row_number() over (
            partition by
                scope_sets.standard_id,
                scope_sets.readings_id,
                scope_sets.scope,
                small_enough_sites.stat_year,
                small_enough_sites.county_code,
                small_enough_sites.school_code,
                small_enough_sites.campus_no
            order by small_enough_sites.exclusion_no asc nulls last
        ) as reason_no
    from scope_sets
    inner join small_enough_sites
        on
            scope_sets.standard_id = small_enough_sites.standard_id
            and scope_sets.scope = small_enough_sites.scope
            and scope_sets.stat_year = small_enough_sites.stat_year
            and scope_sets.county_code = small_enough_sites.county_code
    left join choices
        on
            scope_sets.standard_id = choices.standard_id
            and scope_sets.readings_id = choices.readings_id
            and small_enough_sites.reading_code = choices.reading_code
            and small_enough_sites.choice_code = choices.choice_code
    where small_enough_sites.reading_code is null or choices.choice_code is not null
),

final as (
    select
        standard_id,
        readings_id,
        scope,
        stat_year,
        county_code,
        school_code,
        campus_no,
        exclusion_code
    from ranked_reasons
    where reason_no = 1
)

select * from final
