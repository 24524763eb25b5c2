-- The resource part of a county: every unit by the school rule, every coefficient by its limit.
-- One row per standard, reading set, county and year.
-- Roll-up: any not met, then any not assessable, else met; nothing to judge is not applicable.
with

schools as (
    select * from fact_school_summary
),

coefficients as (
    select * from fact_county_cv
),

sites as (
    select * from core_site
),

county_years as (
    select * from county_year
),

verdict_texts as (
    select * from code_verdicts
),

choices as (
    select * from std_choice
),

reading_sets as (
    select distinct
        standard_id,
        readings_id
    from choices
),

site_counts as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        cast(count(distinct school_code) as integer) as schools,
        cast(count(*) as integer) as sites,
        cast(count(case when is_excluded then 1 end) as integer) as excluded_sites
    from sites
    group by standard_id, readings_id, stat_year, county_code
),

school_counts as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        cast(count(*) as integer) as units,
        cast(sum(pupils) as bigint) as pupils,
        cast(count(case when verdict = 'met' then 1 end) as integer) as units_met,
        cast(count(case when verdict = 'not_met' then 1 end) as integer) as units_not_met,
        cast(count(case when verdict = 'not_assessable' then 1 end) as integer) as units_not_assessable,
        max(case when is_synthetic then 1 else 0 end) as synthetic_rows
    from schools
    group by standard_id, readings_id, stat_year, county_code
),

coefficient_counts as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        cast(count(*) as integer) as coefficients,
        cast(count(case when verdict = 'met' then 1 end) as integer) as coefficients_met,
        cast(count(case when verdict = 'not_met' then 1 end) as integer) as coefficients_not_met,
        cast(count(case when verdict = 'not_assessable' then 1 end) as integer) as coefficients_not_assessable
    from coefficients
    group by standard_id, readings_id, stat_year, county_code
),

counts as (
    select
        reading_sets.standard_id,
        reading_sets.readings_id,
        county_years.stat_year,
        county_years.county_code,
        coalesce(site_counts.schools, 0) as schools,
        coalesce(site_counts.sites, 0) as sites,
        coalesce(site_counts.excluded_sites, 0) as excluded_sites,
        coalesce(school_counts.units, 0) as units,
        school_counts.pupils,
        coalesce(school_counts.units_met, 0) as units_met,
        coalesce(school_counts.units_not_met, 0) as units_not_met,
        coalesce(school_counts.units_not_assessable, 0) as units_not_assessable,
        coalesce(coefficient_counts.coefficients, 0) as coefficients,
        coalesce(coefficient_counts.coefficients_met, 0) as coefficients_met,
        coalesce(coefficient_counts.coefficients_not_met, 0) as coefficients_not_met,
        coalesce(coefficient_counts.coefficients_not_assessable, 0) as coefficients_not_assessable,
        county_years.is_provisional,
        coalesce(school_counts.synthetic_rows, 0) = 1 as is_synthetic
    from county_years
    cross join reading_sets
    left join site_counts
        on
            reading_sets.standard_id = site_counts.standard_id
            and reading_sets.readings_id = site_counts.readings_id
            and county_years.stat_year = site_counts.stat_year
            and county_years.county_code = site_counts.county_code
    left join school_counts
        on
            reading_sets.standard_id = school_counts.standard_id
            and reading_sets.readings_id = school_counts.readings_id
            and county_years.stat_year = school_counts.stat_year
            and county_years.county_code = school_counts.county_code
    left join coefficient_counts
        on
            reading_sets.standard_id = coefficient_counts.standard_id
            and reading_sets.readings_id = coefficient_counts.readings_id
            and county_years.stat_year = coefficient_counts.stat_year
            and county_years.county_code = coefficient_counts.county_code
),

verdicts as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        schools,
        sites,
        excluded_sites,
        units,
        pupils,
        units_met,
        units_not_met,
        units_not_assessable,
        coefficients,
        coefficients_met,
        coefficients_not_met,
        coefficients_not_assessable,
        case
            when units_not_met > 0 then 'not_met'
            when units_not_assessable > 0 then 'not_assessable'
            when units_met > 0 then 'met'
            else 'not_applicable'
        end as schools_verdict,
        case
            when coefficients_not_met > 0 then 'not_met'
            when coefficients_not_assessable > 0 then 'not_assessable'
            when coefficients_met > 0 then 'met'
            else 'not_applicable'
        end as coefficients_verdict,
        case
            when units_not_met + coefficients_not_met > 0 then 'not_met'
            when units_not_assessable + coefficients_not_assessable > 0 then 'not_assessable'
            when units_met > 0 then 'met'
            else 'not_applicable'
        end as resource_verdict,
        is_provisional,
        is_synthetic
    from counts
),

final as (
    select
        verdicts.standard_id,
        verdicts.readings_id,
        verdicts.stat_year,
        verdicts.county_code,
        verdicts.schools,
        verdicts.sites,
        verdicts.excluded_sites,
        verdicts.units,
        verdicts.pupils,
        verdicts.units_met,
        verdicts.units_not_met,
        verdicts.units_not_assessable,
        verdicts.coefficients,
        verdicts.coefficients_met,
        verdicts.coefficients_not_met,
        verdicts.coefficients_not_assessable,
        verdicts.schools_verdict,
        verdicts.coefficients_verdict,
        verdicts.resource_verdict,
        verdict_texts.text_zh as resource_verdict_text,
        verdicts.is_provisional,
        verdicts.is_synthetic
    from verdicts
    left join verdict_texts on verdicts.resource_verdict = verdict_texts.code
)

select * from final
