-- What the items of the standards are computed from: signed measures above and below the line.
-- One row per standard, item, test, stage, case, side, measure and year offset.
with

terms as (
    select * from std_term
),

measures as (
    select * from code_measures
),

county_items as (
    select * from code_county_items
),

finance_items as (
    select * from code_finance_items
),

final as (
    select
        terms.standard_id,
        terms.item_code,
        terms.test_no,
        terms.stage,
        terms.case_no,
        terms.side,
        terms.measure_code,
        terms.year_offset,
        coalesce(measures.text_zh, county_items.text_zh, finance_items.text_zh) as measure_text,
        coalesce(measures.unit, county_items.unit, finance_items.unit) as measure_unit,
        terms.sign
    from terms
    left join measures on terms.measure_code = measures.code
    left join county_items on terms.measure_code = county_items.code
    left join finance_items on terms.measure_code = finance_items.code
)

select * from final
