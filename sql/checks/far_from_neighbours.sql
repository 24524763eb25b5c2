-- Areas, amounts and rooms per pupil far from the county's middle school, so far that a column or a unit may be wrong.
-- Blank cells and zeros have no neighbours here; money that is thousands of times off has a rule of its own.
-- One row per cell.
with

tolerances as (
    select * from rule_tolerance
    where rule = 'far_from_neighbours'
),

large as (
    select * from rule_tolerance
    where rule = 'ten_thousand_times_off'
),

shares as (
    select * from pupil_shares
    where
        neighbours > 0
        and column_name in ('teaching_rooms_m2', 'sports_ground_m2', 'equipment_yuan', 'multimedia_rooms', 'computers', 'books')
)

select
    shares.table_name,
    shares.column_name,
    shares.source_sha256,
    shares.source_sheet,
    shares.source_row,
    shares.stat_year,
    shares.county_code,
    shares.school_code,
    cast(shares.figure as varchar) as value,
    cast(round(shares.neighbours * shares.figure / shares.share, 2) as varchar) as allowed
from shares
cross join tolerances
cross join large
where
    (shares.share * tolerances.tolerance < shares.neighbours or shares.share > shares.neighbours * tolerances.tolerance)
    and (
        shares.column_name <> 'equipment_yuan'
        or (shares.share * large.tolerance >= shares.neighbours and shares.share <= shares.neighbours * large.tolerance)
    )
order by shares.table_name, shares.source_sheet, shares.source_row
