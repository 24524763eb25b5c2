-- The limit that holds for each case of each test in a county and year: the standard's, or that of a region's overlay.
-- One row per standard, item, test, stage, case, county and year.
-- Of several overlays the latest one holds, then the one of the smaller region.
with

county_years as (
    select * from county_year
),

limits as (
    select * from std_limit
),

ranked_limits as (
    select
        limits.standard_id,
        county_years.stat_year,
        county_years.county_code,
        limits.item_code,
        limits.test_no,
        limits.stage,
        limits.case_no,
        limits.limit_value,
        limits.overlay_id,
        row_number() over (
            partition by
                limits.standard_id,
                county_years.stat_year,
                county_years.county_code,
                limits.item_code,
                limits.test_no,
                limits.stage,
                limits.case_no
            order by
                limits.from_year desc nulls last,
                length(limits.region_code) desc nulls last,
                limits.overlay_id asc nulls last
        ) as limit_no
    from county_years
    cross join limits
    where
        limits.from_year <= county_years.stat_year
        and substr(county_years.county_code, 1, length(limits.region_code)) = limits.region_code
),

final as (
    select
        standard_id,
        stat_year,
        county_code,
        item_code,
        test_no,
        stage,
        case_no,
        limit_value,
        overlay_id
    from ranked_limits
    where limit_no = 1
)

select * from final
