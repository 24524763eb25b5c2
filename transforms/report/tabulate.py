"""The tables behind the report, 附表1 to 附表7: the same schools in the same order in every one."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from transforms.report.ledger import Ledger, Source
from transforms.report.look_up import SUMMED, Facts
from transforms.report.show_number import number, shown

NAMES = {
    "schools": "附表1",
    "primary": "附表2",
    "junior": "附表3",
    "coefficients": "附表4",
    "sizes": "附表5",
    "obstacles": "附表6",
    "evidence": "附表7",
}
"""What each table is called in the text; the template prints the same labels over them."""
STAGES = {"primary": "primary", "junior": "junior"}
DECIMALS_OF_CV = 3
EMPTY = "—"
SIGNS = {">=": "≥", "<=": "≤", ">": "＞", "<": "＜", "=": "＝"}
SHADE = "D9D9D9"
"""Background of a failing cell: light enough to read on, dark enough to see in grey print."""


def tables(facts: Facts, ledger: Ledger) -> dict[str, Any]:
    """Return the seven tables as rows of marked texts, table → what its part of the template needs."""
    return {
        "schools": _schools(facts, ledger),
        "primary": _values(facts, ledger, "primary"),
        "junior": _values(facts, ledger, "junior"),
        "coefficients": _coefficients(facts, ledger),
        "sizes": _sizes(facts, ledger),
        "obstacles": _obstacles(facts, ledger),
        "evidence": _evidence(facts, ledger),
    }


def ordered_sites(facts: Facts) -> list[dict[str, Any]]:
    """Return the sites in the one order of schools: by school code and campus."""
    return sorted(facts.tables["sites"], key=lambda row: (row["school_code"], row["campus_no"]))


def ordered_units(facts: Facts, stage: str) -> list[dict[str, Any]]:
    """Return the units of a stage in the same order."""
    place = {row["site_id"]: at for at, row in enumerate(ordered_sites(facts))}
    return sorted(
        (row for row in facts.tables["schools"] if row["stage"] == stage), key=lambda row: place[row["site_id"]]
    )


class _Cells:
    """Marks the cells of one table."""

    def __init__(self, facts: Facts, ledger: Ledger, place: str) -> None:
        self.facts, self.ledger = facts, ledger
        ledger.place = place

    def say(self, text: str, value: Any, table: str, column: str, *key: str, cells: str = "") -> str:
        named = "；".join((self.facts.county_code, str(self.facts.stat_year), *(one for one in key if one)))
        return self.ledger.mark(text, value, Source(table, column, named, cells))

    def number(self, value: Any, table: str, column: str, *key: str, cells: str = "") -> str:
        if value is None:
            return EMPTY
        return self.say(
            number(value) if isinstance(value, Decimal | float) else str(value), value, table, column, *key, cells=cells
        )

    def order(self, at: int) -> str:
        """Return a row's number; it counts rows and stands in no table."""
        return self.say(str(at), at, "（本表）", "序号", str(at))

    def school(self, site_id: str, name: str) -> str:
        cells = self.facts.cells.of("school", "school_name", scope=site_id)
        return self.say(name, name, "dim_site", "school_name", site_id, cells=cells)


def _schools(facts: Facts, ledger: Ledger) -> list[dict[str, str]]:
    cell = _Cells(facts, ledger, NAMES["schools"])
    pupils = {(row["site_id"], row["stage"]): row["pupils"] for row in facts.tables["schools"]}
    classes = _of_sites(facts, "classes")
    rows = []
    for at, row in enumerate(ordered_sites(facts), start=1):
        site = row["site_id"]
        school = {"cells": facts.cells.of("school", "school_code", scope=site)}
        rows.append(
            {
                "no": cell.order(at),
                "name": cell.school(site, row["school_name"] or site),
                "code": cell.say(site, site, "dim_site", "site_id", site, **school),
                "kind": row["school_type_text"] or EMPTY,
                "area": row["urban_rural_text"] or EMPTY,
                "sponsor": row["sponsor_text"] or EMPTY,
                "built": cell.number(
                    row["built_year"],
                    "dim_site",
                    "built_year",
                    site,
                    cells=facts.cells.of("school", "built_year", scope=site),
                ),
                **{
                    stage: cell.number(
                        pupils.get((site, stage)),
                        "fact_school_summary",
                        "pupils",
                        site,
                        stage,
                        cells=facts.cells.of("enrolment", "pupils", scope=site, stage=stage),
                    )
                    for stage in STAGES
                },
                "classes": cell.number(
                    classes.get(site),
                    "fact_measure",
                    "quantity",
                    site,
                    "classes",
                    cells=facts.cells.of("class_size", "classes", scope=site),
                ),
                "note": row["exclusion_text"] or "",
            }
        )
    return rows


