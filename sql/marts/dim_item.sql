-- Items of the standards: what is measured, in which unit, by which article.
-- One row per standard and item.
with

items as (
    select * from std_item
),

standards as (
    select * from std_standard
),

final as (
    select
        items.standard_id,
        items.item_code,
        items.item_no,
        items.part,
        items.scope,
        items.name_zh,
        items.name_en,
        items.unit,
        items.decimals,
        standards.document,
        items.basis_article,
        items.basis_quote,
        items.basis_source,
        items.is_confirmed
    from items
    inner join standards on items.standard_id = standards.standard_id
)

select * from final
