"""A standard's file as tables of rows (contracts/standard_shape.py): what SQL joins."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from contracts import standard_readings
from contracts.codes import read_codes
from contracts.standard_refuse import stages_of, tests_of
from contracts.standard_shape import SCHEMAS, SOURCES, TERM

Tables = dict[str, list[dict[str, Any]]]


def tables(data: dict[str, Any]) -> Tables:
    """Return the rows of every table of a sound standard, each with all its columns."""
    made: Tables = {name: [] for name in SCHEMAS} | standard_readings.rows(data)
    titles = {name: data[name] for name in ("title", "title_en", "document")}
    made["std_standard"].append({**titles, "is_judged": not data.get("informational", False), **_basis(data)})
    groups = standard_readings.groups(data)
    for item_no, (code, item) in enumerate(data["items"].items(), start=1):
        names = ("part", "scope", "name_zh", "name_en", "unit", "decimals")
        said = {name: item[name] for name in names}
        is_evidence = item.get("evidence", False)
        made["std_item"].append(
            {
                "item_no": item_no,
                "item_code": code,
                "group_code": groups[code],
                **said,
                "is_evidence": is_evidence,
                **_basis(item),
            }
        )
        for test_no, (_, test) in enumerate(tests_of((), item), start=1):
            _add_test(made, {"item_code": code, "test_no": test_no}, item, test)
    _add_rules(made, data)
    made["std_split"] = _split_rows(data.get("split", []))
    made["std_exclusion"] = [row for at, one in enumerate(data.get("exclusions", []), 1) for row in _exclusion(at, one)]
    made["std_merge"] = [row for at, one in enumerate(data.get("merges", []), 1) for row in _merge(at, one)]
    made["std_count"] = [row for code, one in data.get("counts", {}).items() for row in _count_rows(code, one)]
    _add_small(made, data)
    return {
        name: [{**dict.fromkeys(SCHEMAS[name]), "standard_id": data["id"], **row} for row in rows]
        for name, rows in made.items()
    }


def overlay_limits(base: Tables, data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the limits that an overlay puts over its base: one row per region, limit and stage."""
    rows = []
    for new in data["limits"]:
        for row in base["std_limit"]:
            is_meant = (row["item_code"], row["test_no"]) == (new["item"], new.get("test_no", 1))
            limit = new["limit"].get(row["stage"]) if isinstance(new["limit"], dict) else new["limit"]
            if is_meant and row["case_no"] == 0 and not row["overlay_id"] and limit is not None:
                said = {"limit_value": Decimal(limit), "overlay_id": data["id"], "from_year": data["from_year"]}
                rows += [{**row, **said, "region_code": region, **_basis(new)} for region in data["regions"]]
    return rows


def _basis(row: dict[str, Any]) -> dict[str, Any]:
    basis = row["basis"]
    return {
        "basis_article": basis["article"],
        "basis_quote": basis["quote"],
        "basis_source": basis["source"],
        "is_confirmed": basis["confirmed"],
    }


def _reading(row: dict[str, Any], key: str = "reading") -> dict[str, Any]:
    reading, choice = next(iter(row.get(key, {}).items()), (None, None))
    return {"reading_code": reading, "choice_code": choice}


