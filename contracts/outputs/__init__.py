"""Published tables: one pandera model per table, in the order of the release."""

from contracts.fields import Table
from contracts.outputs.dims import DimCountyYear, DimDataDictionary, DimItem, DimLimit, DimSite
from contracts.outputs.facts import CountyCv, CountySummary, Measure, Result, SchoolSummary, VarianceShare
from contracts.outputs.reports import Scorecard

TABLES: dict[str, type[Table]] = {
    "dim_county_year": DimCountyYear,
    "dim_site": DimSite,
    "dim_item": DimItem,
    "dim_limit": DimLimit,
    "dim_data_dictionary": DimDataDictionary,
    "fact_measure": Measure,
    "fact_result": Result,
    "fact_school_summary": SchoolSummary,
    "fact_variance_share": VarianceShare,
    "fact_county_cv": CountyCv,
    "fact_county_summary": CountySummary,
    "rpt_scorecard": Scorecard,
}
