-- Pupils of a site by stage, grades added up.
-- One row per site, stage and year.
-- A grade without a number leaves the whole stage without one: missing is never zero.
with

enrolments as (
    select * from enrolment
),

final as (
    select
        stat_year,
        county_code,
        school_code,
        campus_no,
        stage,
        cast(case when count(*) = count(pupils) then sum(pupils) end as bigint) as pupils,
        max(case when is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from enrolments
    group by stat_year, county_code, school_code, campus_no, stage
)

select * from final