def _add_test(made: Tables, named: dict[str, Any], item: dict[str, Any], test: dict[str, Any]) -> None:
    """Add a test with its cases: 0 as it stands, then its relaxations in order, last what is said aside."""
    basis = _basis({"basis": test.get("basis", item["basis"])})
    stages = stages_of(test, item["scope"])
    for stage in stages:
        at = {**named, "stage": stage}
        made["std_test"].append(
            {
                **at,
                "label_zh": test.get("label_zh", item["name_zh"]),
                "per": Decimal(test.get("per", 1)),
                "operator": test.get("operator"),
                "rounding": test.get("round", "none"),
                "is_split": test.get("split", False),
                "needs_same_period": test.get("same_period", False),
                **_reading(test),
                **basis,
            }
        )
        plain = {"kind": "plain", "numerator": test["numerator"], "limit": test.get("limit"), "basis": basis}
        _add_case(made, {**at, "case_no": 0}, test, plain, test.get("applies", []))
        for case_no, one in enumerate(test.get("relaxations", []), start=1):
            relaxed = {
                "kind": "relaxation",
                "numerator": one.get("numerator", test["numerator"]),
                "limit": one.get("limit", test.get("limit")),
                "basis": _basis(one),
            }
            _add_case(made, {**at, "case_no": case_no}, test, {**one, **relaxed}, one.get("when", []))
        if "aside" in test:
            aside = {**test["aside"], "kind": "aside", "limit": test.get("limit"), "basis": basis}
            _add_case(made, {**at, "case_no": len(test.get("relaxations", [])) + 1}, test, aside, [])


def _add_case(
    made: Tables, at: dict[str, Any], test: dict[str, Any], case: dict[str, Any], conditions: Iterable[list[Any]]
) -> None:
    """Add one case of a test, where it has a numerator and a limit for the stage."""
    stage = at["stage"]
    numerator = case["numerator"].get(stage) if isinstance(case["numerator"], dict) else case["numerator"]
    limit = case["limit"].get(stage) if isinstance(case["limit"], dict) else case["limit"]
    if numerator is None or (limit is None and case["limit"] is not None):
        return
    said = {name: case.get(name) for name in ("kind", "title", "commitment")}
    made["std_case"].append({**at, **said, "case_code": case.get("id", case["kind"])})
    limit_value = None if limit is None else Decimal(limit)
    made["std_limit"].append({**at, "limit_value": limit_value, "region_code": "", "from_year": 0, **case["basis"]})
    denominator = test.get("denominator", [])
    denominator = denominator[stage] if isinstance(denominator, dict) else denominator
    for side, terms in (("numerator", numerator), ("denominator", denominator)):
        made["std_term"] += [{**at, "side": side, **_term(term)} for term in terms]
    for number, (measure, operator, factor, *base) in enumerate(conditions, start=1):
        condition = {"measure_code": measure, "operator": operator, "factor": Decimal(factor)}
        made["std_condition"].append(
            {**at, "condition_no": number, **condition, "base_measure_code": base[0] if base else None}
        )


def _term(term: str) -> dict[str, Any]:
    match = TERM.fullmatch(term)
    if match is None:
        raise ValueError(term)  # refused before
    sign = -1 if match["sign"] else 1
    return {"measure_code": match["measure"], "sign": sign, "year_offset": int(match["offset"] or 0)}


def _add_rules(made: Tables, data: dict[str, Any]) -> None:
    """Add the school rule, the coefficients and the composite."""
    if "school_rule" in data:
        rule = data["school_rule"]
        common = {"met_at_least": rule["met_at_least"], "floor_ratio": Decimal(rule["floor_ratio"]), **_basis(rule)}
        made["std_school_rule"] += [
            {"stage": stage, "item_code": code, **common} for stage in rule["stages"] for code in rule["items"]
        ]
    if "coefficient" not in data:
        return
    rule = data["coefficient"]
    limits = rule.get("limit", {})
    relaxed = {f"relaxed_{name}": value for name, value in _reading(rule, "relaxed").items()}
    common = {"operator": rule.get("operator"), **relaxed, **_basis(rule)}
    for code in rule["items"]:
        item = data["items"][code]
        for stage in limits or stages_of(item, item["scope"]):
            limit_value = Decimal(limits[stage]) if limits else None
            made["std_coefficient"].append({"item_code": code, "stage": stage, "limit_value": limit_value, **common})
    if "composite" in data:
        composite = data["composite"]
        said = {"items": len(rule["items"]), "operator": composite["operator"], **_basis(composite)}
        made["std_composite"] = [
            {"stage": stage, "limit_value": Decimal(limit), **said} for stage, limit in composite["limit"].items()
        ]


