-- The result of every test of every item: what there is, what is needed, and the verdict.
-- One row per standard, reading set it is judged under (every set: core_set_result), scope, scope id, stage, item, test, year.
-- Judged on exact products, never on a quotient: have = numerator x per, need = limit x denominator;
-- a shared resource T is judged as T x weight x per against limit x weighted pupils of the site.
-- Of the plain case and the relaxations shown, the best one stands; what is said aside never judges.
with

entity_cases as (
    select * from core_case
),

measures as (
    select * from fact_measure
),

item_sets as (
    select distinct
        standard_id,
        readings_id,
        item_code,
        scope
    from core_item_set
),

tests as (
    select * from std_test
),

terms as (
    select * from std_term
),

test_cases as (
    select * from std_case
),

limits as (
    select * from core_limit
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
    select * from code_result_stages
),

-- terms of the cases that everything has; relaxations are claimed
item_terms as (
    select
        terms.standard_id,
        item_sets.readings_id,
        item_sets.scope,
        terms.item_code,
        terms.test_no,
        terms.stage,
        terms.case_no,
        terms.side,
        terms.sign,
        terms.measure_code,
        terms.year_offset
    from terms
    inner join test_cases
        on
            terms.standard_id = test_cases.standard_id
            and terms.item_code = test_cases.item_code
            and terms.test_no = test_cases.test_no
            and terms.stage = test_cases.stage
            and terms.case_no = test_cases.case_no
    inner join item_sets
        on
            terms.standard_id = item_sets.standard_id
            and terms.item_code = item_sets.item_code
    where test_cases.kind <> 'relaxation'
),

wanted_terms as (
    select
        standard_id,
        item_code,
        test_no,
        stage,
        case_no,
        cast(count(*) as integer) as terms,
        max(case when side = 'denominator' then 1 else 0 end) = 1 as has_denominator
    from terms
    group by standard_id, item_code, test_no, stage, case_no
),

-- sets of readings with the same measures ask for them once
relaxed_cases as (
    select distinct
        standard_id,
        measured_readings_id,
        scope,
        scope_id,
        county_code,
        stat_year,
        item_code,
        test_no,
        stage,
        case_no
    from entity_cases
    where kind = 'relaxation'
),

term_measures as (
    select
        measures.readings_id,
        measures.scope_id,
        measures.county_code,
        cast(measures.stat_year - item_terms.year_offset as integer) as stat_year,
        item_terms.standard_id,
        item_terms.item_code,
        item_terms.test_no,
        item_terms.stage,
        item_terms.case_no,
        item_terms.side,
        item_terms.sign,
        measures.quantity,
        measures.period,
        measures.is_synthetic
    from measures
    inner join item_terms
        on
            measures.standard_id = item_terms.standard_id
            and measures.readings_id = item_terms.readings_id
            and measures.scope = item_terms.scope
            and measures.stage = item_terms.stage
            and measures.measure_code = item_terms.measure_code
    union all
    select
        relaxed_cases.measured_readings_id as readings_id,
        relaxed_cases.scope_id,
        relaxed_cases.county_code,
        relaxed_cases.stat_year,
        relaxed_cases.standard_id,
        relaxed_cases.item_code,
        relaxed_cases.test_no,
        relaxed_cases.stage,
        relaxed_cases.case_no,
        terms.side,
        terms.sign,
        measures.quantity,
        measures.period,
        measures.is_synthetic
    from relaxed_cases
    inner join terms
        on
            relaxed_cases.standard_id = terms.standard_id
            and relaxed_cases.item_code = terms.item_code
            and relaxed_cases.test_no = terms.test_no
            and relaxed_cases.stage = terms.stage
            and relaxed_cases.case_no = terms.case_no
    inner join measures
        on
            relaxed_cases.standard_id = measures.standard_id
            and relaxed_cases.measured_readings_id = measures.readings_id
            and relaxed_cases.scope = measures.scope
            and relaxed_cases.scope_id = measures.scope_id
            and relaxed_cases.stage = measures.stage
            and relaxed_cases.county_code = measures.county_code
            and relaxed_cases.stat_year + terms.year_offset = measures.stat_year
            and terms.measure_code = measures.measure_code
),

