-- Sites of last year that neither stand in this year's register nor went into another school nor are declared.
-- One row per site of last year that is missing, in counties that lost more than is tolerated.
with

tolerances as (
    select * from rule_tolerance
    where rule = 'school_missing'
),

sites as (
    select * from school
),

last_year_sites as (
    select * from last_year_school
),

links as (
    select * from school_link
),

declarations as (
    select * from declared_lacking
),

county_years as (
    select distinct
        stat_year,
        county_code
    from sites
),

before as (
    select
        county_years.stat_year,
        last_year_sites.county_code,
        last_year_sites.school_code,
        last_year_sites.campus_no,
        last_year_sites.school_name,
        last_year_sites.school_code || '-' || cast(last_year_sites.campus_no as varchar) as site_id
    from last_year_sites
    inner join county_years
        on
            last_year_sites.county_code = county_years.county_code
            and last_year_sites.stat_year = county_years.stat_year - 1
),

missing as (
    select before.*
    from before
    left join sites
        on
            before.stat_year = sites.stat_year
            and before.school_code = sites.school_code
            and before.campus_no = sites.campus_no
    left join links
        on
            before.stat_year = links.stat_year
            and before.school_code = links.from_school_code
            and before.campus_no = links.from_campus_no
    left join declarations
        on
            before.county_code = declarations.county_code
            and before.stat_year = declarations.stat_year
            and before.site_id = declarations.what
    where sites.school_code is null and links.from_school_code is null and declarations.what is null
),

counted as (
    select
        county_code,
        count(*) as sites_before
    from before
    group by county_code
),

lost as (
    select
        county_code,
        count(*) as sites_missing
    from missing
    group by county_code
)

select
    'school' as table_name,
    'school_code' as column_name,
    cast(null as varchar) as source_sha256,
    cast(null as varchar) as source_sheet,
    cast(null as integer) as source_row,
    missing.stat_year,
    missing.county_code,
    missing.school_code,
    missing.school_name || '(' || missing.site_id || ')' as value,
    cast(counted.sites_before as varchar) as allowed
from missing
inner join counted on missing.county_code = counted.county_code
inner join lost on missing.county_code = lost.county_code
cross join tolerances
where lost.sites_missing > tolerances.tolerance * counted.sites_before
order by missing.county_code, missing.site_id
