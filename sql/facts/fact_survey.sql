-- Questionnaires and visits of the satisfaction survey, as reported.
-- One row per county, group of respondents and year.
with

surveys as (
    select * from survey
),

survey_groups as (
    select * from code_survey_groups
),

final as (
    select
        surveys.stat_year,
        surveys.county_code,
        surveys.respondent_group,
        survey_groups.text_zh as respondent_group_text,
        surveys.questionnaires,
        surveys.valid_questionnaires,
        surveys.satisfied_questionnaires,
        surveys.visits,
        surveys.satisfied_visits,
        surveys.is_synthetic
    from surveys
    left join survey_groups on surveys.respondent_group = survey_groups.code
)

select * from final
