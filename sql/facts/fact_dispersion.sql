-- Other measures of dispersion between schools, for research; none of them judges.
-- One row per standard, county, stage, item of the coefficient, kind and year, under the default readings.
-- Theil's index needs a logarithm, which no engine promises to the last bit: each term is rounded to the ninth decimal.
with

shares as (
    select * from fact_variance_share
),

coefficients as (
    select * from fact_county_cv
),

units as (
    select * from core_unit
),

urban_rural_classes as (
    select * from code_urban_rural
),

kind_texts as (
    select * from code_dispersion_kinds
),

known_units as (
    select
        shares.standard_id,
        shares.stat_year,
        shares.county_code,
        shares.stage,
        shares.item_code,
        shares.site_id,
        shares.pupils,
        shares.numerator,
        shares.value,
        shares.variance_term,
        shares.is_provisional,
        shares.is_synthetic,
        urban_rural_classes.area
    from shares
    inner join units
        on
            shares.standard_id = units.standard_id
            and shares.readings_id = units.readings_id
            and shares.stat_year = units.stat_year
            and shares.county_code = units.county_code
            and shares.site_id = units.site_id
            and shares.stage = units.stage
    left join urban_rural_classes on units.urban_rural_code = urban_rural_classes.code
    where shares.readings_id = 'default' and shares.is_known
),

sums as (
    select
        standard_id,
        stat_year,
        county_code,
        stage,
        item_code,
        cast(sum(pupils) as bigint) as pupils,
        cast(sum(numerator) as decimal(38, 6)) as numerator,
        cast(sum(variance_term) as decimal(38, 0)) as variance_term,
        max(value) as highest,
        min(value) as lowest,
        max(case when is_provisional then 1 else 0 end) = 1 as is_provisional,
        max(case when is_synthetic then 1 else 0 end) = 1 as is_synthetic
    from known_units
    group by standard_id, stat_year, county_code, stage, item_code
),

-- cumulated in order of value: exact sums of whole pupils and decimals
cumulated_units as (
    select
        standard_id,
        stat_year,
        county_code,
        stage,
        item_code,
        pupils,
        numerator,
        cast(sum(numerator) over (
            partition by standard_id, stat_year, county_code, stage, item_code
            order by value asc nulls last, site_id asc nulls last
            rows between unbounded preceding and current row
        ) as decimal(38, 6)) as numerator_up_to
    from known_units
),

gini_terms as (
    select
        standard_id,
        stat_year,
        county_code,
        stage,
        item_code,
        cast(sum((numerator_up_to + numerator_up_to - numerator) * cast(pupils as decimal(12, 0))) as decimal(30, 6)) as area
    from cumulated_units
    group by standard_id, stat_year, county_code, stage, item_code
),

-- in millions and a rest: a decimal of more than fifteen digits becomes a double in each engine's own way
gini_parts as (
    select
        standard_id,
        stat_year,
        county_code,
        stage,
        item_code,
        area,
        cast(floor(area * 0.000001) as decimal(24, 0)) as area_millions
    from gini_terms
),

gini_areas as (
    select
        standard_id,
        stat_year,
        county_code,
        stage,
        item_code,
        cast(area_millions as double) * 1e6
        + cast(cast(area - area_millions * cast(1e6 as decimal(7, 0)) as decimal(18, 6)) as double) as area
    from gini_parts
),

theil_terms as (
    select
        known_units.standard_id,
        known_units.stat_year,
        known_units.county_code,
        known_units.stage,
        known_units.item_code,
        cast(sum(
            cast(
                floor(
                    case
                        when known_units.numerator > 0
                            then
                                cast(known_units.numerator as double) / nullif(cast(sums.numerator as double), 0)
                                * ln(
                                    cast(known_units.numerator as double) * cast(sums.pupils as double)
                                    / nullif(cast(known_units.pupils as double) * cast(sums.numerator as double), 0)
                                )
                        else 0
                    end * 1e9 + 0.5
                ) as decimal(18, 0)
            )
        ) as decimal(38, 0)) as theil_nano
    from known_units
    inner join sums
        on
            known_units.standard_id = sums.standard_id
            and known_units.stat_year = sums.stat_year
            and known_units.county_code = sums.county_code
            and known_units.stage = sums.stage
            and known_units.item_code = sums.item_code
    group by known_units.standard_id, known_units.stat_year, known_units.county_code, known_units.stage, known_units.item_code
),

