-- Lines of figures that are last year's to the last one.
-- One row per row of teacher, and per site and stage of enrolment.
with

tolerances as (
    select * from rule_tolerance
    where rule = 'same_as_last_year'
)

select
    figure_rows.table_name,
    figure_rows.column_name,
    figure_rows.source_sha256,
    figure_rows.source_sheet,
    figure_rows.source_row,
    figure_rows.stat_year,
    figure_rows.county_code,
    figure_rows.school_code,
    figure_rows.figures as value,
    cast(null as varchar) as allowed
from figure_rows
inner join last_year_figure_rows
    on
        figure_rows.stat_year = last_year_figure_rows.stat_year + 1
        and figure_rows.table_name = last_year_figure_rows.table_name
        and figure_rows.school_code = last_year_figure_rows.school_code
        and figure_rows.campus_no = last_year_figure_rows.campus_no
        and figure_rows.stage = last_year_figure_rows.stage
        and figure_rows.figures = last_year_figure_rows.figures
cross join tolerances
where figure_rows.figure_count >= tolerances.tolerance and figure_rows.stage in ('primary', 'junior')
order by figure_rows.table_name, figure_rows.source_sheet, figure_rows.source_row
