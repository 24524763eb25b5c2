-- The components of a county under every set of readings: those a set changes as they become, the others as by default.
-- One row per standard, reading set, county, component and year.
with

components as (
    select * from fact_county_component
),

reading_sets as (
    select * from core_reading_set
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

final as (
    select
        reading_sets.standard_id,
        reading_sets.readings_id,
        reading_sets.stat_year,
        reading_sets.county_code,
        reading_sets.block_no as set_block_no,
        reading_sets.changes,
        defaults.part,
        defaults.component_code,
        component_blocks.block_no,
        changed.verdict is not null as is_evaluated,
        coalesce(changed.verdict, defaults.verdict) as verdict,
        cast(verdict_ranks.rank_no as integer) as rank_no,
        coalesce(changed.is_synthetic, defaults.is_synthetic) as is_synthetic
    from reading_sets
    inner join components as defaults
        on
            reading_sets.standard_id = defaults.standard_id
            and reading_sets.stat_year = defaults.stat_year
            and reading_sets.county_code = defaults.county_code
            and defaults.readings_id = 'default'
    inner join component_blocks
        on
            defaults.standard_id = component_blocks.standard_id
            and defaults.stat_year = component_blocks.stat_year
            and defaults.county_code = component_blocks.county_code
            and defaults.part = component_blocks.part
            and defaults.component_code = component_blocks.component_code
    left join components as changed
        on
            reading_sets.standard_id = changed.standard_id
            and reading_sets.readings_id = changed.readings_id
            and reading_sets.stat_year = changed.stat_year
            and reading_sets.county_code = changed.county_code
            and defaults.part = changed.part
            and defaults.component_code = changed.component_code
    inner join verdict_ranks on coalesce(changed.verdict, defaults.verdict) = verdict_ranks.code
)

select * from final
