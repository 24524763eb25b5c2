-- Tables that come every year, came last year, and have no row this year, nor are declared to lack.
-- One row per county and table.
with

counts as (
    select * from table_count
),

last_year_counts as (
    select * from last_year_table_count
),

declarations as (
    select * from declared_lacking
),

county_years as (
    select distinct
        stat_year,
        county_code
    from school
)

select
    last_year_counts.table_name,
    cast(null as varchar) as column_name,
    cast(null as varchar) as source_sha256,
    cast(null as varchar) as source_sheet,
    cast(null as integer) as source_row,
    county_years.stat_year,
    county_years.county_code,
    cast(null as varchar) as school_code,
    last_year_counts.title as value,
    cast(last_year_counts.table_rows as varchar) as allowed
from last_year_counts
inner join county_years
    on
        last_year_counts.county_code = county_years.county_code
        and last_year_counts.stat_year = county_years.stat_year - 1
left join counts
    on
        last_year_counts.county_code = counts.county_code
        and last_year_counts.table_name = counts.table_name
left join declarations
    on
        county_years.county_code = declarations.county_code
        and county_years.stat_year = declarations.stat_year
        and last_year_counts.table_name = declarations.what
where counts.table_rows is null and declarations.what is null
order by county_years.county_code, last_year_counts.table_name
