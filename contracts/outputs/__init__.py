"""Published tables: one pandera model per table, in the order of the release."""

from contracts.fields import Table
from contracts.outputs.county import (
    Commitment,
    CountyComponent,
    CountyCondition,
    CountyItem,
    CountyPart,
    History,
    Obstacle,
    VerdictRobustness,
)
from contracts.outputs.dims import DimCountyYear, DimDataDictionary, DimItem, DimLimit, DimSite, DimSplit, DimTerm
from contracts.outputs.facts import (
    CountyComposite,
    CountyCv,
    CountySummary,
    Dispersion,
    Measure,
    Result,
    SchoolSummary,
    VarianceShare,
)
from contracts.outputs.reported import CountyFigure, Roll, Room, SurveyGroup
from contracts.outputs.reports import Scorecard

TABLES: dict[str, type[Table]] = {
    "dim_county_year": DimCountyYear,
    "dim_site": DimSite,
    "dim_item": DimItem,
    "dim_limit": DimLimit,
    "dim_term": DimTerm,
    "dim_split": DimSplit,
    "dim_data_dictionary": DimDataDictionary,
    "fact_roll": Roll,
    "fact_room": Room,
    "fact_county_figure": CountyFigure,
    "fact_survey": SurveyGroup,
    "fact_measure": Measure,
    "fact_result": Result,
    "fact_school_summary": SchoolSummary,
    "fact_variance_share": VarianceShare,
    "fact_county_cv": CountyCv,
    "fact_county_composite": CountyComposite,
    "fact_dispersion": Dispersion,
    "fact_county_item": CountyItem,
    "fact_county_condition": CountyCondition,
    "fact_county_component": CountyComponent,
    "fact_county_part": CountyPart,
    "fact_county_summary": CountySummary,
    "fact_verdict_robustness": VerdictRobustness,
    "fact_obstacle": Obstacle,
    "fact_commitment": Commitment,
    "fact_history": History,
    "rpt_scorecard": Scorecard,
}
