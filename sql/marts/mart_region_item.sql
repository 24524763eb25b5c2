-- How the counties of a province or a city stand by each component of the verdict and each coefficient.
-- One row per standard, region, year, part, component and stage, under the default readings.
-- A coefficient is a row of its own (its stage tells it from the component coefficients, which is all of them).
-- only_not_met counts counties in which nothing else is not met; only_open those in which all else is met or not applicable.
with

components as (
    select * from fact_county_component
),

coefficients as (
    select * from fact_county_cv
),

county_items as (
    select * from fact_county_item
),

items as (
    select * from dim_item
),

levels as (
    select * from code_region_levels
),

part_texts as (
    select * from code_parts
),

stage_texts as (
    select * from code_result_stages
),

-- what is still in a county's way, and how much of it is known to be not met
county_counts as (
    select
        standard_id,
        stat_year,
        county_code,
        cast(count(case when verdict = 'not_met' then 1 end) as integer) as not_met,
        cast(count(case when verdict = 'not_met' or verdict = 'not_assessable' then 1 end) as integer) as open
    from components
    where readings_id = 'default'
    group by standard_id, stat_year, county_code
),

verdicts as (
    select
        components.standard_id,
        components.stat_year,
        components.county_code,
        components.part,
        components.component_code,
        'compulsory' as stage,
        components.component_text,
        components.verdict,
        county_items.value as figure,
        case when components.verdict = 'not_met' and county_counts.not_met = 1 then 1 else 0 end as only_not_met,
        case
            when county_counts.open = 1 and (components.verdict = 'not_met' or components.verdict = 'not_assessable') then 1
            else 0
        end as only_open,
        components.is_provisional,
        components.is_synthetic
    from components
    inner join county_counts
        on
            components.standard_id = county_counts.standard_id
            and components.stat_year = county_counts.stat_year
            and components.county_code = county_counts.county_code
    left join county_items
        on
            components.standard_id = county_items.standard_id
            and components.readings_id = county_items.readings_id
            and components.stat_year = county_items.stat_year
            and components.county_code = county_items.county_code
            and components.component_code = county_items.item_code
    where components.readings_id = 'default'
    union all
    select
        coefficients.standard_id,
        coefficients.stat_year,
        coefficients.county_code,
        items.part,
        coefficients.item_code as component_code,
        coefficients.stage,
        items.name_zh as component_text,
        coefficients.verdict,
        coefficients.weighted_mean as figure,
        cast(null as integer) as only_not_met,
        cast(null as integer) as only_open,
        coefficients.is_provisional,
        coefficients.is_synthetic
    from coefficients
    inner join items
        on
            coefficients.standard_id = items.standard_id
            and coefficients.item_code = items.item_code
    where coefficients.readings_id = 'default' and coefficients.limit_value is not null
),

of_regions as (
    select
        verdicts.standard_id,
        verdicts.stat_year,
        verdicts.county_code,
        levels.code as region_level,
        levels.text_zh as region_level_text,
        substring(verdicts.county_code, 1, cast(levels.digits as integer)) as region_code,
        verdicts.part,
        verdicts.component_code,
        verdicts.stage,
        verdicts.component_text,
        verdicts.verdict,
        cast(verdicts.figure as decimal(18, 6)) as figure,
        verdicts.only_not_met,
        verdicts.only_open,
        verdicts.is_provisional,
        verdicts.is_synthetic
    from verdicts
    cross join levels
),

counts as (
    select
        standard_id,
        stat_year,
        region_level,
        region_level_text,
        region_code,
        part,
        component_code,
        stage,
        min(component_text) as component_text,
        cast(count(*) as integer) as counties,
        cast(count(case when verdict = 'met' then 1 end) as integer) as counties_met,
        cast(count(case when verdict = 'not_met' then 1 end) as integer) as counties_not_met,
        cast(count(case when verdict = 'not_assessable' then 1 end) as integer) as counties_not_assessable,
        cast(count(case when verdict = 'not_applicable' then 1 end) as integer) as counties_not_applicable,
        cast(sum(only_not_met) as integer) as counties_only_not_met,
        cast(sum(only_open) as integer) as counties_only_open,
        cast(count(figure) as integer) as figures,
        min(figure) as lowest,
        max(figure) as highest,
        cast(cast(sum(figure) as decimal(30, 6)) as double) / nullif(cast(count(figure) as double), 0) as mean,
        max(case when is_provisional then 1 else 0 end) as provisional_rows,
        max(case when is_synthetic then 1 else 0 end) as synthetic_rows
    from of_regions
    group by
        standard_id, stat_year, region_level, region_level_text, region_code, part, component_code, stage
),

-- squares of the relative distance from the mean of the counties, as whole numbers: the same sum in any order
squares as (
    select
        of_regions.standard_id,
        of_regions.stat_year,
        of_regions.region_code,
        of_regions.part,
        of_regions.component_code,
        of_regions.stage,
        cast(
            sum(
                cast(
                    floor(
                        (cast(of_regions.figure as double) / nullif(counts.mean, 0) - 1)
                        * (cast(of_regions.figure as double) / nullif(counts.mean, 0) - 1)
                        * 1e10 + 0.5
                    ) as decimal(18, 0)
                )
            ) as decimal(24, 0)
        ) as square_sum
    from of_regions
    inner join counts
        on
            of_regions.standard_id = counts.standard_id
            and of_regions.stat_year = counts.stat_year
            and of_regions.region_code = counts.region_code
            and of_regions.part = counts.part
            and of_regions.component_code = counts.component_code
            and of_regions.stage = counts.stage
    where of_regions.figure is not null
    group by
        of_regions.standard_id, of_regions.stat_year, of_regions.region_code, of_regions.part,
        of_regions.component_code, of_regions.stage
),

final as (
    select
        counts.standard_id,
        counts.region_code,
        counts.stat_year,
        counts.part,
        counts.component_code,
        counts.stage,
        counts.region_level,
        counts.region_level_text,
        part_texts.text_zh as part_text,
        stage_texts.text_zh as stage_text,
        counts.component_text,
        counts.counties,
        counts.counties_met,
        counts.counties_not_met,
        counts.counties_not_assessable,
        counts.counties_not_applicable,
        counts.counties_only_not_met,
        counts.counties_only_open,
        cast(rank() over (
            partition by counts.standard_id, counts.region_code, counts.stat_year
            order by counts.counties_not_met desc nulls last
        ) as integer) as not_met_rank,
        counts.figures,
        cast(counts.lowest as double) as lowest,
        cast(counts.highest as double) as highest,
        counts.mean,
        sqrt(cast(squares.square_sum as double) / 1e10 / nullif(cast(counts.figures as double), 0)) as between_cv,
        counts.provisional_rows = 1 as is_provisional,
        counts.synthetic_rows = 1 as is_synthetic
    from counts
    left join squares
        on
            counts.standard_id = squares.standard_id
            and counts.stat_year = squares.stat_year
            and counts.region_code = squares.region_code
            and counts.part = squares.part
            and counts.component_code = squares.component_code
            and counts.stage = squares.stage
    left join part_texts on counts.part = part_texts.code
    left join stage_texts on counts.stage = stage_texts.code
)

select * from final
