-- Lines of figures that another school of the county has too, to the last one.
-- One row per row of teacher and of premises, and per site and stage of enrolment.
with

tolerances as (
    select * from rule_tolerance
    where rule = 'same_as_another_school'
),

shared as (
    select
        stat_year,
        county_code,
        table_name,
        figures,
        min(school_code) as first_school,
        max(school_code) as last_school
    from figure_rows
    group by stat_year, county_code, table_name, figures
    having min(school_code) <> max(school_code)
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
    case when figure_rows.school_code = shared.first_school then shared.last_school else shared.first_school end as allowed
from figure_rows
inner join shared
    on
        figure_rows.stat_year = shared.stat_year
        and figure_rows.county_code = shared.county_code
        and figure_rows.table_name = shared.table_name
        and figure_rows.figures = shared.figures
cross join tolerances
where figure_rows.figure_count >= tolerances.tolerance
order by figure_rows.table_name, figure_rows.source_sheet, figure_rows.source_row
