-- Figures of the county as reported: population, income, places, funds, each with its period.
-- One row per county, figure and year.
with

county_facts as (
    select * from county_fact
),

county_items as (
    select * from code_county_items
),

final as (
    select
        county_facts.stat_year,
        county_facts.county_code,
        county_facts.item_code as figure_code,
        county_items.text_zh as figure_text,
        county_facts.value as quantity,
        county_facts.value_text,
        county_items.unit,
        county_facts.period,
        county_facts.is_synthetic
    from county_facts
    left join county_items on county_facts.item_code = county_items.code
)

select * from final
