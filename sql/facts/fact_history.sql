-- Values, ranks and verdicts over the years, and what a change comes from.
-- One row per standard, county, unit or county, stage, item, figure and year, under the default readings.
-- A change is the world's only where neither limit, relaxation nor the school itself changed.
with

results as (
    select * from fact_result
),

coefficients as (
    select * from fact_county_cv
),

county_items as (
    select * from fact_county_item
),

links as (
    select * from school_link
),

cause_texts as (
    select * from code_change_causes
),

unit_values as (
    select
        results.standard_id,
        results.county_code,
        results.scope,
        results.scope_id,
        results.stage,
        results.item_code,
        'value' as figure,
        results.stat_year,
        results.value,
        cast(results.limit_value as double) as limit_value,
        results.relaxation_code,
        results.verdict,
        cast(rank() over (
            partition by
                results.standard_id, results.county_code, results.stat_year, results.stage, results.item_code
            order by results.value desc nulls last
        ) as integer) as rank_in_county,
        results.is_provisional,
        results.is_synthetic
    from results
    where results.readings_id = 'default' and results.scope = 'unit' and results.test_no = 1
),

county_values as (
    select
        standard_id,
        county_code,
        'county' as scope,
        county_code as scope_id,
        stage,
        item_code,
        'cv' as figure,
        stat_year,
        cv as value,
        cast(limit_value as double) as limit_value,
        cast(null as string) as relaxation_code,
        verdict,
        cast(null as integer) as rank_in_county,
        is_provisional,
        is_synthetic
    from coefficients
    where readings_id = 'default'
    union all
    select
        standard_id,
        county_code,
        'county' as scope,
        county_code as scope_id,
        'compulsory' as stage,
        item_code,
        'value' as figure,
        stat_year,
        coalesce(value, cast(entities_not_met as double)) as value,
        cast(limit_value as double) as limit_value,
        cast(case when relaxed_entities > 0 then 'relaxed' end as string) as relaxation_code,
        verdict,
        cast(null as integer) as rank_in_county,
        is_provisional,
        is_synthetic
    from county_items
    where readings_id = 'default' and not is_evidence
),

all_values as (
    select * from unit_values
    union all
    select * from county_values
),

followed_values as (
    select
        standard_id,
        county_code,
        scope,
        scope_id,
        stage,
        item_code,
        figure,
        stat_year,
        value,
        limit_value,
        relaxation_code,
        verdict,
        rank_in_county,
        is_provisional,
        is_synthetic,
        lag(stat_year) over (
            partition by standard_id, county_code, scope, scope_id, stage, item_code, figure
            order by stat_year asc nulls last
        ) as prev_year,
        lag(value) over (
            partition by standard_id, county_code, scope, scope_id, stage, item_code, figure
            order by stat_year asc nulls last
        ) as prev_value,
        lag(limit_value) over (
            partition by standard_id, county_code, scope, scope_id, stage, item_code, figure
            order by stat_year asc nulls last
        ) as prev_limit_value,
        lag(relaxation_code) over (
            partition by standard_id, county_code, scope, scope_id, stage, item_code, figure
            order by stat_year asc nulls last
        ) as prev_relaxation_code,
        lag(verdict) over (
            partition by standard_id, county_code, scope, scope_id, stage, item_code, figure
            order by stat_year asc nulls last
        ) as prev_verdict,
        lag(rank_in_county) over (
            partition by standard_id, county_code, scope, scope_id, stage, item_code, figure
            order by stat_year asc nulls last
        ) as prev_rank
    from all_values
),

-- what came to a site in a year, and where a site went; the most telling kind first by name
arrivals as (
    select
        county_code,
        stat_year,
        to_school_code || '-' || cast(to_campus_no as string) as site_id,
        min(link_kind) as link_kind
    from links
    group by county_code, stat_year, to_school_code, to_campus_no
),

departures as (
    select
        county_code,
        from_school_code || '-' || cast(from_campus_no as string) as site_id,
        min(stat_year) as left_year,
        min(to_school_code || '-' || cast(to_campus_no as string)) as successor_site_id
    from links
    where from_school_code <> to_school_code or from_campus_no <> to_campus_no
    group by county_code, from_school_code, from_campus_no
),

final as (
    select
        followed_values.standard_id,
        followed_values.county_code,
        followed_values.scope,
        followed_values.scope_id,
        followed_values.stage,
        followed_values.item_code,
        followed_values.figure,
        followed_values.stat_year,
        followed_values.value,
        followed_values.prev_year,
        followed_values.prev_value,
        followed_values.value - followed_values.prev_value as change,
        followed_values.rank_in_county,
        followed_values.prev_rank,
        followed_values.verdict,
        followed_values.prev_verdict,
        cause_texts.code as cause,
        cause_texts.text_zh as cause_text,
        departures.successor_site_id,
        departures.left_year,
        followed_values.is_provisional,
        followed_values.is_synthetic
    from followed_values
    left join arrivals
        on
            followed_values.county_code = arrivals.county_code
            and followed_values.stat_year = arrivals.stat_year
            and followed_values.scope_id = arrivals.site_id
    left join departures
        on
            followed_values.county_code = departures.county_code
            and followed_values.scope_id = departures.site_id
    inner join cause_texts
        on
            cause_texts.code = case
                when followed_values.prev_year is null then 'opened'
                when
                    followed_values.limit_value is distinct from followed_values.prev_limit_value
                    or followed_values.relaxation_code is distinct from followed_values.prev_relaxation_code
                    then 'definition'
                when arrivals.link_kind = 'merge' then 'merged'
                when arrivals.link_kind = 'split' then 'split'
                when followed_values.value is not distinct from followed_values.prev_value then 'none'
                when arrivals.link_kind = 'rename' then 'renamed'
                else 'world'
            end
)

select * from final
