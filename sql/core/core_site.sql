-- Sites in and out of the evaluation: who is left out and why, and which site stands for which.
-- One row per standard, reading set, site and year.
-- Order: leave out (std_exclusion), then merge (std_merge); shared resources are split later, in core_unit.
with

schools as (
    select * from school
),

stage_pupils as (
    select * from core_stage_pupils
),

choices as (
    select * from std_choice
),

exclusions as (
    select * from std_exclusion
),

merge_rules as (
    select * from std_merge
),

reading_sets as (
    select distinct
        standard_id,
        readings_id
    from choices
),

main_sites as (
    select
        stat_year,
        county_code,
        school_code,
        min(campus_no) as campus_no
    from schools
    group by stat_year, county_code, school_code
),

-- a condition tied to a reading holds only where that reading is chosen
chosen_exclusions as (
    select
        reading_sets.readings_id,
        exclusions.standard_id,
        exclusions.exclusion_no,
        exclusions.exclusion_code,
        exclusions.school_type_code,
        exclusions.is_public,
        exclusions.stage,
        exclusions.below_pupils
    from reading_sets
    inner join exclusions on reading_sets.standard_id = exclusions.standard_id
    left join choices
        on
            reading_sets.standard_id = choices.standard_id
            and reading_sets.readings_id = choices.readings_id
            and exclusions.reading_code = choices.reading_code
            and exclusions.choice_code = choices.choice_code
    where exclusions.reading_code is null or choices.choice_code is not null
),

excluded_sites as (
    select
        chosen_exclusions.standard_id,
        chosen_exclusions.readings_id,
        schools.stat_year,
        schools.county_code,
        schools.school_code,
        schools.campus_no,
        min(chosen_exclusions.exclusion_no) as exclusion_no
    from schools
    inner join chosen_exclusions
        on
            (chosen_exclusions.school_type_code is null or schools.school_type_code = chosen_exclusions.school_type_code)
            and (chosen_exclusions.is_public is null or schools.is_public = chosen_exclusions.is_public)
    left join stage_pupils
        on
            schools.stat_year = stage_pupils.stat_year
            and schools.county_code = stage_pupils.county_code
            and schools.school_code = stage_pupils.school_code
            and schools.campus_no = stage_pupils.campus_no
            and chosen_exclusions.stage = stage_pupils.stage
    where
        chosen_exclusions.below_pupils is null
        or stage_pupils.stage is null
        or stage_pupils.pupils < chosen_exclusions.below_pupils
    group by
        chosen_exclusions.standard_id,
        chosen_exclusions.readings_id,
        schools.stat_year,
        schools.county_code,
        schools.school_code,
        schools.campus_no
),

exclusion_reasons as (
    select distinct
        standard_id,
        exclusion_no,
        exclusion_code
    from exclusions
),

chosen_merges as (
    select
        choices.readings_id,
        merge_rules.standard_id,
        merge_rules.school_type_code,
        merge_rules.stage,
        merge_rules.below_pupils,
        merge_rules.target
    from merge_rules
    inner join choices
        on
            merge_rules.standard_id = choices.standard_id
            and merge_rules.reading_code = choices.reading_code
            and merge_rules.choice_code = choices.choice_code
),

merged_sites as (
    select distinct
        chosen_merges.standard_id,
        chosen_merges.readings_id,
        schools.stat_year,
        schools.county_code,
        schools.school_code,
        schools.campus_no,
        case
            when chosen_merges.target = 'parent' then schools.parent_school_code
            else schools.school_code
        end as target_school_code,
        case when chosen_merges.target = 'parent' then 0 else 1 end as target_order
    from schools
    inner join chosen_merges
        on (chosen_merges.school_type_code is null or schools.school_type_code = chosen_merges.school_type_code)
    left join stage_pupils
        on
            schools.stat_year = stage_pupils.stat_year
            and schools.county_code = stage_pupils.county_code
            and schools.school_code = stage_pupils.school_code
            and schools.campus_no = stage_pupils.campus_no
            and chosen_merges.stage = stage_pupils.stage
    where
        chosen_merges.below_pupils is null
        or stage_pupils.stage is null
        or stage_pupils.pupils < chosen_merges.below_pupils
),

-- a point that joins its parent goes there, whatever is done with campuses
merge_targets as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        school_code,
        campus_no,
        target_school_code,
        target_campus_no
    from (
        select
            merged_sites.standard_id,
            merged_sites.readings_id,
            merged_sites.stat_year,
            merged_sites.county_code,
            merged_sites.school_code,
            merged_sites.campus_no,
            main_sites.school_code as target_school_code,
            main_sites.campus_no as target_campus_no,
            row_number() over (
                partition by
                    merged_sites.standard_id,
                    merged_sites.readings_id,
                    merged_sites.stat_year,
                    merged_sites.county_code,
                    merged_sites.school_code,
                    merged_sites.campus_no
                order by merged_sites.target_order asc nulls last
            ) as target_no
        from merged_sites
        inner join main_sites
            on
                merged_sites.stat_year = main_sites.stat_year
                and merged_sites.county_code = main_sites.county_code
                and merged_sites.target_school_code = main_sites.school_code
    ) as ranked
    where target_no = 1
),

final as (
    select
        reading_sets.standard_id,
        reading_sets.readings_id,
        schools.stat_year,
        schools.county_code,
        schools.school_code || '-' || cast(schools.campus_no as varchar) as site_id,
        schools.school_code,
        schools.campus_no,
        schools.school_name,
        schools.school_type_code,
        schools.urban_rural_code,
        schools.sponsor_code,
        schools.is_public,
        schools.is_boarding,
        schools.built_year,
        schools.counts_as_school,
        coalesce(merge_targets.target_school_code, schools.school_code)
        || '-' || cast(coalesce(merge_targets.target_campus_no, schools.campus_no) as varchar) as target_site_id,
        excluded_sites.exclusion_no is not null as is_excluded,
        exclusion_reasons.exclusion_code,
        schools.is_synthetic
    from schools
    cross join reading_sets
    left join excluded_sites
        on
            reading_sets.standard_id = excluded_sites.standard_id
            and reading_sets.readings_id = excluded_sites.readings_id
            and schools.stat_year = excluded_sites.stat_year
            and schools.county_code = excluded_sites.county_code
            and schools.school_code = excluded_sites.school_code
            and schools.campus_no = excluded_sites.campus_no
    left join exclusion_reasons
        on
            excluded_sites.standard_id = exclusion_reasons.standard_id
            and excluded_sites.exclusion_no = exclusion_reasons.exclusion_no
    left join merge_targets
        on
            reading_sets.standard_id = merge_targets.standard_id
            and reading_sets.readings_id = merge_targets.readings_id
            and schools.stat_year = merge_targets.stat_year
            and schools.county_code = merge_targets.county_code
            and schools.school_code = merge_targets.school_code
            and schools.campus_no = merge_targets.campus_no
)

select * from final
