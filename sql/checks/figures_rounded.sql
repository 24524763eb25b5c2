-- Premises whose large areas and books are all round hundreds: estimated, not measured or counted.
-- Money is no sign: what was reported in 万元 with two decimals is round in yuan.
-- One row per row of premises.
with

tolerances as (
    select * from rule_tolerance
    where rule = 'figures_rounded'
),

large as (
    select * from figure
    where table_name = 'premises' and figure >= 1000 and column_name <> 'equipment_yuan'
),

counted as (
    select
        stat_year,
        county_code,
        school_code,
        source_sha256,
        source_sheet,
        source_row,
        count(*) as figures,
        sum(case when figure % 100 = 0 then 1 else 0 end) as round_figures,
        string_agg(cast(cast(figure as bigint) as varchar), ' ' order by column_name) filter (where figure % 100 = 0) as said
    from large
    group by stat_year, county_code, school_code, source_sha256, source_sheet, source_row
)

select
    'premises' as table_name,
    'teaching_rooms_m2' as column_name,
    counted.source_sha256,
    counted.source_sheet,
    counted.source_row,
    counted.stat_year,
    counted.county_code,
    counted.school_code,
    counted.said as value,
    cast(null as varchar) as allowed
from counted
cross join tolerances
where counted.round_figures >= tolerances.tolerance and counted.round_figures = counted.figures
order by counted.source_sheet, counted.source_row
