-- Amounts of money some thousand times above or below the county's other schools per pupil: 万元 taken as 元, or 元 as 万元.
-- Where a county has too few schools, or the middle one is as far off, the least of the standards' limits is the neighbour.
-- One row per cell.
with

tolerances as (
    select * from rule_tolerance
    where rule = 'ten_thousand_times_off'
),

shares as (
    select * from pupil_shares
    where column_name = 'equipment_yuan' or (table_name = 'finance' and value_unit = '元')
),

limits as (
    select
        column_name,
        min(limit_share) as share
    from pupil_limits
    group by column_name
),

compared as (
    select
        shares.*,
        tolerances.tolerance,
        case
            when shares.neighbours is null or shares.neighbours * tolerances.tolerance < limits.share then limits.share
            else shares.neighbours
        end as middle
    from shares
    cross join tolerances
    left join limits on shares.column_name = limits.column_name
)

select
    compared.table_name,
    compared.column_name,
    compared.source_sha256,
    compared.source_sheet,
    compared.source_row,
    compared.stat_year,
    compared.county_code,
    compared.school_code,
    cast(compared.figure as varchar) as value,
    cast(round(compared.middle * compared.figure / compared.share, 2) as varchar) as allowed
from compared
where compared.share * compared.tolerance < compared.middle or compared.share > compared.middle * compared.tolerance
order by compared.table_name, compared.source_sheet, compared.source_row