def _split_rows(splits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row per school type and stage; "*" stands for every type that no other row names.

    A standard that shares nothing gives every stage the weight 1, so that its units are known.
    """
    named = {code for split in splits for code in split["school_type_codes"]}
    rows = []
    for split in splits:
        codes = split["school_type_codes"]
        if codes == ["*"]:
            codes = [code for code in read_codes("school_types") if code not in named]
        rows += [
            {"school_type_code": code, "stage": stage, "weight": Decimal(weight), **_basis(split)}
            for code in codes
            for stage, weight in split["weights"].items()
        ]
    return rows


def _exclusion(number: int, row: dict[str, Any]) -> list[dict[str, Any]]:
    scopes = row.get("scopes", list(read_codes("scopes")))
    return [
        {
            "exclusion_no": number,
            "exclusion_code": row["id"],
            "scope": scope,
            "school_type_code": school_type,
            "is_public": row.get("is_public"),
            "stage": row.get("stage"),
            "below_pupils": row.get("below_pupils"),
            **_reading(row),
            **_basis(row),
        }
        for scope in scopes
        for school_type in row.get("school_type_codes", [None])
    ]


def _merge(number: int, row: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "merge_no": number,
            "merge_code": row["id"],
            "school_type_code": school_type,
            "stage": row.get("stage"),
            "below_pupils": row.get("below_pupils"),
            "target": row["target"],
            **_reading(row),
            **_basis(row),
        }
        for school_type in row.get("school_type_codes", [None])
    ]


def _count_rows(code: str, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one row per stage of the scope that is counted for, grade, area and authority of a counted measure."""
    scope, columns = SOURCES[row["of"]]
    where = row.get("where", {})
    limit = row.get("limit")
    stages = list(limit) if isinstance(limit, dict) else read_codes("scopes")[scope]["stages"].split()
    if row["of"] in {"class", "enrolment"}:
        stages = [stage for stage in stages if stage in {"primary", "junior"}] or ["primary", "junior"]
    common = {
        "measure_code": code,
        "source": row["of"],
        "take": row.get("take", "count"),
        "column_name": row.get("column", columns.split()[0]),
        "kind": row.get("kind"),
        "operator": row.get("operator"),
        "is_public": where.get("is_public"),
        "is_boarding": where.get("is_boarding"),
        "within_years": row.get("within_years"),
        **_basis(row),
    }
    return [
        {
            **common,
            "stage": stage,
            "grade": grade,
            "area": area,
            "authority": authority,
            "limit_value": None if limit is None else Decimal(limit[stage] if isinstance(limit, dict) else limit),
        }
        for stage in stages
        for grade in row.get("grades", [None])
        for area in where.get("areas", [None])
        for authority in where.get("authorities", [None])
    ]


def _add_small(made: Tables, data: dict[str, Any]) -> None:
    """Add periods of relaxations, subjects, combined types, preconditions, vetoes, and readings with their choices."""
    made["std_relaxation_period"] = [
        {**_reading(row), "from_year": row.get("from_year"), "to_year": row.get("to_year"), **_basis(row)}
        for row in data.get("relaxation_periods", [])
    ]
    made["std_subject"] = [
        {"subject_code": code, **_reading(row), **_basis(row)}
        for row in data.get("subjects", [])
        for code in row["codes"]
    ]
    if "combined" in data:
        combined = data["combined"]
        made["std_combined"] = [
            {"school_type_code": code, **_basis(combined)} for code in combined["school_type_codes"]
        ]
    made["std_precondition"] = [
        {"precondition_code": row["id"], "min_years": row.get("min_years", 0), **_basis(row)}
        for row in data.get("preconditions", [])
    ]
    made["std_veto"] = [{"veto_code": code, **_basis(row)} for row in data.get("vetoes", []) for code in row["ids"]]
    made["std_reading"] = [
        {
            "reading_code": code,
            "choice_code": choice,
            "title": reading["title"],
            "is_default": choice == reading["default"],
            **_basis(reading),
        }
        for code, reading in data.get("readings", {}).items()
        for choice in reading["choices"]
    ]
