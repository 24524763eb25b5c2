-- Weights by which a school of several stages shares its resources among their pupils.
-- One row per standard, school type and stage.
with

split_weights as (
    select * from std_split
),

school_types as (
    select * from code_school_types
),

stages as (
    select * from code_stages
),

final as (
    select
        split_weights.standard_id,
        split_weights.school_type_code,
        split_weights.stage,
        school_types.text_zh as school_type_text,
        stages.text_zh as stage_text,
        split_weights.weight,
        split_weights.basis_article,
        split_weights.is_confirmed
    from split_weights
    left join school_types on split_weights.school_type_code = school_types.code
    left join stages on split_weights.stage = stages.code
)

select * from final
