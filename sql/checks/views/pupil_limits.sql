-- Limits of the standards per pupil for what one column of the school sheets gives, as the standards' tables have them.
-- One row per standard, item, test, stage and column.
with

terms as (
    select
        standard_id,
        item_code,
        test_no,
        stage,
        min(measure_code) as column_name
    from std_term
    where case_no = 0 and side = 'numerator'
    group by standard_id, item_code, test_no, stage
    having count(*) = 1
),

pupil_terms as (
    select
        standard_id,
        item_code,
        test_no,
        stage
    from std_term
    where case_no = 0 and side = 'denominator'
    group by standard_id, item_code, test_no, stage
    having count(*) = 1 and min(measure_code) = 'pupils'
)

select
    terms.standard_id,
    terms.item_code,
    terms.stage,
    terms.column_name,
    std_limit.limit_value / std_test.per as limit_share
from terms
inner join pupil_terms
    on
        terms.standard_id = pupil_terms.standard_id
        and terms.item_code = pupil_terms.item_code
        and terms.test_no = pupil_terms.test_no
        and terms.stage = pupil_terms.stage
inner join std_test
    on
        terms.standard_id = std_test.standard_id
        and terms.item_code = std_test.item_code
        and terms.test_no = std_test.test_no
        and terms.stage = std_test.stage
        and std_test.operator = '>='
inner join std_limit
    on
        terms.standard_id = std_limit.standard_id
        and terms.item_code = std_limit.item_code
        and terms.test_no = std_limit.test_no
        and terms.stage = std_limit.stage
        and std_limit.case_no = 0
        and std_limit.overlay_id is null
