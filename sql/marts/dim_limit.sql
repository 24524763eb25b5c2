-- Limits of the standards: per item, test, stage and case, the limit, the floor, the limit of the coefficient.
-- One row per standard, item, test, stage, case, region and first year; overlays of regions have rows of their own.
with

limits as (
    select * from std_limit
),

tests as (
    select * from std_test
),

test_cases as (
    select * from std_case
),

school_rules as (
    select * from std_school_rule
),

coefficients as (
    select * from std_coefficient
),

final as (
    select
        limits.standard_id,
        limits.item_code,
        limits.test_no,
        limits.stage,
        limits.case_no,
        limits.region_code,
        limits.from_year,
        tests.label_zh as test_label,
        test_cases.kind as case_kind,
        test_cases.case_code,
        test_cases.title as case_text,
        test_cases.commitment,
        tests.operator,
        tests.per,
        tests.reading_code,
        tests.choice_code,
        limits.limit_value,
        limits.overlay_id,
        school_rules.floor_ratio,
        cast(limits.limit_value * school_rules.floor_ratio as decimal(18, 6)) as floor_value,
        coefficients.operator as cv_operator,
        coefficients.limit_value as cv_limit_value,
        limits.basis_article,
        limits.is_confirmed,
        tests.rounding,
        tests.is_split,
        school_rules.met_at_least
    from limits
    inner join tests
        on
            limits.standard_id = tests.standard_id
            and limits.item_code = tests.item_code
            and limits.test_no = tests.test_no
            and limits.stage = tests.stage
    inner join test_cases
        on
            limits.standard_id = test_cases.standard_id
            and limits.item_code = test_cases.item_code
            and limits.test_no = test_cases.test_no
            and limits.stage = test_cases.stage
            and limits.case_no = test_cases.case_no
    left join school_rules
        on
            limits.standard_id = school_rules.standard_id
            and limits.item_code = school_rules.item_code
            and limits.stage = school_rules.stage
    left join coefficients
        on
            limits.standard_id = coefficients.standard_id
            and limits.item_code = coefficients.item_code
            and limits.stage = coefficients.stage
)

select * from final
