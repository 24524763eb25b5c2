-- Figures of a site per pupil beside the middle one of the county's other figures of the kind.
-- One row per figure above 0; neighbours is null with fewer than five of them.
with

figures as (
    select * from figure
    where figure > 0 and table_name in ('premises', 'finance')
),

shares as (
    select
        figures.*,
        figures.figure / pupil_sites.pupils as share
    from figures
    inner join pupil_sites
        on
            figures.stat_year = pupil_sites.stat_year
            and figures.county_code = pupil_sites.county_code
            and figures.school_code = pupil_sites.school_code
            and figures.campus_no = pupil_sites.campus_no
),

middles as (
    select
        stat_year,
        county_code,
        table_name,
        column_name,
        item_code,
        median(share) as share
    from shares
    group by stat_year, county_code, table_name, column_name, item_code
    having count(*) >= 5
)

select
    shares.*,
    middles.share as neighbours
from shares
left join middles
    on
        shares.stat_year = middles.stat_year
        and shares.county_code = middles.county_code
        and shares.table_name = middles.table_name
        and shares.column_name = middles.column_name
        and shares.item_code = middles.item_code