def _of_sites(facts: Facts, code: str) -> dict[str, Any]:
    return {
        row["scope_id"]: row["quantity"]
        for row in facts.measures
        if (row["scope"], row["measure_code"], row["standard_id"]) == ("site", code, facts.standard_id)
    }


def _values(facts: Facts, ledger: Ledger, stage: str) -> dict[str, Any]:
    """Return the indicators school by school of one stage: heads, limits, rows with failing cells shaded."""
    cell = _Cells(facts, ledger, NAMES[stage])
    judged = {row["item_code"] for row in facts.judged_coefficients()}
    items = [code for code in facts.items if code in judged]
    found = facts.school_values()
    heads = []
    for code in items:
        words, limit = facts.items[code], facts.limit_of(code, stage, "limit_value")
        said = (
            EMPTY
            if limit is None
            else ledger.mark(
                number(limit), limit, Source("dim_limit", "limit_value", f"{facts.standard_id}；{code}；{stage}")
            )
        )
        heads.append({"name": words["name_zh"], "unit": words["unit"], "limit": said})
    rows = []
    for at, row in enumerate(ordered_units(facts, stage), start=1):
        site = row["site_id"]
        values = [_value(cell, facts, found.get((site, stage, code)), code, site, stage) for code in items]
        rows.append(
            {
                "no": cell.order(at),
                "name": cell.school(site, row["school_name"] or site),
                "pupils": cell.number(
                    row["pupils"],
                    "fact_school_summary",
                    "pupils",
                    site,
                    stage,
                    cells=facts.cells.of("enrolment", "pupils", scope=site, stage=stage),
                ),
                "cells": values,
                "met": cell.number(
                    row["met_items"], "fact_school_summary", "met_items", site, stage, cells=SUMMED.format("本行各指标")
                ),
                "verdict": row["verdict_text"],
                "shade": SHADE if row["verdict"] == "not_met" else "auto",
                "note": _note(row),
            }
        )
    return {"heads": heads, "rows": rows}


def _value(cell: _Cells, facts: Facts, row: dict[str, Any] | None, code: str, site: str, stage: str) -> dict[str, str]:
    if row is None or row["value"] is None:
        return {
            "text": cell.ledger.slot("缺") if row and row["verdict"] == "not_assessable" else EMPTY,
            "shade": "auto",
        }
    text = shown(row["value"], facts.items[code]["decimals"], row["limit_value"], row["verdict"])
    cells = facts.cells.of_item(code, scope=site, stage=stage)
    marked = cell.say(text, row["value"], "fact_result", "value", code, site, stage, cells=cells)
    return {"text": marked, "shade": SHADE if row["verdict"] == "not_met" else "auto"}


def _note(row: dict[str, Any]) -> str:
    return "" if row["verdict"] == "met" else row["reason_text"]


def _coefficients(facts: Facts, ledger: Ledger) -> list[dict[str, Any]]:
    """Return one row per indicator: mean, coefficient, limit and verdict of either stage."""
    cell = _Cells(facts, ledger, NAMES["coefficients"])
    by_item: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in facts.judged_coefficients():
        by_item[row["item_code"]][row["stage"]] = row
    rows = []
    for at, (code, stages) in enumerate(by_item.items(), start=1):
        words = facts.items[code]
        said: dict[str, Any] = {"no": cell.order(at), "name": words["name_zh"], "unit": words["unit"]}
        for stage in STAGES:
            said[stage] = _coefficient(cell, facts, stages.get(stage), code, stage)
        rows.append(said)
    return rows