-- what is on record; lacking terms are counted below
operands as (
    select
        standard_id,
        readings_id,
        scope_id,
        stage,
        stat_year,
        county_code,
        item_code,
        test_no,
        case_no,
        cast(sum(case when side = 'numerator' then sign * quantity end) as decimal(18, 4)) as numerator,
        cast(sum(case when side = 'denominator' then sign * quantity end) as decimal(18, 4)) as denominator,
        cast(count(quantity) as integer) as known_terms,
        min(period) as first_period,
        max(period) as last_period,
        max(case when is_synthetic then 1 else 0 end) as synthetic_rows
    from term_measures
    group by
        standard_id,
        readings_id,
        scope_id,
        stage,
        stat_year,
        county_code,
        item_code,
        test_no,
        case_no
),

-- the share of a shared resource is rounded once, to the sixth decimal, the same way on every engine
shares as (
    select
        entity_cases.standard_id,
        entity_cases.readings_id,
        entity_cases.scope,
        entity_cases.scope_id,
        entity_cases.stage,
        entity_cases.stat_year,
        entity_cases.county_code,
        entity_cases.item_code,
        entity_cases.test_no,
        entity_cases.case_no,
        entity_cases.kind,
        entity_cases.applies_code,
        entity_cases.is_alone,
        entity_cases.pupils,
        tests.per,
        tests.operator,
        tests.rounding,
        entity_cases.is_synthetic or coalesce(operands.synthetic_rows, 0) = 1 as is_synthetic,
        tests.is_split and entity_cases.stage_weighted_pupils <> entity_cases.weighted_pupils as is_shared,
        entity_cases.weight,
        entity_cases.weighted_pupils,
        operands.numerator as whole_numerator,
        case when wanted_terms.has_denominator then operands.denominator else 1 end as denominator,
        wanted_terms.has_denominator,
        tests.needs_same_period and operands.first_period <> operands.last_period as has_mixed_periods,
        case
            when operands.first_period = operands.last_period then operands.first_period
            else operands.first_period || '、' || operands.last_period
        end as period,
        coalesce(operands.known_terms, 0) = wanted_terms.terms
        and not (tests.is_split and entity_cases.weighted_pupils is null) as is_complete,
        cast(
            floor(
                cast(operands.numerator as double) * cast(entity_cases.stage_weighted_pupils as double)
                / nullif(cast(entity_cases.weighted_pupils as double), 0) * 1e6 + 0.5
            ) as decimal(18, 0)
        ) as share_micro
    from entity_cases
    inner join tests
        on
            entity_cases.standard_id = tests.standard_id
            and entity_cases.item_code = tests.item_code
            and entity_cases.test_no = tests.test_no
            and entity_cases.stage = tests.stage
    inner join wanted_terms
        on
            entity_cases.standard_id = wanted_terms.standard_id
            and entity_cases.item_code = wanted_terms.item_code
            and entity_cases.test_no = wanted_terms.test_no
            and entity_cases.stage = wanted_terms.stage
            and entity_cases.case_no = wanted_terms.case_no
    left join operands
        on
            entity_cases.standard_id = operands.standard_id
            and entity_cases.measured_readings_id = operands.readings_id
            and entity_cases.scope_id = operands.scope_id
            and entity_cases.stage = operands.stage
            and entity_cases.stat_year = operands.stat_year
            and entity_cases.county_code = operands.county_code
            and entity_cases.item_code = operands.item_code
            and entity_cases.test_no = operands.test_no
            and entity_cases.case_no = operands.case_no
),

