-- Schools and independent campuses, whether they take part, and why not.
-- One row per standard, reading set, site and year.
with

sites as (
    select * from core_site
),

school_types as (
    select * from code_school_types
),

urban_rural_classes as (
    select * from code_urban_rural
),

sponsors as (
    select * from code_sponsors
),

reasons as (
    select * from code_reasons
),

final as (
    select
        sites.standard_id,
        sites.readings_id,
        sites.stat_year,
        sites.county_code,
        sites.site_id,
        sites.school_code,
        sites.campus_no,
        sites.school_name,
        sites.school_type_code,
        school_types.text_zh as school_type_text,
        sites.urban_rural_code,
        urban_rural_classes.text_zh as urban_rural_text,
        sites.sponsor_code,
        sponsors.text_zh as sponsor_text,
        sites.is_public,
        sites.is_boarding,
        sites.built_year,
        sites.counts_as_school,
        sites.target_site_id,
        sites.is_excluded,
        sites.exclusion_code,
        reasons.text_zh as exclusion_text,
        sites.is_synthetic
    from sites
    left join school_types on sites.school_type_code = school_types.code
    left join urban_rural_classes on sites.urban_rural_code = urban_rural_classes.code
    left join sponsors on sites.sponsor_code = sponsors.code
    left join reasons on sites.exclusion_code = reasons.code
)

select * from final