def _coefficient(cell: _Cells, facts: Facts, row: dict[str, Any] | None, code: str, stage: str) -> dict[str, str]:
    if row is None:
        return {"mean": EMPTY, "cv": EMPTY, "limit": EMPTY, "verdict": EMPTY, "shade": "auto"}
    cells = facts.cells.of_item(code, stage=stage)
    key = (code, stage)
    missing = cell.ledger.slot("缺") if row["cv"] is None and row["verdict"] == "not_assessable" else EMPTY
    cv = (
        missing
        if row["cv"] is None
        else cell.say(
            shown(row["cv"], DECIMALS_OF_CV, row["limit_value"], row["verdict"]),
            row["cv"],
            "fact_county_cv",
            "cv",
            *key,
            cells=cells,
        )
    )
    mean = (
        EMPTY
        if row["weighted_mean"] is None
        else cell.say(
            shown(row["weighted_mean"], facts.items[code]["decimals"], None, ""),
            row["weighted_mean"],
            "fact_county_cv",
            "weighted_mean",
            *key,
            cells=cells,
        )
    )
    limit = cell.say(
        f"{row['limit_value'].quantize(Decimal('0.01'))}", row["limit_value"], "fact_county_cv", "limit_value", *key
    )
    shade = SHADE if row["verdict"] == "not_met" else "auto"
    return {"mean": mean, "cv": cv, "limit": limit, "verdict": row["verdict_text"], "shade": shade}


def _sizes(facts: Facts, ledger: Ledger) -> list[dict[str, Any]]:
    """Return one row per site: pupils against the size limit, classes of either stage against theirs."""
    cell = _Cells(facts, ledger, NAMES["sizes"])
    size = {row["scope_id"]: row for row in facts.results["G4"]}
    classes = {(row["scope_id"], row["stage"]): row for row in facts.results["G5"]}
    largest = _of_sites(facts, "largest_class_pupils")
    rows = []
    for at, site_row in enumerate(ordered_sites(facts), start=1):
        site = site_row["site_id"]
        row = size.get(site)
        said: dict[str, Any] = {"no": cell.order(at), "name": cell.school(site, site_row["school_name"] or site)}
        said |= _size(cell, facts, row, site)
        said["largest"] = cell.number(
            largest.get(site),
            "fact_measure",
            "quantity",
            site,
            "largest_class_pupils",
            cells=facts.cells.of("class_size", "class_pupils", scope=site),
        )
        for stage in STAGES:
            said[stage] = _classes(cell, facts, classes.get((site, stage)), site, stage)
        rows.append(said)
    return rows


def _size(cell: _Cells, facts: Facts, row: dict[str, Any] | None, site: str) -> dict[str, str]:
    if row is None or row["verdict"] == "not_applicable":
        return {"pupils": EMPTY, "limit": EMPTY, "verdict": EMPTY, "shade": "auto"}
    cells = facts.cells.of("enrolment", "pupils", scope=site)
    pupils = (
        cell.ledger.slot("缺")
        if row["numerator"] is None
        else cell.number(row["numerator"], "fact_result", "numerator", "G4", site, cells=cells)
    )
    limit = cell.number(row["limit_value"], "fact_result", "limit_value", "G4", site)
    shade = SHADE if row["verdict"] == "not_met" else "auto"
    return {"pupils": pupils, "limit": limit, "verdict": row["verdict_text"], "shade": shade}


def _classes(cell: _Cells, facts: Facts, row: dict[str, Any] | None, site: str, stage: str) -> dict[str, str]:
    if row is None or row["denominator"] is None:
        missing = row is not None and row["verdict"] == "not_assessable"
        return {"classes": cell.ledger.slot("缺") if missing else EMPTY, "over": EMPTY, "shade": "auto"}
    cells = facts.cells.of("class_size", "class_pupils", scope=site, stage=stage)
    shade = SHADE if row["verdict"] == "not_met" else "auto"
    over = None if row["numerator"] is None else row["denominator"] - row["numerator"]
    return {
        "classes": cell.number(row["denominator"], "fact_result", "denominator", "G5", site, stage, cells=cells),
        "over": cell.number(over, "fact_result", "denominator-numerator", "G5", site, stage, cells=cells),
        "shade": shade,
    }


