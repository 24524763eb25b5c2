-- The result of every test of every item: what there is, what is needed, and the verdict.
-- One row per standard, reading set, scope, scope id, stage, item, test and year.
-- Judged on exact products, never on a quotient: have = numerator x per, need = limit x denominator;
-- a shared resource T is judged as T x weight x per against limit x weighted pupils of the site.
with

units as (
    select * from core_unit
),

measures as (
    select * from fact_measure
),

items as (
    select * from std_item
),

tests as (
    select * from std_test
),

terms as (
    select * from std_term
),

limits as (
    select * from std_limit
),

school_rules as (
    select * from std_school_rule
),

county_years as (
    select * from county_year
),

verdict_texts as (
    select * from code_verdicts
),

reason_texts as (
    select * from code_reasons
),

stage_texts as (
    select * from code_stages
),

unit_tests as (
    select
        units.standard_id,
        units.readings_id,
        units.stat_year,
        units.county_code,
        units.site_id,
        units.stage,
        units.pupils,
        units.weight,
        units.stage_weighted_pupils,
        units.weighted_pupils,
        units.is_synthetic,
        items.scope,
        tests.item_code,
        tests.test_no,
        tests.per,
        tests.operator,
        tests.is_split
    from units
    inner join tests
        on
            units.standard_id = tests.standard_id
            and units.stage = tests.stage
    inner join items
        on
            tests.standard_id = items.standard_id
            and tests.item_code = items.item_code
    where items.scope = 'unit'
),

operands as (
    select
        unit_tests.standard_id,
        unit_tests.readings_id,
        unit_tests.stat_year,
        unit_tests.county_code,
        unit_tests.site_id,
        unit_tests.stage,
        unit_tests.item_code,
        unit_tests.test_no,
        cast(sum(case when terms.side = 'numerator' then terms.sign * measures.quantity end) as decimal(18, 2)) as numerator,
        cast(sum(case when terms.side = 'denominator' then terms.sign * measures.quantity end) as decimal(18, 2)) as denominator,
        count(*) = count(measures.quantity) as is_complete,
        max(case when measures.is_synthetic then 1 else 0 end) as synthetic_rows
    from unit_tests
    inner join terms
        on
            unit_tests.standard_id = terms.standard_id
            and unit_tests.item_code = terms.item_code
            and unit_tests.test_no = terms.test_no
            and unit_tests.stage = terms.stage
    left join measures
        on
            unit_tests.standard_id = measures.standard_id
            and unit_tests.readings_id = measures.readings_id
            and unit_tests.stat_year = measures.stat_year
            and unit_tests.county_code = measures.county_code
            and unit_tests.scope = measures.scope
            and unit_tests.site_id = measures.scope_id
            and unit_tests.stage = measures.stage
            and terms.measure_code = measures.measure_code
    group by
        unit_tests.standard_id,
        unit_tests.readings_id,
        unit_tests.stat_year,
        unit_tests.county_code,
        unit_tests.site_id,
        unit_tests.stage,
        unit_tests.item_code,
        unit_tests.test_no
),

-- the share of a shared resource is rounded once, to the sixth decimal, the same way on every engine
shares as (
    select
        unit_tests.standard_id,
        unit_tests.readings_id,
        unit_tests.scope,
        unit_tests.stat_year,
        unit_tests.county_code,
        unit_tests.site_id,
        unit_tests.stage,
        unit_tests.item_code,
        unit_tests.test_no,
        unit_tests.pupils,
        unit_tests.per,
        unit_tests.operator,
        unit_tests.is_synthetic or operands.synthetic_rows = 1 as is_synthetic,
        unit_tests.is_split and unit_tests.stage_weighted_pupils <> unit_tests.weighted_pupils as is_shared,
        unit_tests.weight,
        unit_tests.weighted_pupils,
        operands.numerator as whole_numerator,
        operands.denominator,
        operands.is_complete and not (unit_tests.is_split and unit_tests.weighted_pupils is null) as is_complete,
        cast(
            floor(
                cast(operands.numerator as double) * cast(unit_tests.stage_weighted_pupils as double)
                / nullif(cast(unit_tests.weighted_pupils as double), 0) * 1e6 + 0.5
            ) as decimal(18, 0)
        ) as share_micro
    from unit_tests
    inner join operands
        on
            unit_tests.standard_id = operands.standard_id
            and unit_tests.readings_id = operands.readings_id
            and unit_tests.stat_year = operands.stat_year
            and unit_tests.county_code = operands.county_code
            and unit_tests.site_id = operands.site_id
            and unit_tests.stage = operands.stage
            and unit_tests.item_code = operands.item_code
            and unit_tests.test_no = operands.test_no
),

