-- The seven resource indicators side by side, for people who read one line per school.
-- One row per standard, unit and year, under the default readings.
-- Wide on purpose: this is the one model that knows items by name; fact_result is the source.
with

results as (
    select * from fact_result
),

schools as (
    select * from fact_school_summary
),

county_years as (
    select * from dim_county_year
),

school_types as (
    select * from code_school_types
),

wide as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        scope_id as site_id,
        stage,
        max(case when item_code = 'R1' then value end) as r1_value,
        max(case when item_code = 'R1' then verdict_text end) as r1_verdict_text,
        max(case when item_code = 'R2' then value end) as r2_value,
        max(case when item_code = 'R2' then verdict_text end) as r2_verdict_text,
        max(case when item_code = 'R3' then value end) as r3_value,
        max(case when item_code = 'R3' then verdict_text end) as r3_verdict_text,
        max(case when item_code = 'R4' then value end) as r4_value,
        max(case when item_code = 'R4' then verdict_text end) as r4_verdict_text,
        max(case when item_code = 'R5' then value end) as r5_value,
        max(case when item_code = 'R5' then verdict_text end) as r5_verdict_text,
        max(case when item_code = 'R6' then value end) as r6_value,
        max(case when item_code = 'R6' then verdict_text end) as r6_verdict_text,
        max(case when item_code = 'R7' then value end) as r7_value,
        max(case when item_code = 'R7' then verdict_text end) as r7_verdict_text
    from results
    where scope = 'unit' and readings_id = 'default'
    group by standard_id, readings_id, stat_year, county_code, scope_id, stage
),

final as (
    select
        schools.standard_id,
        schools.readings_id,
        schools.stat_year,
        schools.county_code,
        county_years.county_name,
        schools.site_id,
        schools.stage,
        schools.stage_text,
        schools.school_name,
        school_types.text_zh as school_type_text,
        schools.pupils,
        wide.r1_value,
        wide.r1_verdict_text,
        wide.r2_value,
        wide.r2_verdict_text,
        wide.r3_value,
        wide.r3_verdict_text,
        wide.r4_value,
        wide.r4_verdict_text,
        wide.r5_value,
        wide.r5_verdict_text,
        wide.r6_value,
        wide.r6_verdict_text,
        wide.r7_value,
        wide.r7_verdict_text,
        schools.items,
        schools.met_items,
        schools.verdict,
        schools.verdict_text,
        schools.reason_text,
        schools.is_provisional,
        schools.is_synthetic
    from schools
    inner join wide
        on
            schools.standard_id = wide.standard_id
            and schools.readings_id = wide.readings_id
            and schools.stat_year = wide.stat_year
            and schools.county_code = wide.county_code
            and schools.site_id = wide.site_id
            and schools.stage = wide.stage
    inner join county_years
        on
            schools.stat_year = county_years.stat_year
            and schools.county_code = county_years.county_code
    left join school_types on schools.school_type_code = school_types.code
)

select * from final