-- round up: one for every started `per`
compared as (
    select
        shares.standard_id,
        shares.readings_id,
        shares.scope,
        shares.scope_id,
        shares.stage,
        shares.stat_year,
        shares.county_code,
        shares.item_code,
        shares.test_no,
        shares.case_no,
        shares.kind,
        shares.applies_code,
        shares.is_alone,
        shares.pupils,
        shares.operator,
        shares.is_synthetic,
        shares.is_shared,
        shares.is_complete,
        shares.weight,
        shares.weighted_pupils,
        shares.has_denominator,
        shares.has_mixed_periods,
        shares.period,
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
        limits.overlay_id,
        case
            when not shares.is_complete then null
            when shares.is_shared then shares.whole_numerator * shares.weight * cast(shares.per as decimal(6, 0))
            when shares.rounding = 'up' then shares.whole_numerator
            else shares.whole_numerator * cast(shares.per as decimal(6, 0))
        end as have,
        case
            when not shares.is_complete then null
            when shares.is_shared then limits.limit_value * shares.weighted_pupils
            when shares.rounding = 'up'
                then
                    limits.limit_value * cast(
                        floor(
                            (cast(shares.denominator as double) + cast(shares.per as double) - 1)
                            / nullif(cast(shares.per as double), 0)
                        ) as decimal(18, 0)
                    )
            else limits.limit_value * shares.denominator
        end as need,
        cast(shares.whole_numerator * case when shares.is_shared then shares.weight else 1 end as double)
        * cast(case when shares.rounding = 'up' then 1 else shares.per end as double) as dividend,
        case when shares.is_shared then cast(shares.weighted_pupils as double) else cast(shares.denominator as double) end as base
    from shares
    inner join limits
        on
            shares.standard_id = limits.standard_id
            and shares.stat_year = limits.stat_year
            and shares.county_code = limits.county_code
            and shares.item_code = limits.item_code
            and shares.test_no = limits.test_no
            and shares.stage = limits.stage
            and shares.case_no = limits.case_no
),

