-- The items of a county outside the resource part: counted over what they judge, or declared, with the declaration beside.
-- One row per standard, reading set, county, item and year.
-- Roll-up: any not met, then any not assessable, else met; nothing to judge is not applicable.
-- An item of evidence is what a person declares with evidence; without that it is not assessable.
with

set_results as (
    select * from core_set_result
),

items as (
    select * from std_item
),

item_sets as (
    select * from core_item_set
),

standards as (
    select * from std_standard
),

declarations as (
    select * from declaration
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

declared_texts as (
    select * from code_declared_verdicts
),

part_texts as (
    select * from code_parts
),

-- the resource part has its own rule and coefficients
results as (
    select set_results.*
    from set_results
    inner join items
        on
            set_results.standard_id = items.standard_id
            and set_results.item_code = items.item_code
    where items.part <> 'resources'
),

result_counts as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        item_code,
        cast(count(*) as integer) as results,
        cast(count(distinct scope_id || stage) as integer) as entities,
        cast(count(case when verdict = 'met' then 1 end) as integer) as results_met,
        cast(count(case when verdict = 'not_met' then 1 end) as integer) as results_not_met,
        cast(count(case when verdict = 'not_assessable' then 1 end) as integer) as results_not_assessable,
        cast(count(distinct case when verdict = 'not_met' and stage = 'primary' then scope_id end) as integer)
            as not_met_primary,
        cast(count(distinct case when verdict = 'not_met' and stage = 'junior' then scope_id end) as integer)
            as not_met_junior,
        cast(count(distinct case when verdict = 'not_met' and stage = 'combined' then scope_id end) as integer)
            as not_met_combined,
        cast(count(distinct case when relaxation_code is not null then scope_id end) as integer) as relaxed_entities,
        cast(count(distinct case when aside_verdict = 'not_met' then scope_id || stage end) as integer)
            as aside_not_met,
        cast(count(distinct case when aside_verdict = 'met' then scope_id || stage end) as integer) as aside_met,
        min(period) as first_period,
        max(period) as last_period,
        max(case when is_synthetic then 1 else 0 end) as synthetic_rows
    from results
    group by standard_id, readings_id, stat_year, county_code, item_code
),

-- an item can be judged in several parts: what applies nowhere, or in some, is told apart by entity
entity_verdicts as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        item_code,
        scope_id,
        stage,
        min(cast(verdict_texts.rank_no as integer)) as rank_no
    from results
    inner join verdict_texts on results.verdict = verdict_texts.code
    group by standard_id, readings_id, stat_year, county_code, item_code, scope_id, stage
),

entity_counts as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        item_code,
        cast(count(case when verdict_texts.code = 'met' then 1 end) as integer) as entities_met,
        cast(count(case when verdict_texts.code = 'not_met' then 1 end) as integer) as entities_not_met,
        cast(count(case when verdict_texts.code = 'not_assessable' then 1 end) as integer) as entities_not_assessable,
        cast(count(case when verdict_texts.code = 'not_applicable' then 1 end) as integer) as entities_not_applicable
    from entity_verdicts
    inner join verdict_texts on entity_verdicts.rank_no = cast(verdict_texts.rank_no as integer)
    group by standard_id, readings_id, stat_year, county_code, item_code
),

-- the figures of the first test that applies, where one county-wide result says them
first_tests as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        item_code,
        min(test_no) as test_no
    from results
    group by standard_id, readings_id, stat_year, county_code, item_code
),

figures as (
    select
        results.standard_id,
        results.readings_id,
        results.stat_year,
        results.county_code,
        results.item_code,
        cast(case when count(*) = count(results.numerator) then sum(results.numerator) end as decimal(18, 6)) as numerator,
        cast(case when count(*) = count(results.denominator) then sum(results.denominator) end as decimal(18, 4))
            as denominator,
        case when count(*) = 1 then max(results.value) end as value,
        min(results.operator) as operator,
        case when min(results.limit_value) = max(results.limit_value) then min(results.limit_value) end as limit_value
    from results
    inner join first_tests
        on
            results.standard_id = first_tests.standard_id
            and results.readings_id = first_tests.readings_id
            and results.stat_year = first_tests.stat_year
            and results.county_code = first_tests.county_code
            and results.item_code = first_tests.item_code
            and results.test_no = first_tests.test_no
    group by results.standard_id, results.readings_id, results.stat_year, results.county_code, results.item_code
),

county_items as (
    select
        item_sets.standard_id,
        item_sets.readings_id,
        item_sets.stat_year,
        item_sets.county_code,
        items.item_code,
        items.part,
        items.scope,
        items.is_evidence,
        standards.is_judged
    from item_sets
    inner join items
        on
            item_sets.standard_id = items.standard_id
            and item_sets.item_code = items.item_code
    inner join standards on item_sets.standard_id = standards.standard_id
    where items.part <> 'resources'
),

