-- What a county promised, tested in the year of the promise and every later one; what no rule judges stays unknown.
-- One row per standard, county, promise and year; kept once the item is met, broken when it is not by the due year.
with

commitments as (
    select * from commitment
),

county_items as (
    select * from fact_county_item
),

county_years as (
    select * from county_year
),

items as (
    select * from std_item
),

standards as (
    select * from std_standard
),

status_texts as (
    select * from code_commitment_statuses
),

verdict_texts as (
    select * from code_verdicts
),

tested_promises as (
    select
        items.standard_id,
        county_years.stat_year,
        commitments.county_code,
        commitments.stat_year as promised_year,
        commitments.commitment_no,
        commitments.item_code,
        commitments.promised_text,
        commitments.due_year,
        standards.is_judged,
        county_items.verdict,
        county_items.entities_not_met,
        county_years.is_provisional,
        commitments.is_synthetic or coalesce(county_items.is_synthetic, false) as is_synthetic
    from commitments
    inner join county_years
        on
            commitments.county_code = county_years.county_code
            and county_years.stat_year >= commitments.stat_year
    inner join items on commitments.item_code = items.item_code
    inner join standards on items.standard_id = standards.standard_id
    left join county_items
        on
            items.standard_id = county_items.standard_id
            and county_items.readings_id = 'default'
            and county_years.stat_year = county_items.stat_year
            and county_years.county_code = county_items.county_code
            and commitments.item_code = county_items.item_code
),

judged_promises as (
    select
        standard_id,
        stat_year,
        county_code,
        promised_year,
        commitment_no,
        item_code,
        promised_text,
        due_year,
        verdict,
        entities_not_met,
        is_provisional,
        is_synthetic,
        case
            when is_judged and (verdict = 'met' or verdict = 'not_applicable') then 'kept'
            when due_year is null or stat_year < due_year then 'open'
            when is_judged and verdict = 'not_met' then 'broken'
            else 'unknown'
        end as status
    from tested_promises
),

final as (
    select
        judged_promises.standard_id,
        judged_promises.stat_year,
        judged_promises.county_code,
        judged_promises.promised_year,
        judged_promises.commitment_no,
        judged_promises.item_code,
        judged_promises.promised_text,
        judged_promises.due_year,
        judged_promises.verdict as item_verdict,
        verdict_texts.text_zh as item_verdict_text,
        judged_promises.entities_not_met,
        judged_promises.status,
        status_texts.text_zh as status_text,
        judged_promises.is_provisional,
        judged_promises.is_synthetic
    from judged_promises
    left join status_texts on judged_promises.status = status_texts.code
    left join verdict_texts on judged_promises.verdict = verdict_texts.code
)

select * from final
