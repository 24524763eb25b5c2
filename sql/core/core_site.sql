-- Sites in and out of the evaluation: who is left out and why, and which site stands for which.
-- One row per standard, reading set, site and year.
-- Order: leave out (core_left_out), then merge (std_merge); shared resources are split later, in core_unit.
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

left_out_sites as (
    select * from core_left_out
),

choices as (
    select * from std_choice
),

merge_rules as (
    select * from std_merge
),

-- merging and leaving out of the resource indicators: those of scope unit
reading_sets as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code
    from scope_sets
    where scope = 'unit'
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
    inner join reading_sets
        on
            schools.stat_year = reading_sets.stat_year
            and schools.county_code = reading_sets.county_code
    inner join chosen_merges
        on
            reading_sets.standard_id = chosen_merges.standard_id
            and reading_sets.readings_id = chosen_merges.readings_id
            and (chosen_merges.school_type_code is null or schools.school_type_code = chosen_merges.school_type_code)
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
        schools.school_code || '-' || cast(schools.campus_no as string) as site_id,
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
        || '-' || cast(coalesce(merge_targets.target_campus_no, schools.campus_no) as string) as target_site_id,
        left_out_sites.exclusion_code is not null as is_excluded,
        left_out_sites.exclusion_code,
        schools.is_synthetic
    from schools
    inner join reading_sets
        on
            schools.stat_year = reading_sets.stat_year
            and schools.county_code = reading_sets.county_code
    left join left_out_sites
        on
            reading_sets.standard_id = left_out_sites.standard_id
            and reading_sets.readings_id = left_out_sites.readings_id
            and left_out_sites.scope = 'unit'
            and schools.stat_year = left_out_sites.stat_year
            and schools.county_code = left_out_sites.county_code
            and schools.school_code = left_out_sites.school_code
            and schools.campus_no = left_out_sites.campus_no
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