reasoned as (
    select
        county_items.standard_id,
        county_items.readings_id,
        county_items.stat_year,
        county_items.county_code,
        county_items.item_code,
        county_items.part,
        county_items.scope,
        county_items.is_evidence,
        coalesce(result_counts.entities, 0) as entities,
        coalesce(entity_counts.entities_met, 0) as entities_met,
        coalesce(entity_counts.entities_not_met, 0) as entities_not_met,
        coalesce(entity_counts.entities_not_assessable, 0) as entities_not_assessable,
        coalesce(entity_counts.entities_not_applicable, 0) as entities_not_applicable,
        coalesce(result_counts.not_met_primary, 0) as not_met_primary,
        coalesce(result_counts.not_met_junior, 0) as not_met_junior,
        coalesce(result_counts.not_met_combined, 0) as not_met_combined,
        coalesce(result_counts.relaxed_entities, 0) as relaxed_entities,
        figures.numerator,
        figures.denominator,
        figures.value,
        figures.operator,
        figures.limit_value,
        case
            when result_counts.first_period = result_counts.last_period then result_counts.first_period
            else result_counts.first_period || '、' || result_counts.last_period
        end as period,
        coalesce(result_counts.aside_met, 0) as aside_met,
        coalesce(result_counts.aside_not_met, 0) as aside_not_met,
        declarations.declared_verdict,
        declarations.declared_text,
        declarations.evidence is not null as has_evidence,
        declarations.evidence,
        case
            when county_items.is_evidence then coalesce(declarations.is_synthetic, false)
            else coalesce(result_counts.synthetic_rows, 0) = 1
        end as is_synthetic,
        case
            when not county_items.is_judged then 'informational'
            when county_items.is_evidence and declarations.declared_verdict is null then 'not_declared'
            when county_items.is_evidence and declarations.declared_verdict <> 'met' then 'declared_not_met'
            when county_items.is_evidence and declarations.evidence is null then 'no_evidence'
            when county_items.is_evidence then 'declared_met'
            when coalesce(result_counts.results_not_met, 0) > 0 then 'some_not_met'
            when coalesce(result_counts.results_not_assessable, 0) > 0 then 'some_missing'
            when coalesce(result_counts.results_met, 0) > 0 then 'met'
            else 'no_review'
        end as reason_code
    from county_items
    left join result_counts
        on
            county_items.standard_id = result_counts.standard_id
            and county_items.readings_id = result_counts.readings_id
            and county_items.stat_year = result_counts.stat_year
            and county_items.county_code = result_counts.county_code
            and county_items.item_code = result_counts.item_code
    left join entity_counts
        on
            county_items.standard_id = entity_counts.standard_id
            and county_items.readings_id = entity_counts.readings_id
            and county_items.stat_year = entity_counts.stat_year
            and county_items.county_code = entity_counts.county_code
            and county_items.item_code = entity_counts.item_code
    left join figures
        on
            county_items.standard_id = figures.standard_id
            and county_items.readings_id = figures.readings_id
            and county_items.stat_year = figures.stat_year
            and county_items.county_code = figures.county_code
            and county_items.item_code = figures.item_code
    left join declarations
        on
            county_items.stat_year = declarations.stat_year
            and county_items.county_code = declarations.county_code
            and county_items.item_code = declarations.item_code
),

verdicts as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        item_code,
        part,
        scope,
        is_evidence,
        entities,
        entities_met,
        entities_not_met,
        entities_not_assessable,
        entities_not_applicable,
        not_met_primary,
        not_met_junior,
        not_met_combined,
        relaxed_entities,
        numerator,
        denominator,
        value,
        operator,
        limit_value,
        period,
        declared_verdict,
        declared_text,
        has_evidence,
        evidence,
        reason_code,
        is_synthetic,
        case
            when aside_not_met > 0 then 'not_met'
            when aside_met > 0 then 'met'
        end as aside_verdict,
        aside_not_met,
        case reason_code
            when 'met' then 'met'
            when 'declared_met' then 'met'
            when 'some_not_met' then 'not_met'
            when 'declared_not_met' then 'not_met'
            when 'no_review' then 'not_applicable'
            when 'informational' then 'not_applicable'
            else 'not_assessable'
        end as verdict
    from reasoned
),

final as (
    select
        verdicts.standard_id,
        verdicts.readings_id,
        verdicts.stat_year,
        verdicts.county_code,
        verdicts.item_code,
        verdicts.part,
        part_texts.text_zh as part_text,
        verdicts.scope,
        verdicts.is_evidence,
        verdicts.entities,
        verdicts.entities_met,
        verdicts.entities_not_met,
        verdicts.entities_not_assessable,
        verdicts.entities_not_applicable,
        verdicts.not_met_primary,
        verdicts.not_met_junior,
        verdicts.not_met_combined,
        verdicts.relaxed_entities,
        verdicts.numerator,
        verdicts.denominator,
        verdicts.value,
        verdicts.operator,
        verdicts.limit_value,
        verdicts.period,
        verdicts.verdict,
        verdict_texts.text_zh as verdict_text,
        verdicts.reason_code,
        reason_texts.text_zh as reason_text,
        verdicts.aside_verdict,
        verdicts.aside_not_met,
        verdicts.declared_verdict,
        declared_texts.text_zh as declared_verdict_text,
        verdicts.declared_text,
        verdicts.has_evidence,
        verdicts.evidence,
        -- what a bureau calls basically met the rule does not know, so it agrees with neither
        case
            when verdicts.declared_verdict is null or verdicts.verdict = 'not_assessable' or verdicts.verdict = 'not_applicable' then null
            else verdicts.declared_verdict = verdicts.verdict
        end as agrees,
        county_years.is_provisional,
        verdicts.is_synthetic
    from verdicts
    inner join county_years
        on
            verdicts.stat_year = county_years.stat_year
            and verdicts.county_code = county_years.county_code
    left join part_texts on verdicts.part = part_texts.code
    left join verdict_texts on verdicts.verdict = verdict_texts.code
    left join reason_texts on verdicts.reason_code = reason_texts.code
    left join declared_texts on verdicts.declared_verdict = declared_texts.code
)

select * from final
