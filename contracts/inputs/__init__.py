"""Input tables: one pandera model per table, in the order of the template's sheets."""

from contracts.fields import Table
from contracts.inputs.county import CountyFact, Finance, Project
from contracts.inputs.judgement import (
    Commitment,
    Declaration,
    Precondition,
    PublishedFigure,
    RelaxationClaim,
    SchoolLink,
    Veto,
)
from contracts.inputs.quality import Cohort, Monitoring, Survey
from contracts.inputs.school import ClassSize, Enrolment, Premises, School, SpecialRoom, Teacher

TABLES: dict[str, type[Table]] = {
    "school": School,
    "enrolment": Enrolment,
    "class_size": ClassSize,
    "teacher": Teacher,
    "premises": Premises,
    "special_room": SpecialRoom,
    "finance": Finance,
    "county_fact": CountyFact,
    "cohort": Cohort,
    "monitoring": Monitoring,
    "survey": Survey,
    "declaration": Declaration,
    "precondition": Precondition,
    "veto": Veto,
    "relaxation_claim": RelaxationClaim,
    "published_figure": PublishedFigure,
    "school_link": SchoolLink,
    "commitment": Commitment,
    "project": Project,
}
