-- Whether a verdict hangs on how an open question is read: over all readings and their combinations.
-- One row per standard, county, component (and one for all together), and year.
-- Readings that share no component are combined by reasoning: the best a county can come to is the least of what the
-- blocks of readings allow each, the worst is the least of all.
with

components as (
    select * from core_set_component
),

reading_sets as (
    select * from core_reading_set
),

verdict_texts as (
    select * from code_verdicts
),

robustness_texts as (
    select * from code_robustness
),

county_years as (
    select * from county_year
),

component_ranks as (
    select
        standard_id,
        stat_year,
        county_code,
        part,
        component_code,
        cast(count(*) as integer) as sets,
        cast(count(case when verdict = 'met' then 1 end) as integer) as sets_met,
        cast(count(case when verdict = 'not_met' then 1 end) as integer) as sets_not_met,
        cast(count(case when verdict = 'not_assessable' then 1 end) as integer) as sets_not_assessable,
        min(rank_no) as worst_rank,
        max(rank_no) as best_rank,
        max(case when changes = 0 then rank_no end) as default_rank,
        max(case when is_synthetic then 1 else 0 end) as synthetic_rows
    from components
    where is_evaluated
    group by standard_id, stat_year, county_code, part, component_code
),

-- for each block of readings, what its own components come to under each of its sets
block_sets as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        block_no,
        min(rank_no) as rank_no
    from components
    where block_no = set_block_no or changes = 0
    group by standard_id, readings_id, stat_year, county_code, block_no
),

block_ranks as (
    select
        standard_id,
        stat_year,
        county_code,
        block_no,
        max(rank_no) as best_rank,
        min(rank_no) as worst_rank
    from block_sets
    group by standard_id, stat_year, county_code, block_no
),

overall_blocks as (
    select
        standard_id,
        stat_year,
        county_code,
        min(best_rank) as best_rank,
        min(worst_rank) as worst_rank
    from block_ranks
    group by standard_id, stat_year, county_code
),

overall_sets as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        max(changes) as changes,
        min(rank_no) as rank_no,
        max(case when is_synthetic then 1 else 0 end) as synthetic_rows
    from components
    group by standard_id, readings_id, stat_year, county_code
),

overall_ranks as (
    select
        overall_sets.standard_id,
        overall_sets.stat_year,
        overall_sets.county_code,
        'overall' as part,
        'overall' as component_code,
        cast(count(*) as integer) as sets,
        cast(count(case when verdict_texts.code = 'met' then 1 end) as integer) as sets_met,
        cast(count(case when verdict_texts.code = 'not_met' then 1 end) as integer) as sets_not_met,
        cast(count(case when verdict_texts.code = 'not_assessable' then 1 end) as integer) as sets_not_assessable,
        min(overall_blocks.worst_rank) as worst_rank,
        max(overall_blocks.best_rank) as best_rank,
        max(case when overall_sets.changes = 0 then overall_sets.rank_no end) as default_rank,
        max(overall_sets.synthetic_rows) as synthetic_rows
    from overall_sets
    inner join overall_blocks
        on
            overall_sets.standard_id = overall_blocks.standard_id
            and overall_sets.stat_year = overall_blocks.stat_year
            and overall_sets.county_code = overall_blocks.county_code
    inner join verdict_texts on overall_sets.rank_no = cast(verdict_texts.rank_no as integer)
    group by overall_sets.standard_id, overall_sets.stat_year, overall_sets.county_code
),

-- the smallest change of readings that gives another verdict than the default
ranked_flips as (
    select
        component_ranks.standard_id,
        component_ranks.stat_year,
        component_ranks.county_code,
        component_ranks.part,
        component_ranks.component_code,
        components.readings_id,
        components.verdict,
        row_number() over (
            partition by
                component_ranks.standard_id,
                component_ranks.stat_year,
                component_ranks.county_code,
                component_ranks.part,
                component_ranks.component_code
            order by components.changes asc nulls last, components.readings_id asc nulls last
        ) as flip_no
    from component_ranks
    inner join components
        on
            component_ranks.standard_id = components.standard_id
            and component_ranks.stat_year = components.stat_year
            and component_ranks.county_code = components.county_code
            and component_ranks.part = components.part
            and component_ranks.component_code = components.component_code
    where components.rank_no <> component_ranks.default_rank
    union all
    select
        overall_ranks.standard_id,
        overall_ranks.stat_year,
        overall_ranks.county_code,
        overall_ranks.part,
        overall_ranks.component_code,
        overall_sets.readings_id,
        verdict_texts.code as verdict,
        row_number() over (
            partition by
                overall_ranks.standard_id,
                overall_ranks.stat_year,
                overall_ranks.county_code
            order by overall_sets.changes asc nulls last, overall_sets.readings_id asc nulls last
        ) as flip_no
    from overall_ranks
    inner join overall_sets
        on
            overall_ranks.standard_id = overall_sets.standard_id
            and overall_ranks.stat_year = overall_sets.stat_year
            and overall_ranks.county_code = overall_sets.county_code
    inner join verdict_texts on overall_sets.rank_no = cast(verdict_texts.rank_no as integer)
    where overall_sets.rank_no <> overall_ranks.default_rank
),

all_ranks as (
    select * from component_ranks
    union all
    select * from overall_ranks
),

final as (
    select
        all_ranks.standard_id,
        all_ranks.stat_year,
        all_ranks.county_code,
        all_ranks.part,
        all_ranks.component_code,
        all_ranks.sets,
        all_ranks.sets_met,
        all_ranks.sets_not_met,
        all_ranks.sets_not_assessable,
        defaults.code as default_verdict,
        defaults.text_zh as default_verdict_text,
        robustness_texts.code as robustness,
        robustness_texts.text_zh as robustness_text,
        ranked_flips.readings_id as flip_readings_id,
        ranked_flips.verdict as flip_verdict,
        county_years.is_provisional,
        all_ranks.synthetic_rows = 1 as is_synthetic
    from all_ranks
    inner join county_years
        on
            all_ranks.stat_year = county_years.stat_year
            and all_ranks.county_code = county_years.county_code
    inner join verdict_texts as defaults on all_ranks.default_rank = cast(defaults.rank_no as integer)
    inner join robustness_texts
        on
            robustness_texts.code = case
                when all_ranks.worst_rank < all_ranks.best_rank then 'depends'
                else defaults.code || '_under_all'
            end
    left join ranked_flips
        on
            all_ranks.standard_id = ranked_flips.standard_id
            and all_ranks.stat_year = ranked_flips.stat_year
            and all_ranks.county_code = ranked_flips.county_code
            and all_ranks.part = ranked_flips.part
            and all_ranks.component_code = ranked_flips.component_code
            and ranked_flips.flip_no = 1
)

select * from final
