-- Preconditions and vetoes as they were declared, each with its verdict.
-- One row per standard, county, precondition or veto, and year. Silence is not assessable, never met.
with

preconditions as (
    select * from std_precondition
),

vetoes as (
    select * from std_veto
),

declared_preconditions as (
    select * from precondition
),

declared_vetoes as (
    select * from veto
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

precondition_texts as (
    select * from code_preconditions
),

veto_texts as (
    select * from code_vetoes
),

precondition_reasons as (
    select
        preconditions.standard_id,
        county_years.stat_year,
        county_years.county_code,
        'precondition' as part,
        preconditions.precondition_code as condition_code,
        precondition_texts.text_zh as condition_text,
        declared_preconditions.since_year,
        declared_preconditions.evidence is not null as has_evidence,
        case
            when declared_preconditions.is_fulfilled is null then 'not_declared'
            when not declared_preconditions.is_fulfilled then 'not_fulfilled'
            when declared_preconditions.evidence is null then 'no_evidence'
            when preconditions.min_years > 0 and declared_preconditions.since_year is null then 'missing_input'
            when declared_preconditions.since_year > county_years.stat_year - preconditions.min_years then 'too_recent'
            else 'met'
        end as reason_code,
        county_years.is_provisional,
        coalesce(declared_preconditions.is_synthetic, false) as is_synthetic
    from county_years
    cross join preconditions
    left join declared_preconditions
        on
            county_years.stat_year = declared_preconditions.stat_year
            and county_years.county_code = declared_preconditions.county_code
            and preconditions.precondition_code = declared_preconditions.precondition_code
    left join precondition_texts on preconditions.precondition_code = precondition_texts.code
),

veto_reasons as (
    select
        vetoes.standard_id,
        county_years.stat_year,
        county_years.county_code,
        'veto' as part,
        vetoes.veto_code as condition_code,
        veto_texts.text_zh as condition_text,
        cast(null as integer) as since_year,
        declared_vetoes.evidence is not null as has_evidence,
        case
            when declared_vetoes.has_occurred is null then 'not_declared'
            when declared_vetoes.has_occurred then 'occurred'
            else 'met'
        end as reason_code,
        county_years.is_provisional,
        coalesce(declared_vetoes.is_synthetic, false) as is_synthetic
    from county_years
    cross join vetoes
    left join declared_vetoes
        on
            county_years.stat_year = declared_vetoes.stat_year
            and county_years.county_code = declared_vetoes.county_code
            and vetoes.veto_code = declared_vetoes.veto_code
    left join veto_texts on vetoes.veto_code = veto_texts.code
),

reasoned as (
    select * from precondition_reasons
    union all
    select * from veto_reasons
),

verdicts as (
    select
        standard_id,
        stat_year,
        county_code,
        part,
        condition_code,
        condition_text,
        since_year,
        has_evidence,
        reason_code,
        case reason_code
            when 'met' then 'met'
            when 'not_fulfilled' then 'not_met'
            when 'too_recent' then 'not_met'
            when 'occurred' then 'not_met'
            else 'not_assessable'
        end as verdict,
        is_provisional,
        is_synthetic
    from reasoned
),

final as (
    select
        verdicts.standard_id,
        verdicts.stat_year,
        verdicts.county_code,
        verdicts.part,
        verdicts.condition_code,
        verdicts.condition_text,
        verdicts.since_year,
        verdicts.has_evidence,
        verdicts.verdict,
        verdict_texts.text_zh as verdict_text,
        verdicts.reason_code,
        reason_texts.text_zh as reason_text,
        verdicts.is_provisional,
        verdicts.is_synthetic
    from verdicts
    left join verdict_texts on verdicts.verdict = verdict_texts.code
    left join reason_texts on verdicts.reason_code = reason_texts.code
)

select * from final