area_sums as (
    select
        standard_id,
        stat_year,
        county_code,
        stage,
        item_code,
        area,
        cast(sum(pupils) as bigint) as pupils,
        cast(sum(numerator) as decimal(38, 6)) as numerator
    from known_units
    group by standard_id, stat_year, county_code, stage, item_code, area
),

area_terms as (
    select
        area_sums.standard_id,
        area_sums.stat_year,
        area_sums.county_code,
        area_sums.stage,
        area_sums.item_code,
        cast(sum(
            cast(
                floor(
                    cast(area_sums.pupils as double)
                    * (
                        (cast(area_sums.numerator as double) / nullif(cast(area_sums.pupils as double), 0))
                        / nullif(cast(sums.numerator as double) / nullif(cast(sums.pupils as double), 0), 0) - 1
                    )
                    * (
                        (cast(area_sums.numerator as double) / nullif(cast(area_sums.pupils as double), 0))
                        / nullif(cast(sums.numerator as double) / nullif(cast(sums.pupils as double), 0), 0) - 1
                    ) * 1e10 + 0.5
                ) as decimal(20, 0)
            )
        ) as decimal(38, 0)) as between_term
    from area_sums
    inner join sums
        on
            area_sums.standard_id = sums.standard_id
            and area_sums.stat_year = sums.stat_year
            and area_sums.county_code = sums.county_code
            and area_sums.stage = sums.stage
            and area_sums.item_code = sums.item_code
    group by area_sums.standard_id, area_sums.stat_year, area_sums.county_code, area_sums.stage, area_sums.item_code
),

values_of_kinds as (
    select
        sums.standard_id,
        sums.stat_year,
        sums.county_code,
        sums.stage,
        sums.item_code,
        kind_texts.code as kind,
        kind_texts.text_zh as kind_text,
        case kind_texts.code
            when 'gini'
                then
                    1 - cast(gini_areas.area as double)
                    / nullif(cast(sums.numerator as double) * cast(sums.pupils as double), 0)
            when 'theil' then case when sums.numerator > 0 then cast(theil_terms.theil_nano as double) / 1e9 end
            when 'unweighted_cv' then coefficients.unweighted_cv
            when 'range_ratio' then cast(sums.highest as double) / nullif(sums.lowest, 0)
            when 'between_area_share'
                then cast(area_terms.between_term as double) / nullif(cast(sums.variance_term as double), 0)
        end as value,
        sums.is_provisional,
        sums.is_synthetic
    from sums
    cross join kind_texts
    inner join gini_areas
        on
            sums.standard_id = gini_areas.standard_id
            and sums.stat_year = gini_areas.stat_year
            and sums.county_code = gini_areas.county_code
            and sums.stage = gini_areas.stage
            and sums.item_code = gini_areas.item_code
    inner join theil_terms
        on
            sums.standard_id = theil_terms.standard_id
            and sums.stat_year = theil_terms.stat_year
            and sums.county_code = theil_terms.county_code
            and sums.stage = theil_terms.stage
            and sums.item_code = theil_terms.item_code
    inner join area_terms
        on
            sums.standard_id = area_terms.standard_id
            and sums.stat_year = area_terms.stat_year
            and sums.county_code = area_terms.county_code
            and sums.stage = area_terms.stage
            and sums.item_code = area_terms.item_code
    inner join coefficients
        on
            sums.standard_id = coefficients.standard_id
            and sums.stat_year = coefficients.stat_year
            and sums.county_code = coefficients.county_code
            and sums.stage = coefficients.stage
            and sums.item_code = coefficients.item_code
            and coefficients.readings_id = 'default'
)

select * from values_of_kinds
