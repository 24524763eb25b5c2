-- Items of the standards: what is measured, in which unit, by which article.
-- One row per standard and item.
with

items as (
    select * from std_item
),

standards as (
    select * from std_standard
),

part_texts as (
    select * from code_parts
),

final as (
    select
        items.standard_id,
        items.item_code,
        items.item_no,
        items.part,
        part_texts.text_zh as part_text,
        items.scope,
        items.name_zh,
        items.name_en,
        items.unit,
        items.decimals,
        items.is_evidence,
        standards.is_judged,
        standards.document,
        items.basis_article,
        items.basis_quote,
        items.basis_source,
        items.is_confirmed
    from items
    inner join standards on items.standard_id = standards.standard_id
    left join part_texts on items.part = part_texts.code
)

select * from final
