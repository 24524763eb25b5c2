-- The verdict on a county: school rule, coefficients, the other parts, all together, and one sentence of it.
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

parts as (
    select * from fact_county_part
),

robustness as (
    select * from fact_verdict_robustness
),

standards as (
    select * from std_standard
),

county_reading_sets as (
    select * from core_reading_set
),

reading_sets as (
    select
        county_reading_sets.standard_id,
        county_reading_sets.readings_id,
        county_reading_sets.stat_year,
        county_reading_sets.county_code
    from county_reading_sets
    inner join standards on county_reading_sets.standard_id = standards.standard_id
    where county_reading_sets.changes = 0 and standards.is_judged
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
    where limit_value is not null
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
    inner join reading_sets
        on
            county_years.stat_year = reading_sets.stat_year
            and county_years.county_code = reading_sets.county_code
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

-- one row a county: the verdict of each part, and its counts in words
part_columns as (
    select
        standard_id,
        readings_id,
        stat_year,
        county_code,
        max(case when part = 'resources' then verdict end) as resources_verdict,
        max(case when part = 'resources' then verdict_text end) as resources_verdict_text,
        max(case when part = 'government' then verdict end) as government_verdict,
        max(case when part = 'government' then verdict_text end) as government_verdict_text,
        max(case when part = 'quality' then verdict end) as quality_verdict,
        max(case when part = 'quality' then verdict_text end) as quality_verdict_text,
        max(case when part = 'recognition' then verdict end) as recognition_verdict,
        max(case when part = 'recognition' then verdict_text end) as recognition_verdict_text,
        max(case when part = 'precondition' then verdict end) as precondition_verdict,
        max(case when part = 'precondition' then verdict_text end) as precondition_verdict_text,
        max(case when part = 'veto' then verdict end) as veto_verdict,
        max(case when part = 'veto' then verdict_text end) as veto_verdict_text,
        max(case when part = 'overall' then verdict end) as overall_verdict,
        max(case when part = 'overall' then verdict_text end) as overall_verdict_text,
        max(case when part = 'government' then components end) as government_components,
        max(case when part = 'government' then components_met end) as government_met,
        max(case when part = 'government' then components_not_met end) as government_not_met,
        max(case when part = 'government' then components_not_assessable end) as government_not_assessable,
        max(case when part = 'quality' then components end) as quality_components,
        max(case when part = 'quality' then components_met end) as quality_met,
        max(case when part = 'quality' then components_not_met end) as quality_not_met,
        max(case when part = 'quality' then components_not_assessable end) as quality_not_assessable,
        max(case when part = 'overall' then components_not_met end) as not_met_components,
        max(case when part = 'overall' then components_not_assessable end) as not_assessable_components,
        max(case when part = 'overall' and is_synthetic then 1 else 0 end) as synthetic_rows
    from parts
    group by standard_id, readings_id, stat_year, county_code
),

overall_robustness as (
    select * from robustness
    where component_code = 'overall'
),

verdict_words as (
    select * from code_verdicts
),

final as (
    select
        counts.standard_id,
        counts.readings_id,
        counts.stat_year,
        counts.county_code,
        counts.schools,
        counts.sites,
        counts.excluded_sites,
        counts.units,
        counts.pupils,
        counts.units_met,
        counts.units_not_met,
        counts.units_not_assessable,
        counts.coefficients,
        counts.coefficients_met,
        counts.coefficients_not_met,
        counts.coefficients_not_assessable,
        case
            when counts.units_not_met > 0 then 'not_met'
            when counts.units_not_assessable > 0 then 'not_assessable'
            when counts.units_met > 0 then 'met'
            else 'not_applicable'
        end as schools_verdict,
        case
            when counts.coefficients_not_met > 0 then 'not_met'
            when counts.coefficients_not_assessable > 0 then 'not_assessable'
            when counts.coefficients_met > 0 then 'met'
            else 'not_applicable'
        end as coefficients_verdict,
        coalesce(part_columns.resources_verdict, 'not_applicable') as resource_verdict,
        resource_words.text_zh as resource_verdict_text,
        part_columns.government_components,
        part_columns.government_met,
        part_columns.government_not_met,
        part_columns.government_not_assessable,
        part_columns.government_verdict,
        part_columns.government_verdict_text,
        part_columns.quality_components,
        part_columns.quality_met,
        part_columns.quality_not_met,
        part_columns.quality_not_assessable,
        part_columns.quality_verdict,
        part_columns.quality_verdict_text,
        part_columns.recognition_verdict,
        part_columns.recognition_verdict_text,
        part_columns.precondition_verdict,
        part_columns.precondition_verdict_text,
        part_columns.veto_verdict,
        part_columns.veto_verdict_text,
        coalesce(part_columns.overall_verdict, 'not_applicable') as overall_verdict,
        overall_words.text_zh as overall_verdict_text,
        coalesce(overall_robustness.robustness, 'not_applicable_under_all') as robustness,
        overall_robustness.robustness_text,
        '资源配置' || resource_words.text_zh
        || case
            when counts.units = 0 then ''
            else
                '(单位' || cast(counts.units_met as string) || '/' || cast(counts.units as string)
                || ',差异系数' || cast(counts.coefficients_met as string) || '/' || cast(counts.coefficients as string) || ')'
        end
        || coalesce(
            ';政府保障' || cast(part_columns.government_components as string) || '项中达标'
            || cast(part_columns.government_met as string) || '、未达标'
            || cast(part_columns.government_not_met as string) || '、无法判定'
            || cast(part_columns.government_not_assessable as string), ''
        )
        || coalesce(
            ';教育质量' || cast(part_columns.quality_components as string) || '项中达标'
            || cast(part_columns.quality_met as string) || '、未达标'
            || cast(part_columns.quality_not_met as string) || '、无法判定'
            || cast(part_columns.quality_not_assessable as string), ''
        )
        || coalesce(';社会认可度' || part_columns.recognition_verdict_text, '')
        || coalesce(';前置条件' || part_columns.precondition_verdict_text, '')
        || coalesce(';一票否决' || part_columns.veto_verdict_text, '')
        || '。总体' || overall_words.text_zh
        || coalesce(',' || overall_robustness.robustness_text, '') as sentence_zh,
        'resources ' || resource_words.text_en
        || case
            when counts.units = 0 then ''
            else
                ' (units ' || cast(counts.units_met as string) || '/' || cast(counts.units as string)
                || ', coefficients ' || cast(counts.coefficients_met as string) || '/'
                || cast(counts.coefficients as string) || ')'
        end
        || coalesce(
            '; government ' || cast(part_columns.government_met as string) || ' met, '
            || cast(part_columns.government_not_met as string) || ' not met, '
            || cast(part_columns.government_not_assessable as string) || ' not assessable of '
            || cast(part_columns.government_components as string), ''
        )
        || coalesce(
            '; quality ' || cast(part_columns.quality_met as string) || ' met, '
            || cast(part_columns.quality_not_met as string) || ' not met, '
            || cast(part_columns.quality_not_assessable as string) || ' not assessable of '
            || cast(part_columns.quality_components as string), ''
        )
        || coalesce('; recognition ' || recognition_words.text_en, '')
        || '. Overall ' || overall_words.text_en as sentence_en,
        counts.is_provisional,
        counts.is_synthetic or coalesce(part_columns.synthetic_rows, 0) = 1 as is_synthetic
    from counts
    left join part_columns
        on
            counts.standard_id = part_columns.standard_id
            and counts.readings_id = part_columns.readings_id
            and counts.stat_year = part_columns.stat_year
            and counts.county_code = part_columns.county_code
    left join overall_robustness
        on
            counts.standard_id = overall_robustness.standard_id
            and counts.stat_year = overall_robustness.stat_year
            and counts.county_code = overall_robustness.county_code
    left join verdict_words as resource_words
        on resource_words.code = coalesce(part_columns.resources_verdict, 'not_applicable')
    left join verdict_words as overall_words
        on overall_words.code = coalesce(part_columns.overall_verdict, 'not_applicable')
    left join verdict_words as recognition_words on part_columns.recognition_verdict = recognition_words.code
)

select * from final