judged_cases as (
    select
        compared.standard_id,
        compared.readings_id,
        compared.scope,
        compared.scope_id,
        compared.stage,
        compared.stat_year,
        compared.county_code,
        compared.item_code,
        compared.test_no,
        compared.case_no,
        compared.kind,
        compared.is_alone,
        compared.numerator,
        compared.whole_numerator,
        compared.is_shared,
        compared.weight,
        compared.weighted_pupils,
        compared.denominator,
        case when compared.is_complete then cast(compared.dividend as double) / nullif(compared.base, 0) end as value,
        compared.operator,
        compared.limit_value,
        compared.overlay_id,
        compared.have,
        compared.need,
        compared.period,
        compared.is_synthetic,
        case
            when compared.applies_code = 'no' then 'does_not_apply'
            when compared.pupils = 0 then 'no_pupils'
            when compared.limit_value is null then 'informational'
            when compared.applies_code = 'unknown' or not compared.is_complete then 'missing_input'
            when compared.has_denominator and compared.denominator = 0 then 'zero_base'
            when compared.has_denominator and compared.denominator < 0 then 'missing_input'
            when compared.has_mixed_periods then 'mixed_periods'
            when compared.operator = '>=' and compared.have >= compared.need then 'met'
            when compared.operator = '<=' and compared.have <= compared.need then 'met'
            when compared.operator = '>' and compared.have > compared.need then 'met'
            when compared.operator = '<' and compared.have < compared.need then 'met'
            when compared.operator = '=' and compared.have = compared.need then 'met'
            when compared.operator = '<=' or compared.operator = '<' then 'above_limit'
            else 'below_limit'
        end as reason_code,
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

-- a relaxation judges where it helps: limit met, or floor held
ranked_cases as (
    select
        judged_cases.*,
        row_number() over (
            partition by
                standard_id,
                readings_id,
                scope,
                scope_id,
                stage,
                stat_year,
                county_code,
                item_code,
                test_no
            order by
                case when reason_code = 'met' then 0 else 1 end asc nulls last,
                case when is_above_floor then 0 else 1 end asc nulls last,
                case_no asc nulls last
        ) as rank_no
    from judged_cases
    where kind <> 'aside' and not is_alone
),

plain_cases as (
    select
        standard_id,
        readings_id,
        scope,
        scope_id,
        stage,
        stat_year,
        county_code,
        item_code,
        test_no,
        numerator
    from judged_cases
    where kind = 'plain' and not is_alone
),

aside_cases as (
    select
        standard_id,
        readings_id,
        scope,
        scope_id,
        stage,
        stat_year,
        county_code,
        item_code,
        test_no,
        value,
        reason_code
    from judged_cases
    where kind = 'aside'
),

-- mostly there is nothing to choose from
best_cases as (
    select
        judged_cases.*,
        cast(1 as bigint) as rank_no,
        numerator as plain_numerator,
        cast(null as double) as aside_value,
        cast(null as string) as aside_reason_code
    from judged_cases
    where is_alone
    union all
    select
        ranked_cases.*,
        plain_cases.numerator as plain_numerator,
        aside_cases.value as aside_value,
        aside_cases.reason_code as aside_reason_code
    from ranked_cases
    inner join plain_cases
        on
            ranked_cases.standard_id = plain_cases.standard_id
            and ranked_cases.readings_id = plain_cases.readings_id
            and ranked_cases.scope = plain_cases.scope
            and ranked_cases.scope_id = plain_cases.scope_id
            and ranked_cases.stage = plain_cases.stage
            and ranked_cases.stat_year = plain_cases.stat_year
            and ranked_cases.county_code = plain_cases.county_code
            and ranked_cases.item_code = plain_cases.item_code
            and ranked_cases.test_no = plain_cases.test_no
    left join aside_cases
        on
            ranked_cases.standard_id = aside_cases.standard_id
            and ranked_cases.readings_id = aside_cases.readings_id
            and ranked_cases.scope = aside_cases.scope
            and ranked_cases.scope_id = aside_cases.scope_id
            and ranked_cases.stage = aside_cases.stage
            and ranked_cases.stat_year = aside_cases.stat_year
            and ranked_cases.county_code = aside_cases.county_code
            and ranked_cases.item_code = aside_cases.item_code
            and ranked_cases.test_no = aside_cases.test_no
    where ranked_cases.rank_no = 1
),

reasoned as (
    select
        best_cases.*,
        case best_cases.reason_code
            when 'met' then 'met'
            when 'does_not_apply' then 'not_applicable'
            when 'no_pupils' then 'not_applicable'
            when 'informational' then 'not_applicable'
            when 'zero_base' then 'not_applicable'
            when 'missing_input' then 'not_assessable'
            when 'mixed_periods' then 'not_assessable'
            else 'not_met'
        end as verdict,
        case
            when best_cases.reason_code = 'below_limit' and not best_cases.is_above_floor then 'below_floor'
            else best_cases.reason_code
        end as result_reason_code,
        case best_cases.aside_reason_code
            when 'met' then 'met'
            when 'below_limit' then 'not_met'
            when 'above_limit' then 'not_met'
        end as aside_verdict
    from best_cases
),

final as (
    select
        reasoned.standard_id,
        reasoned.readings_id,
        reasoned.scope,
        reasoned.scope_id,
        reasoned.stage,
        reasoned.stat_year,
        reasoned.county_code,
        reasoned.item_code,
        reasoned.test_no,
        tests.label_zh as test_label,
        stage_texts.text_zh as stage_text,
        reasoned.numerator,
        reasoned.denominator,
        reasoned.value,
        reasoned.operator,
        reasoned.limit_value,
        reasoned.overlay_id,
        reasoned.case_no,
        case when test_cases.kind = 'relaxation' then test_cases.case_code end as relaxation_code,
        case when test_cases.kind = 'relaxation' then test_cases.title end as relaxation_text,
        case when test_cases.kind = 'relaxation' then test_cases.commitment end as commitment,
        cast(reasoned.have as decimal(18, 6)) as have,
        cast(reasoned.need as decimal(18, 6)) as need,
        reasoned.plain_numerator,
        reasoned.whole_numerator,
        reasoned.is_shared,
        reasoned.weight,
        reasoned.weighted_pupils,
        reasoned.period,
        reasoned.verdict,
        verdict_texts.text_zh as verdict_text,
        reasoned.is_above_floor,
        reasoned.result_reason_code as reason_code,
        reason_texts.text_zh as reason_text,
        reasoned.aside_value,
        reasoned.aside_verdict,
        county_years.is_provisional,
        reasoned.is_synthetic
    from reasoned
    inner join county_years
        on
            reasoned.stat_year = county_years.stat_year
            and reasoned.county_code = county_years.county_code
    inner join tests
        on
            reasoned.standard_id = tests.standard_id
            and reasoned.item_code = tests.item_code
            and reasoned.test_no = tests.test_no
            and reasoned.stage = tests.stage
    inner join test_cases
        on
            reasoned.standard_id = test_cases.standard_id
            and reasoned.item_code = test_cases.item_code
            and reasoned.test_no = test_cases.test_no
            and reasoned.stage = test_cases.stage
            and reasoned.case_no = test_cases.case_no
    left join stage_texts on reasoned.stage = stage_texts.code
    left join verdict_texts on reasoned.verdict = verdict_texts.code
    left join reason_texts on reasoned.result_reason_code = reason_texts.code
)

select * from final