def _obstacles(facts: Facts, ledger: Ledger) -> list[dict[str, str]]:
    """Return one row per thing that is not met, in the one order of schools, with its deadline as promised."""
    cell = _Cells(facts, ledger, NAMES["obstacles"])
    place = {row["site_id"]: at for at, row in enumerate(ordered_sites(facts))}
    due = {row["item_code"]: row for row in facts.commitments if row["due_year"]}
    found = sorted(
        (row for row in facts.tables["obstacles"] if row["verdict"] == "not_met"),
        key=lambda row: (
            facts.items.get(row["component_code"], {"item_no": 0})["item_no"],
            place.get(row["scope_id"], len(place)),
            row["obstacle_no"],
        ),
    )
    rows = []
    for at, row in enumerate(found, start=1):
        key = (row["component_code"], row["scope_id"], row["stage"], str(row["test_no"]))
        words = facts.items.get(row["component_code"])
        scope = row["scope_id"] if row["scope_id"] in place else None
        cells = facts.cells.of_item(row["component_code"], scope=scope)
        value = (
            EMPTY
            if row["value"] is None
            else cell.say(
                shown(
                    row["value"],
                    words["decimals"] if words else DECIMALS_OF_CV,
                    _decimal(row["limit_value"]),
                    row["verdict"],
                ),
                row["value"],
                "fact_obstacle",
                "value",
                *key,
                cells=cells,
            )
        )
        rows.append(
            {
                "no": cell.order(at),
                "part": row["part_text"],
                "name": cell.school(row["scope_id"], row["name"] or "全县"),
                "stage": row["stage_text"],
                "label": cell.say(row["label"], row["label"], "fact_obstacle", "label", *key),
                "value": value + (words["unit"] if words and row["value"] is not None else ""),
                "limit": SIGNS.get(row["operator"], "")
                + cell.number(row["limit_value"], "fact_obstacle", "limit_value", *key)
                + (words["unit"] if words and row["limit_value"] is not None else ""),
                "gap": cell.number(_rounded(row["gap_quantity"]), "fact_obstacle", "gap_quantity", *key, cells=cells),
                "due": _due(cell, due.get(row["component_code"])),
            }
        )
    return rows


def _due(cell: _Cells, promise: dict[str, Any] | None) -> str:
    if promise is None:
        return cell.ledger.slot("整改时限")
    year = promise["due_year"]
    return f"{cell.say(str(year), year, 'fact_commitment', 'due_year', promise['item_code'], cells=_promised(cell))}年"


def _promised(cell: _Cells) -> str:
    return cell.facts.cells.of("commitment", "due_year")


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS_OF_CV)


def _evidence(facts: Facts, ledger: Ledger) -> list[dict[str, str]]:
    """Return one row per item of the evidence index: what it is, what is declared, which material supports it."""
    cell = _Cells(facts, ledger, NAMES["evidence"])
    judged = {row["item_code"]: row for row in facts.tables["items"]}
    rows = []
    for at, code in enumerate((one for one in facts.items if one in judged), start=1):
        words, row = facts.items[code], judged[code]
        cells = facts.cells.of("declaration", "evidence", code=code)
        evidence = row.get("evidence")
        if evidence:
            material = cell.say(evidence, evidence, "fact_county_item", "evidence", code, cells=cells)
        else:
            material = ledger.slot("佐证材料的名称和编号")
        rows.append(
            {
                "no": cell.order(at),
                "code": cell.say(code, code, "dim_item", "item_code", code),
                "name": cell.say(words["name_zh"], words["name_zh"], "dim_item", "name_zh", code),
                "kind": "佐证类" if words["is_evidence"] else "数据类",
                "verdict": row["verdict_text"],
                "declared": row["declared_verdict_text"] or EMPTY,
                "material": material,
                "shade": SHADE if row["verdict"] == "not_met" else "auto",
            }
        )
    return rows
