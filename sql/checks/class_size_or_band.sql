-- Class rows with both a size and a band, or with neither.
-- One row per row of class_size.
with

class_rows as (
    select * from class_size
)

select
    'class_size' as table_name,
    'class_pupils' as column_name,
    source_sha256,
    source_sheet,
    source_row,
    stat_year,
    county_code,
    school_code,
    class_label as value,
    cast(null as varchar) as allowed
from class_rows
where (class_pupils is null) = (size_band is null)
order by source_sheet, source_row
