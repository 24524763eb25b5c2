"""What a standard's file may hold, and the tables it becomes: keys, kinds of values, columns."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

LIMIT_PLACES = 4
WEIGHT_PLACES = 2
LIMIT_DIGITS = 8
"""Places and whole digits that the columns of `SCHEMAS` hold; more would be rounded in silence, so it is refused."""
OPERATORS = (">=", "<=", ">", "<", "=")
ROUNDINGS = ("none", "up")
TERM = re.compile(r"(?P<sign>-?)(?P<measure>[a-z][a-z0-9_]*)(@(?P<offset>-\d))?")
"""A measure to add, or with - to take away; @-1 is the year before."""

_BASIS = {"basis_article": "varchar", "basis_quote": "varchar", "basis_source": "varchar", "is_confirmed": "boolean"}
_ID = {"standard_id": "varchar"}
_TEST = {**_ID, "item_code": "varchar", "test_no": "integer", "stage": "varchar"}
_CASE = {**_TEST, "case_no": "integer"}
_READING = {"reading_code": "varchar", "choice_code": "varchar"}
_LIMIT = "decimal(12,4)"
SCHEMAS: dict[str, dict[str, str]] = {
    "std_standard": {
        **_ID,
        "title": "varchar",
        "title_en": "varchar",
        "document": "varchar",
        "is_judged": "boolean",
        **_BASIS,
    },
    "std_item": {
        **_ID,
        "item_no": "integer",
        "item_code": "varchar",
        "group_code": "varchar",
        "part": "varchar",
        "scope": "varchar",
        "name_zh": "varchar",
        "name_en": "varchar",
        "unit": "varchar",
        "decimals": "integer",
        "is_evidence": "boolean",
        **_BASIS,
    },
    "std_test": {
        **_TEST,
        "label_zh": "varchar",
        "per": _LIMIT,
        "operator": "varchar",
        "rounding": "varchar",
        "is_split": "boolean",
        "needs_same_period": "boolean",
        **_READING,
        **_BASIS,
    },
    "std_case": {**_CASE, "kind": "varchar", "case_code": "varchar", "title": "varchar", "commitment": "varchar"},
    "std_term": {**_CASE, "side": "varchar", "measure_code": "varchar", "sign": "integer", "year_offset": "integer"},
    "std_limit": {
        **_CASE,
        "limit_value": _LIMIT,
        "overlay_id": "varchar",
        "region_code": "varchar",
        "from_year": "integer",
        **_BASIS,
    },
    "std_condition": {
        **_CASE,
        "condition_no": "integer",
        "measure_code": "varchar",
        "operator": "varchar",
        "factor": _LIMIT,
        "base_measure_code": "varchar",
    },
    "std_relaxation_period": {**_ID, **_READING, "from_year": "integer", "to_year": "integer", **_BASIS},
    "std_count": {
        **_ID,
        "measure_code": "varchar",
        "source": "varchar",
        "stage": "varchar",
        "take": "varchar",
        "column_name": "varchar",
        "kind": "varchar",
        "grade": "integer",
        "operator": "varchar",
        "limit_value": _LIMIT,
        "is_public": "boolean",
        "is_boarding": "boolean",
        "area": "varchar",
        "authority": "varchar",
        "within_years": "integer",
        **_BASIS,
    },
    "std_subject": {**_ID, "subject_code": "varchar", **_READING, **_BASIS},
    "std_combined": {**_ID, "school_type_code": "varchar", **_BASIS},
    "std_coefficient": {
        **_ID,
        "item_code": "varchar",
        "stage": "varchar",
        "operator": "varchar",
        "limit_value": _LIMIT,
        "relaxed_reading_code": "varchar",
        "relaxed_choice_code": "varchar",
        **_BASIS,
    },
    "std_composite": {
        **_ID,
        "stage": "varchar",
        "items": "integer",
        "operator": "varchar",
        "limit_value": _LIMIT,
        **_BASIS,
    },
    "std_school_rule": {
        **_ID,
        "stage": "varchar",
        "item_code": "varchar",
        "met_at_least": "integer",
        "floor_ratio": "decimal(6,4)",
        **_BASIS,
    },
    "std_split": {**_ID, "school_type_code": "varchar", "stage": "varchar", "weight": "decimal(6,2)", **_BASIS},
    "std_exclusion": {
        **_ID,
        "exclusion_no": "integer",
        "exclusion_code": "varchar",
        "scope": "varchar",
        "school_type_code": "varchar",
        "is_public": "boolean",
        "stage": "varchar",
        "below_pupils": "integer",
        **_READING,
        **_BASIS,
    },
    "std_merge": {
        **_ID,
        "merge_no": "integer",
        "merge_code": "varchar",
        "school_type_code": "varchar",
        "stage": "varchar",
        "below_pupils": "integer",
        "target": "varchar",
        **_READING,
        **_BASIS,
    },
    "std_precondition": {**_ID, "precondition_code": "varchar", "min_years": "integer", **_BASIS},
    "std_veto": {**_ID, "veto_code": "varchar", **_BASIS},
    "std_reading": {**_ID, **_READING, "title": "varchar", "is_default": "boolean", **_BASIS},
    "std_reading_set": {
        **_ID,
        "readings_id": "varchar",
        "base_readings_id": "varchar",
        "block_no": "integer",
        "changes": "integer",
    },
    "std_choice": {**_ID, "readings_id": "varchar", **_READING},
    "std_subset": {**_ID, "readings_id": "varchar", "subset_id": "varchar", "changes": "integer"},
}

BASIS_KEYS = {"article": str, "quote": str, "source": str, "confirmed": bool}
TEST_KEYS = (
    "numerator", "denominator", "per", "operator", "limit", "stages", "split", "round", "same_period", "reading",
    "applies", "relaxations", "aside", "label_zh",
)  # fmt: skip
REQUIRED = {
    "": ("id", "title", "title_en", "document", "basis", "items"),
    "items": ("part", "scope", "name_zh", "name_en", "unit", "decimals", "basis"),
    "tests": (),
    "relaxations": ("id", "title", "basis"),
    "aside": ("numerator", "title"),
    "school_rule": ("items", "stages", "met_at_least", "floor_ratio", "basis"),
    "coefficient": ("items", "basis"),
    "split": ("school_type_codes", "weights", "basis"),
    "exclusions": ("id", "basis"),
    "merges": ("id", "target", "reading", "basis"),
    "readings": ("title", "default", "choices", "basis"),
    "counts": ("of", "basis"),
    "combined": ("school_type_codes", "basis"),
    "subjects": ("codes", "basis"),
    "relaxation_periods": ("reading", "basis"),
    "preconditions": ("id", "basis"),
    "vetoes": ("ids", "basis"),
    "composite": ("operator", "limit", "basis"),
}
OPTIONAL = {
    "": (
        "informational", "school_rule", "coefficient", "composite", "split", "exclusions", "merges", "readings",
        "counts", "combined", "subjects", "relaxation_periods", "preconditions", "vetoes",
    ),
    "items": (*TEST_KEYS, "tests", "evidence"),
    "tests": TEST_KEYS,
    "relaxations": ("when", "numerator", "limit", "commitment"),
    "aside": (),
    "school_rule": (),
    "coefficient": ("operator", "limit", "relaxed"),
    "composite": (),
    "split": (),
    "exclusions": ("scopes", "school_type_codes", "is_public", "stage", "below_pupils", "reading"),
    "merges": ("school_type_codes", "stage", "below_pupils"),
    "readings": (),
    "counts": ("take", "column", "kind", "grades", "operator", "limit", "where", "within_years"),
    "combined": (),
    "subjects": ("reading",),
    "relaxation_periods": ("from_year", "to_year"),
    "preconditions": ("min_years",),
    "vetoes": (),
}  # fmt: skip
SOURCES = {
    "class": ("site", "class_pupils"),
    "room": ("site", "area_m2"),
    "site": ("school", "pupils"),
    "enrolment": ("county", "pupils catchment_pupils migrant_pupils"),
    "monitoring": ("subject", "level variation_ratio"),
    "project": ("county", "seats_added floor_area_m2 land_m2 investment_yuan projects"),
}
"""What a counted measure may be counted from: the scope it is counted for, and the columns it may take."""
WHERE_KEYS = ("is_public", "is_boarding", "areas", "authorities")


def is_text(value: Any) -> bool:
    """Whether a value is a text that says something."""
    return isinstance(value, str) and bool(value.strip())


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """Whether a value is a finite number."""
    return is_whole(value) or (isinstance(value, Decimal) and value.is_finite())


def is_texts(value: Any) -> bool:
    """Whether a value is a list of different texts, at least one."""
    return isinstance(value, list) and bool(value) and all(map(is_text, value)) and len(set(value)) == len(value)


def is_by_stage(value: Any, each: Callable[[Any], bool]) -> bool:
    """Whether a value is a table of at least one entry, each of which holds."""
    return isinstance(value, dict) and bool(value) and all(map(each, value.values()))


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def _is_condition(value: Any) -> bool:
    """Whether a value is [measure, operator, number] or [measure, operator, factor, measure]."""
    return (
        isinstance(value, list)
        and len(value) in {3, 4}
        and is_text(value[0])
        and value[1] in OPERATORS
        and is_number(value[2])
        and all(map(is_text, value[3:]))
    )


_TEXT = (is_text, "应为文字 / must be a text")
_FLAG = (lambda value: isinstance(value, bool), "应为 true 或 false / must be true or false")
_COUNT = (lambda value: is_whole(value) and value > 0, "应为大于0的整数 / must be a whole number above 0")
_YEAR = (lambda value: is_whole(value) and value > 0, "应为年份 / must be a year")
_NUMBER = (is_number, "应为数 / must be a number")
_TEXTS = (is_texts, "应为一列文字，至少一个，不重复 / must be a list of texts, at least one, none twice")
_TERMS = (
    lambda value: is_texts(value) or is_by_stage(value, is_texts),
    "应为一列测算量，或按学段各一列，至少一个，不重复 / must be a list of measures, none twice, or one a stage",
)
_LIMITS = (
    lambda value: is_number(value) or is_by_stage(value, is_number),
    "应按学段各给一个数 / must be a number for each stage",
)
_WEIGHTS = (lambda value: is_by_stage(value, is_number), _LIMITS[1])
_SECTION = (lambda value: isinstance(value, dict), "应为一节 / must be a table")
_SECTIONS = (lambda value: is_by_stage(value, lambda one: isinstance(one, dict)), "应为各节 / must be tables")
_ROWS = (_is_tables, "应为一行一节 [[…]] / must be rows [[…]]")
_CONDITIONS = (
    lambda value: isinstance(value, list) and bool(value) and all(map(_is_condition, value)),
    "应为一列 [测算量, 比较, 数] / must be [measure, operator, number] or [measure, operator, factor, measure]",
)
_GRADES = (
    lambda value: isinstance(value, list) and bool(value) and all(map(is_whole, value)),
    "应为一列年级 / must be a list of grades",
)
SHAPES = {
    **dict.fromkeys(("id", "title", "title_en", "document", "part", "scope", "name_zh", "name_en", "label_zh"), _TEXT),
    **dict.fromkeys(("operator", "round", "stage", "target", "default", "commitment"), _TEXT),
    **dict.fromkeys(("of", "take", "column", "kind"), _TEXT),
    **dict.fromkeys(("items", "stages", "school_type_codes", "choices", "scopes", "codes", "ids"), _TEXTS),
    "limit": _LIMITS,
    "weights": _WEIGHTS,
    **dict.fromkeys(("numerator", "denominator"), _TERMS),
    **dict.fromkeys(("per", "met_at_least", "below_pupils", "within_years", "min_years"), _COUNT),
    **dict.fromkeys(("from_year", "to_year"), _YEAR),
    **dict.fromkeys(("split", "is_public", "evidence", "same_period", "informational"), _FLAG),
    **dict.fromkeys(("applies", "when"), _CONDITIONS),
    **dict.fromkeys(("tests", "relaxations"), _ROWS),
    **dict.fromkeys(("aside", "where"), _SECTION),
    "grades": _GRADES,
    "unit": (lambda value: isinstance(value, str), _TEXT[1]),
    "decimals": (lambda value: is_whole(value) and value >= 0, "应为整数 / must be a whole number"),
    "floor_ratio": _NUMBER,
    **dict.fromkeys(
        ("reading", "relaxed"),
        (
            lambda value: is_by_stage(value, is_text) and len(value) == 1,
            "应为一个口径的一个取值 / must be one choice of one reading",
        ),
    ),
}
"""Key → what its value may be, and the words for what it may not."""
ROOT_SHAPES = {
    **SHAPES,
    **dict.fromkeys(("items", "readings", "counts"), _SECTIONS),
    **dict.fromkeys(
        ("split", "exclusions", "merges", "subjects", "relaxation_periods", "preconditions", "vetoes"), _ROWS
    ),
    **dict.fromkeys(("school_rule", "coefficient", "composite", "combined"), _SECTION),
}
"""The same for the keys at the top of the file, where some names mean whole sections."""
