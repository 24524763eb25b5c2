-- The components of a county under every set of readings: each as under the largest part of the set evaluated for it.
-- One row per standard, reading set, county, component and year.
with

components as (
    select * from fact_county_component
),

reading_sets as (
    select * from core_reading_set
),

subsets as (
    select * from std_subset
),

verdict_ranks as (
    select * from code_verdicts
),

-- a component belongs to the block of readings that can change it, or to none
component_blocks as (
    select
        components.standard_id,
        components.stat_year,
        components.county_code,
        components.part,
        components.component_code,
        max(reading_sets.block_no) as block_no
    from components
    inner join reading_sets
        on
            components.standard_id = reading_sets.standard_id
            and components.readings_id = reading_sets.readings_id
            and components.stat_year = reading_sets.stat_year
            and components.county_code = reading_sets.county_code
    group by components.standard_id, components.stat_year, components.county_code, components.part, components.component_code
),

ranked_components as (
    select
        reading_sets.standard_id,
        reading_sets.readings_id,
        reading_sets.stat_year,
        reading_sets.county_code,
        reading_sets.block_no as set_block_no,
        reading_sets.changes,
        components.part,
        components.component_code,
        subsets.subset_id,
        components.verdict,
        components.is_synthetic,
        row_number() over (
            partition by
                reading_sets.standard_id,
                reading_sets.readings_id,
                reading_sets.stat_year,
                reading_sets.county_code,
                components.part,
                components.component_code
            order by subsets.changes desc nulls last, subsets.subset_id asc nulls last
        ) as subset_no
    from reading_sets
    inner join subsets
        on
            reading_sets.standard_id = subsets.standard_id
            and reading_sets.readings_id = subsets.readings_id
    inner join components
        on
            subsets.standard_id = components.standard_id
            and subsets.subset_id = components.readings_id
            and reading_sets.stat_year = components.stat_year
            and reading_sets.county_code = components.county_code
),

final as (
    select
        ranked_components.standard_id,
        ranked_components.readings_id,
        ranked_components.stat_year,
        ranked_components.county_code,
        ranked_components.set_block_no,
        ranked_components.changes,
        ranked_components.part,
        ranked_components.component_code,
        component_blocks.block_no,
        ranked_components.subset_id = ranked_components.readings_id as is_evaluated,
        ranked_components.verdict,
        cast(verdict_ranks.rank_no as integer) as rank_no,
        ranked_components.is_synthetic
    from ranked_components
    inner join component_blocks
        on
            ranked_components.standard_id = component_blocks.standard_id
            and ranked_components.stat_year = component_blocks.stat_year
            and ranked_components.county_code = component_blocks.county_code
            and ranked_components.part = component_blocks.part
            and ranked_components.component_code = component_blocks.component_code
    inner join verdict_ranks on ranked_components.verdict = verdict_ranks.code
    where ranked_components.subset_no = 1
)

select * from final
