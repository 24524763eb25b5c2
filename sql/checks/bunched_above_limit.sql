-- Schools that stand just above a limit while hardly any of the county stands just below or a little higher: figures made to fit.
-- Only schools of one stage, whose figures belong to it alone; the limits are those of the standards' tables.
-- One row per cell of a school in the bunch.
with

tolerances as (
    select * from rule_tolerance
    where rule = 'bunched_above_limit'
),

shares as (
    select
        figure.*,
        pupil_limits.standard_id,
        pupil_limits.limit_share,
        figure.figure / pupil_sites.pupils / pupil_limits.limit_share as ratio
    from figure
    inner join pupil_sites
        on
            figure.stat_year = pupil_sites.stat_year
            and figure.county_code = pupil_sites.county_code
            and figure.school_code = pupil_sites.school_code
            and figure.campus_no = pupil_sites.campus_no
            and pupil_sites.stages = 1
            and figure.stage in ('', pupil_sites.stage)
    inner join pupil_limits
        on figure.column_name = pupil_limits.column_name and pupil_sites.stage = pupil_limits.stage
),

bunches as (
    select
        shares.stat_year,
        shares.county_code,
        shares.standard_id,
        shares.column_name,
        shares.limit_share,
        sum(case when shares.ratio >= 1 and shares.ratio < 1 + tolerances.tolerance then 1 else 0 end) as just_above,
        sum(case when shares.ratio < 1 and shares.ratio >= 1 - tolerances.tolerance then 1 else 0 end) as just_below,
        sum(case when shares.ratio >= 1 + tolerances.tolerance and shares.ratio < 1 + 2 * tolerances.tolerance then 1 else 0 end)
            as a_little_higher
    from shares
    cross join tolerances
    group by shares.stat_year, shares.county_code, shares.standard_id, shares.column_name, shares.limit_share
)

select distinct
    shares.table_name,
    shares.column_name,
    shares.source_sha256,
    shares.source_sheet,
    shares.source_row,
    shares.stat_year,
    shares.county_code,
    shares.school_code,
    cast(shares.figure as varchar) as value,
    cast(round(shares.figure / shares.ratio, 2) as varchar) as allowed
from shares
cross join tolerances
inner join bunches
    on
        shares.stat_year = bunches.stat_year
        and shares.county_code = bunches.county_code
        and shares.standard_id = bunches.standard_id
        and shares.column_name = bunches.column_name
        and shares.limit_share = bunches.limit_share
where
    shares.ratio >= 1
    and shares.ratio < 1 + tolerances.tolerance
    and bunches.just_above >= 6
    and bunches.just_above > 4 * (bunches.just_below + bunches.a_little_higher)
order by all