compared as (
    select
        shares.standard_id,
        shares.readings_id,
        shares.scope,
        shares.stat_year,
        shares.county_code,
        shares.site_id,
        shares.stage,
        shares.item_code,
        shares.test_no,
        shares.pupils,
        shares.operator,
        shares.is_synthetic,
        shares.is_shared,
        shares.is_complete,
        shares.weight,
        shares.weighted_pupils,
        case when shares.is_complete then shares.whole_numerator end as whole_numerator,
        cast(
            case
                when not shares.is_complete then null
                when shares.is_shared then cast(shares.share_micro * cast(0.000001 as decimal(6, 6)) as decimal(18, 6))
                else cast(shares.whole_numerator as decimal(18, 6))
            end as decimal(18, 6)
        ) as numerator,
        case when shares.is_complete then shares.denominator end as denominator,
        limits.limit_value,
        limits.case_no,
        cast(
            case
                when not shares.is_complete then null
                when shares.is_shared then shares.whole_numerator * shares.weight * cast(shares.per as decimal(6, 0))
                else shares.whole_numerator * cast(shares.per as decimal(6, 0))
            end as decimal(18, 6)
        ) as have,
        cast(
            case
                when not shares.is_complete then null
                when shares.is_shared then limits.limit_value * shares.weighted_pupils
                else limits.limit_value * shares.denominator
            end as decimal(18, 6)
        ) as need,
        case when shares.is_shared then cast(shares.weighted_pupils as double) else cast(shares.denominator as double) end as base
    from shares
    inner join limits
        on
            shares.standard_id = limits.standard_id
            and shares.item_code = limits.item_code
            and shares.test_no = limits.test_no
            and shares.stage = limits.stage
),

judged as (
    select
        compared.standard_id,
        compared.readings_id,
        compared.scope,
        compared.stat_year,
        compared.county_code,
        compared.site_id,
        compared.stage,
        compared.item_code,
        compared.test_no,
        compared.numerator,
        compared.whole_numerator,
        compared.is_shared,
        compared.weight,
        compared.weighted_pupils,
        compared.denominator,
        cast(compared.have as double) / nullif(compared.base, 0) as value,
        compared.operator,
        compared.limit_value,
        compared.case_no,
        compared.have,
        compared.need,
        compared.is_synthetic,
        case
            when compared.pupils = 0 then 'not_applicable'
            when not compared.is_complete then 'not_assessable'
            when compared.operator = '>=' and compared.have >= compared.need then 'met'
            when compared.operator = '<=' and compared.have <= compared.need then 'met'
            when compared.operator = '>' and compared.have > compared.need then 'met'
            when compared.operator = '<' and compared.have < compared.need then 'met'
            when compared.operator = '=' and compared.have = compared.need then 'met'
            else 'not_met'
        end as verdict,
        case
            when compared.pupils = 0 or not compared.is_complete then null
            else compared.have >= compared.need * school_rules.floor_ratio
        end as is_above_floor
    from compared
    left join school_rules
        on
            compared.standard_id = school_rules.standard_id
            and compared.item_code = school_rules.item_code
            and compared.stage = school_rules.stage
),

reasoned as (
    select
        judged.standard_id,
        judged.readings_id,
        judged.scope,
        judged.site_id as scope_id,
        judged.stage,
        judged.item_code,
        judged.test_no,
        judged.stat_year,
        judged.county_code,
        judged.numerator,
        judged.denominator,
        judged.value,
        judged.operator,
        judged.limit_value,
        judged.case_no,
        judged.have,
        judged.need,
        judged.whole_numerator,
        judged.is_shared,
        judged.weight,
        judged.weighted_pupils,
        judged.verdict,
        judged.is_above_floor,
        case
            when judged.verdict = 'not_applicable' then 'no_pupils'
            when judged.verdict = 'not_assessable' then 'missing_input'
            when judged.verdict = 'met' then 'met'
            when not judged.is_above_floor then 'below_floor'
            when judged.operator = '<=' or judged.operator = '<' then 'above_limit'
            else 'below_limit'
        end as reason_code,
        county_years.is_provisional,
        judged.is_synthetic
    from judged
    inner join county_years
        on
            judged.stat_year = county_years.stat_year
            and judged.county_code = county_years.county_code
),

final as (
    select
        reasoned.standard_id,
        reasoned.readings_id,
        reasoned.scope,
        reasoned.scope_id,
        reasoned.stage,
        stage_texts.text_zh as stage_text,
        reasoned.item_code,
        reasoned.test_no,
        reasoned.stat_year,
        reasoned.county_code,
        reasoned.numerator,
        reasoned.denominator,
        reasoned.value,
        reasoned.operator,
        reasoned.limit_value,
        reasoned.case_no,
        reasoned.have,
        reasoned.need,
        reasoned.whole_numerator,
        reasoned.is_shared,
        reasoned.weight,
        reasoned.weighted_pupils,
        reasoned.verdict,
        verdict_texts.text_zh as verdict_text,
        reasoned.is_above_floor,
        reasoned.reason_code,
        reason_texts.text_zh as reason_text,
        reasoned.is_provisional,
        reasoned.is_synthetic
    from reasoned
    left join stage_texts on reasoned.stage = stage_texts.code
    left join verdict_texts on reasoned.verdict = verdict_texts.code
    left join reason_texts on reasoned.reason_code = reason_texts.code
)

select * from final
