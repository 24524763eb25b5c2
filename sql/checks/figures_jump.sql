-- Figures of a site that moved from last year by more than the tolerance of the rule; numbers too small to tell stay out.
-- Ground and buildings move by half of it at most without being built or torn down; what was there and is 0 now has moved too.
-- One row per cell.
with

figures as (
    select
        *,
        case when column_name in ('teaching_rooms_m2', 'sports_ground_m2') then 0.5 else 1 end as slack
    from figure
    where
        table_name in ('teacher', 'premises')
        and column_name not in ('extra_sports_m2', 'visiting_pe_teachers', 'visiting_art_teachers')
),

last_year as (
    select * from last_year_figure
),

tolerances as (
    select * from rule_tolerance
    where rule = 'figures_jump'
)

select
    figures.table_name,
    figures.column_name,
    figures.source_sha256,
    figures.source_sheet,
    figures.source_row,
    figures.stat_year,
    figures.county_code,
    figures.school_code,
    cast(figures.figure as varchar) as value,
    cast(last_year.figure as varchar) as allowed
from figures
inner join last_year
    on
        figures.stat_year = last_year.stat_year + 1
        and figures.table_name = last_year.table_name
        and figures.column_name = last_year.column_name
        and figures.school_code = last_year.school_code
        and figures.campus_no = last_year.campus_no
        and figures.stage = last_year.stage
cross join tolerances
where
    (
        greatest(figures.figure, last_year.figure) >= 20
        and greatest(figures.figure, last_year.figure)
        > (1 + figures.slack * tolerances.tolerance) * least(figures.figure, last_year.figure)
    )
    or (figures.table_name = 'premises' and figures.figure = 0 and last_year.figure >= 3)
order by figures.table_name, figures.source_sheet, figures.source_row, figures.column_name
